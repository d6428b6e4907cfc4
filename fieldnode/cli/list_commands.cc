// households, due, events.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/view.h"
#include "shared/event/kinds.h"
#include "shared/state/duty_status.h"
#include "shared/state/inquiry.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

struct ListOptions {
  std::string on, month;
  bool json = false, all = false, unsent = false;
};

std::string short_id(BytesView id) { return to_hex(id).substr(0, 8); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

void print(const Json& json) { say(json.dump(2, ' ', false, Json::error_handler_t::replace)); }

// The day asked for, or today. `text` is checked: false after saying so.
bool day_of(const Context& context, const std::string& text, Date& out) {
  out = date_of(context.now());
  if (text.empty()) return true;
  const auto date = parse_date(text);
  if (!date) {
    fail("日期写法不对:" + text, "bad date \"" + text + "\": " + date.error().what);
    return false;
  }
  out = *date;
  return true;
}

int run_households(const Context& context, const ListOptions& options) {
  Date on;
  if (!day_of(context, options.on, on)) return 1;
  const auto view = view_of(context);
  if (!view) return 1;
  auto households = view->state->households(view->county.view(), on);
  std::sort(households.begin(), households.end(), [](const auto& a, const auto& b) {
    return std::tie(a.division, a.number, a.id) < std::tie(b.division, b.number, b.id);
  });
  if (options.json) {
    Json out = Json::array();
    for (const state::HouseholdView& h : households) {
      Json line{{"id", to_hex(h.id.view())},  {"number", h.number},
                {"head_name", h.head_name},   {"division", h.division.str()},
                {"categories", h.categories}, {"must_be_visited", h.must_be_visited}};
      if (h.last_visit) {
        line["last_visit"] = format_time(*h.last_visit);
        line["received"] = h.last_visit_index.has_value();
      }
      out.push_back(std::move(line));
    }
    print(out);
    return 0;
  }
  Table table({"编号 No.", "户主 Head", "区划 Division", "类别 Categories", "须走访 Due",
               "上次走访 Last visit", "标识 Id"});
  for (const state::HouseholdView& h : households) {
    std::string visit = "—";
    if (h.last_visit) visit = format_time(*h.last_visit).substr(0, 16);
    if (h.last_visit && !h.last_visit_index) visit += " 未发送 unsent";
    table.add({h.number.empty() ? "—" : h.number, fit(h.head_name, 16), h.division.str(),
               fit(joined(h.categories), 40), h.must_be_visited ? "是 yes" : "", visit,
               short_id(h.id.view())});
  }
  say("农户 " + std::to_string(table.size()) + " 户 · households on " + format_date(on) + ": " +
      std::to_string(table.size()));
  if (table.size() > 0) std::fputs(table.text().c_str(), stdout);
  return 0;
}

struct StatusLabel {
  const char* name;
  const char* label;
  int order;  // In the list: what is left to do first.
};
StatusLabel label_of(state::DutyStatus status) {
  switch (status) {
    case state::DutyStatus::Missing: return {"missing", "未走访 missing", 0};
    case state::DutyStatus::Contradicted: return {"contradicted", "时间矛盾 contradicted", 1};
    case state::DutyStatus::Open: return {"open", "待走访 open", 2};
    case state::DutyStatus::Late: return {"late", "逾期走访 late", 3};
    case state::DutyStatus::Done: return {"done", "已走访 done", 4};
  }
  return {"unknown", "未知 unknown", 5};
}

Json tally_json(const state::DutyTally& tally) {
  return {{"households", tally.households},     {"done", tally.done},
          {"done_claimed", tally.done_claimed}, {"late", tally.late},
          {"missing", tally.missing},           {"open", tally.open},
          {"contradicted", tally.contradicted}};
}

int run_due(const Context& context, const ListOptions& options) {
  Date on;
  if (!day_of(context, options.on, on)) return 1;
  Month month = month_of(on);
  if (!options.month.empty()) {
    const auto first = parse_date(options.month + "-01");
    if (!first)
      return fail("月份写法不对:" + options.month,
                  "bad month \"" + options.month + "\": a month is written like 2022-02");
    month = month_of(*first);
    // A month that is over is judged at its end, one to come at its first day.
    const Date last{month.year() / month.month() / std::chrono::last};
    if (options.on.empty() && std::chrono::sys_days{last} < std::chrono::sys_days{on}) on = last;
    if (options.on.empty() && std::chrono::sys_days{*first} > std::chrono::sys_days{on})
      on = *first;
  }
  const auto view = view_of(context);
  if (!view) return 1;
  const state::Inquiry inquiry(*view->state, on);
  const bool declared = inquiry.is_declared(state::kMonthlyVisit, month);
  auto lines = inquiry.duty_of_month(view->county.view(), state::kMonthlyVisit, month);
  const auto tally = state::tally_of(lines);
  std::map<SubjectId, state::HouseholdView> by_id;
  for (auto& h : view->state->households(view->county.view(), on)) by_id[h.id] = std::move(h);
  // Not stable_sort: Clang 19 finds a deprecated function in GCC 12's.
  std::sort(lines.begin(), lines.end(), [&](const auto& a, const auto& b) {
    return std::tuple(label_of(a.status).order, a.division, by_id[a.subject].number, a.subject) <
           std::tuple(label_of(b.status).order, b.division, by_id[b.subject].number, b.subject);
  });
  const std::string month_text = format_date(Date{month / 1}).substr(0, 7);
  if (options.json) {
    Json out{{"month", month_text}, {"on", format_date(on)}, {"tally", tally_json(tally)}};
    if (!declared) {
      out["note_zh"] = state::kNoMonthlyVisitZh;
      out["note_en"] = state::kNoMonthlyVisitEn;
    }
    out["lines"] = Json::array();
    for (const state::DutyNow& line : lines) {
      const state::HouseholdView& h = by_id[line.subject];
      Json json{{"household", to_hex(line.subject.view())},
                {"number", h.number},
                {"head_name", h.head_name},
                {"division", line.division.str()},
                {"status", label_of(line.status).name},
                {"received", line.received}};
      if (line.done_at) {
        json["visited"] = format_time(*line.done_at);
        json["time_class"] = state::name_of(line.time_class);
      }
      out["lines"].push_back(std::move(json));
    }
    print(out);
    return 0;
  }
  if (!declared) {
    say(std::string(state::kNoMonthlyVisitZh) + " · " + std::string(state::kNoMonthlyVisitEn));
    return 0;
  }
  const std::uint32_t left = tally.missing + tally.open + tally.contradicted;
  say("还有 " + std::to_string(left) + " 户 · doors left: " + std::to_string(left) + "   (" +
      month_text + ", " + format_date(on) + ")");
  say("应走访 " + std::to_string(tally.households) + ",已走访 " + std::to_string(tally.done) +
      ",逾期 " + std::to_string(tally.late) + ",未走访 " + std::to_string(tally.missing) +
      ",待走访 " + std::to_string(tally.open) + ",矛盾 " + std::to_string(tally.contradicted) +
      " · due, done, late, missing, open, contradicted");
  Table table({"状态 Status", "编号 No.", "户主 Head", "区划 Division", "走访 Visited", "标识 Id"});
  for (const state::DutyNow& line : lines) {
    const bool finished =
        line.status == state::DutyStatus::Done || line.status == state::DutyStatus::Late;
    if (finished && !options.all && line.received) continue;
    const state::HouseholdView& h = by_id[line.subject];
    std::string visited = line.done_at ? format_time(*line.done_at).substr(0, 16) : "—";
    if (!line.received) visited += " 未发送 unsent";
    table.add({label_of(line.status).label, h.number.empty() ? "—" : h.number, fit(h.head_name, 16),
               line.division.str(), visited, short_id(line.subject.view())});
  }
  if (table.size() > 0) std::fputs(table.text().c_str(), stdout);
  // VCO-A12: who came into the register after the 1st is shown, not counted.
  std::set<SubjectId> judged;
  for (const state::DutyNow& line : lines) judged.insert(line.subject);
  const auto uncounted = std::count_if(by_id.begin(), by_id.end(), [&](const auto& each) {
    return each.second.must_be_visited && !judged.contains(each.first);
  });
  if (uncounted > 0)
    say("另有 " + std::to_string(uncounted) + " 户 1 日之后纳入,下月起计 · in the register since " +
        "after the 1st, counted from next month on: " + std::to_string(uncounted));
  return 0;
}

struct StandingLabel {
  const char* name;
  std::string label;
};
StandingLabel label_of(const OwnLine& line) {
  if (line.re_recorded) return {"re_recorded", "已用新密钥重登 recorded again"};
  switch (line.own.standing) {
    case store::OwnEvent::Standing::Unsent: return {"unsent", "未发送 unsent"};
    case store::OwnEvent::Standing::Parked: return {"parked", "暂存待批 parked"};
    case store::OwnEvent::Standing::Refused: return {"refused", "被拒收 refused"};
    case store::OwnEvent::Standing::Logged: break;
  }
  if (event::is_accepted(line.own.verdict)) return {"logged", "已入日志 logged"};
  return {"disputed", "存疑 disputed: " + std::string(event::label_zh_of(line.own.verdict))};
}

// What the law took away of it (D20), with who said so where this device holds that.
std::vector<state::EventStanding::ErasedPart> erased_of(const OwnLine& line,
                                                        const state::State& state) {
  const auto standing = state.standing(line.own.event.signed_event.digest());
  if (standing) return standing->erased;
  std::vector<state::EventStanding::ErasedPart> out;  // Its division is not fed to this device.
  const event::PartSet gone = event::parts_in(line.own.event.body, event::PartState::Erased);
  for (std::uint32_t number = 1; number <= event::kPartsMax; ++number)
    if (gone[number - 1]) out.push_back({.number = number});
  return out;
}

Json erased_json(const state::EventStanding::ErasedPart& part) {
  Json out{{"part", part.number}};
  if (part.erasure) {
    out["erasure"] = to_hex(part.erasure->view());
    out["by"] = to_hex(part.by.view());
    out["on"] = format_time(part.on);
    out["basis"] = part.basis;
  }
  return out;
}

std::string erased_label(const std::vector<state::EventStanding::ErasedPart>& parts) {
  if (parts.empty()) return "";
  std::string out = "，已依法删除 erased";
  if (parts.front().erasure)
    out += " " + format_date(date_of(parts.front().on)) + "，" + short_id(parts.front().by.view());
  return out;
}

int run_events(const Context& context, const ListOptions& options) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto lines = (*open)->own_lines(options.unsent);
  if (!lines) return fail(lines.error());
  const auto folded = (*open)->folded();
  if (!folded) return fail(folded.error());
  std::uint64_t unsent = 0;
  Json json = Json::array();
  Table table({"序号 No.", "登记时间 Recorded", "种类 Kind", "主体 Subject", "状态 Standing",
               "日志 Index", "摘要 Digest"});
  for (const OwnLine& line : *lines) {
    const event::Header& header = line.own.event.signed_event.header();
    const auto kind = event::info_of(header.kind);
    const StandingLabel standing = label_of(line);
    const bool logged = line.own.standing == store::OwnEvent::Standing::Logged;
    const std::string digest = to_hex(line.own.event.signed_event.digest().view());
    if (!logged && !line.re_recorded) ++unsent;
    if (options.json) {
      Json entry{{"key", to_hex(header.author.view())},
                 {"sequence", header.sequence},
                 {"recorded", format_time(header.recorded)},
                 {"kind", kind ? std::string(kind->name) : std::to_string(header.kind)},
                 {"division", header.division.str()},
                 {"subject", to_hex(header.subject.view())},
                 {"standing", standing.name},
                 {"digest", digest}};
      if (logged) {
        entry["index"] = line.own.index;
        entry["received"] = format_time(line.own.received);
        entry["verdict"] = event::name_of(line.own.verdict);
      }
      if (!line.own.reason.empty()) entry["reason"] = line.own.reason;
      for (const auto& part : erased_of(line, **folded))
        entry["erased"].push_back(erased_json(part));
      json.push_back(std::move(entry));
      continue;
    }
    const std::string kind_text =
        kind ? std::string(kind->label_zh) + " " + std::string(kind->name) : "?";
    table.add({(line.current_key ? "" : "旧 old ") + std::to_string(header.sequence),
               format_time(header.recorded), kind_text, short_id(header.subject.view()),
               standing.label + (line.own.reason.empty() ? "" : ": " + line.own.reason) +
                   erased_label(erased_of(line, **folded)),
               logged ? std::to_string(line.own.index) : "—", digest.substr(0, 8)});
  }
  if (options.json) {
    print(json);
    return 0;
  }
  say("未发送 " + std::to_string(unsent) + " 条 · not sent: " + std::to_string(unsent));
  if (table.size() > 0) std::fputs(table.text().c_str(), stdout);
  return 0;
}
}  // namespace

void add_list_commands(CLI::App& app, Context& context) {
  auto o = std::make_shared<ListOptions>();
  CLI::App* households = app.add_subcommand("households", "农户名册 · the households known here");
  households->add_option("--on", o->on, "哪一天 2022-02-10 · as of which day");
  households->add_flag("--json", o->json, "JSON");
  on_run(households, context, [&context, o] { return run_households(context, *o); });

  CLI::App* due = app.add_subcommand("due", "本月还须走访哪些户 · whom to visit this month");
  due->add_option("--month", o->month, "月份 2022-02 · month");
  due->add_option("--on", o->on, "按哪一天看 · as of which day");
  due->add_flag("--all", o->all, "连同已走访的 · also those that are done");
  due->add_flag("--json", o->json, "JSON");
  on_run(due, context, [&context, o] { return run_due(context, *o); });

  CLI::App* events = app.add_subcommand("events", "本机登记的记录 · what was recorded here");
  events->add_flag("--unsent", o->unsent, "只看未发送的 · only what is not sent");
  events->add_flag("--json", o->json, "JSON");
  on_run(events, context, [&context, o] { return run_events(context, *o); });
}
}  // namespace cunji::fieldnode::cli
