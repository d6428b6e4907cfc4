// What calculations are given beside amounts: visits, and the months of a duty.
#include <algorithm>

#include "shared/state/duties.h"
#include "shared/state/world.h"

namespace cunji::state {
namespace pg = programme;

namespace {
// Looks at visits as of a moment.
class Visits {
 public:
  Visits(const World& world, const At& at) : world_(world), words_(world.values().words), at_(at) {}

  // The visits of the household before the moment.
  std::vector<pg::Visited> of_household() const {
    std::vector<pg::Visited> out;
    const auto all = world_.events().occurrences(at_.subject);
    for (const Occurrence& one : all.first(count_before(all, at_.until)))
      if (one.form == kVisitForm && one.when() < at_.until) out.push_back(look(one));
    return out;
  }

  // The visit that stands in the event by which the subject was made, and those of the same author
  // before it in its month, the newest first.
  std::vector<pg::Visited> of_recorder(const When& made, std::uint32_t household) const {
    std::vector<pg::Visited> out;
    const EventRecord& event = world_.events().at(made.place);
    const auto all = world_.events().visits_by(event.author);
    const auto here = std::find_if(all.begin(), all.end(), [&](const Occurrence& one) {
      return one.event == made.place && world_.events().subject_of(one) == household;
    });
    if (here == all.end()) return out;
    const Month month = month_of(date_of(here->occurred));
    for (auto one = std::make_reverse_iterator(here + 1); one != all.rend(); ++one) {
      if (month_of(date_of(one->occurred)) != month) break;
      out.push_back(look(*one));
    }
    return out;
  }

 private:
  pg::Visited look(const Occurrence& one) const {
    const Events& events = world_.events();
    const auto outcome = static_cast<event::VisitOutcome>(one.outcome);
    pg::Visited out{.occurred = one.occurred,
                    .household = events.subject_of(one),
                    .event = one.event,
                    .outcome = event::name_of(outcome)};
    const Acting& who = events.author_of(events.at(one.event));
    out.by_coordinator = words_.word(who.role).starts_with("coordinator");
    if (const pg::Fact* building = world_.catalogue(at_.day).facts.find(words_.find("building"))) {
      At then = at_;
      then.until = one.when();
      const Val val = world_.fact(*building, out.household, then).val;
      if (val.kind == Val::Kind::Text) out.building = words_.word(val.word());
    }
    const FormSaid* said = events.answers_at(one);
    if (said == nullptr) return out;
    out.there = said->more().medium == event::Medium::Direct;
    out.place = world_.values().place_in(said->answer(words_.find("place")));
    const Val met_at = said->answer(words_.find("met_at"));
    out.elsewhere = met_at.is_set() && words_.word(met_at.word()) != "home";
    return out;
  }

  const World& world_;
  const Symbols& words_;
  const At& at_;
};
}  // namespace

std::vector<pg::Visited> World::visits_for(const pg::Calculation& calculation, const At& at) const {
  const Visits visits(*this, at);
  switch (calculation.visits) {
    case pg::Calculation::Visits::None: break;
    case pg::Calculation::Visits::Household:
      if (is_elsewhere(at.subject)) note_whole(at.subject);
      if (grounds_ != nullptr)
        grounds_->visits_before = std::max(grounds_->visits_before, at.until.occurred);
      return visits.of_household();
    case pg::Calculation::Visits::Recorder: {
      const std::uint32_t household = owner_of(values().words.find("household"), at.subject, at);
      if (const auto made = facts().made_at(at.subject)) {
        if (grounds_ != nullptr) grounds_->recorders.insert(events().at(made->place).author);
        return visits.of_recorder(*made, household);
      }
    }
  }
  return {};
}

// Whose of a village's holders of the seat a visit was: the author's, or whoever it was recorded
// for or took part; nobody's who holds none.
static bool is_told(const World& world, const Occurrence& visit,
                    const std::vector<std::uint32_t>& persons) {
  const auto is_one = [&](std::uint32_t person) {
    return std::find(persons.begin(), persons.end(), person) != persons.end();
  };
  const Events& events = world.events();
  if (is_one(events.author_of(events.at(visit.event)).person)) return true;
  for (const FormSaid* said : {events.form_said(visit), events.answers_at(visit)}) {
    if (said == nullptr) continue;
    if (said->more().acted_by && is_one(said->more().acted_by->person)) return true;
    if (std::any_of(said->more().participants.begin(), said->more().participants.end(),
                    [&](const Acting& who) { return is_one(who.person); }))
      return true;
  }
  return false;
}

std::vector<pg::DutyMonth> World::months_for(const pg::Calculation& calculation,
                                             const At& at) const {
  std::vector<pg::DutyMonth> out;
  if (calculation.duty == kNoSymbol || at.subject == kNoNumber) return out;
  note_unknown();
  note_next_day();
  const pg::Catalogue& catalogue = this->catalogue(at.day);
  const pg::Fact* whose = catalogue.facts.find(calculation.duty_person);
  const std::uint32_t village = owner_of(values().words.find("village"), at.subject, at);
  if (whose == nullptr || village == kNoNumber) return out;
  const auto person_of = [&](std::uint32_t post) {
    const Val val = fact(*whose, post, at).val;
    return val.kind == Val::Kind::Subject ? static_cast<std::uint32_t>(val.number) : kNoNumber;
  };
  std::vector<std::uint32_t> holders;
  for (const std::uint32_t post : facts().children_of(village))
    if (type_of(post) == type_of(at.subject)) holders.push_back(person_of(post));
  const std::uint32_t person = person_of(at.subject);
  const Duties duties(*this);
  for (unsigned number = 1; number <= 12; ++number) {
    const Month of = at.day.year() / std::chrono::month{number};
    if (Date{of / 1} > at.day) break;
    const Date day = std::min(Date{of / std::chrono::last}, at.day);
    const pg::Duty* duty = this->catalogue(day).duties.find(calculation.duty);
    if (duty == nullptr) continue;
    const auto period = duties.period_of(*duty, village, day);
    if (!period || !(period->due < at.day)) continue;
    pg::DutyMonth month{.due = period->due};
    for (const DutyRun& run : duties.under(*duty, village, day, at.day)) {
      if (run.status == DutyStatus::Done) {
        const bool own =
            !run.by || is_told(*this, *run.by, {person}) || !is_told(*this, *run.by, holders);
        if (own) ++month.done;
      } else if (run.status != DutyStatus::Open) {
        ++month.missed;
      }
    }
    out.push_back(month);
  }
  return out;
}
}  // namespace cunji::state
