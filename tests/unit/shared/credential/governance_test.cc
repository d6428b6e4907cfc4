// What governance entries do, and above all what they do not.
#include "shared/credential/governance.h"

#include <gtest/gtest.h>

#include <functional>

#include "shared/credential/roles.h"
#include "tests/support/county_log.h"

namespace cunji::credential {
using event::CredentialPart;
using event::EndorsementPurpose;
using event::RevocationReason;
using testing_support::CountyLog;
using testing_support::Kind;
using testing_support::local;
using testing_support::Signer;
using testing_support::the_county;
using testing_support::village;

static const KeyStatus* status(const CountyLog& log, const Signer& whom) {
  return log.governance().find(whom.id());
}
static bool stands(const CountyLog& log, const Signer& whom) {
  return !log.governance().standing(whom.id(), log.now()).empty();
}

TEST(Founding, SaysWhatTheCountyIsAndEnrolsItsRoot) {
  CountyLog log(2);
  const auto& county = log.governance().county();
  ASSERT_TRUE(county);
  EXPECT_EQ(county->code, the_county());
  EXPECT_EQ(county->origin, CountyLog::kOrigin);
  EXPECT_EQ(county->persons_required, 2u);
  EXPECT_EQ(county->root_digest(), crypto::sha256(log.root().id().view()));
  EXPECT_EQ(log.governance().enrolment_of(log.root().id()),
            crypto::sha256({CountyLog::kOrigin, "\n"}));
  EXPECT_TRUE(stands(log, log.root()));
  EXPECT_EQ(log.verdict(), event::Verdict::Accepted);
}

TEST(Founding, OneThatIsNoneMakesNoCounty) {
  const CountyLog log;
  struct Case {
    const char* name;
    std::function<void(event::LoggedEvent&)> spoil;
  };
  const Case cases[] = {
      {"later in the log", [](auto& e) { e.index = 1; }},
      {"without its body", [](auto& e) { e.body = {}; }},
      {"disputed", [](auto& e) { e.entry.verdict = event::Verdict::NoCredential; }},
      {"another body",
       [](auto& e) {
         auto part = event::pad_part(event::encode_part(event::VisitPart{}));
         e.body.parts[0].padded = *part;
       }},
      {"another origin than its predecessor's", [](auto& e) {
         event::FoundingPart said = *event::first_content<event::FoundingPart>(e.body);
         said.origin = "cunji.example/411323/2";
         e.body.parts[0].padded = *event::pad_part(event::encode_part(said));
       }}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    event::LoggedEvent founding = log.entries()[0];
    c.spoil(founding);
    Governance governance;
    governance.apply(founding);
    EXPECT_FALSE(governance.county());
    EXPECT_EQ(governance.find(log.entries()[0].entry.event.header().author), nullptr);
  }
}

TEST(Credential, OfTheRootPutsAKeyInForceFromTheNextSize) {
  CountyLog log(2);
  Signer& a = log.signer("a");
  EXPECT_EQ(status(log, a), nullptr);
  EXPECT_FALSE(log.governance().enrolment_of(a.id()));
  const Digest event = log.issue(log.root(), log.credential_for(a, {village(1).str()}));
  ASSERT_NE(status(log, a), nullptr);
  const Grant& grant = status(log, a)->grants.at(0);
  EXPECT_EQ(grant.event, event);
  EXPECT_EQ(grant.in_force, log.size());
  EXPECT_EQ(grant.issuer, log.root().id());
  EXPECT_EQ(grant.kinds, (std::set<std::uint16_t>{1, 2, 16, 17, 48}));
  EXPECT_EQ(log.governance().enrolment_of(a.id()), event::request_digest(a.request));
  EXPECT_TRUE(stands(log, a));
}

TEST(Credential, HasNoEffectWhereItsIssuerHadNoRightOrTheRequestIsNotTheKeys) {
  struct Case {
    const char* name;
    std::function<void(CredentialPart&, CountyLog&)> spoil;
  };
  const Case cases[] = {
      {"wider than the issuer's town", [](auto& c, auto&) { c.divisions = {"411323"}; }},
      {"another town", [](auto& c, auto&) { c.divisions = {"411323002"}; }},
      {"one prefix of two outside",
       [](auto& c, auto&) { c.divisions = {"411323001", "411323002"}; }},
      {"a relation in the whole county",
       [](auto& c, auto&) {
         c.divisions.clear();
         c.assigned = "helper_of";
       }},
      {"a governance kind that the issuer has not", [](auto& c, auto&) { c.kinds = {1, 67}; }},
      {"incident", [](auto& c, auto&) { c.kinds = {1, 69}; }},
      {"anchor", [](auto& c, auto&) { c.kinds = {70}; }},
      {"founding", [](auto& c, auto&) { c.kinds = {64}; }},
      {"for the root's key", [](auto& c, auto& log) { c.key = log.root().id(); }},
      {"another key's request",
       [](auto& c, auto& log) {
         Signer& other = log.signer("other");
         c.enrolment_request = other.request;
         c.enrolment_digest = event::request_digest(other.request);
       }},
      {"a digest that is not the request's",
       [](auto& c, auto&) { c.enrolment_digest = crypto::sha256("another"); }},
      {"a damaged request",
       [](auto& c, auto&) {
         c.enrolment_request[100] ^= 1;
         c.enrolment_digest = event::request_digest(c.enrolment_request);
       }},
      {"a request to another county", [](auto& c, auto& log) {
         Signer& stranger = log.signer("stranger");
         event::EnrolmentRequest request = *event::open_request(stranger.request);
         request.root_digest = crypto::sha256("another root");
         c.key = stranger.id();
         c.enrolment_request = event::sign_request(request, stranger.key);
         c.enrolment_digest = event::request_digest(c.enrolment_request);
       }}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    CountyLog log;
    Signer& registrar = log.signer("registrar of a town");
    CredentialPart own = log.credential_for(registrar, {"411323001"});
    own.role = "registrar";
    // Governance events stand in the county's division, which the issuer must reach.
    own.divisions = {"411323001", "411323000000"};
    own.kinds = {65, 66};
    log.issue(log.root(), own);
    Signer& a = log.signer("a");
    CredentialPart said = log.credential_for(a, {village(1).str()});
    CredentialPart spoiled = said;
    c.spoil(spoiled, log);
    log.issue(registrar, spoiled);
    ASSERT_EQ(log.verdict(), event::Verdict::Accepted) << "its author may say such things";
    EXPECT_EQ(status(log, a), nullptr);
    EXPECT_EQ(status(log, log.root())->grants.size(), 1u);
    log.issue(registrar, said);
    EXPECT_TRUE(stands(log, a)) << "unspoiled it counts";
  }
}

TEST(Credential, OfAnEndedFrozenExpiredOrUnknownIssuerHasNoEffect) {
  struct Case {
    const char* name;
    std::function<void(CountyLog&, Signer&)> before;
  };
  const Case cases[] = {
      {"ended",
       [](CountyLog& log, Signer& desk) {
         log.say(log.root(), Kind::Revocation, event::RevocationPart{.key = desk.id()});
       }},
      {"compromised",
       [](CountyLog& log, Signer& desk) {
         log.say(log.root(), Kind::Revocation,
                 event::RevocationPart{.key = desk.id(), .reason = RevocationReason::Compromised});
       }},
      {"expired, though within the late days",
       [](CountyLog& log, Signer&) { log.set_now(local("2023-01-02T00:00")); }}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    CountyLog log;
    Signer& desk = log.desk("desk");
    const std::uint64_t seen = log.size();
    c.before(log, desk);
    Signer& a = log.signer("a");
    CredentialPart said = log.credential_for(a, {village(1).str()});
    said.valid_to = local("2024-01-01T00:00");
    log.say(desk, {.kind = Kind::Credential,
                   .division = the_county().division(),
                   .parts = {event::encode_part(said)},
                   .seen_size = seen});
    EXPECT_EQ(status(log, a), nullptr);
  }
}

TEST(Credential, ALaterOneOfAKeyNamesTheSamePersonAndRequest) {
  CountyLog log;
  Signer& a = log.coordinator("a", {village(1).str()});
  CredentialPart more = log.credential_for(a, {village(2).str()});
  CredentialPart other_person = more;
  other_person.person = PersonId::from("someone else 000").value();
  log.issue(log.root(), other_person);
  EXPECT_EQ(status(log, a)->grants.size(), 1u);

  CredentialPart other_request = more;
  event::EnrolmentRequest request = *event::open_request(a.request);
  request.nonce = Salt::from("another nonce 00").value();
  other_request.enrolment_request = event::sign_request(request, a.key);
  other_request.enrolment_digest = event::request_digest(other_request.enrolment_request);
  log.issue(log.root(), other_request);
  EXPECT_EQ(status(log, a)->grants.size(), 1u);

  log.issue(log.root(), more);
  EXPECT_EQ(status(log, a)->grants.size(), 2u);
}

TEST(TwoPersons, FieldCredentialsAreThoseOfFieldRolesWithFieldKindsOnly) {
  EXPECT_TRUE(is_field_credential("coordinator", {1, 2, 16, 17, 48}));
  EXPECT_TRUE(is_field_credential("village_doctor", {1}));
  EXPECT_FALSE(is_field_credential("registrar", {1}));
  EXPECT_FALSE(is_field_credential("rr_bureau", {1, 2}));
  EXPECT_FALSE(is_field_credential("coordinator", {1, 49})) << "a desk by another name";
  EXPECT_FALSE(is_field_credential("coordinator", {1, 65}));
  EXPECT_FALSE(is_field_credential("coordinator", {1, 33}));
}

TEST(TwoPersons, ADeskWaitsForAnotherPersonWhoCouldHaveIssuedIt) {
  CountyLog log(/*persons_required=*/2);
  Signer& first = log.desk("first");
  Signer& second = log.desk("second");
  Signer& coordinator = log.coordinator("coordinator", {"411323"});
  Signer& same_person = log.signer("second key of first");
  CredentialPart own = log.credential_for(first, {"411323"});
  own.key = same_person.id();
  own.enrolment_request = same_person.request;
  own.enrolment_digest = event::request_digest(same_person.request);
  own.role = "registrar";
  own.kinds = {49, 65};
  log.issue(log.root(), own);

  Signer& desk = log.signer("desk");
  CredentialPart said = log.credential_for(desk, {"411323001"});
  said.role = "town";
  const Digest event = log.issue(first, said);
  ASSERT_NE(status(log, desk), nullptr);
  EXPECT_TRUE(status(log, desk)->grants.at(0).pending);
  EXPECT_FALSE(stands(log, desk));
  EXPECT_FALSE(log.governance().enrolment_of(desk.id())) << "its events are parked";

  log.endorse(first, event, EndorsementPurpose::SecondPerson);
  EXPECT_FALSE(stands(log, desk)) << "by the issuer";
  log.endorse(same_person, event, EndorsementPurpose::SecondPerson);
  EXPECT_FALSE(stands(log, desk)) << "by the issuer's other key";
  log.endorse(coordinator, event, EndorsementPurpose::SecondPerson);
  EXPECT_FALSE(stands(log, desk)) << "by who may not endorse";
  log.endorse(second, event, EndorsementPurpose::Effect);
  EXPECT_FALSE(stands(log, desk)) << "for another purpose";
  log.endorse(second, event, EndorsementPurpose::SecondPerson, village(1));
  EXPECT_FALSE(stands(log, desk)) << "outside the county's division";
  log.endorse(second, event, EndorsementPurpose::SecondPerson);
  EXPECT_TRUE(stands(log, desk));
  EXPECT_EQ(status(log, desk)->grants.at(0).in_force, log.size());
  EXPECT_TRUE(log.governance().enrolment_of(desk.id()));
  log.endorse(second, event, EndorsementPurpose::SecondPerson);
  EXPECT_EQ(status(log, desk)->grants.at(0).in_force, log.size() - 1) << "the first one counts";
}

TEST(TwoPersons, ASuccessorsKeyWaitsAndAFieldCredentialDoesNot) {
  struct Case {
    const char* name;
    std::uint32_t persons;
    bool succeeds, by_root, waits;
  };
  for (const Case& c :
       {Case{"field", 2, false, false, false}, Case{"successor", 2, true, false, true},
        Case{"successor by the root", 2, true, true, false},
        Case{"successor where one person suffices", 1, true, false, false}}) {
    SCOPED_TRACE(c.name);
    CountyLog log(c.persons);
    Signer& desk = log.desk("desk");
    Signer& old = log.coordinator("old", {village(1).str()});
    log.say(old, {.division = village(1), .parts = {"x"}});
    Signer& next = log.signer("next", c.succeeds ? &old : nullptr);
    log.issue(c.by_root ? log.root() : desk, log.credential_for(next, {village(1).str()}));
    ASSERT_NE(status(log, next), nullptr);
    EXPECT_EQ(status(log, next)->grants.at(0).pending, c.waits);
  }
}

TEST(Revocation, EndsTheNamedGrantOrAllThatItsAuthorReaches) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  Signer& a = log.signer("a");
  const Digest one = log.issue(desk, log.credential_for(a, {village(1).str()}));
  log.issue(desk, log.credential_for(a, {village(2).str()}));

  log.say(desk, Kind::Revocation, event::RevocationPart{.key = a.id(), .credential = one});
  const std::uint64_t first_end = log.size() - 1;
  EXPECT_EQ(status(log, a)->grants[0].ended_at, first_end);
  EXPECT_FALSE(status(log, a)->grants[1].ended_at);
  EXPECT_EQ(log.governance().standing(a.id(), log.now()).size(), 1u);

  log.say(desk, Kind::Revocation, event::RevocationPart{.key = a.id()});
  EXPECT_EQ(status(log, a)->grants[0].ended_at, first_end) << "the first end stays";
  EXPECT_EQ(status(log, a)->grants[1].ended_at, log.size() - 1);
  EXPECT_FALSE(stands(log, a));
}

TEST(Revocation, ByWhoDoesNotReachTheGrantHasNoEffect) {
  CountyLog log;
  Signer& town = log.signer("registrar of a town");
  CredentialPart own = log.credential_for(town, {"411323001", "411323000000"});
  own.role = "registrar";
  own.kinds = {65, 66};
  log.issue(log.root(), own);
  Signer& elsewhere = log.coordinator("elsewhere", {"411323002201"});
  Signer& both = log.coordinator("both", {"411323002202"});
  log.issue(log.root(), log.credential_for(both, {village(1).str()}));

  for (const auto reason : {RevocationReason::Ended, RevocationReason::Compromised})
    log.say(town, Kind::Revocation, event::RevocationPart{.key = elsewhere.id(), .reason = reason});
  EXPECT_TRUE(stands(log, elsewhere));
  log.say(town, Kind::Revocation, event::RevocationPart{.key = log.root().id()});
  EXPECT_TRUE(stands(log, log.root())) << "nobody ends the root";
  log.say(log.root(), Kind::Revocation,
          event::RevocationPart{.key = log.root().id(), .reason = RevocationReason::Compromised});
  EXPECT_TRUE(stands(log, log.root()));
  log.say(town, Kind::Revocation, event::RevocationPart{.key = log.signer("nobody").id()});

  log.say(town, Kind::Revocation, event::RevocationPart{.key = both.id()});
  EXPECT_FALSE(status(log, both)->grants[0].ended_at);
  EXPECT_TRUE(status(log, both)->grants[1].ended_at);
}

TEST(Revocation, CompromisedTakesBackEverMoreAndNeverGivesBack) {
  CountyLog log;
  Signer& a = log.coordinator("a", {village(1).str()});
  const auto compromise = [&](std::uint64_t vouched) {
    log.say(log.root(), Kind::Revocation,
            event::RevocationPart{.key = a.id(),
                                  .reason = RevocationReason::Compromised,
                                  .last_vouched_sequence = vouched});
  };
  compromise(7);
  const std::uint64_t at = log.size() - 1;
  EXPECT_EQ(status(log, a)->compromised_at, at);
  EXPECT_EQ(status(log, a)->last_vouched_sequence, 7u);
  compromise(9);
  EXPECT_EQ(status(log, a)->last_vouched_sequence, 7u);
  compromise(3);
  EXPECT_EQ(status(log, a)->last_vouched_sequence, 3u);
  EXPECT_EQ(status(log, a)->compromised_at, at);
  log.issue(log.root(), log.credential_for(a, {village(1).str()}));
  EXPECT_FALSE(stands(log, a)) << "a compromised key is not enrolled again";
}

TEST(Revocation, AKeyMayEndAllOfItsOwnGrantsAtOnce) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  CredentialPart second = log.credential_for(desk, {"411323001"});
  second.role = "registrar";
  log.issue(log.root(), second);
  log.say(desk, Kind::Revocation, event::RevocationPart{.key = desk.id()});
  EXPECT_TRUE(status(log, desk)->grants[0].ended_at);
  EXPECT_TRUE(status(log, desk)->grants[1].ended_at);
}

TEST(Incident, FreezesOnlyOnTwoValidSignaturesForOnePlaceInTheChain) {
  struct Case {
    const char* name;
    std::function<void(event::IncidentPart&, CountyLog&, Signer&)> spoil;
    bool freezes;
  };
  const Case cases[] = {
      {"a fork", [](auto&, auto&, auto&) {}, true},
      {"the same event twice",
       [](auto& said, auto&, auto&) { said.evidence[1] = said.evidence[0]; }, false},
      {"one event", [](auto& said, auto&, auto&) { said.evidence.pop_back(); }, false},
      {"none", [](auto& said, auto&, auto&) { said.evidence.clear(); }, false},
      {"a bad signature", [](auto& said, auto&, auto&) { said.evidence[1].back() ^= 1; }, false},
      {"another sequence than said", [](auto& said, auto&, auto&) { ++said.sequence; }, false},
      {"two places of the chain",
       [](auto& said, auto& log, auto& a) {
         log.sign(a, {.division = village(1), .parts = {"x"}});
         const auto later = log.sign(a, {.division = village(1), .parts = {"x"}});
         said.evidence[1] = later.signed_event.encode();
       },
       false},
      {"another key's event",
       [](auto& said, auto& log, auto&) {
         Signer& other = log.signer("other");
         said.evidence[1] =
             log.fork(other, {.division = village(1), .parts = {"x"}}).signed_event.encode();
       },
       false},
      {"another key accused",
       [](auto& said, auto& log, auto&) { said.key = log.coordinator("b", {"411323"}).id(); },
       false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    CountyLog log;
    Signer& system = log.system();
    Signer& a = log.coordinator("a", {village(1).str()});
    event::IncidentPart said{.key = a.id(), .sequence = a.head.sequence + 1};
    for (const char* part : {"one", "two"})
      said.evidence.push_back(
          log.fork(a, {.division = village(1), .parts = {part}}).signed_event.encode());
    c.spoil(said, log, a);
    log.say(system, Kind::Incident, said);
    ASSERT_EQ(log.verdict(), event::Verdict::Accepted);
    EXPECT_EQ(stands(log, a), !c.freezes);
    EXPECT_EQ(status(log, a)->frozen_at.has_value(), c.freezes);
  }
}

TEST(Incident, OfWhoMayNotReportOneHasNoEffect) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  Signer& a = log.coordinator("a", {village(1).str()});
  event::IncidentPart said{.key = a.id(), .sequence = 1};
  for (const char* part : {"one", "two"})
    said.evidence.push_back(
        log.fork(a, {.division = village(1), .parts = {part}}).signed_event.encode());
  log.say(desk, Kind::Incident, said);
  EXPECT_EQ(log.verdict(), event::Verdict::OutsideKind);
  EXPECT_TRUE(stands(log, a));
}

TEST(Standing, IsWithinTheValidityWithoutLateDays) {
  CountyLog log;
  Signer& a = log.coordinator("a", {village(1).str()});
  const auto at = [&](const char* time) {
    return log.governance().standing(a.id(), local(time)).size();
  };
  EXPECT_EQ(at("2021-12-31T23:59:59"), 0u);
  EXPECT_EQ(at("2022-01-01T00:00"), 1u);
  EXPECT_EQ(at("2022-12-31T23:59"), 1u);
  EXPECT_EQ(at("2022-12-31T23:59:01"), 0u);
  EXPECT_TRUE(log.governance().standing(log.signer("nobody").id(), log.now()).empty());
}
}  // namespace cunji::credential
