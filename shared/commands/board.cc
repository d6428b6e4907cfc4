// board: a clerk's month. Each step and duty that is due in it (MON-P04), the colours and what
// changed in them (MON-P05), and who has to be told how much.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "shared/commands/cases.h"

namespace cunji::commands {
using state::DutyStatus;

namespace {
constexpr const char* kColours[] = {"red", "orange", "yellow", "blue", "green"};

// What is due, and where: in the order in which people do it.
struct Row {
  std::string due;  // "2022-02-10"; empty: by the end of its period.
  std::string item;
  std::string group;
  auto operator<=>(const Row&) const = default;
};
struct Work {
  std::string kind;  // "duty" or "stage".
  std::string label;
  state::StatusCounts counts;
};

struct Board {
  std::map<Row, Work> work;
  std::map<std::string, std::map<std::string, std::uint64_t>> colours;  // By group, code.
  std::map<std::string, programme::Label> colour_labels;
  std::map<std::pair<std::string, std::string>, std::uint64_t> changes;  // From, to.
  struct Told {
    std::array<std::uint64_t, 4> by_level{};
  };
  std::map<std::string, std::pair<state::Whom, Told>> told;
  std::uint64_t not_judged = 0;
};

class Maker {
 public:
  Maker(const Basis& basis, const Scope& scope)
      : basis_(basis),
        scope_(scope),
        words_(basis, scope),
        first_(month_of(scope.on) / 1),
        last_(month_of(scope.on) / std::chrono::last) {}

  Board make() {
    add_duties();
    add_stages();
    add_colours();
    add_warnings();
    return std::move(board_);
  }

 private:
  // Towns of a county, villages of a town.
  std::string group_of(const DivisionCode& division) const {
    const std::size_t digits = scope_.prefix.size() == CountyCode::kSize ? 9 : DivisionCode::kSize;
    if (division == DivisionCode{}) return basis_.county.division().str();
    std::string out = division.str().substr(0, digits);
    out.resize(DivisionCode::kSize, '0');
    return out;
  }

  void add_duties() {
    for (const SubjectId& under : scope_.under) {
      for (const state::DutyNow& duty : scope_.inquiry.duties(under)) {
        if (!scope_.contains(duty.division) || !scope_.is_for({duty.who})) continue;
        if (duty.due && (*duty.due < first_ || *duty.due > last_)) continue;
        Work& work = board_.work[{duty.due ? format_date(*duty.due) : std::string(), duty.duty,
                                  group_of(duty.division)}];
        work.kind = "duty";
        work.label = label(duty.label, duty.duty);
        work.counts.add(duty.status);
      }
    }
  }

  DutyStatus status_of(const state::StageView& stage) const {
    if (stage.reached)
      return stage.late_own + stage.late_inherited > 0 ? DutyStatus::Late : DutyStatus::Done;
    return *stage.due < scope_.on ? DutyStatus::Missing : DutyStatus::Open;
  }

  void add_stages() {
    for (const std::string& prefix : scope_.prefixes) {
      for (const state::CaseView& one : scope_.inquiry.cases_in(prefix)) {
        for (const state::StageView& stage : one.stages) {
          // One that nobody can take any more was not missed here.
          const bool over = !stage.reached && !waits(one, stage);
          if (!stage.due || *stage.due < first_ || *stage.due > last_ || over) continue;
          if (scope_.whom && !(waits(one, stage) && scope_.is_for(stage.by))) continue;
          Work& work = board_.work[{format_date(*stage.due), one.procedure + "." + stage.stage,
                                    group_of(one.division)}];
          work.kind = "stage";
          work.label = label(one.label, one.procedure) + ": " + label(stage.label, stage.stage);
          work.counts.add(status_of(stage));
        }
      }
    }
  }

  void add_colours() {
    const Date before{std::chrono::sys_days{first_} - std::chrono::days{1}};
    const state::Inquiry earlier(*basis_.state, before);
    for (const char* code : kColours)
      if (const auto known = scope_.inquiry.code("colour", code))
        board_.colour_labels[code] = *known;
    for (const std::string& prefix : scope_.prefixes) {
      for (const state::HouseholdView& household : basis_.state->households(prefix, scope_.on)) {
        const auto now = scope_.inquiry.fact(household.id, "colour");
        if (!now) continue;
        ++board_.colours[group_of(household.division)][now->value.text];
        board_.colour_labels[now->value.text] = now->codes.front();
        const auto then = earlier.fact(household.id, "colour");
        if (then && then->value != now->value)
          ++board_.changes[{then->value.text, now->value.text}];
      }
    }
  }

  void add_warnings() {
    for (const SubjectId& under : scope_.under) {
      for (const state::WarningNow& warning : scope_.inquiry.warnings(under)) {
        if (!scope_.contains(warning.division)) continue;
        if (warning.cannot_be_judged) {
          ++board_.not_judged;
          continue;
        }
        for (const state::Whom& whom : warning.tell) {
          if (!scope_.is_for({whom})) continue;
          auto& [who, told] = board_.told[words_.whom(whom)];
          who = whom;
          ++told.by_level[static_cast<std::size_t>(warning.level)];
        }
      }
    }
  }

  const Basis& basis_;
  const Scope& scope_;
  const Words words_;
  const Date first_, last_;
  Board board_;
};
}  // namespace

// The worst first; a county's own colours after those of document 08.
static std::vector<std::string> colours_of(const Board& board) {
  std::vector<std::string> out(std::begin(kColours), std::end(kColours));
  for (const auto& [code, colour] : board.colour_labels)
    if (std::find(out.begin(), out.end(), code) == out.end()) out.push_back(code);
  return out;
}

static DivisionCode division(const std::string& group) {
  return DivisionCode::parse(group).value();
}

static Json board_json(const Words& words, const Board& board) {
  Json out{{"basis", words.basis_json()}, {"work", Json::array()},
           {"colours", Json::array()},    {"colour_changes", Json::array()},
           {"warnings", Json::array()},   {"warnings_not_judged", board.not_judged}};
  for (const auto& [row, work] : board.work) {
    Json json{
        {"item", row.item}, {"kind", work.kind}, {"label", work.label}, {"division", row.group}};
    if (!row.due.empty()) json["due"] = row.due;
    json["done"] = work.counts.done;
    json["late"] = work.counts.late;
    json["missing"] = work.counts.missing;
    json["open"] = work.counts.open;
    json["contradicted"] = work.counts.contradicted;
    out["work"].push_back(std::move(json));
  }
  for (const auto& [group, counts] : board.colours) {
    Json json{{"division", group}};
    for (const auto& [colour, count] : counts) json["households"][colour] = count;
    out["colours"].push_back(std::move(json));
  }
  for (const auto& [change, count] : board.changes)
    out["colour_changes"].push_back(
        {{"from", change.first}, {"to", change.second}, {"households", count}});
  for (const auto& [name, each] : board.told) {
    const auto& levels = each.second.by_level;
    out["warnings"].push_back({{"tell", json_of(each.first)},
                               {"label", name},
                               {"breach", levels[3]},
                               {"urgent", levels[2]},
                               {"reminder", levels[1]},
                               {"info", levels[0]}});
  }
  return out;
}

static std::string board_text(const Words& words, const Board& board) {
  const auto number = [](std::uint64_t n) { return n == 0 ? std::string("·") : std::to_string(n); };
  std::string out = "看板 board   (" + words.basis_text() + ")\n" + words.partial_text();
  terminal::Table work({"截止 Due", "事项 Step or duty", "区划 Division", "已完成 Done",
                        "逾期 Late", "未完成 Missing", "待办 Open", "矛盾 Contradicted"});
  for (const auto& [row, each] : board.work) {
    const state::StatusCounts& counts = each.counts;
    work.add({row.due.empty() ? "期末 end" : row.due, each.label,
              words.division(division(row.group)), number(counts.done), number(counts.late),
              number(counts.missing), number(counts.open), number(counts.contradicted)});
  }
  if (work.size() > 0) out += "\n步骤与职责 steps and duties\n" + work.text();
  if (!board.colours.empty()) {
    std::vector<std::string> head = {"区划 Division"};
    const std::vector<std::string> codes = colours_of(board);
    for (const std::string& code : codes) {
      const auto found = board.colour_labels.find(code);
      head.push_back(
          label(found == board.colour_labels.end() ? programme::Label{} : found->second, code));
    }
    terminal::Table colours(std::move(head));
    for (const auto& [group, counts] : board.colours) {
      std::vector<std::string> line = {words.division(division(group))};
      for (const std::string& code : codes) {
        const auto found = counts.find(code);
        line.push_back(number(found == counts.end() ? 0 : found->second));
      }
      colours.add(std::move(line));
    }
    out += "\n五色 households by colour\n" + colours.text();
  }
  for (const auto& [change, count] : board.changes)
    out += "  本月变化 changed this month: " + change.first + " → " + change.second + ": " +
           std::to_string(count) + "\n";
  terminal::Table told({"告知 Tell", "违规 Breach", "紧急 Urgent", "提醒 Reminder", "提示 Info"});
  for (const auto& [name, each] : board.told) {
    const auto& levels = each.second.by_level;
    told.add({name, number(levels[3]), number(levels[2]), number(levels[1]), number(levels[0])});
  }
  if (told.size() > 0) out += "\n预警,按告知对象 warnings by audience\n" + told.text();
  if (board.not_judged > 0)
    out += "另有 " + std::to_string(board.not_judged) +
           " 条无法判断,须先定参数 · cannot be judged, a parameter is UNSET: " +
           std::to_string(board.not_judged) + "\n";
  return out;
}

Result<std::string> answer_board(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  const Board board = Maker(basis, scope).make();
  return asked.json ? print(board_json(words, board)) : board_text(words, board);
}
}  // namespace cunji::commands
