#include "tools/demo_county/report.h"

#include <cstdio>

#include "fieldnode/cli/text.h"
#include "shared/programmes/all.h"
#include "shared/state/state.h"
#include "shared/store/side_store.h"
#include "shared/store/sqlite_event_log.h"

namespace cunji::demo {
using fieldnode::cli::Table;
using state::DutyStatus;
using state::DutyTally;

static const Date kOn{kMonth / std::chrono::day{28}};
static constexpr std::size_t kRowsMax = 12;  // A page, not a list.

static void heading(const std::string& zh, const std::string& en) {
  std::printf("\n── %s · %s\n", zh.c_str(), en.c_str());
}

static std::string percent(const DutyTally& tally) {
  if (tally.households == 0) return "–";
  const std::uint64_t hundredths =
      (std::uint64_t{tally.done} * 10'000 + tally.households / 2) / tally.households;
  char out[24];
  std::snprintf(out, sizeof out, "%d.%02d %%", static_cast<int>(hundredths / 100),
                static_cast<int>(hundredths % 100));
  return out;
}

static std::vector<std::string> tally_row(const std::string& name, const DutyTally& t) {
  return {name,
          std::to_string(t.households),
          std::to_string(t.done),
          std::to_string(t.done_claimed),
          std::to_string(t.late),
          std::to_string(t.missing),
          std::to_string(t.open),
          std::to_string(t.contradicted),
          percent(t)};
}

static void print_towns(const state::State& fold) {
  heading("2022年2月入户走访（截至2月28日，VCO-R09）", "monthly visits by town, on 28 February");
  Table table({"乡镇 town", "应访 due", "按期 done", "其中自报 claimed", "逾期 late",
               "未访 missing", "待定 open", "矛盾 contradicted", "完成率"});
  for (const state::DivisionView& division : fold.divisions("411323")) {
    if (division.level != "town") continue;
    const DutyTally tally = fold.duty_tally(division.code.view().substr(0, 9), kMonth, kOn);
    if (tally.households != 0) table.add(tally_row(division.name, tally));
  }
  table.add(tally_row("全县 county", fold.duty_tally("411323", kMonth, kOn)));
  std::fputs(table.text().c_str(), stdout);
}

// Whether `a` is worse than `b`: a greater share not done, compared without dividing.
static bool worse(const DutyTally& a, const DutyTally& b) {
  const std::uint64_t undone_a = a.households - a.done, undone_b = b.households - b.done;
  return undone_a * b.households > undone_b * a.households;
}

static std::string label_of(DutyStatus status) {
  switch (status) {
    case DutyStatus::Done: return "按期 done";
    case DutyStatus::Late: return "逾期 late";
    case DutyStatus::Missing: return "未访 missing";
    case DutyStatus::Open: return "待定 open";
    case DutyStatus::Contradicted: return "矛盾 contradicted";
  }
  return {};
}

// Of the villages whose coordinator recorded anything at all.
static void print_worst_village(const state::State& fold) {
  std::optional<state::DivisionView> worst;
  DutyTally worst_tally;
  for (const state::DivisionView& division : fold.divisions("411323")) {
    if (division.level != "village") continue;
    const DutyTally tally = fold.duty_tally(division.code.view(), kMonth, kOn);
    if (tally.households == tally.missing || (worst && !worse(tally, worst_tally))) continue;
    worst = division;
    worst_tally = tally;
  }
  if (!worst) return;
  heading("进度最差的村：" + worst->name + "（" + worst->code.str() + "）",
          "due list of the worst village");
  std::map<SubjectId, state::HouseholdView> households;
  for (auto& h : fold.households(worst->code.view(), kOn)) households.emplace(h.id, std::move(h));
  Table table({"户号 number", "户主 head", "状态 status", "走访时间 visited"});
  std::size_t left = 0;
  for (const state::DutyLine& line : fold.duty_lines(worst->code.view(), kMonth, kOn)) {
    if (line.status == DutyStatus::Done) continue;
    if (table.size() == kRowsMax) {
      ++left;
      continue;
    }
    const state::HouseholdView& h = households[line.household];
    table.add({h.number, h.head_name, label_of(line.status),
               line.visited ? format_time(*line.visited) : "–"});
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
  print_towns(fold);
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
