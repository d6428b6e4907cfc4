#include "tools/demo_county/routine.h"

#include <algorithm>
#include <functional>
#include <set>

#include "shared/commands/cases.h"
#include "shared/event/parts.h"
#include "shared/state/inquiry.h"
#include "tools/demo_county/pen.h"

namespace cunji::demo {
using state::CaseView;
using state::StageView;
using Typed = std::vector<std::string>;

// A step that needs nothing but a form: who takes it, and what is typed.
struct Simple {
  const char* stage;  // "procedure.stage".
  const char* who;    // A role, or an office.
  const char* form;
  Typed typed;
};

static const std::vector<Simple>& simple_steps() {
  static const std::vector<Simple> steps = {
      {"alert.sent_to_town", "rr_bureau", "monitoring.alert_sent", {}},
      {"alert.at_town", "town_desk", "monitoring.alert_at_town", {}},
      {"declaration.receipted", "coordinator", "monitoring.declaration_receipt", {}},
      {"declaration.answered",
       "coordinator",
       "monitoring.declaration_answer",
       {"answer=does_not_meet", "reason=入户核实后答复"}},
      {"identification.pushed", "rr_bureau", "monitoring.candidate_pushed", {}},
      {"identification.town_reviewed",
       "town_desk",
       "monitoring.town_review",
       {"outcome=confirmed"}},
      {"identification.county_confirmed",
       "rr_bureau",
       "monitoring.admission_decision",
       {"outcome=confirmed", "type=marginal_prone", "reason=符合纳入条件"}},
      {"monitoring.visited",
       "coordinator",
       "monitoring.elimination_visit",
       {"informed=yes", "outcome=ready"}},
      {"monitoring.confirmed",
       "rr_bureau",
       "monitoring.elimination_decision",
       {"outcome=confirmed", "reason=达到消除标准"}},
      {"monitoring.marked", "rr_bureau", "monitoring.system_marking", {"reference=B-2022"}},
      {"household_change.checked_by_town",
       "town_desk",
       "monitoring.change_checked",
       {"outcome=confirmed"}},
      {"household_change.entered", "town_desk", "monitoring.change_entered", {"reference=G-2022"}},
      {"guarantee_gap.checked", "town_desk", "monitoring.gap_checked", {"outcome=confirmed"}},
      {"guarantee_gap.remedied", "coordinator", "monitoring.gap_closed", {"how=已修缮加固"}},
      {"register_change.confirmed", "town_desk", "register.change_decided", {"outcome=confirmed"}},
      {"provisional_household.decided",
       "town_desk",
       "register.provisional_decision",
       {"outcome=adopted"}},
      {"measure.started", "coordinator", "monitoring.measure_started", {}},
  };
  return steps;
}

static const Typed kAllGuaranteed{"food=ok",          "clothing=ok", "compulsory_education=ok",
                                  "basic_medical=ok", "housing=ok",  "drinking_water=ok"};

static bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

// A village of a hundred different doors: a number that is always the same for one.
static unsigned of_hundred(const SubjectId& subject) {
  return static_cast<std::uint8_t>(subject.bytes[0]) * 100U / 256U;
}

namespace {
// Goes through everything that waits.
class Day {
 public:
  Day(Worker& worker, TimePoint at) : worker_(worker), pen_(worker, at), at_(at) {}

  Result<void> work() {
    TRY_AS(inquiry, pen_.inquiry());
    const std::string prefix = worker_.role == "county_desk"
                                   ? worker_.division.str().substr(0, CountyCode::kSize)
                               : worker_.role == "town_desk" ? worker_.division.str().substr(0, 9)
                                                             : worker_.division.str();
    for (const CaseView& one : inquiry.cases_in(prefix))
      for (const StageView& stage : one.stages)
        if (commands::waits(one, stage)) TRY(take(one, stage));
    return {};
  }

 private:
  bool is(const char* who) const { return worker_.role == who || worker_.office == who; }

  Result<void> take(const CaseView& one, const StageView& stage) {
    const std::string name = one.procedure + "." + stage.stage;
    for (const Simple& step : simple_steps())
      if (name == step.stage && is(step.who))
        return pen_.form(step.form, {one.subject, one.division}, step.typed);
    if (stage.stage == "verified" && is("coordinator")) return verify(one);
    if (stage.stage == "candidate" && is("town_desk")) return report_candidate(one);
    if (stage.stage == "voted" && is("village_two_committees")) return vote(one);
    if (stage.stage == "noticed" && is("village_two_committees")) return notice(one);
    if (name == "identification.entered" && is("town_desk")) return enter(one);
    if (name == "identification.helped" && is("coordinator")) return help(one);
    if (name == "monitoring.proposed" && is("town_desk")) return propose(one);
    return {};
  }

  // One visit answers all leads of the house.
  Result<void> verify(const CaseView& one) {
    if (!done_.insert(one.root).second) return {};
    const bool meets = of_hundred(one.root) < 30;
    TRY_AS(size, pen_.fact(one.root, "household_size"));
    const Place place{one.root, one.division};
    Typed income{"wage=" + std::to_string((meets ? 4'000 : 12'000) *
                                          std::max<std::int64_t>(size.integer, 1)),
                 "production=2000",
                 "production_cost=900",
                 "property=0",
                 "transfer=800",
                 meets ? "medical=9000" : "medical=300",
                 "school=0",
                 "disaster=0",
                 "accident=0"};
    return pen_.visit(
        place, {{"monitoring.lead_verification",
                 {meets ? "outcome=meets_conditions" : "outcome=does_not_meet", "screener=张三"}},
                {"monitoring.income_sheet", income},
                {"monitoring.guarantee_check", kAllGuaranteed}});
  }

  Result<void> report_candidate(const CaseView& one) {
    if (!done_.insert(one.root).second) return {};
    return pen_.form("monitoring.candidate_report", {one.root, one.division},
                     {"reasons=illness", "type=marginal_prone"});
  }

  Result<void> vote(const CaseView& one) {
    TRY_AS(inquiry, pen_.inquiry());
    const std::uint64_t all = worker_.village->representatives;
    const bool admits = one.procedure == "identification";
    const Date today = date_of(at_);
    return pen_.form("register.vote",
                     {inquiry.division_subject(worker_.division), worker_.division},
                     {admits ? "purpose=admit" : "purpose=eliminate",
                      "held_on=" + format_date(today), "present=" + std::to_string(all - all / 8),
                      "agreed=" + std::to_string(all - all / 6), "outcome=agreed"},
                     one.id);
  }

  // Hangs for as long as the next evening on which somebody comes by, which is five days at least.
  Result<void> notice(const CaseView& one) {
    TRY_AS(inquiry, pen_.inquiry());
    const Place where{inquiry.division_subject(worker_.division), worker_.division};
    const Date today = date_of(at_);
    const auto [posted, is_new] = worker_.posted.try_emplace(one.id, today);
    const std::string posted_on = "posted_on=" + format_date(posted->second);
    if (is_new)
      return pen_.form("register.notice", where, {"act=posted", "level=village", posted_on},
                       one.id);
    const auto days = std::chrono::sys_days{today} - std::chrono::sys_days{posted->second};
    if (days < std::chrono::days{5}) return {};
    return pen_.form("register.notice", where,
                     {"act=closed", posted_on, "closed_on=" + format_date(today)}, one.id);
  }

  Result<void> enter(const CaseView& one) {
    TRY_AS(members, pen_.fact(one.subject, "candidate_members"));
    return pen_.form("monitoring.system_entry", {one.subject, one.division},
                     {"persons_entered=" + std::to_string(members.integer), "reference=G-2022"});
  }

  Result<void> help(const CaseView& one) {
    TRY_AS(first, pen_.fact(one.root, "first_measure_on"));
    if (first.text.empty()) return {};
    return pen_.form("monitoring.help_begun", {one.subject, one.division}, {});
  }

  Result<void> propose(const CaseView& one) {
    TRY_AS(state, pen_.fact(one.root, "elimination_state"));
    if (state.text != "ready") return {};
    return pen_.form("monitoring.elimination_proposal", {one.subject, one.division},
                     {"grounds=收入稳定，保障到位"});
  }

  Worker& worker_;
  Pen pen_;
  TimePoint at_;
  std::set<SubjectId> done_;  // Households that had their visit, or their report.
};
}  // namespace

Result<void> do_what_waits(Worker& worker, TimePoint at) { return Day(worker, at).work(); }

Result<void> do_what_came_up(Worker& coordinator, const MadeUpCounty& county, MonthNumber month,
                             TimePoint at) {
  Pen pen(coordinator, at);
  const Village& village = *coordinator.village;
  for (const PlannedHappening& happening : coordinator.plan.months[month - 1].happenings) {
    const Household& household = village.households[happening.household];
    const Place door{household.id, coordinator.division};
    switch (happening.what) {
      case Happening::Finding:
        TRY(pen.form("monitoring.screening_finding", door, {"risk=illness"}));
        break;
      case Happening::Declaration:
        TRY(pen.form("monitoring.self_declaration", door, {"risk=job_loss"}));
        break;
      case Happening::Gap:
        TRY(pen.form("monitoring.gap_found", door, {"which=housing", "remark=西屋漏雨"}));
        break;
      case Happening::Change:
        TRY(pen.form("monitoring.change_observed", door, {"kind=health", "after=确诊慢性病"}));
        break;
      case Happening::Moved: TRY(pen.move(household, county)); break;
      case Happening::Split: TRY(pen.split(household)); break;
      case Happening::NewHere: {
        TRY_AS(inquiry, pen.inquiry());
        TRY(pen.form("register.new_here",
                     {inquiry.division_subject(coordinator.division), coordinator.division},
                     {"head_name=新来户", "persons=3"}));
        break;
      }
    }
  }
  return {};
}

Result<void> help_monitored(Worker& coordinator, MonthNumber month, TimePoint at) {
  Pen pen(coordinator, at);
  for (const Household& household : coordinator.village->households) {
    TRY_AS(status, pen.fact(household.id, "risk_status"));
    if (status.text != "open" && status.text != "reopened") continue;
    const Place door{household.id, coordinator.division};
    TRY_AS(inquiry, pen.inquiry());
    const auto cases = inquiry.cases(household.id);
    const bool helped = std::any_of(cases.begin(), cases.end(),
                                    [](const CaseView& one) { return one.procedure == "measure"; });
    // Every tenth is forgotten: red.
    if (!helped && of_hundred(household.id) >= 10)
      TRY(pen.form("monitoring.measure_planned", door, {"risk=illness", "kind=employment"}));
    if (month % 4 != 1) continue;
    TRY_AS(size, pen.fact(household.id, "household_size"));
    const std::int64_t wage = of_hundred(household.id) < 70 ? 12'000 : 5'000;
    TRY(pen.visit(door, {{"monitoring.income_sheet",
                          {"wage=" + std::to_string(wage * std::max<std::int64_t>(size.integer, 1)),
                           "production=1000", "production_cost=400", "property=0", "transfer=600",
                           "medical=500", "school=0", "disaster=0", "accident=0"}},
                         {"monitoring.guarantee_check", kAllGuaranteed}}));
  }
  return {};
}

Result<void> file_lists(Worker& town, TimePoint at) {
  Pen pen(town, at);
  TRY_AS(inquiry, pen.inquiry());
  std::set<SubjectId> verified, candidates;
  for (const CaseView& one : inquiry.cases_in(town.division.str().substr(0, 9))) {
    for (const StageView& stage : one.stages) {
      if (!commands::waits(one, stage)) continue;
      if (stage.stage == "in_form_3") verified.insert(one.root);
      if (stage.stage == "listed") candidates.insert(one.root);
    }
  }
  TRY(pen.statement("form_3", verified));
  return pen.statement("candidate_list", candidates);
}

Result<void> fill_post(Worker& town, const Village& village, TimePoint at) {
  Pen pen(town, at);
  TRY_AS(inquiry, pen.inquiry());
  const DivisionCode& code = village.division.code;
  const bool full_time = of_hundred(village.coordinator) < 45;
  return pen.form("village_coordinators.post_filled", {inquiry.division_subject(code), code},
                  {"person=" + to_hex(village.coordinator.view()),
                   full_time ? "kind=full_time" : "kind=part_time", "appointed_on=2022-01-01",
                   full_time ? "monthly_pay=1800" : "monthly_pay=600"});
}

Result<void> register_baselines(Worker& bureau, const MadeUpCounty& county, TimePoint at) {
  Pen pen(bureau, at);
  for (const Village& village : county.villages) {
    for (const Household& household : village.households) {
      const Place door{household.id, village.division.code};
      if (household.baseline == Baseline::Monitored)
        TRY(pen.form("monitoring.baseline_monitored", door,
                     {"type=unstable_out_of_poverty", "identified_on=2021-06-10",
                      "entered_on=2021-07-01", "first_measure_on=2021-10-08"}));
      if (household.baseline == Baseline::Eliminated)
        TRY(pen.form("monitoring.baseline_eliminated", door,
                     {"type=marginal_prone", "identified_on=2020-05-12", "eliminated_on=2021-09-20",
                      "marked_on=2021-09-30"}));
    }
  }
  return {};
}

Result<void> send_alerts(Worker& office, const MadeUpCounty& county,
                         const std::vector<PlannedAlert>& alerts, TimePoint at) {
  Pen pen(office, at);
  const auto self = std::find_if(county.offices.begin(), county.offices.end(),
                                 [&](const Office& each) { return each.code == office.office; });
  for (const PlannedAlert& alert : alerts) {
    const Village& village = county.villages[alert.village];
    const Household& household = village.households[alert.household];
    const DivisionCode& division = village.division.code;
    if (alert.is_alert) {
      TRY(pen.form("monitoring.sector_alert", {household.id, division},
                   {"department=" + to_hex(self->id.view()), "alert_type=medical",
                    "household_types=serious_illness", "received_on=" + format_date(date_of(at))}));
    } else {
      TRY(pen.form("monitoring.insured_data", {household.persons.front().id, division},
                   {"insured=no"}));
    }
  }
  return {};
}

Result<std::vector<Candidate>> candidates_to_compare(Worker& bureau, TimePoint at) {
  Pen pen(bureau, at);
  TRY_AS(inquiry, pen.inquiry());
  std::vector<Candidate> out;
  for (const CaseView& one : inquiry.cases_in(bureau.division.view().substr(0, CountyCode::kSize)))
    for (const StageView& stage : one.stages) {
      if (one.procedure != "identification" || stage.stage != "compared") continue;
      if (!commands::waits(one, stage)) continue;
      Candidate& made = out.emplace_back(Candidate{one.subject, one.division, {}});
      for (const state::Whom& by : stage.by) made.offices.push_back(by.office);
    }
  return out;
}

Result<void> compare(Worker& office, const std::vector<Candidate>& list, TimePoint at) {
  Pen pen(office, at);
  for (const Candidate& each : list) {
    const auto& asked = each.offices;
    if (std::find(asked.begin(), asked.end(), office.office) == asked.end()) continue;
    TRY(pen.form("monitoring.four_haves_result", {each.subject, each.division},
                 {"department=" + office.office, "haves=none"}));
  }
  return {};
}

static Result<std::vector<DivisionCode>> villages_where(
    Worker& bureau, TimePoint at, const std::function<bool(const StageView&)>& fits) {
  Pen pen(bureau, at);
  TRY_AS(inquiry, pen.inquiry());
  std::set<DivisionCode> out;
  for (const CaseView& one : inquiry.cases_in(bureau.division.view().substr(0, CountyCode::kSize)))
    for (const StageView& stage : one.stages)
      if (commands::waits(one, stage) && fits(stage)) out.insert(one.division);
  return std::vector<DivisionCode>(out.begin(), out.end());
}

Result<std::vector<DivisionCode>> villages_to_vote(Worker& bureau, TimePoint at) {
  return villages_where(bureau, at, [](const StageView& stage) {
    return stage.stage == "voted" || stage.stage == "noticed";
  });
}

Result<std::vector<DivisionCode>> villages_with_work(Worker& bureau, TimePoint at) {
  return villages_where(bureau, at, [](const StageView& stage) {
    return is_one_of(stage.stage, {"verified", "receipted", "answered", "visited", "remedied",
                                   "started", "helped"});
  });
}
}  // namespace cunji::demo
