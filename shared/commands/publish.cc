#include "shared/commands/publish.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "protocol/definition.pb.h"
#include "shared/commands/scope.h"
#include "shared/event/parts.h"
#include "shared/programme/load.h"
#include "shared/programme/text.h"
#include "shared/programmes/all.h"
#include "shared/state/rules.h"
#include "shared/terminal/table.h"

namespace cunji::commands {
namespace {
using programme::TextDefinition;

// A definition that is published, or is to be.
struct Candidate {
  std::string source;  // For messages about one without a text.
  std::optional<TextDefinition> text{};
  Bytes encoded{};
  definition::Definition said{};
  bool is_new = false;
  Date from{};
};

std::string describe(const Candidate& candidate, const programme::Problem& problem) {
  if (candidate.text) return candidate.text->describe(problem);
  return candidate.source + ": " + (problem.id.empty() ? "" : problem.id + ": ") + problem.what;
}

// Deterministic enough: a definition has no maps.
void set_effective(Candidate& candidate, const Date& date) {
  candidate.said.set_effective_from(format_date(date));
  candidate.encoded = candidate.said.SerializeAsString();
}

class Preparation {
 public:
  Preparation(const std::vector<credential::Publication>& published, std::optional<Date> effective)
      : published_(published), effective_(effective) {
    for (const credential::Publication& each : published) {
      if (!each.withdrawn && !each.confirmed_at) out_.waiting.push_back(each.event);
      if (!each.is_in_force()) continue;
      for (const Bytes& encoded : each.definitions) add_published(each, encoded);
    }
  }

  void add(const DefinitionFile& file) {
    auto text = TextDefinition::parse(file.name, file.text);
    if (!text) {
      out_.problems.push_back(text.error().what);
      return;
    }
    Candidate one{.source = file.name};
    one.encoded = text->encoded();
    one.text = std::move(*text);
    take(std::move(one));
  }
  void add(const programmes::ShippedDefinition& shipped) {
    Candidate one{.source = "(" + std::string(shipped.name) + ")"};
    one.encoded = Bytes(shipped.encoded);
    take(std::move(one));
  }

  Prepared finish() {
    if (out_.problems.empty()) load_all_days();
    if (out_.problems.empty()) ask_the_fold();
    if (out_.problems.empty()) fill_parts();
    return std::move(out_);
  }

 private:
  void add_published(const credential::Publication& publication, const Bytes& encoded) {
    Candidate one{.source = {}};
    one.encoded = encoded;
    if (!one.said.ParseFromString(encoded)) return;
    const auto from = parse_date(one.said.effective_from());
    if (!from) return;
    one.from = *from;
    one.source = "(第 " + std::to_string(publication.index) +
                 " 条 published: " + one.said.programme() + " " +
                 std::to_string(one.said.version()) + ")";
    all_.push_back(std::move(one));
  }

  const Candidate* newest_published(const std::string& programme) const {
    const Candidate* out = nullptr;
    for (const Candidate& each : all_) {
      if (each.is_new || each.said.programme() != programme) continue;
      if (out == nullptr || each.said.version() > out->said.version()) out = &each;
    }
    return out;
  }

  void take(Candidate one) {
    one.is_new = true;
    if (!one.said.ParseFromString(one.encoded)) {
      out_.problems.push_back(one.source + ":1: 读不出 · it can't be read");
      return;
    }
    const std::string& programme = one.said.programme();
    const auto where = [&](const std::string& what) {
      out_.problems.push_back(one.source + ":1: " + programme + ": " + what);
    };
    if (effective_) set_effective(one, *effective_);
    const auto from = parse_date(one.said.effective_from());
    if (!from) return where("effective_from: 日期写法不对 · bad date, or none");
    one.from = *from;
    for (const Candidate& each : all_)
      if (each.is_new && each.said.programme() == programme)
        return where("同一政策给了两次,另见 · given twice, also by " + each.source);
    const Candidate* before = newest_published(programme);
    if (before != nullptr && before->said.version() >= one.said.version()) {
      Candidate same{.source = {}};
      same.said = before->said;
      set_effective(same, one.from);
      Candidate now{.source = {}};
      now.said = one.said;
      set_effective(now, one.from);
      // As it is: what else is given may need it all the same.
      if (same.encoded == now.encoded && before->said.version() == one.said.version()) {
        out_.unchanged.push_back(programme);
        return;
      }
      return where("已公布版本 " + std::to_string(before->said.version()) +
                   ",请提高 version · version " + std::to_string(before->said.version()) +
                   " is published already: raise `version` above it");
    }
    all_.push_back(std::move(one));
  }

  // On each day on which something comes into force, what is in force then must load together.
  void load_all_days() {
    std::set<Date> days;
    for (const Candidate& each : all_) days.insert(each.from);
    std::set<std::string> told;
    for (const Date day : days) {
      std::map<std::string, const Candidate*> newest;
      for (const Candidate& each : all_) {
        if (each.from > day) continue;
        const Candidate*& best = newest[each.said.programme()];
        if (best == nullptr || each.said.version() > best->said.version()) best = &each;
      }
      std::vector<const Candidate*> together;
      std::vector<BytesView> encoded;
      for (const auto& [programme, each] : newest) {
        together.push_back(each);
        encoded.push_back(each->encoded);
      }
      const auto tell = [&](const programme::Loaded& loaded, std::vector<std::string>& to) {
        for (const programme::Problem& problem : loaded.problems) {
          const std::string line = describe(*together[problem.definition], problem);
          if (told.insert(line).second)
            to.push_back(line + (days.size() > 1 ? " (" + format_date(day) + ")" : ""));
        }
      };
      Symbols symbols;
      const programme::Loaded loaded = programme::load(encoded, symbols);
      tell(loaded, out_.problems);
      out_.unset = loaded.unset;  // The last day's: with all that is new.
      // Another program may have a calculation that this one has not (S5): the fold takes it.
      Symbols again;
      tell(programme::load(encoded, again, programmes::calculation_names()), out_.notes);
    }
  }

  // What the fold itself would say.
  void ask_the_fold() {
    std::vector<credential::Publication> with = published_;
    credential::Publication ours;
    ours.index = ours.confirmed_at.emplace(UINT64_MAX);
    for (const Candidate& each : all_)
      if (each.is_new) ours.definitions.push_back(each.encoded);
    if (ours.definitions.empty()) return;
    with.push_back(ours);
    state::Rules rules;
    Symbols words;
    rules.update(with, words);
    for (const state::RefusedDefinition& refused : rules.refused())
      if (refused.event == ours.event) out_.problems.push_back(refused.reason);
  }

  void fill_parts() {
    std::size_t size = 0;
    for (const Candidate& each : all_) {
      if (!each.is_new) continue;
      const Bytes part = event::encode_part(event::DefinitionPart{each.encoded});
      const auto padded = event::pad_part(part);
      if (!padded) {
        out_.problems.push_back(each.source + ":1: 太大 · too large: " + padded.error().what);
        continue;
      }
      size += padded->size();
      out_.parts.push_back(part);
      out_.editions.push_back({.programme = each.said.programme(),
                               .label = each.said.label().zh() + " " + each.said.label().en(),
                               .version = each.said.version(),
                               .effective_from = each.from});
    }
    const bool fits = size <= event::kBodyBytesMax && out_.parts.size() <= event::kPartsMax;
    if (!fits)
      out_.problems.push_back(
          "一次公布的内容太多,请分次 · too much for one event: publish those that need not come "
          "into "
          "force together one after the other");
    if (!out_.problems.empty()) out_.parts.clear();
  }

  const std::vector<credential::Publication>& published_;
  std::optional<Date> effective_;
  std::vector<Candidate> all_;
  Prepared out_;
};
}  // namespace

std::string Prepared::text() const {
  std::string out;
  if (!problems.empty()) {
    for (const std::string& problem : problems) out += problem + "\n";
    return out + "有误,未公布 · wrong, nothing is published: " + std::to_string(problems.size()) +
           "\n";
  }
  terminal::Table table({"政策 Programme", "版本 Version", "自何时起 From", "名称 Label"});
  for (const Edition& each : editions)
    table.add({each.programme, std::to_string(each.version), format_date(each.effective_from),
               each.label});
  if (table.size() > 0) out += table.text();
  for (const std::string& programme : unchanged)
    out += "未变,不再公布 · published just so already: " + programme + "\n";
  if (!unset.empty())
    out +=
        "没有取值的参数(凡用到处均为“无法判断”)· without a value: what needs it \"cannot be "
        "judged\"\n";
  for (const std::string& parameter : unset) out += "  " + parameter + "\n";
  if (!notes.empty())
    out += "注意:本程序没有这些算法,所得结果缺失 · note: what these give is missing here\n";
  for (const std::string& note : notes) out += "  " + note + "\n";
  for (const Digest& event : waiting)
    out += "注意:另有公布待第二人会签 · note: another publication waits for its second person: " +
           to_hex(event.view()) + "\n";
  return out;
}

DefinitionsNow definitions_now(const state::State& state,
                               const std::vector<credential::Publication>& published, Date on) {
  const state::Inquiry inquiry(state, on);
  DefinitionsNow out{.in_force = {}, .refused = inquiry.refused_definitions(), .waiting = {}};
  for (const state::DefinitionView& each : inquiry.definitions())
    out.in_force.push_back({.programme = each.programme,
                            .label = each.label.zh + " " + each.label.en,
                            .version = each.version,
                            .effective_from = each.effective_from});
  for (const credential::Publication& each : published)
    if (!each.withdrawn && !each.confirmed_at) out.waiting.push_back(each.event);
  return out;
}

Prepared prepare(const std::vector<DefinitionFile>& files, bool shipped,
                 const std::optional<Date>& effective,
                 const std::vector<credential::Publication>& published) {
  Preparation out(published, effective);
  for (const DefinitionFile& file : files) out.add(file);
  if (shipped)
    for (const programmes::ShippedDefinition& each : programmes::shipped_definitions())
      out.add(each);
  return out.finish();
}

Result<Prepared> prepare(const PublishOptions& options,
                         const std::vector<credential::Publication>& published) {
  if (options.files.empty() && !options.shipped)
    return bad("请给出文件,或用 --shipped", "give files, or --shipped");
  std::optional<Date> effective;
  if (!options.effective.empty()) {
    const auto date = parse_date(options.effective);
    if (!date)
      return bad("--effective 的日期写法不对:" + options.effective,
                 "--effective: bad date \"" + options.effective + "\": 2022-03-01");
    effective = *date;
  }
  std::vector<DefinitionFile> files;
  for (const std::string& path : options.files) {
    std::ifstream file(path, std::ios::binary);
    DefinitionFile read{.name = path, .text = {std::istreambuf_iterator<char>(file), {}}};
    if (!file.is_open() || file.bad())
      return Error{Errc::Io, path + ":1: 无法读取 · it cannot be read"};
    files.push_back(std::move(read));
  }
  Prepared out = prepare(files, options.shipped, effective, published);
  if (out.problems.empty() && out.parts.empty())
    return bad("给出的定义都已照样公布,没有新内容",
               "all that is given is published just so already");
  return out;
}

void add_publish_options(CLI::App& command, PublishOptions& options) {
  command.add_option("FILE", options.files,
                     "要公布的定义(文本格式),一起生效 · definitions as text; they come into force "
                     "together, with those that are published already");
  command.add_flag("--shipped", options.shipped,
                   "随程序附带的定义 · the definitions that come with the program");
  command.add_option(
      "--effective", options.effective,
      "自何日起,代替文件中的 effective_from · since when, instead of what the files say");
  command.add_flag("--check", options.check_only, "只检查,不公布 · check only, sign nothing");
  command.footer(
      "写法见 shared/programme/README.md;有误时逐条列出“文件:行: 名称: 问题”。\n"
      "How definitions are written: shared/programme/README.md. Every problem is one line "
      "file:line: id: what.");
}
}  // namespace cunji::commands
