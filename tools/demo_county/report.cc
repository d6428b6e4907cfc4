#include "tools/demo_county/report.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "shared/commands/words.h"
#include "shared/programmes/all.h"
#include "shared/state/inquiry.h"
#include "shared/state/state.h"
#include "shared/store/side_store.h"
#include "shared/store/sqlite_event_log.h"
#include "shared/terminal/table.h"

namespace cunji::demo {
using state::DutyStatus;
using terminal::Table;

static const Date kOn = day_of_year(2, 28);
static constexpr std::size_t kRowsMax = 12;  // A page, not a list.

static void heading(const std::string& zh, const std::string& en) {
  std::printf("\n── %s · %s\n", zh.c_str(), en.c_str());
}

static DivisionCode county() { return DivisionCode::parse("411323000000").value(); }

static std::string name_of(const state::State& fold, const DivisionCode& code) {
  for (const state::DivisionView& division : fold.divisions(code.view()))
    if (division.code == code) return division.name;
  return {};
}

// What the server's own commands say at the end of the year.
static Result<void> print_answers(ServerProcess& server) {
  heading("年末看板（截至2022年12月31日）",
          "the month's board, colours by town, warnings by audience");
  TRY_AS(board, server.timed_command("board", {"--on", "2022-12-31"}));
  std::fputs(board.c_str(), stdout);
  return {};
}

// Of the villages whose coordinator recorded anything at all.
static void print_worst_village(const state::State& fold) {
  const state::Inquiry inquiry(fold, kOn);
  std::map<DivisionCode, std::vector<state::DutyNow>> villages;
  for (state::DutyNow& duty : inquiry.duties(inquiry.division_subject(county()), "monthly_visit"))
    villages[duty.division].push_back(std::move(duty));
  const std::vector<state::DutyNow>* worst = nullptr;
  std::size_t worst_undone = 0;
  for (const auto& [code, duties] : villages) {
    const auto count = [&](DutyStatus status) {
      return static_cast<std::size_t>(std::count_if(
          duties.begin(), duties.end(), [&](const auto& duty) { return duty.status == status; }));
    };
    const std::size_t undone = duties.size() - count(DutyStatus::Done);
    if (count(DutyStatus::Missing) == duties.size()) continue;
    if (worst != nullptr && undone * worst->size() <= worst_undone * duties.size()) continue;
    worst = &duties;
    worst_undone = undone;
  }
  if (worst == nullptr) return;
  const DivisionCode code = worst->front().division;
  heading("2月进度最差的村：" + name_of(fold, code) + "（" + code.str() + "）",
          "due list of February's worst village");
  std::map<SubjectId, state::HouseholdView> households;
  for (auto& h : fold.households(code.view(), kOn)) households.emplace(h.id, std::move(h));
  Table table({"户号 number", "户主 head", "状态 status", "走访时间 visited"});
  std::size_t left = 0;
  for (const state::DutyNow& duty : *worst) {
    if (duty.status == DutyStatus::Done) continue;
    if (table.size() == kRowsMax) {
      ++left;
      continue;
    }
    const state::HouseholdView& h = households[duty.subject];
    table.add({h.number, h.head_name, commands::label_of(duty.status),
               duty.done_at ? format_time(*duty.done_at) : "–"});
  }
  std::fputs(table.text().c_str(), stdout);
  if (left != 0) std::printf("… 另有 %zu 户 · and %zu more\n", left, left);
}

// By village, with the first reason: a list of a hundred alike tells no more.
static void print_remarks(const std::string& zh, const std::string& en,
                          const std::vector<state::Remark>& remarks) {
  heading(zh + "：" + std::to_string(remarks.size()), en);
  std::map<DivisionCode, std::vector<const state::Remark*>> by_division;
  for (const state::Remark& remark : remarks) by_division[remark.division].push_back(&remark);
  std::size_t shown = 0;
  for (const auto& [division, list] : by_division) {
    if (shown++ == kRowsMax) break;
    std::printf("%5zu × %s  %s · %s%s\n", list.size(), division.str().c_str(),
                list[0]->reason_zh.c_str(), list[0]->reason_en.c_str(),
                list.size() > 1 ? " …" : "");
  }
  if (by_division.size() > kRowsMax) std::printf("      … %zu\n", by_division.size() - kRowsMax);
}

static Result<void> print_quarantine(const std::string& folder) {
  TRY_AS(side, store::SideStore::open(folder + "/side.sqlite"));
  TRY_AS(counts, side->counts());
  heading("隔离的事件：" + std::to_string(counts.quarantined), "quarantined events");
  TRY_AS(events, side->quarantined(1'000));
  std::map<std::string, std::size_t> by_reason;
  for (const store::Quarantined& q : events) ++by_reason[q.reason];
  for (const auto& [reason, count] : by_reason) std::printf("%5zu × %s\n", count, reason.c_str());
  return {};
}

static void print_troubles(const Tally& tally) {
  heading("安排的麻烦", "trouble that was staged");
  std::printf("断网 cut: %s，%llu 次中断后续传 · resumed after %llu cuts\n",
              tally.cut.str().c_str(), static_cast<unsigned long long>(tally.cut_sessions),
              static_cast<unsigned long long>(tally.cut_sessions));
  std::printf("克隆 cloned: %s，换钥后重录 %llu 条 · recorded again under a new key\n",
              tally.cloned.str().c_str(), static_cast<unsigned long long>(tally.re_recorded));
  std::printf("撤权 revoked: %s　倒填日期 back-dated: %s\n", tally.revoked.str().c_str(),
              tally.back_dating.str().c_str());
  if (!tally.first_refusal.empty())
    std::printf("首个拒收原因 first refusal: %s\n", tally.first_refusal.c_str());
}

static void print_phases(const Run& run) {
  heading("各阶段用时", "time and throughput of each phase");
  Table table({"阶段 phase", "秒 s", "事件 events", "每秒 a second"});
  for (const PhaseTime& phase : run.phases()) {
    char seconds[24];
    std::snprintf(seconds, sizeof seconds, "%.1f", phase.seconds);
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(phase.events) /
                                                 std::max(phase.seconds, 0.001));
    table.add({phase.zh + " · " + phase.en, seconds,
               phase.events == 0 ? "" : std::to_string(phase.events),
               phase.events == 0 ? "" : std::to_string(rate)});
  }
  std::fputs(table.text().c_str(), stdout);
}

Result<void> print_report(Run& run, const std::string& folder) {
  state::State fold(programmes::all_calculations());
  std::uint64_t size = 0;
  TRY(run.phase("从日志重建状态", "state rebuilt from the log", [&]() -> Result<std::uint64_t> {
    TRY_AS(log,
           store::open_sqlite_event_log(folder + "/county.sqlite", {.vfs = {}, .read_only = true}));
    TRY(log->scan(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
      fold.apply(logged);
      return true;
    }));
    TRY_AS(head, log->head());
    size = head.size;
    return size;
  }));
  std::string verified;
  TRY(run.phase("全面验证日志", "full verification of the log", [&]() -> Result<std::uint64_t> {
    TRY_AS(printed, run.server().command("verify", {}));
    verified = printed;
    return size;
  }));
  TRY(print_answers(run.server()));
  print_worst_village(fold);
  print_remarks("无效力的事件（争议）", "disputed events, without effect", fold.disputed("411323"));
  print_remarks("时间存疑的事件", "events whose time is doubtful", fold.doubtful_times("411323"));
  TRY(print_quarantine(folder));
  print_troubles(run.tally());
  heading("县级日志", "the county's log");
  std::printf(
      "记录 recorded %llu · 已入账 logged %llu · 日志条目 entries %llu\n状态摘要 state digest %s\n",
      static_cast<unsigned long long>(run.tally().recorded),
      static_cast<unsigned long long>(run.tally().logged), static_cast<unsigned long long>(size),
      to_hex(fold.digest().view()).c_str());
  TRY_AS(note, read_whole(folder + "/checkpoint"));
  std::printf("检查点 checkpoint:\n%s\n验证结果 verification: %s", note.c_str(), verified.c_str());
  print_phases(run);
  return {};
}
}  // namespace cunji::demo
