#include "shared/state/duties.h"

#include <algorithm>

#include "shared/programme/periods.h"

namespace cunji::state {
namespace pg = programme;

std::optional<DutyPeriod> Duties::period_of(const pg::Duty& duty, std::uint32_t subject,
                                            Date on) const {
  DutyPeriod out{.first = on, .last = on, .due = on};
  At at = At::end_of_day(subject, on);
  if (duty.every != 0 || duty.every_days.is_set()) {
    // From the newest one before, or from when the subject was made, so many days.
    world_.note_next_day();
    std::int64_t days = duty.every;
    if (duty.every_days.is_set()) {
      const Val said = world_.read(duty.every_days, at).val;
      if (said.kind != Val::Kind::Integer) return std::nullopt;
      days = said.number;
    }
    const auto made = world_.facts().made_at(subject);
    Date from = made ? date_of(made->occurred) : on;
    const auto done = counted(duty, subject, end_of(on));
    if (!done.empty()) from = std::max(from, date_of(done.back().time));
    out.first = next_day(from);
    out.due = pg::plus(from, days, pg::Unit::Days);
    out.last = std::max(on, out.due);
    return out;
  }
  if (duty.period != pg::Period::None) {
    const pg::Span span = pg::span_of(duty.period, on);
    world_.note_period(duty.period, on);
    out.first = span.first;
    out.last = out.due = span.last;
    const Month month = month_of(span.first);
    if (duty.from && month < *duty.from) return std::nullopt;
    const unsigned number{span.first.month()};
    if (!duty.in_months.empty() &&
        std::find(duty.in_months.begin(), duty.in_months.end(), number) == duty.in_months.end())
      return std::nullopt;
    at.day = span.first;  // Its days are those of this period.
  } else if (const auto made = world_.facts().made_at(subject)) {
    out.first = date_of(made->occurred);
    out.last = Date{std::chrono::year{9999}, std::chrono::month{12}, std::chrono::day{31}};
    out.due = out.last;
  }
  if (duty.opens.is_set()) {
    const auto opens = world_.day_of(duty.opens, at);
    if (opens) out.first = std::max(out.first, *opens);
  }
  if (duty.due.is_set()) {
    const auto due = world_.day_of(duty.due, at);
    if (!due) return std::nullopt;
    out.due = *due;
  }
  return out;
}

bool Duties::concerns(const pg::Duty& duty, std::uint32_t subject, Date day) const {
  if (world_.type_of(subject) != duty.each) return false;
  const At at = At::end_of_day(subject, day);
  const auto made = world_.facts().made_at(subject);
  const Symbol life = world_.values().words.find("life_state");
  if (made && !(*made < at.until)) return false;
  if (life != kNoSymbol && !world_.facts().facts().of(subject, life).before(at.until).empty())
    return false;
  return !duty.where.is_set() || world_.holds(duty.where, at) == Truth::Yes;
}

// START: who satisfied the condition on the first day and still does on the due day, or on the
// asked one if that is earlier (VCO-A12).
bool Duties::is_of(const pg::Duty& duty, std::uint32_t subject, const DutyPeriod& period,
                   Date on) const {
  const auto holds = [&](Date day) { return concerns(duty, subject, day); };
  switch (duty.population_at) {
    case pg::PopulationAt::Start:
      return holds(period.first) && holds(std::clamp(on, period.first, period.due));
    case pg::PopulationAt::End: return holds(std::min(on, period.last));
    case pg::PopulationAt::None:
    case pg::PopulationAt::Now: return holds(std::max(period.first, std::min(on, period.last)));
  }
  return false;
}

// Not in a village where the household never was.
bool Duties::was_there(const Occurrence& visit, std::uint32_t household) const {
  const Events& events = world_.events();
  return world_.facts().knows_in(events.division_of(events.at(visit.event)), household);
}

bool Duties::counts(const pg::Duty& duty, const pg::Duty::By& by, const Occurrence& one,
                    std::uint32_t subject) const {
  const Values& values = world_.values();
  if (by.form != values.form(one.form)) return false;
  const EventRecord& record = world_.events().at(one.event);
  if (one.form == kVisitForm && !one.met() && !duty.counts_if.is_set()) return false;
  if (one.form == kVisitForm && !was_there(one, subject)) return false;
  const bool asks = by.participant != kNoSymbol || duty.counts_if.is_set();
  const FormSaid* said = asks ? world_.events().form_said(one) : nullptr;
  if (by.participant != kNoSymbol) {
    const auto is = [&](const Acting& who) { return who.role == by.participant; };
    const bool took_part = is(world_.events().author_of(record)) ||
                           (said != nullptr && std::any_of(said->more().participants.begin(),
                                                           said->more().participants.end(), is));
    if (!took_part) return false;
  }
  if (!duty.counts_if.is_set()) return true;
  At at = At::end_of_day(subject, date_of(one.occurred));
  at.form = said;
  if (one.form == kVisitForm || one.form == kAttemptForm) at.visit = &one;
  return world_.holds(duty.counts_if, at) == Truth::Yes;
}

// Of an office, whatever it recorded: in lists by key.
std::vector<std::span<const Occurrence>> Duties::recorded_by(std::uint32_t office, Date day) const {
  world_.note_unknown();
  const Symbol code = world_.values().words.find("office_code");
  const pg::Fact* fact = world_.catalogue(day).facts.find(code);
  if (fact == nullptr) return {};
  const Val val = world_.fact(*fact, office, At::end_of_day(office, day)).val;
  if (val.kind != Val::Kind::Code) return {};
  return world_.events().forms_by_office(val.word());
}

std::vector<Duties::Counted> Duties::counted(const pg::Duty& duty, std::uint32_t subject,
                                             const When& until, const When& from) const {
  std::vector<Counted> out;
  const bool happened = duty.judged_by == pg::JudgedBy::Happened;
  std::set<When> seen;  // Two ways to fulfil it may name one form.
  const Events& events = world_.events();
  const auto look_at = [&](std::uint32_t about, const Occurrence& one, const pg::Duty::By& by) {
    if (!counts(duty, by, one, about) || !seen.insert(one.when()).second) return;
    const TimePoint time = happened ? one.occurred : Events::received_of(events.at(one.event));
    if (When{time, 0, 0} < until) out.push_back({one, time});
  };
  // Of what happened they stand in that order.
  const auto in_time = [&](std::span<const Occurrence> all) {
    if (!happened) return all;
    all = all.first(count_before(all, until));
    return all.subspan(count_before(all, from));
  };
  const Date day = date_of(until.occurred - Duration{1});
  const bool is_office = world_.values().words.word(world_.type_of(subject)) == "office";
  for (const pg::Duty::By& by : duty.fulfilled_by) {
    if (by.form == kNoSymbol) continue;
    for (const Occurrence& one : in_time(events.occurrences(subject))) look_at(subject, one, by);
    const pg::Form* form = world_.catalogue(day).forms.find(by.form);
    if (form == nullptr || form->subject == world_.type_of(subject)) continue;
    if (is_office) {
      for (const auto& recorded : recorded_by(subject, day)) {
        for (const Occurrence& one : in_time(recorded)) {
          const std::uint32_t about = events.subject_of(one);
          if (world_.type_of(about) == form->subject) look_at(about, one, by);
        }
      }
      continue;
    }
    if (!happened && world_.facts().division_of(subject)) {
      for (const Occurrence& one : events.listed_forms(by.form)) {
        const std::uint32_t about = events.subject_of(one);
        if (from.occurred <= Events::received_of(events.at(one.event)) &&
            world_.type_of(about) == form->subject && world_.lies_under(about, subject, day))
          look_at(about, one, by);
      }
      continue;
    }
    for (const std::uint32_t about : world_.under(subject, form->subject, day))
      for (const Occurrence& one : in_time(events.occurrences(about))) look_at(about, one, by);
  }
  for (const pg::Duty::By& by : duty.fulfilled_by) {
    const auto add = [&](const When& when, TimePoint time) {
      if (When{time, 0, 0} < until)
        out.push_back({{.occurred = when.occurred,
                        .event = when.place,
                        .part = static_cast<std::uint8_t>(when.part)},
                       time});
    };
    if (by.statement != kNoSymbol) {
      for (const Events::Statement& each : world_.events().statements_by(subject))
        if (each.said->of == by.statement)
          add(each.when, Events::received_of(world_.events().at(each.when.place)));
    }
    if (by.stage == kNoSymbol) continue;
    for (const CaseRun* run : world_.runs_of(root_of(world_.facts(), subject))) {
      if (by.procedure != kNoSymbol && run->procedure->id != by.procedure) continue;
      bool under = false;
      for (std::uint32_t up = run->subject; up != kNoNumber && !under;
           up = world_.facts().parent_of(up))
        under = up == subject;
      const std::size_t stage = run->procedure->place_of(by.stage);
      for (const StageRun& each : run->stages)
        if (under && each.stage == stage && each.reached)
          add(*each.reached, each.reached->occurred);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Counted& a, const Counted& b) { return a.time < b.time; });
  return out;
}

// VCO-A03: so many attempts on different days count once a second office confirms it.
void Duties::count_instead(const pg::Duty& duty, std::uint32_t subject, const DutyPeriod& period,
                           Date on, DutyRun& out) const {
  const When until = std::min(end_of(period.due), end_of(on));
  for (const pg::Duty::Instead& instead : duty.instead) {
    std::set<Date> days;
    std::uint32_t attempts = 0;
    bool confirmed = false;
    const bool of_visits = world_.values().form(kAttemptForm) == instead.form;
    for (const Occurrence& one : world_.events().occurrences(subject)) {
      if (one.when() < begin_of(period.first)) continue;
      const Symbol form = world_.values().form(one.form);
      const bool attempt =
          of_visits ? one.is_attempt() && was_there(one, subject) : form == instead.form;
      if (attempt && one.when() < until) {
        const EventRecord& record = world_.events().at(one.event);
        if (record.time.class_before(until.occurred) == TimeClass::Contradicted) continue;
        ++attempts;
        days.insert(date_of(one.occurred));
      }
      if (instead.confirmed_form != kNoSymbol && form == instead.confirmed_form &&
          one.when() < end_of(on)) {
        At at = At::end_of_day(subject, date_of(one.occurred));
        at.form = world_.events().form_said(one);
        std::optional<Date> of = at.day;
        if (instead.confirmed_for.is_set()) {
          const Val said = world_.read(instead.confirmed_for, at).val;
          of = said.kind == Val::Kind::Date ? std::optional(date_in(said)) : std::nullopt;
        }
        if (!of || *of < period.first || period.last < *of) continue;
        confirmed =
            !instead.confirmed_if.is_set() || world_.holds(instead.confirmed_if, at) == Truth::Yes;
      }
    }
    const std::size_t counted = instead.on_different_days ? days.size() : attempts;
    if (counted == 0) continue;
    if (confirmed && counted >= instead.times) {
      out.status = DutyStatus::Done;
      out.time_class = TimeClass::ClaimedInTime;
    } else if (out.status == DutyStatus::Missing) {
      out.status = DutyStatus::Open;  // Attempted: the town decides.
    }
  }
}

std::optional<DutyRun> Duties::of(const pg::Duty& duty, std::uint32_t subject, Date on,
                                  std::optional<Date> as_of) const {
  const auto period = period_of(duty, subject, on);
  if (period) {
    for (const Date turn : {period->first, next_day(period->due), next_day(period->last)})
      if (on < turn) world_.note_day(turn);
  }
  if (!period || on < period->first) return std::nullopt;
  return in(duty, subject, *period, as_of.value_or(on));
}

std::optional<DutyRun> Duties::in(const pg::Duty& duty, std::uint32_t subject,
                                  const DutyPeriod& period, Date on) const {
  if (!is_of(duty, subject, period, on)) return std::nullopt;
  DutyRun out{.subject = subject};
  out.due = period.due;
  if (duty.at_least.is_set()) {
    const World::Got needed =
        world_.read(duty.at_least, At::end_of_day(subject, std::min(on, period.last)));
    if (needed.val.kind == Val::Kind::Integer) out.needed = needed.val.number;
  }
  if (out.needed == 0) return std::nullopt;
  out.status = on > period.due ? DutyStatus::Missing : DutyStatus::Open;
  const When deadline = end_of(period.due);
  const bool happened = duty.judged_by == pg::JudgedBy::Happened;
  std::set<std::int64_t> distinct;
  std::int64_t in_time = 0, proven = 0, late = 0, contradicted = 0;
  for (const Counted& one :
       counted(duty, subject, std::min(end_of(on), end_of(period.last)), begin_of(period.first))) {
    if (When{one.time, 0, 0} < begin_of(period.first)) continue;
    if (duty.distinct_by != kNoSymbol) {
      const FormSaid* said = world_.events().form_said(one.at);
      const Val val = said == nullptr ? Val{} : said->answer(duty.distinct_by);
      if (!val.is_set() || !distinct.insert(val.number).second) continue;
    }
    const EventRecord& record = world_.events().at(one.at.event);
    // What counts by its receipt is proven by it.
    const TimeClass time_class =
        happened ? record.time.class_before(deadline.occurred) : TimeClass::ProvenInTime;
    const bool before = When{one.time, 0, 0} < deadline;
    bool better = false;  // Than what was there: in time, proven at best; else late.
    if (before && time_class == TimeClass::Contradicted) {
      ++contradicted;
    } else if (before) {
      ++in_time;
      if (time_class == TimeClass::ProvenInTime) ++proven;
      better = in_time == 1 || (proven == 1 && time_class == TimeClass::ProvenInTime);
    } else {
      ++late;
      better = in_time == 0 && late == 1;
    }
    if (better || !out.by) {
      out.by = one.at;
      out.received = record.time.upper.has_value();
    }
  }
  out.counted = in_time;
  if (in_time >= out.needed) {
    out.status = DutyStatus::Done;
    out.time_class = proven >= out.needed ? TimeClass::ProvenInTime : TimeClass::ClaimedInTime;
  } else if (in_time + late >= out.needed && late > 0) {
    out.status = DutyStatus::Late;
  } else if (in_time + late + contradicted >= out.needed && contradicted > 0) {
    out.status = DutyStatus::Contradicted;
    out.time_class = TimeClass::Contradicted;
  }
  if (out.status != DutyStatus::Done) count_instead(duty, subject, period, on, out);
  return out;
}

Date Duties::placed_on(const pg::Duty& duty, Date on) {
  const bool start = duty.population_at == pg::PopulationAt::Start;
  return start ? pg::span_of(duty.period, on).first : on;
}

std::vector<DutyRun> Duties::under(const pg::Duty& duty, std::uint32_t subject, Date on,
                                   std::optional<Date> as_of) const {
  std::vector<DutyRun> out;
  const Date placed = placed_on(duty, on);
  std::vector<std::uint32_t> all = world_.type_of(subject) == duty.each
                                       ? std::vector<std::uint32_t>{subject}
                                       : world_.under(subject, duty.each, placed);
  for (const std::uint32_t each : all)
    if (auto run = of(duty, each, on, as_of)) out.push_back(*run);
  return out;
}

// Of the subject itself, or of all for which it is kept under it: "done" asks all, others any.
Truth World::duty_is(const pg::Condition& condition, const At& at) const {
  const pg::Duty* duty = rules_.at(at.day).duties.find(condition.id);
  if (duty == nullptr || at.depth > 4) return Truth::Missing;
  const Duties duties(*this);
  const std::uint32_t own = owner_of(duty->each, at.subject, at);
  note_whole(own != kNoNumber ? own : at.subject);
  std::vector<DutyRun> runs;
  if (own != kNoNumber) {
    if (auto run = duties.of(*duty, own, at.day)) runs.push_back(*run);
  } else {
    runs = duties.under(*duty, at.subject, at.day);
  }
  const std::string& state = values().words.word(condition.state);
  const auto is = [&](const DutyRun& run) {
    switch (run.status) {
      case DutyStatus::Done: return state == "done";
      case DutyStatus::Late: return state == "late";
      case DutyStatus::Missing: return state == "missing";
      case DutyStatus::Open: return state == "open";
      case DutyStatus::Contradicted: return state == "contradicted";
    }
    return false;
  };
  // Whoever has no such duty has not done it.
  if (own != kNoNumber && runs.empty()) return Truth::No;
  const bool all = state == "done";
  const bool yes =
      all ? std::all_of(runs.begin(), runs.end(), is) : std::any_of(runs.begin(), runs.end(), is);
  return yes ? Truth::Yes : Truth::No;
}
}  // namespace cunji::state
