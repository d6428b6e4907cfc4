#pragma once
// Logs of the shipped programmes' forms from a seed: leads, measures, gaps, votes, corrections,
// moves; several authors with own chains, some of whom are away for a while.
#include <deque>

#include "shared/programmes/all.h"
#include "shared/state/cases.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class RandomCases {
 public:
  // `fields_only`: nothing but what counts by when it happened; all of it is then logged at once,
  // in an order that `order` chooses, which keeps every author's own. `more`: an encoded definition
  // that is published beside the shipped ones.
  RandomCases(std::uint64_t seed, int steps, bool fields_only = false, std::uint64_t order = 0,
              BytesView more = {})
      : random_(seed, "random cases"), fields_only_(fields_only) {
    set_up();
    if (!more.empty()) log.say(log.root(), Kind::Definition, event::DefinitionPart{Bytes(more)});
    for (int n = 0; n < steps; ++n) step();
    if (fields_only_) {
      send_in_order(order);
    } else {
      for (std::size_t who = 0; who < people_.size(); ++who) send(who);
    }
  }
  CountyLog log;
  std::vector<SubjectId> subjects;  // All that there may be.

 private:
  using Answers = std::vector<event::Answer>;
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& any(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }
  event::Value code(std::vector<std::string> codes) { return event::code_value(any(codes)); }
  event::Value today() const { return event::date_value(date_of(log.now())); }

  void person(const std::string& role, const std::string& office) {
    Signer& by = log.signer(role + " " + office + std::to_string(people_.size()));
    event::CredentialPart said = log.credential_for(by, {"411323"});
    said.role = role;
    said.office = office;
    said.kinds = {1, 2, 3, 4, 16, 17, 32, 33, 34, 35, 36, 48, 49};
    log.issue(log.root(), said);
    people_.push_back(&by);
  }

  void set_up() {
    Says published{.kind = Kind::Definition, .division = the_county().division()};
    for (const programmes::ShippedDefinition& each : programmes::shipped_definitions())
      published.parts.push_back(event::encode_part(event::DefinitionPart{Bytes(each.encoded)}));
    log.say(log.root(), published);
    Signer& desk = log.desk("desk");
    for (const char* level : {"county", "town"}) {
      const bool town = std::string_view(level) == "town";
      const std::string code = village(1).str().substr(0, town ? 9 : 6);
      const DivisionCode division =
          DivisionCode::parse(code + std::string(DivisionCode::kSize - code.size(), '0')).value();
      event::RegistrationPart said{.type = event::SubjectType::Division, .create = true};
      said.facts = {{"level", "", event::code_value(level)}};
      log.say(desk, registers(subject_of(division), division, said));
    }
    for (int n = 1; n <= 2; ++n) {
      event::RegistrationPart said{.type = event::SubjectType::Division, .create = true};
      said.facts = {{"name", "", event::text_value("村")},
                    {"level", "", event::code_value("village")},
                    {"representatives_total", "", event::integer_value(10)}};
      log.say(desk, registers(subject_of(village(n)), village(n), said));
      villages_.push_back(village(n));
      subjects.push_back(subject_of(village(n)));
    }
    for (int n = 0; n < 5; ++n) {
      log.say(desk, registers(house(n), village(1 + n % 2),
                              household_part({n % 2 == 0 ? "general" : "out_of_poverty"})));
      households_.push_back(house(n));
      const SubjectId person = subject("member " + std::to_string(n));
      log.say(desk, {.kind = Kind::Registration,
                     .division = village(1 + n % 2),
                     .subject = person,
                     .parts = {event::encode_part(event::RegistrationPart{
                         .type = event::SubjectType::Person, .create = true})}});
      log.say(desk,
              {.kind = Kind::Assignment,
               .division = village(1 + n % 2),
               .parts = {event::encode_part(event::AssignmentPart{.relation = "member_of",
                                                                  .from = person,
                                                                  .to = house(n),
                                                                  .since = day("2022-01-01")})}});
      persons_.push_back(person);
    }
    subjects.insert(subjects.end(), households_.begin(), households_.end());
    subjects.insert(subjects.end(), persons_.begin(), persons_.end());
    person("coordinator", "village");
    person("coordinator", "village");
    person("group_leader", "village");
    if (!fields_only_) {
      for (const char* office : {"rr_bureau", "medical_insurance", "tax", "natural_resources",
                                 "finance", "market_regulation"})
        person("county_desk", office);
      person("town_desk", "town");
      person("town_desk", "town");
    }
    unsent_.resize(people_.size());
    log.set_now(local("2022-02-01T08:00"));
  }

  void step() {
    log.pass(std::chrono::minutes{1 + below(1'500)});
    by_ = static_cast<std::size_t>(below(kVillagers));
    const Says said = form();
    const std::size_t who = one_in(6) ? static_cast<std::size_t>(below(people_.size())) : by_;
    const event::Event event = log.sign(*people_[who], maybe_corrects(who, said));
    note(event);
    unsent_[who].push_back(event);
    if (!fields_only_ && !one_in(4)) send(who);
  }
  void send(std::size_t who) {
    for (; !unsent_[who].empty(); unsent_[who].pop_front()) log.log(unsent_[who].front());
  }
  void send_in_order(std::uint64_t order) {
    log.set_now(local("2022-12-01T08:00"));
    crypto::SeededEntropy chance(order, "order of arrival");
    for (;;) {
      std::vector<std::size_t> left;
      for (std::size_t who = 0; who < unsent_.size(); ++who)
        if (!unsent_[who].empty()) left.push_back(who);
      if (left.empty()) return;
      const std::size_t who = left[static_cast<std::size_t>(chance.below(left.size()))];
      log.log(unsent_[who].front());
      unsent_[who].pop_front();
    }
  }

  // What the newest form may have made, for later ones to be about.
  void note(const event::Event& event) {
    const Digest digest = event.signed_event.digest();
    mine_[event.signed_event.header().author].push_back(digest);
    for (const auto& [type, list] : made_) {
      const SubjectId id = derived_id(digest, 1, type);
      if (one_in(2) || list->size() < 3) list->push_back(id);
      subjects.push_back(id);
    }
    for (const auto& [procedure, list] : opened_)
      list->push_back(derived_id(digest, 1, "case " + procedure));
    made_.clear();
    opened_.clear();
  }

  // Now and then a retraction of something own, or what was to be said instead of it.
  Says maybe_corrects(std::size_t who, Says out) {
    const auto& own = mine_[people_[who]->id()];
    if (own.empty() || !one_in(12)) return out;
    const Digest& named = any(own);
    const Bytes part = correction_part(named, static_cast<std::uint32_t>(below(2)));
    if (one_in(2)) out.parts.clear();
    out.parts.insert(out.parts.begin(), part);
    out.kind = Kind::Correction;
    made_.clear();
    opened_.clear();
    return out;
  }

  // Filled in from left to right: of a function's arguments nobody says which is worked out first.
  struct About {
    SubjectId subject{};
    std::string name{};
    Kind kind = Kind::Visit;
    Answers answers{};
    SubjectId case_id{};
  };
  Says about(About what) {
    const auto dot = what.name.find('.');
    event::AnswersPart said;
    said.answers = std::move(what.answers);
    said.case_id = what.case_id;
    event::PartFrame frame{.programme = what.name.substr(0, dot),
                           .form = what.name.substr(dot + 1),
                           .form_version = 1};
    // No two at the same moment, where the order of arrival must not matter.
    if (fields_only_ || one_in(3)) {
      const std::chrono::minutes ago{below(20'000)};
      frame.occurred = log.now() - ago - std::chrono::milliseconds{++moments_};
    }
    return {.kind = what.kind,
            .division = village(1),
            .subject = what.subject,
            .parts = {event::encode_part(said, frame)}};
  }

  Says form() {
    const SubjectId home = any(households_);
    if (one_in(8))
      return {
          .kind = Kind::Visit,
          .division = village(1),
          .subject = home,
          .parts = {event::encode_part(event::VisitPart{
              .outcome = one_in(4) ? event::VisitOutcome::NobodyHome : event::VisitOutcome::Met})}};
    switch (fields_only_ ? below(12) : below(36)) {
      case 0:
        made_ = {{"lead", &leads_}};
        return about({home,
                      "monitoring.screening_finding",
                      Kind::Survey,
                      {{"risk", code({"illness", "accident"})}, {"found_on", today()}}});
      case 1:
        return about({home,
                      "monitoring.lead_verification",
                      Kind::Visit,
                      {{"visited_on", today()},
                       {"screener", event::text_value("张三")},
                       {"outcome", code({"meets_conditions", "does_not_meet", "nonsense"})}}});
      case 2:
        made_ = {{"risk", &risks_}};
        return about({home,
                      "monitoring.risk_opened",
                      Kind::Survey,
                      {{"kind", code({"illness", "housing"})}, {"found_on", today()}}});
      case 3:
        if (risks_.empty()) break;
        return about({any(risks_),
                      "monitoring.risk_closed",
                      Kind::Survey,
                      {{"closed_on", today()}, {"why", event::text_value("好")}}});
      case 4:
        made_ = {{"guarantee_gap", &gaps_}};
        return about({home,
                      "monitoring.gap_found",
                      Kind::Survey,
                      {{"which", code({"housing", "food"})},
                       {"found_on", today()},
                       {"remark", event::text_value("缺")}}});
      case 5:
        if (gaps_.empty()) break;
        return about({any(gaps_),
                      "monitoring.gap_closed",
                      Kind::Survey,
                      {{"closed_on", today()}, {"how", event::text_value("修")}}});
      case 6:
        made_ = {{"key_household", &keys_}};
        return about(
            {home,
             "monitoring.key_household_listed",
             Kind::Survey,
             {{"kinds", event::codes_value({"illness"})}, {"why_not", event::text_value("否")}}});
      case 7:
        made_ = {{"info_item", &infos_}};
        return about({any(persons_),
                      "village_coordinators.member_info",
                      Kind::Visit,
                      {{"source", code({"paper", "electronic"})},
                       {"labour_ability", code({"labour_full", "labour_none"})}}});
      case 8:
        made_ = {{"info_item", &infos_}};
        return about({home,
                      "village_coordinators.household_info",
                      Kind::Visit,
                      {{"nothing_changed", event::yes_value(one_in(2))},
                       {"source", code({"paper"})},
                       {"hamlet", code({"东", "西"})}}});
      case 9:
        made_ = {{"household", &households_}};
        return about(
            {subject_of(any(villages_)),
             "register.new_here",
             Kind::Registration,
             {{"head_name", event::text_value("新")}, {"persons", event::integer_value(2)}}});
      case 10:
        return about(
            {home,
             "monitoring.income_sheet",
             Kind::Visit,
             {{"members", event::integer_value(static_cast<std::int64_t>(below(4)))},
              {"wage", event::integer_value(static_cast<std::int64_t>(below(3'000'000)))}}});
      case 11:
        made_ = {{"household_change", &changes_}};
        return about({home,
                      "monitoring.change_observed",
                      Kind::Survey,
                      {{"kind", code({"birth", "death"})}, {"after", event::text_value("x")}}});
      default: return desk_form(home);
    }
    return about({home,
                  "monitoring.team_visit",
                  Kind::Visit,
                  {{"team", code({"helpers"})}, {"found", event::yes_value(false)}}});
  }

  // What desks say: these need not be whoever has the word just now.
  Says desk_form(const SubjectId& home) {
    // Mostly of the newest, so that cases come to something.
    const auto some = [&](const std::vector<SubjectId>& list) {
      if (list.empty()) return home;
      return one_in(4)
                 ? any(list)
                 : list[list.size() - 1 -
                        static_cast<std::size_t>(below(std::min<std::size_t>(2, list.size())))];
    };
    switch (below(18)) {
      case 0:
      case 1:
        made_ = {{"lead", &leads_}};
        opened_ = {{"alert", &cases_}};
        by_ = kMedical;
        return about({home,
                      "monitoring.sector_alert",
                      Kind::Alert,
                      {{"alert_type", code({"medical", "housing"})},
                       {"received_on", today()},
                       {"household_types", event::codes_value({"serious_illness"})}}});
      case 2:
        by_ = kBureau;
        return about({some(leads_), "monitoring.alert_sent", Kind::Step, {{"sent_on", today()}}});
      case 3:
      case 4:
        made_ = {{"candidate", &candidates_}};
        opened_ = {{"identification", &identifications_}};
        by_ = kTown;
        return about({home,
                      "monitoring.candidate_report",
                      Kind::Step,
                      {{"reported_on", today()},
                       {"reasons", event::codes_value({"illness"})},
                       {"type", code({"marginal_prone", "sudden_severe_hardship"})}}});
      case 5:
        by_ = kBureau;
        return about({some(candidates_),
                      "monitoring.candidate_pushed",
                      Kind::Step,
                      {{"pushed_on", today()}}});
      case 6:
      case 7:
      case 8:
        by_ = kBureau + 2 + static_cast<std::size_t>(below(4));
        return about({some(candidates_),
                      "monitoring.four_haves_result",
                      Kind::Step,
                      {{"department", code({"tax", "finance"})},
                       {"haves", event::codes_value({one_in(4) ? "car" : "none"})}}});
      case 9:
      case 10:
        return about({subject_of(any(villages_)),
                      "register.vote",
                      Kind::Step,
                      {{"purpose", code({"admit"})},
                       {"held_on", today()},
                       {"present", event::integer_value(static_cast<std::int64_t>(6 + below(5)))},
                       {"agreed", event::integer_value(static_cast<std::int64_t>(5 + below(4)))}},
                      some(identifications_)});
      case 11:
      case 12:
        return about({subject_of(any(villages_)),
                      "register.notice",
                      Kind::Notice,
                      {{"act", code({"posted", "posted", "closed", "objected", "answered"})},
                       {"level", code({"village"})},
                       {"posted_on", today()},
                       {"closed_on", today()},
                       {"result", code({"dismissed", "upheld"})}},
                      some(identifications_)});
      case 13:
        made_ = {{"measure", &measures_}};
        return about({home,
                      "monitoring.measure_planned",
                      Kind::Application,
                      {{"risk", code({"illness"})},
                       {"kind", code({"health"})},
                       {"state", code({"planned"})}}});
      case 14:
        return about({some(measures_),
                      "monitoring.measure_started",
                      Kind::Visit,
                      {{"started_on", today()}, {"state", code({"started"})}}});
      case 15:
        by_ = kTown;
        return about({some(gaps_),
                      "monitoring.gap_checked",
                      Kind::Step,
                      {{"outcome", code({"confirmed", "not_confirmed"})}}});
      case 16:
        made_ = {{"register_change", &moves_}};
        return about({home,
                      "register.change_reported",
                      Kind::Registration,
                      {{"kind", code({"moved", "merged"})},
                       {"on", today()},
                       {"village", event::subject_value(subject_of(any(villages_)))},
                       {"into", event::subject_value(any(households_))}}});
      default:
        by_ = kTown;
        return about({some(moves_),
                      "register.change_decided",
                      Kind::Step,
                      {{"outcome", code({"confirmed", "returned"})},
                       {"village", event::subject_value(subject_of(any(villages_)))}}});
    }
  }

  // Places among `people_`: villagers come first.
  static constexpr std::size_t kVillagers = 3, kBureau = 3, kMedical = 4, kTown = 9;
  crypto::SeededEntropy random_;
  bool fields_only_ = false;
  std::vector<Signer*> people_;
  std::vector<std::deque<event::Event>> unsent_;
  std::map<PublicKey, std::vector<Digest>> mine_;
  std::vector<DivisionCode> villages_;
  std::vector<SubjectId> households_, persons_, leads_, risks_, gaps_, keys_, infos_, changes_,
      candidates_, measures_, moves_, cases_, identifications_;
  std::vector<std::pair<std::string, std::vector<SubjectId>*>> made_, opened_;
  std::size_t by_ = 0;  // Whose form it is.
  std::uint64_t moments_ = 0;
};
}  // namespace cunji::state
