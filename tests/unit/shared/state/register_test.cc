// The register as people see it: households, divisions, seats, on a day.
#include <gtest/gtest.h>

#include "shared/state/register.h"
#include "tests/support/shipped.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class RegisterFold : public testing::Test {
 protected:
  RegisterFold() { desk = &log.desk("desk"); }
  void on(const char* time) { log.set_now(local(time)); }
  std::vector<HouseholdView> households(const char* date, std::string_view prefix = "411323") {
    return fold(log.entries()).households(prefix, day(date));
  }
  CountyLog log;
  Signer* desk;
};

TEST_F(RegisterFold, AHouseholdHasTheFactsInForceOnTheDay) {
  on("2022-02-01T09:00");
  log.say(*desk, registers(house(1), village(1), household_part({"out_of_poverty"})));
  on("2022-02-05T09:00");
  event::RegistrationPart change{.type = event::SubjectType::Household};
  change.facts = {{"risk_status", "", event::code_value("open")},
                  {"head_name", "", event::text_value("李某某")}};
  log.say(*desk, registers(house(1), village(1), change));

  EXPECT_TRUE(households("2022-01-31").empty());
  const auto before = households("2022-02-04");
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].head_name, "王某某");
  EXPECT_EQ(before[0].categories, (std::vector<std::string>{"out_of_poverty"}));
  const auto after = households("2022-02-05");
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].head_name, "李某某");
  EXPECT_EQ(after[0].categories, (std::vector<std::string>{"out_of_poverty", "risk_open"}));
  EXPECT_EQ(after[0].division, village(1));
}

TEST_F(RegisterFold, TheLatestToHappenWinsWhateverTheOrderOfArrival) {
  on("2022-02-05T09:00");
  log.say(*desk, registers(house(1), village(1), household_part({"monitored"}, "late news")));
  log.say(*desk, registers(house(1), village(1), household_part({"general"}, "old paper"),
                           local("2022-02-02T09:00")));
  EXPECT_EQ(households("2022-02-06")[0].head_name, "late news");
  EXPECT_EQ(households("2022-02-03")[0].head_name, "old paper");
  log.say(*desk, registers(house(1), village(1), household_part({"general"}, "same time"),
                           local("2022-02-05T09:00")));
  EXPECT_EQ(households("2022-02-06")[0].head_name, "same time") << "ties by place in the log";
}

TEST_F(RegisterFold, WhoMustBeVisited) {
  struct Case {
    const char* name;
    std::vector<event::Fact> facts;
    bool expected;
  };
  const auto fact = [](const char* name, event::Value value) {
    return event::Fact{name, "", std::move(value)};
  };
  publish_shipped(log);  // Who must be visited is for the definition to say.
  const Case cases[] = {
      {"general", {fact("household_category", event::codes_value({"general"}))}, false},
      {"nothing known", {}, false},
      {"out of poverty",
       {fact("household_category", event::codes_value({"out_of_poverty"}))},
       true},
      {"one code", {fact("household_category", event::code_value("out_of_poverty"))}, true},
      {"stable", {fact("household_category", event::codes_value({"stable_out_of_poverty"}))}, true},
      {"monitored", {fact("household_category", event::codes_value({"x", "monitored"}))}, true},
      {"by type", {fact("monitored_type", event::code_value("unstable_out_of_poverty"))}, true},
      {"no type", {fact("monitored_type", event::code_value("none"))}, false},
      {"risk open", {fact("risk_status", event::code_value("open"))}, true},
      {"risk eliminated (VCO-A11)", {fact("risk_status", event::code_value("eliminated"))}, true},
      {"no code of its list", {fact("risk_status", event::code_value("risk_eliminated"))}, false},
      {"no risk", {fact("risk_status", event::code_value("none"))}, false},
  };
  int number = 0;
  for (const Case& c : cases) {
    event::RegistrationPart said{.type = event::SubjectType::Household, .facts = c.facts};
    ++number;
    log.say(*desk, registers(house(number), village(number), said));
    const auto found = households("2022-02-01", village(number).view());
    ASSERT_EQ(found.size(), 1u) << c.name;
    EXPECT_EQ(found[0].must_be_visited, c.expected) << c.name;
  }
}

TEST_F(RegisterFold, AHouseholdThatMovesIsFoundWhereItLivesOnTheDay) {
  on("2022-02-01T09:00");
  log.say(*desk, registers(house(1), village(1), household_part({"monitored"})));
  on("2022-02-05T09:00");
  log.say(*desk, registers(house(1), village(2), household_part({"monitored"})));
  EXPECT_EQ(households("2022-02-04", village(1).view()).size(), 1u);
  EXPECT_EQ(households("2022-02-04", village(2).view()).size(), 0u);
  EXPECT_EQ(households("2022-02-05", village(1).view()).size(), 0u);
  EXPECT_EQ(households("2022-02-05", village(2).view()).size(), 1u);
  EXPECT_EQ(households("2022-02-05").size(), 1u);
}

TEST_F(RegisterFold, HouseholdsComeByDivisionThenId) {
  for (const int number : {5, 3, 9, 1})
    log.say(*desk, registers(house(number), village(number % 2), household_part({"monitored"})));
  const auto found = households("2022-02-01");
  ASSERT_EQ(found.size(), 4u);
  for (std::size_t i = 1; i < found.size(); ++i)
    EXPECT_LT(std::tie(found[i - 1].division, found[i - 1].id),
              std::tie(found[i].division, found[i].id));
}

TEST_F(RegisterFold, ADivisionRegistersItselfOnly) {
  const auto registration = [&](DivisionCode where, const SubjectId& id, const char* name) {
    event::RegistrationPart said{.type = event::SubjectType::Division, .create = true};
    said.facts = {{"name", "", event::text_value(name)},
                  {"level", "", event::code_value("village")},
                  {"parent", "", event::text_value("411323001000")}};
    log.say(*desk, registers(id, where, said));
  };
  registration(village(2), subject_of(village(2)), "二村");
  registration(village(1), subject_of(village(1)), "一村");
  registration(village(3), subject_of(village(1)), "another's");
  const auto found = fold(log.entries()).divisions("411323001");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].code, village(1));
  EXPECT_EQ(found[0].name, "一村");
  EXPECT_EQ(found[0].level, "village");
  EXPECT_EQ(found[0].parent, "411323001000");
  EXPECT_EQ(found[1].code, village(2));
  EXPECT_TRUE(fold(log.entries()).divisions("411323002").empty());
}

TEST_F(RegisterFold, CoordinatorsHaveSeatsThatOpenAndEnd) {
  const SubjectId person = subject("a coordinator");
  event::RegistrationPart said{.type = event::SubjectType::Person, .create = true};
  said.facts = {{"name", "", event::text_value("张某某")}};
  log.say(*desk, registers(person, village(1), said));
  const auto assign = [&](const char* relation, std::optional<Date> until) {
    log.say(*desk, {.kind = Kind::Assignment,
                    .division = village(1),
                    .parts = {event::encode_part(event::AssignmentPart{.relation = relation,
                                                                       .from = person,
                                                                       .division = village(1),
                                                                       .since = day("2022-01-01"),
                                                                       .until = until})}});
  };
  assign("coordinator_of", std::nullopt);
  assign("doctor_of", std::nullopt);
  const auto open = fold(log.entries()).coordinators("411323");
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].person, person);
  EXPECT_EQ(open[0].name, "张某某");
  EXPECT_EQ(open[0].village, village(1));
  EXPECT_EQ(open[0].since, day("2022-01-01"));
  EXPECT_FALSE(open[0].until.ok());
  log.pass(std::chrono::hours{1});
  assign("coordinator_of", day("2022-06-30"));
  const auto ended = fold(log.entries()).coordinators(village(1).view());
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].until, day("2022-06-30"));
  EXPECT_TRUE(fold(log.entries()).coordinators(village(2).view()).empty());
}

TEST_F(RegisterFold, AKindCarriesOnlyItsOwnContents) {
  Says said = registers(house(1), village(1), household_part({"monitored"}));
  for (const Kind kind : {Kind::Visit, Kind::CheckIn, Kind::Assignment, Kind::Endorsement,
                          Kind::Correction, Kind::Step}) {
    said.kind = kind;
    log.say(*desk, said);
    ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
    EXPECT_TRUE(households("2022-02-01").empty()) << static_cast<int>(kind);
  }
}
TEST_F(RegisterFold, OneHouseholdWithItsFactsAndWhereItEverLived) {
  on("2022-02-01T09:00");
  log.say(*desk, registers(house(1), village(1), household_part({"out_of_poverty"})));
  on("2022-02-05T09:00");
  event::RegistrationPart change{.type = event::SubjectType::Household};
  change.facts = {{"head_name", "", event::text_value("李某某")},
                  {"insured", "2022", event::yes_value(true)}};
  log.say(*desk, registers(house(1), village(2), change));
  const State state = fold(log.entries());

  EXPECT_FALSE(state.household(house(1), day("2022-01-31")));
  EXPECT_FALSE(state.household(house(2), day("2022-02-06")));
  EXPECT_EQ(state.household(house(1), day("2022-02-04"))->division, village(1));
  const auto now = state.household(house(1), day("2022-02-06"));
  ASSERT_TRUE(now);
  EXPECT_EQ(now->division, village(2));
  EXPECT_EQ(now->head_name, "李某某");
  EXPECT_EQ(state.residences(house(1)), (std::vector<DivisionCode>{village(1), village(2)}));
  EXPECT_TRUE(state.residences(house(2)).empty());
  const auto facts = state.household_facts(house(1), day("2022-02-06"));
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].name, "head_name");
  EXPECT_EQ(facts[0].value.text, "李某某");
  EXPECT_EQ(facts[1].name, "household_category");
  EXPECT_EQ(facts[1].since, local("2022-02-01T09:00"));
  EXPECT_EQ(facts[2].name, "insured");
  EXPECT_EQ(facts[2].key, "2022");
  EXPECT_EQ(state.household_facts(house(1), day("2022-02-04")).size(), 2u);
}

TEST_F(RegisterFold, SubjectsAreAssignedForAsLongAsTheRelationHolds) {
  on("2022-02-01T09:00");
  const SubjectId helper = subject("helper");
  const auto assigns = [&](const SubjectId& to, const char* relation, const char* since,
                           std::optional<Date> until) {
    return Says{
        .kind = Kind::Assignment,
        .division = village(1),
        .subject = to,
        .parts = {event::encode_part(event::AssignmentPart{
            .relation = relation, .from = helper, .to = to, .since = day(since), .until = until})}};
  };
  log.say(*desk, assigns(house(1), "helper_of", "2022-02-01", std::nullopt));
  log.say(*desk, assigns(house(2), "helper_of", "2022-02-01", day("2022-02-10")));
  log.say(*desk, assigns(house(3), "teaches", "2022-02-01", std::nullopt));
  const auto wrong = log.say(*desk, assigns(house(4), "helper_of", "2022-02-01", std::nullopt));
  const Digest before = fold(log.entries()).digest();
  log.say(*desk, corrects(wrong, village(1)));
  const State state = fold(log.entries());
  EXPECT_NE(state.digest(), before);

  const PersonId person{helper.bytes};
  const auto assigned = [&](const char* on_day, const char* relation = "helper_of") {
    const auto found = state.assigned(relation, person, day(on_day));
    return std::set<SubjectId>(found.begin(), found.end());
  };
  EXPECT_TRUE(assigned("2022-01-31").empty());
  EXPECT_EQ(assigned("2022-02-10"), (std::set<SubjectId>{house(1), house(2)}));
  EXPECT_EQ(assigned("2022-02-11"), (std::set<SubjectId>{house(1)})) << "until is inclusive";
  EXPECT_EQ(assigned("2022-02-10", "teaches"), (std::set<SubjectId>{house(3)}));
  EXPECT_TRUE(state.assigned("helper_of", PersonId{}, day("2022-02-10")).empty());
}

TEST_F(RegisterFold, WhatCameOfAnEvent) {
  on("2022-02-01T09:00");
  log.say(*desk, registers(house(1), village(1), household_part({"out_of_poverty"})));
  const auto visit = log.say(*desk, visits(house(1), village(1)));
  const auto standing = fold(log.entries()).standing(visit);
  ASSERT_TRUE(standing);
  EXPECT_TRUE(standing->in_effect);
  EXPECT_FALSE(standing->doubtful);
  ASSERT_EQ(standing->parts.size(), 1u);
  EXPECT_TRUE(standing->parts[0].effective);
  EXPECT_EQ(standing->parts[0].occurred, local("2022-02-01T09:00"));
  log.say(*desk, corrects(visit, village(1)));
  const auto corrected = fold(log.entries()).standing(visit);
  EXPECT_TRUE(corrected->in_effect);
  EXPECT_FALSE(corrected->parts[0].effective);
  EXPECT_FALSE(fold(log.entries()).standing(log.entries()[0].entry.event.digest()))
      << "governance has its effect elsewhere";
}
}  // namespace cunji::state
