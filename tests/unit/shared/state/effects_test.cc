// What has an effect: authority, endorsements, corrections, compromised keys, and the remarks.
#include <gtest/gtest.h>

#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class Effects : public testing::Test {
 protected:
  Effects() {
    desk = &log.desk("desk");
    a = &log.coordinator("a", {village(1).str()});
    log.set_now(local("2022-02-01T09:00"));
    log.say(*desk, registers(house(1), village(1), household_part({"monitored"})));
    log.set_now(local("2022-02-05T09:00"));
  }
  // The newest visit of household 1, as local text; empty without one.
  std::string last_visit() {
    const auto found = fold(log.entries()).households(village(1).view(), day("2022-02-28"));
    if (found.empty() || !found[0].last_visit) return "";
    return format_time(*found[0].last_visit);
  }
  std::string head_name() {
    const auto found = fold(log.entries()).households(village(1).view(), day("2022-02-28"));
    return found.empty() ? "" : found[0].head_name;
  }
  Digest visit(Signer& by) {
    log.pass(std::chrono::minutes{1});
    return log.say(by, visits(house(1), village(1)));
  }
  CountyLog log;
  Signer *desk, *a;
};

TEST_F(Effects, ADisputedEventWaitsForAnEndorsementByAnotherInItsDivisionOrTheCounty) {
  Signer& stranger = log.coordinator("stranger", {village(2).str()});
  Signer& other = log.coordinator("other", {village(1).str()});
  const Digest event = visit(stranger);
  ASSERT_EQ(log.verdict(), event::Verdict::OutsideDivision);
  EXPECT_EQ(last_visit(), "");
  const auto remarks = fold(log.entries()).disputed("411323");
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].event, event);
  EXPECT_EQ(remarks[0].verdict, event::Verdict::OutsideDivision);
  EXPECT_EQ(remarks[0].reason_zh, "超出区划");
  EXPECT_EQ(remarks[0].reason_en, "outside division");
  EXPECT_TRUE(fold(log.entries()).disputed("411323002").empty());

  log.endorse(other, event, EndorsementPurpose::Effect, village(1));
  ASSERT_EQ(log.verdict(), event::Verdict::OutsideKind);
  EXPECT_EQ(last_visit(), "") << "its endorser may not endorse";
  log.endorse(stranger, event, EndorsementPurpose::Effect, village(2));
  EXPECT_EQ(last_visit(), "") << "itself";
  log.endorse(*desk, event, EndorsementPurpose::Effect, village(2));
  EXPECT_EQ(last_visit(), "") << "in another division";
  log.endorse(*desk, event, EndorsementPurpose::Time, village(1));
  EXPECT_EQ(last_visit(), "") << "for another purpose";
  const Digest endorsement = log.endorse(*desk, event, EndorsementPurpose::Effect, village(1));
  EXPECT_EQ(last_visit(), "2022-02-05 09:01:00");
  EXPECT_EQ(fold(log.entries()).disputed("411323").size(), 2u) << "the two endorsements";
  log.say(*desk, corrects(endorsement, village(1)));
  EXPECT_EQ(last_visit(), "") << "an endorsement can be taken back";
}

TEST_F(Effects, ACountyDeskMayEndorseFromTheCountysDivision) {
  Signer& stranger = log.coordinator("stranger", {village(2).str()});
  const Digest event = visit(stranger);
  log.endorse(*desk, event, EndorsementPurpose::Effect);
  EXPECT_NE(last_visit(), "");
}

TEST_F(Effects, AnEndorsementOrACorrectionMayBeLoggedBeforeWhatItNames) {
  Signer& stranger = log.coordinator("stranger", {village(2).str()});
  const event::Event offline = log.sign(stranger, visits(house(1), village(1)));
  const event::Event own = log.sign(*a, visits(house(1), village(1)));
  log.endorse(*desk, offline.signed_event.digest(), EndorsementPurpose::Effect);
  log.say(*desk, corrects(own.signed_event.digest(), village(1)));
  log.log(own);
  EXPECT_EQ(last_visit(), "");
  log.log(offline);
  EXPECT_NE(last_visit(), "");
}

TEST_F(Effects, AnAuthorRetractsHisOwnAndADeskAnyInItsDivision) {
  Signer& unauthorised = log.coordinator("unauthorised", {village(2).str()});
  struct Case {
    const char* name;
    Signer* by;
    DivisionCode where;
    bool retracts;
  };
  for (const Case& c :
       {Case{"the author", a, village(1), true}, Case{"a desk", desk, village(1), true},
        Case{"another division", desk, village(2), false},
        Case{"without authority", &unauthorised, village(1), false}}) {
    SCOPED_TRACE(c.name);
    const Digest event = visit(*a);
    const std::string visited = last_visit();
    log.say(*c.by, corrects(event, c.where));
    EXPECT_EQ(last_visit() != visited, c.retracts);
  }
}

TEST_F(Effects, ACorrectionRetractsOnePart) {
  Says says = visits(house(1), village(1));
  says.kind = Kind::Registration;
  says.parts = {event::encode_part(household_part({"monitored"}, "first")),
                event::encode_part(household_part({"monitored"}, "second"))};
  const Digest event = log.say(*a, says);
  EXPECT_EQ(head_name(), "second") << "of one event, the later part";
  log.say(*a, corrects(event, village(1), 2));
  EXPECT_EQ(head_name(), "first");
  log.say(*a, corrects(event, village(1), 7));
  EXPECT_EQ(head_name(), "first") << "no such part";
  log.say(*a, corrects(event, village(1), 1));
  EXPECT_EQ(head_name(), "王某某");
}

TEST_F(Effects, ACorrectionIsItselfCorrected) {
  const Digest event = visit(*a);
  const std::string visited = last_visit();
  const Digest first = log.say(*a, corrects(event, village(1)));
  EXPECT_EQ(last_visit(), "");
  const Digest second = log.say(*a, corrects(first, village(1)));
  EXPECT_EQ(last_visit(), visited);
  log.say(*desk, corrects(second, village(1)));
  EXPECT_EQ(last_visit(), "");
}

TEST_F(Effects, OtherPartsOfACorrectionReplaceLikeForLike) {
  const Digest event = visit(*a);
  const TimePoint real = local("2022-02-03T08:00");
  Says says = corrects(event, village(1));
  says.subject = house(1);
  says.parts.push_back(
      event::encode_part(event::VisitPart{.outcome = VisitOutcome::Met}, {.occurred = real}));
  says.parts.push_back(event::encode_part(household_part({"general"}, "smuggled")));
  const Digest correction = log.say(*a, says);
  EXPECT_EQ(last_visit(), format_time(real));
  EXPECT_EQ(head_name(), "王某某") << "a visit is not replaced by a registration";
  log.say(*a, corrects(correction, village(1), 1));
  EXPECT_EQ(last_visit(), "2022-02-05 09:01:00") << "what replaced falls with the correction";
}

TEST_F(Effects, ReplacingWhatHadNoAuthorityHasNone) {
  event::CredentialPart said = log.credential_for(log.signer("corrector"), {village(1).str()});
  said.kinds = {48};
  log.issue(*desk, said);
  Signer& corrector = log.signer("corrector");  // The same key again.
  const Digest event = visit(corrector);
  ASSERT_EQ(log.verdict(), event::Verdict::OutsideKind);
  Says says = corrects(event, village(1));
  says.subject = house(1);
  says.parts.push_back(event::encode_part(event::VisitPart{.outcome = VisitOutcome::Met}));
  log.say(corrector, says);
  ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
  EXPECT_EQ(last_visit(), "");
  log.endorse(*desk, event, EndorsementPurpose::Effect);
  EXPECT_NE(last_visit(), "") << "once the wrong one has authority, its replacement stands";
}

TEST_F(Effects, ACompromisedKeyLosesWhatThePersonDoesNotVouchFor) {
  visit(*a);
  const std::string vouched = last_visit();
  const std::uint64_t sequence = a->head.sequence;
  const Digest stolen = visit(*a);
  const event::Event late = log.sign(*a, visits(house(1), village(1)));
  EXPECT_NE(last_visit(), vouched);
  log.say(log.root(), Kind::Revocation,
          event::RevocationPart{.key = a->id(),
                                .reason = event::RevocationReason::Compromised,
                                .last_vouched_sequence = sequence});
  EXPECT_EQ(last_visit(), vouched);
  log.log(late);
  EXPECT_EQ(log.verdict(), event::Verdict::Revoked);
  EXPECT_EQ(last_visit(), vouched);
  const auto remarks = fold(log.entries()).disputed("411323");
  ASSERT_EQ(remarks.size(), 2u);
  EXPECT_EQ(remarks[0].event, stolen);
  EXPECT_EQ(remarks[0].verdict, event::Verdict::Accepted);
  EXPECT_NE(remarks[0].reason_en.find("compromised"), std::string::npos);
  log.endorse(*desk, stolen, EndorsementPurpose::Effect);
  EXPECT_NE(last_visit(), vouched) << "a desk may stand by one of them";
}

TEST_F(Effects, ABodyThatIsLostUnreadableOrOfALaterFormHasNone) {
  const event::Event lost = log.sign(*a, visits(house(1), village(1)));
  log.log(lost, /*body_lost=*/true);
  EXPECT_EQ(log.verdict(), event::Verdict::AcceptedBodyLost);
  log.say(*a, {.division = village(1), .subject = house(1), .parts = {"\xff\xff"}});
  log.say(*a, {.division = village(1),
               .parts = {event::encode_part(event::VisitPart{.outcome = VisitOutcome::Met})}});
  log.say(*desk, {.kind = Kind::Step, .division = village(1), .parts = {"x"}});
  EXPECT_EQ(last_visit(), "");
  EXPECT_TRUE(fold(log.entries()).disputed("").empty());
}

TEST_F(Effects, ACorrectionOfAGovernanceEventHasNone) {
  Signer& b = log.signer("b");
  const Digest credential = log.issue(*desk, log.credential_for(b, {village(1).str()}));
  log.say(*desk, corrects(credential, the_county().division()));
  visit(b);
  EXPECT_EQ(log.verdict(), event::Verdict::Accepted);
  EXPECT_NE(last_visit(), "");
}

TEST_F(Effects, AClockAheadIsDoubtedAndClampedToTheReceipt) {
  log.say(*a, visits(house(1), village(1), local("2022-02-05T12:00")));
  EXPECT_EQ(last_visit(), "2022-02-05 09:00:00");
  const auto remarks = fold(log.entries()).doubtful_times(village(1).view());
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_NE(remarks[0].reason_zh.find("180分钟"), std::string::npos);
  EXPECT_NE(remarks[0].reason_en.find("180 minutes"), std::string::npos);
  EXPECT_TRUE(fold(log.entries()).doubtful_times(village(2).view()).empty());
  log.say(*a, corrects(remarks[0].event, village(1)));
  EXPECT_EQ(fold(log.entries()).doubtful_times("").size(), 1u)
      << "the clock was wrong, whatever became of the fact";
}
}  // namespace cunji::state
