// The coordinators' monthly duty as it is declared (VCO-R09, VCO-A01 to A12), with the worked
// examples.
#include <gtest/gtest.h>

#include "tests/support/shipped.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class Duty : public testing::Test {
 protected:
  Duty() {
    publish_shipped(log);
    desk = &log.desk("desk");
    system = &log.system();
    coordinator = &log.coordinator("coordinator", {village(1).str()});
    log.set_now(local("2022-01-20T09:00"));
  }
  void at(const char* time) { log.set_now(local(time)); }
  void register_house(int number, std::vector<std::string> categories = {"out_of_poverty"},
                      int in = 1) {
    log.say(*desk, registers(house(number), village(in), household_part(std::move(categories))));
  }
  // A visit that is sent as soon as it is made.
  Digest visit(int number, const char* time, VisitOutcome outcome = VisitOutcome::Met) {
    at(time);
    return log.say(*coordinator, visits(house(number), village(1), std::nullopt, outcome));
  }
  void town_counts_attempts(const char* time, const char* month) {
    Signer& town = log.signer("town");
    event::CredentialPart said = log.credential_for(town, {"411323001"});
    said.role = "town_desk";
    said.office = "town";
    said.kinds = {33};
    log.issue(log.root(), said);
    at(time);
    const event::AnswersPart confirmed{.answers = {{"month", event::date_value(day(month))},
                                                   {"outcome", event::code_value("counted")}}};
    log.say(town, {.kind = Kind::Step,
                   .division = village(1),
                   .subject = house(1),
                   .parts = {event::encode_part(confirmed, {.programme = "village_coordinators",
                                                            .form = "attempts_confirmed"})}});
    ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
  }
  DutyNow line(const char* on = "2022-02-28", int number = 1) {
    for (const DutyNow& l : visits_due(fold(log.entries()), on))
      if (l.subject == house(number)) return l;
    ADD_FAILURE() << "no line";
    return {};
  }
  DutyTally tally(const char* on, std::string_view prefix = "411323") {
    return tally_of(visits_due(fold(log.entries()), on, prefix));
  }
  CountyLog log;
  Signer *desk, *system, *coordinator;
};

TEST_F(Duty, VcoX02AVillageOf64Households) {  // VCO-X02
  for (int n = 1; n <= 64; ++n) register_house(n, {n % 2 ? "out_of_poverty" : "monitored"});
  for (int n = 1; n <= 61; ++n) visit(n, "2022-02-09T10:00");
  for (int n = 62; n <= 63; ++n) visit(n, "2022-02-11T10:00");
  const DutyTally end = tally("2022-02-28");
  EXPECT_EQ(end.households, 64u);
  EXPECT_EQ(end.done, 61u);
  EXPECT_EQ(end.late, 2u);
  EXPECT_EQ(end.missing, 1u);
  EXPECT_EQ(end.open + end.contradicted, 0u);
  EXPECT_EQ(end.done_claimed, 0u) << "all were sent before the deadline";
  // 95.31 %, in hundredths of a percent, half up (GEN-05).
  EXPECT_EQ((end.done * 10'000u + end.households / 2) / end.households, 9'531u);
  const DutyTally ninth = tally("2022-02-09");
  EXPECT_EQ(ninth.done, 61u);
  EXPECT_EQ(ninth.open, 3u) << "until the deadline is past";
  EXPECT_EQ(tally("2022-02-10").open, 3u);
  EXPECT_EQ(tally("2022-02-11").late, 2u);
  EXPECT_EQ(tally("2022-02-11").missing, 1u);
}

TEST_F(Duty, VcoX03TheLastMinuteTheFirstAndTheLateSync) {  // VCO-X03, VCO-A01, VCO-A04
  for (int n = 1; n <= 3; ++n) register_house(n);
  visit(1, "2022-02-10T23:59");
  visit(2, "2022-02-11T00:00");
  at("2022-02-14T08:00");
  log.say(*coordinator, visits(house(3), village(1), local("2022-02-09T15:00")));
  EXPECT_EQ(line("2022-02-28", 1).status, DutyStatus::Done);
  EXPECT_EQ(line("2022-02-28", 1).time_class, TimeClass::ProvenInTime);
  EXPECT_EQ(line("2022-02-28", 2).status, DutyStatus::Late);
  EXPECT_EQ(line("2022-02-28", 3).status, DutyStatus::Done);
  EXPECT_EQ(line("2022-02-28", 3).time_class, TimeClass::ClaimedInTime) << "and is shown as such";
  EXPECT_EQ(line("2022-02-28", 3).done_at, local("2022-02-09T15:00"));
  EXPECT_EQ(tally("2022-02-28").done_claimed, 1u);
}

TEST_F(Duty, TheMonthsEdges) {
  register_house(1);
  visit(1, "2022-01-31T23:59:59");
  EXPECT_EQ(line().status, DutyStatus::Missing) << "last month's";
  visit(1, "2022-02-01T00:00");
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_EQ(line("2022-01-25").status, DutyStatus::Open) << "asked before the month";

  register_house(2);  // On day 1.
  visit(2, "2022-03-01T00:00");
  EXPECT_EQ(line("2022-03-05", 2).status, DutyStatus::Missing) << "next month's";
}

TEST_F(Duty, OnlyAVisitThatMetSomebodyCounts) {  // VCO-A03
  for (int n = 1; n <= 5; ++n) register_house(n);
  visit(1, "2022-02-03T10:00", VisitOutcome::NobodyHome);
  visit(2, "2022-02-03T10:00", VisitOutcome::Refused);
  at("2022-02-03T10:00");
  log.say(*coordinator,
          {.kind = Kind::CheckIn,
           .division = village(1),
           .subject = house(3),
           .parts = {event::encode_part(event::CheckInPart{.outcome = VisitOutcome::Met})}});
  visit(4, "2022-02-12T10:00", VisitOutcome::NobodyHome);
  const DutyTally end = tally("2022-02-28");
  EXPECT_EQ(end.done, 0u);
  EXPECT_EQ(end.open, 3u) << "attempted: open until the town decides";
  EXPECT_EQ(end.missing, 2u) << "one attempt came too late";
  visit(1, "2022-02-05T10:00");
  EXPECT_EQ(line().status, DutyStatus::Done);
}

TEST_F(Duty, ThePopulationIsOfDayOneAndStillOfTheTenth) {  // VCO-A12
  at("2022-02-01T09:00");
  register_house(1);
  at("2022-02-08T09:00");
  register_house(2);
  for (const int n : {3, 4, 5}) {
    at("2022-01-20T09:00");
    register_house(n);
  }
  at("2022-02-05T09:00");
  register_house(3, {"general"});
  at("2022-02-12T09:00");
  register_house(4, {"general"});
  std::set<SubjectId> found;
  for (const DutyNow& l : visits_due(fold(log.entries()), "2022-02-28")) found.insert(l.subject);
  EXPECT_EQ(found, (std::set<SubjectId>{house(1), house(4), house(5)}));
  EXPECT_EQ(tally("2022-02-04").households, 4u) << "number 3 on the day before it ended";
}

TEST_F(Duty, AHouseholdThatMovesStaysWithTheVillageOfDayOneAndEitherMayVisit) {  // VCO-A12
  Signer& second = log.coordinator("second", {village(2).str()});
  register_house(1);
  at("2022-02-04T09:00");
  register_house(1, {"out_of_poverty"}, 2);
  EXPECT_EQ(tally("2022-02-28", village(1).view()).missing, 1u);
  EXPECT_EQ(tally("2022-02-28", village(2).view()).households, 0u);
  at("2022-02-06T09:00");
  log.say(second, visits(house(1), village(2)));
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_EQ(line().division, village(1));
  const State state = fold(log.entries());
  const auto now = Inquiry(state, day("2022-02-28")).duties(house(1), std::string(kMonthlyVisit));
  ASSERT_EQ(now.size(), 1u);
  EXPECT_EQ(now[0].division, village(1)) << "however it is asked for";
  const auto march = Inquiry(state, day("2022-03-01")).duties(house(1), std::string(kMonthlyVisit));
  ASSERT_EQ(march.size(), 1u);
  EXPECT_EQ(march[0].division, village(2)) << "from the next month on";
}

TEST_F(Duty, AVisitFromAVillageWhereItNeverLivedDoesNotCount) {
  Signer& stranger = log.coordinator("stranger", {village(3).str()});
  register_house(1);
  at("2022-02-06T09:00");
  log.say(stranger, visits(house(1), village(3)));
  ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
  EXPECT_EQ(line().status, DutyStatus::Missing);
  EXPECT_FALSE(fold(log.entries()).households("411323", day("2022-02-28"))[0].last_visit);
  log.say(stranger, visits(house(1), village(3), std::nullopt, VisitOutcome::NobodyHome));
  EXPECT_EQ(line().status, DutyStatus::Missing) << "nor does an attempt";
}

TEST_F(Duty, AnyCoordinatorOfTheVillageVisitsAndNobodyElse) {  // VCO-R09, VCO-A02
  for (int n = 1; n <= 2; ++n) register_house(n);
  at("2022-02-06T09:00");
  log.say(log.coordinator("second", {village(1).str()}), visits(house(1), village(1)));
  log.say(*desk, visits(house(2), village(1)));
  ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
  EXPECT_EQ(line("2022-02-28", 1).status, DutyStatus::Done);
  EXPECT_EQ(line("2022-02-28", 2).status, DutyStatus::Missing) << "a desk is no coordinator";
}

TEST_F(Duty, ThreeAttemptsCountOnceTheTownConfirmsThem) {  // VCO-A03
  register_house(1);
  for (const char* time : {"2022-02-03T10:00", "2022-02-05T10:00", "2022-02-08T10:00"})
    visit(1, time, VisitOutcome::NobodyHome);
  EXPECT_EQ(line().status, DutyStatus::Open);
  town_counts_attempts("2022-02-20T09:00", "2022-02-01");
  EXPECT_EQ(line("2022-02-19").status, DutyStatus::Open);
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_FALSE(line().done_at) << "there was no visit";
  EXPECT_EQ(line("2022-03-31").status, DutyStatus::Done) << "asked later";
}

// Of the month that it names, whenever the town gets round to it.
TEST_F(Duty, AttemptsOfAMonthThatIsOverMayBeConfirmed) {  // VCO-A03
  register_house(1);
  for (const char* time : {"2022-02-03T10:00", "2022-02-05T10:00", "2022-02-08T10:00",
                           "2022-03-03T10:00", "2022-03-05T10:00", "2022-03-08T10:00"})
    visit(1, time, VisitOutcome::NobodyHome);
  town_counts_attempts("2022-03-10T09:00", "2022-02-01");
  EXPECT_EQ(line("2022-02-28").status, DutyStatus::Open);
  EXPECT_EQ(line("2022-03-09").status, DutyStatus::Open);
  EXPECT_EQ(line("2022-03-10").status, DutyStatus::Done);
  const State state = fold(log.entries());
  const Inquiry march(state, day("2022-03-31"));
  EXPECT_EQ(march.duties(house(1), "monthly_visit").at(0).status, DutyStatus::Open);
}

TEST_F(Duty, ABackDatedVisitIsContradictedUntilADeskConfirmsIt) {
  register_house(1);
  at("2022-02-12T09:00");
  log.anchor(*system);
  at("2022-02-13T09:00");
  const Digest visit =
      log.say(*coordinator, visits(house(1), village(1), local("2022-02-09T10:00")));
  EXPECT_EQ(line().status, DutyStatus::Contradicted);
  EXPECT_EQ(line().time_class, TimeClass::Contradicted);
  EXPECT_EQ(line().done_at, local("2022-02-09T10:00"));
  EXPECT_EQ(tally("2022-02-28").contradicted, 1u);
  const State before = fold(log.entries());
  EXPECT_FALSE(before.households("411323", day("2022-02-28"))[0].last_visit);
  ASSERT_EQ(before.doubtful_times("411323").size(), 1u);
  EXPECT_EQ(before.doubtful_times("411323")[0].event, visit);

  log.endorse(*desk, visit, EndorsementPurpose::Effect);
  EXPECT_EQ(line().status, DutyStatus::Contradicted) << "for another purpose";
  log.endorse(*desk, visit, EndorsementPurpose::Time);
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_EQ(line().time_class, TimeClass::ClaimedInTime);
  EXPECT_TRUE(fold(log.entries()).doubtful_times("411323").empty());
}

TEST_F(Duty, ARealVisitStandsBesideAContradictedOne) {
  register_house(1);
  at("2022-02-12T09:00");
  log.anchor(*system);
  log.say(*coordinator, visits(house(1), village(1), local("2022-02-09T10:00")));
  visit(1, "2022-02-13T10:00");
  EXPECT_EQ(line().status, DutyStatus::Late);
  EXPECT_EQ(line().done_at, local("2022-02-13T10:00"));
}

TEST_F(Duty, AContradictedVisitTakesNoOthersPlace) {
  register_house(1);
  visit(1, "2022-02-07T10:00");
  at("2022-02-12T09:00");
  log.anchor(*system);
  log.say(*coordinator, visits(house(1), village(1), local("2022-02-09T10:00")));
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_EQ(line().time_class, TimeClass::ProvenInTime);
  EXPECT_EQ(line().done_at, local("2022-02-07T10:00"));
}

TEST_F(Duty, WhoSawTheLogLateButClaimsNothingOlderIsNotContradicted) {
  register_house(1);
  at("2022-02-12T09:00");
  log.anchor(*system);
  // Signed offline on the 9th, when it had seen the log of January; sent on the 14th.
  const std::uint64_t seen = 2;
  at("2022-02-14T09:00");
  Says says = visits(house(1), village(1), local("2022-02-09T10:00"));
  says.seen_size = seen;
  log.say(*coordinator, says);
  EXPECT_EQ(line().status, DutyStatus::Done);
  EXPECT_EQ(line().time_class, TimeClass::ClaimedInTime);
  // Its next event had seen the anchor; one that goes back behind its own chain is caught.
  log.say(*coordinator, {.division = village(1), .parts = {"x"}});
  register_house(2);
  says.subject = house(2);
  log.say(*coordinator, says);
  EXPECT_EQ(fold(log.entries()).doubtful_times("411323").size(), 1u);
}

TEST_F(Duty, AProvenVisitIsPreferredToAClaimedOne) {
  register_house(1);
  at("2022-02-08T09:00");
  log.say(*coordinator, visits(house(1), village(1), local("2022-02-07T10:00")));
  EXPECT_EQ(line().time_class, TimeClass::ProvenInTime);
  register_house(2);
}

TEST_F(Duty, OwnUnsentVisitsAreShownAsNotReceived) {
  register_house(1);
  at("2022-02-09T10:00");
  const State held = fold(log.entries());
  State shown = held;
  shown.apply_pending(log.sign(*coordinator, visits(house(1), village(1))));
  const auto lines = visits_due(shown, "2022-02-28");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].status, DutyStatus::Done);
  EXPECT_EQ(lines[0].time_class, TimeClass::ClaimedInTime);
  EXPECT_FALSE(lines[0].received);
  const HouseholdView view = shown.households("411323", day("2022-02-28"))[0];
  EXPECT_EQ(view.last_visit, local("2022-02-09T10:00"));
  EXPECT_FALSE(view.last_visit_index);
  EXPECT_EQ(shown.digest(), held.digest()) << "never in the digest";
  EXPECT_EQ(visits_due(held, "2022-02-28")[0].status, DutyStatus::Missing);
}

TEST_F(Duty, BeforeAnyDefinitionDeclaresItThereIsNone) {
  register_house(1);
  const Month before = std::chrono::year{2021} / 12;  // They come into force on 1 January.
  const State state = fold(log.entries());
  const Inquiry now(state, day("2022-02-05"));
  EXPECT_TRUE(now.is_declared(kMonthlyVisit, kFebruary));
  EXPECT_FALSE(now.is_declared(kMonthlyVisit, before));
  EXPECT_TRUE(now.duty_of_month("411323", kMonthlyVisit, before).empty());

  CountyLog without;
  without.say(without.desk("desk"),
              registers(house(1), village(1), household_part({"out_of_poverty"})));
  const State nothing = fold(without.entries());
  EXPECT_FALSE(Inquiry(nothing, day("2022-02-05")).is_declared(kMonthlyVisit, kFebruary));
  EXPECT_TRUE(visits_due(nothing, "2022-02-05").empty());
  EXPECT_FALSE(nothing.households("411323", day("2022-02-05"))[0].must_be_visited);
}
}  // namespace cunji::state
