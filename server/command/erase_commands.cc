// erase and erasures: contents deleted by law (D20).
#include <charconv>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "server/command/sign.h"
#include "server/command/terminal.h"
#include "shared/base/calendar.h"
#include "shared/log/export.h"

namespace cunji::server {
using Json = nlohmann::ordered_json;

struct EraseArguments {
  CommonOptions common;
  std::vector<std::string> events;
  std::string basis, remark, withdraw, key_file;
};

// "DIGEST" or "DIGEST:PART,PART".
static Result<event::ErasedEvent> parse_event(const std::string& text) {
  event::ErasedEvent out;
  const std::size_t colon = text.find(':');
  TRY_AS(digest, fixed_of<Digest>(text.substr(0, colon), "EVENT"));
  out.event = digest;
  if (colon == std::string::npos) {
    out.parts.set();
    return out;
  }
  for (const char *at = text.data() + colon + 1, *end = text.data() + text.size();;) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(at, end, number);
    if (parsed.ec != std::errc{} || number < 1 || number > event::kPartsMax)
      return Error{Errc::Malformed, text + ": expected EVENT or EVENT:PART,PART, parts from 1 to " +
                                        std::to_string(event::kPartsMax)};
    out.parts.set(number - 1);
    if (parsed.ptr == end) return out;
    if (*parsed.ptr != ',') return Error{Errc::Malformed, text + ": a comma between parts"};
    at = parsed.ptr + 1;
  }
}

// Where the event stands, and whether there is anything to erase of it.
static Result<void> complete(const event::LoggedEvent& logged, event::ErasedEvent& out) {
  const event::Header& header = logged.entry.event.header();
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::Conflict, to_hex(out.event.view()).substr(0, 16) + "…: " + why};
  };
  if (log::needs_body(header))
    return refuse("what authority rests on is public, names nobody, and can't be erased");
  event::Body body = logged.body;
  if (!out.parts.all() && (out.parts >> body.parts.size()).any())
    return refuse("it has " + std::to_string(body.parts.size()) + " parts only");
  if (!event::erase_parts(body, out.parts)) return refuse("nothing of it is left to erase");
  out.index = logged.index;
  out.division = header.division;
  return {};
}

static Result<event::ErasurePart> find_events(const EraseArguments& arguments) {
  event::ErasurePart out{.events = {}, .basis = arguments.basis, .remark = arguments.remark};
  std::map<Digest, std::size_t> open;
  for (const std::string& text : arguments.events) {
    TRY_AS(each, parse_event(text));
    if (!open.emplace(each.event, out.events.size()).second)
      return Error{Errc::Malformed, text + " is named twice"};
    out.events.push_back(each);
  }
  TRY_AS(log, open_log_read_only({arguments.common.folder}));
  TRY_AS(head, log->head());
  ProgressBar bar("查找 / looking");
  TRY(log->scan(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    bar.show(logged.index + 1, head.size);
    const auto found = open.find(logged.entry.event.digest());
    if (found == open.end()) return true;
    TRY(complete(logged, out.events[found->second]));
    open.erase(found);
    return !open.empty();
  }));
  if (!open.empty())
    return Error{Errc::Malformed, "no event " + to_hex(open.begin()->first.view()) + " is logged"};
  return out;
}

static Result<void> erase(const EraseArguments& arguments, Context& context) {
  event::ErasurePart part;
  if (arguments.withdraw.empty()) {
    if (arguments.events.empty() || arguments.basis.empty())
      return Error{Errc::Malformed, "say which events, and the legal basis by --basis"};
    TRY_AS(found, find_events(arguments));
    part = std::move(found);
  } else {
    if (!arguments.events.empty()) return Error{Errc::Malformed, "--withdraw goes without events"};
    TRY_AS(digest, fixed_of<Digest>(arguments.withdraw, "--withdraw"));
    part.withdraws = digest;
    part.remark = arguments.remark;
  }
  TRY_AS(outcome,
         sign_one(arguments.common, arguments.key_file, event::Kind::Erasure, part, context));
  TRY_AS(log, open_log_read_only({arguments.common.folder}));
  TRY_AS(governance, read_governance(*log));
  const Error no_effect{
      Errc::Forged, "it is logged, but has no effect: the key may not erase in these divisions"};
  for (const credential::Erasure& erasure : governance.erasures()) {
    if (erasure.withdrawn_at == outcome.index) {
      std::printf("已撤回 / withdrawn: %s\n", to_hex(erasure.event.view()).c_str());
      return {};
    }
    if (erasure.index != outcome.index) continue;
    const std::string digest = to_hex(erasure.event.view());
    std::printf("删除编号 / erasure: %s\n", digest.c_str());
    if (erasure.due) {
      std::printf("生效时间 / takes effect: %s\n", format_time(*erasure.due).c_str());
    } else {
      std::printf(
          "须第二人会签 / waits for a second person: cunji-server endorse %s %s --purpose "
          "second_person --key-file FILE\n",
          arguments.common.folder.c_str(), digest.c_str());
    }
    return {};
  }
  if (part.withdraws)
    return Error{Errc::Forged,
                 "it is logged, but has no effect: there is no such erasure, it is in "
                 "effect already, or the key may not erase in its divisions"};
  return no_effect;
}

void add_erase(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "erase", "依法删除内容 / delete contents of events by law, seven days after a second person");
  const auto arguments = std::make_shared<EraseArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option(
      "EVENT", arguments->events,
      "事件摘要，可加部分 / event digests, 64 hex digits, each with :PART,PART where "
      "not all of it is to go");
  command.add_option(
      "--basis", arguments->basis,
      "法律依据，不含个人信息 / the legal basis, without personal data: it is public");
  command.add_option("--remark", arguments->remark, "说明 / remark, without personal data");
  command.add_option("--withdraw", arguments->withdraw,
                     "撤回尚未生效的删除 / call off this erasure, which is not yet in effect");
  command.add_option("--key-file", arguments->key_file,
                     "签名密钥，默认登记员 / sign with this key; default: the registrar's");
  command.callback(
      [arguments, &context] { run(context, [&] { return erase(*arguments, context); }); });
}

struct ErasuresArguments {
  CommonOptions common;
  bool json = false;
};

static Json parts_json(const event::PartSet& parts) {
  Json out = Json::array();
  for (std::size_t i = 0; i < parts.size() && !parts.all(); ++i)
    if (parts[i]) out.push_back(i + 1);
  return out;  // Empty: all.
}

// Whether nothing of what is named is left.
static Result<bool> is_done(const log::EventLog& log, const event::ErasedEvent& named) {
  TRY_AS(logged, log.at(named.index));
  if (!logged || logged->entry.event.digest() != named.event) return true;  // It reaches nothing.
  return !event::erase_parts(logged->body, named.parts);
}

static Result<void> erasure_json(const log::EventLog& log, const credential::Erasure& erasure,
                                 TimePoint now, Json& out) {
  out = {{"erasure", to_hex(erasure.event.view())},
         {"index", erasure.index},
         {"logged", to_millis(erasure.logged)},
         {"by", to_hex(erasure.author.view())},
         {"basis", erasure.basis}};
  if (!erasure.remark.empty()) out["remark"] = erasure.remark;
  if (!erasure.second.is_zero()) out["second"] = to_hex(erasure.second.view());
  if (erasure.due) out["due"] = to_millis(*erasure.due);
  bool done = true;
  out["events"] = Json::array();
  for (const event::ErasedEvent& named : erasure.events) {
    TRY_AS(gone, is_done(log, named));
    done = done && gone;
    out["events"].push_back({{"event", to_hex(named.event.view())},
                             {"index", named.index},
                             {"division", named.division.str()},
                             {"parts", parts_json(named.parts)},
                             {"erased", gone}});
  }
  out["standing"] = erasure.withdrawn_at      ? "withdrawn"
                    : !erasure.due            ? "waits"
                    : !erasure.in_effect(now) ? "confirmed"
                    : done                    ? "erased"
                                              : "due";
  return {};
}

static const char* label_of(const std::string& standing) {
  if (standing == "withdrawn") return "已撤回 withdrawn";
  if (standing == "waits") return "待第二人 waits for a second person";
  if (standing == "confirmed") return "待生效 not yet in effect";
  if (standing == "erased") return "已删除 erased";
  return "应删除 due: the running server deletes it within the hour";
}

static Result<void> list_erasures(const ErasuresArguments& arguments) {
  TRY_AS(log, open_log_read_only({arguments.common.folder}));
  TRY_AS(governance, read_governance(*log));
  TRY_AS(head, log->head());
  for (const credential::Erasure& erasure : governance.erasures()) {
    Json json;
    TRY(erasure_json(*log, erasure, head.received, json));
    if (arguments.json) {
      std::printf("%s\n", json.dump().c_str());
      continue;
    }
    std::printf("%s  %s\n", json["erasure"].get<std::string>().c_str(),
                label_of(json["standing"].get<std::string>()));
    std::printf(
        "  依据 / basis: %s\n  签署 / signed: %s, %s%s%s\n", erasure.basis.c_str(),
        format_time(erasure.logged).c_str(), to_hex(erasure.author.view()).substr(0, 16).c_str(),
        erasure.second.is_zero() ? "" : ", ",
        erasure.second.is_zero() ? "" : to_hex(erasure.second.view()).substr(0, 16).c_str());
    if (erasure.due) std::printf("  生效 / effect: %s\n", format_time(*erasure.due).c_str());
    for (const Json& each : json["events"])
      std::printf("  %llu %s %s %s%s\n",
                  static_cast<unsigned long long>(each["index"].get<std::uint64_t>()),
                  each["division"].get<std::string>().c_str(),
                  each["event"].get<std::string>().substr(0, 16).c_str(),
                  each["parts"].empty() ? "全部 all" : each["parts"].dump().c_str(),
                  each["erased"].get<bool>() ? ", 已删除 erased" : "");
  }
  if (governance.erasures().empty() && !arguments.json)
    std::printf("没有删除事项 / there are no erasures\n");
  return {};
}

void add_erasures(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "erasures",
      "删除事项 / erasures: what they name, who signed, when they take effect, done or not");
  const auto arguments = std::make_shared<ErasuresArguments>();
  add_folder(command, arguments->common);
  command.add_flag("--json", arguments->json, "输出 JSON 行 / print JSON lines");
  command.callback(
      [arguments, &context] { run(context, [&] { return list_erasures(*arguments); }); });
}
}  // namespace cunji::server
