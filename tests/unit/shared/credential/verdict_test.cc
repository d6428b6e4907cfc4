// The verdict as one table: every code, every boundary (D8, README.md of the folder, "Verdict").
#include <gtest/gtest.h>

#include "shared/credential/governance.h"
#include "tests/support/county_log.h"

namespace cunji::credential {
using event::Verdict;
using testing_support::CountyLog;
using testing_support::Kind;
using testing_support::local;
using testing_support::Signer;
using testing_support::village;

// One key's history in a log, made once; the rows ask about it.
//   size 1 founding; 2 desk; then for key "a":
class VerdictTable : public testing::Test {
 protected:
  VerdictTable() {
    desk = &log.desk("desk");
    a = &log.signer("a");
  }
  std::uint64_t grant(std::vector<std::string> divisions, std::vector<std::uint16_t> kinds,
                      const char* from = "2022-01-01T00:00", const char* to = "2022-03-31T00:00",
                      std::uint32_t late_days = 10) {
    event::CredentialPart said = log.credential_for(*a, std::move(divisions));
    said.kinds = std::move(kinds);
    said.valid_from = local(from);
    said.valid_to = local(to);
    said.late_days = late_days;
    log.issue(*desk, said);
    return log.size();
  }
  std::uint64_t end(std::optional<Digest> credential = std::nullopt) {
    log.say(*desk, Kind::Revocation,
            event::RevocationPart{.key = a->id(), .credential = credential});
    return log.size() - 1;
  }
  void fill(int entries) {
    for (int i = 0; i < entries; ++i) log.say(*desk, {.division = village(9), .parts = {"x"}});
  }
  Verdict ask(std::uint16_t kind = 1, DivisionCode where = village(1),
              TimePoint received = local("2022-02-01T00:00"),
              std::optional<std::uint64_t> seen = std::nullopt) {
    event::Header header;
    header.author = a->id();
    header.kind = kind;
    header.division = where;
    return log.governance().judge(log.size(), header, received, seen, false);
  }

  CountyLog log;
  Signer* desk;
  Signer* a;
};

TEST_F(VerdictTable, ByKindDivisionAndValidity) {
  grant({"411323001201", "411323002"}, {1, 2});
  struct Case {
    const char* name;
    std::uint16_t kind;
    const char* division;
    const char* received;
    Verdict expected;
  };
  const Case cases[] = {
      {"fits", 1, "411323001201", "2022-02-01T00:00", Verdict::Accepted},
      {"second kind, town's village", 2, "411323002333", "2022-02-01T00:00", Verdict::Accepted},
      {"the town itself", 2, "411323002000", "2022-02-01T00:00", Verdict::Accepted},
      {"first moment", 1, "411323001201", "2022-01-01T00:00", Verdict::Accepted},
      {"before it", 1, "411323001201", "2021-12-31T23:59:59", Verdict::OutsideValidity},
      {"last moment with late days", 1, "411323001201", "2022-04-10T00:00", Verdict::Accepted},
      {"after it", 1, "411323001201", "2022-04-10T00:00:01", Verdict::OutsideValidity},
      {"another village", 1, "411323001202", "2022-02-01T00:00", Verdict::OutsideDivision},
      {"the county", 1, "411323000000", "2022-02-01T00:00", Verdict::OutsideDivision},
      {"another kind", 16, "411323001201", "2022-02-01T00:00", Verdict::OutsideKind},
      {"a kind nobody knows", 999, "411323001201", "2022-02-01T00:00", Verdict::OutsideKind},
      {"division before kind", 16, "411323001202", "2022-02-01T00:00", Verdict::OutsideDivision},
      {"validity before both", 16, "411323001202", "2023-02-01T00:00", Verdict::OutsideValidity},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ask(c.kind, *DivisionCode::parse(c.division), local(c.received)), c.expected)
        << c.name;
  }
}

TEST_F(VerdictTable, ByTheMillisecondAtBothEndsOfTheValidity) {
  grant({"411323"}, {1});
  const Duration tick{1};
  const TimePoint from = local("2022-01-01T00:00"), to = local("2022-04-10T00:00");
  EXPECT_EQ(ask(1, village(1), from - tick), Verdict::OutsideValidity);
  EXPECT_EQ(ask(1, village(1), from), Verdict::Accepted);
  EXPECT_EQ(ask(1, village(1), to), Verdict::Accepted);
  EXPECT_EQ(ask(1, village(1), to + tick), Verdict::OutsideValidity);
}

TEST_F(VerdictTable, TheNearestGrantNamesTheFailureAndAnyThatFitsAccepts) {
  EXPECT_EQ(ask(), Verdict::NoCredential) << "no grant";
  grant({"411323001202"}, {1}, "2023-01-01T00:00", "2023-02-01T00:00");
  EXPECT_EQ(ask(), Verdict::OutsideValidity);
  grant({"411323001203"}, {1});
  EXPECT_EQ(ask(), Verdict::OutsideDivision) << "18 is nearer than 17";
  grant({"411323001201"}, {2});
  EXPECT_EQ(ask(), Verdict::OutsideKind) << "19 is nearer than 18";
  grant({"411323001201"}, {1});
  EXPECT_EQ(ask(), Verdict::Accepted);
  fill(1);
  end();
  fill(1);
  EXPECT_EQ(ask(1, village(1), local("2022-02-01T00:00"), log.size()), Verdict::Revoked)
      << "20 is nearer than 19";
  grant({"411323001201"}, {1});
  EXPECT_EQ(ask(), Verdict::Accepted) << "granted again";
}

TEST_F(VerdictTable, ByTheSeenSizeAroundTheEndOfAGrant) {
  const std::uint64_t in_force = grant({"411323"}, {1});
  fill(3);
  const std::uint64_t ended_at = end();
  fill(3);
  const TimePoint received = local("2022-02-01T00:00");
  struct Case {
    const char* name;
    std::optional<std::uint64_t> seen;
    Verdict expected;
  };
  const Case cases[] = {{"had seen nothing of this log", std::nullopt, Verdict::Revoked},
                        {"long before the grant", 1, Verdict::Accepted},
                        {"the size that holds the credential", in_force, Verdict::Accepted},
                        {"just before the revocation", ended_at, Verdict::Accepted},
                        {"the size that holds the revocation", ended_at + 1, Verdict::Revoked},
                        {"all of the log", log.size(), Verdict::Revoked},
                        {"more than there is", log.size() + 100, Verdict::Revoked}};
  for (const Case& c : cases) EXPECT_EQ(ask(1, village(1), received, c.seen), c.expected) << c.name;
  EXPECT_EQ(ask(2, village(1), received, log.size()), Verdict::OutsideKind)
      << "revoked is said only where the grant would have fitted";
}

TEST_F(VerdictTable, AnEventLoggedDirectlyAfterTheRevocationCountsBySeenSize) {
  grant({"411323"}, {1});
  const std::uint64_t ended_at = end();
  const TimePoint received = local("2022-02-01T00:00");
  ASSERT_EQ(log.size(), ended_at + 1);
  EXPECT_EQ(ask(1, village(1), received, ended_at), Verdict::Accepted);
  EXPECT_EQ(ask(1, village(1), received, ended_at + 1), Verdict::Revoked);
}

TEST_F(VerdictTable, AnAssignedScopeReachesTheWholeCounty) {
  event::CredentialPart said = log.credential_for(*a, {});
  said.role = "helper";
  said.assigned = "helper_of";
  log.issue(*desk, said);
  EXPECT_EQ(ask(1, village(7)), Verdict::Accepted);
  EXPECT_EQ(ask(33, village(7)), Verdict::OutsideKind);
}

TEST_F(VerdictTable, CompromisedIsRevokedWhateverWasSeen) {
  const std::uint64_t in_force = grant({"411323"}, {1});
  log.say(*desk, Kind::Revocation,
          event::RevocationPart{.key = a->id(),
                                .reason = event::RevocationReason::Compromised,
                                .last_vouched_sequence = 100});
  EXPECT_EQ(ask(1, village(1), local("2022-02-01T00:00"), in_force), Verdict::Revoked);
  EXPECT_EQ(ask(2, village(1), local("2022-02-01T00:00"), in_force), Verdict::Revoked);
}

TEST_F(VerdictTable, FrozenGoesBeforeEverything) {
  Signer& system = log.system();
  const std::uint64_t in_force = grant({"411323"}, {1});
  event::IncidentPart said{.key = a->id(), .sequence = 1};
  for (const char* part : {"one", "two"})
    said.evidence.push_back(
        log.fork(*a, {.division = village(1), .parts = {part}}).signed_event.encode());
  log.say(system, Kind::Incident, said);
  log.say(*desk, Kind::Revocation,
          event::RevocationPart{.key = a->id(), .reason = event::RevocationReason::Compromised});
  EXPECT_EQ(ask(1, village(1), local("2022-02-01T00:00"), in_force), Verdict::Frozen);
}

TEST(Verdict, AGrantThatWaitsForASecondPersonIsNone) {
  CountyLog log(/*persons_required=*/2);
  Signer& first = log.desk("first");
  Signer& second = log.desk("second");
  Signer& desk = log.signer("a");
  event::CredentialPart said = log.credential_for(desk, {"411323"});
  said.role = "town";
  const Digest event = log.issue(first, said);
  event::Header header;
  header.author = desk.id();
  header.kind = 1;
  header.division = village(1);
  const auto ask = [&](std::optional<std::uint64_t> seen) {
    return log.governance().judge(log.size(), header, log.now(), seen, false);
  };
  EXPECT_EQ(ask(1), Verdict::NoCredential);
  log.endorse(second, event, event::EndorsementPurpose::SecondPerson);
  EXPECT_EQ(ask(1), Verdict::Accepted);
}

TEST(Verdict, TheFirstEntryIsTheFoundingAndNothingElse) {
  const Governance governance;
  event::Header header;
  header.kind = static_cast<std::uint16_t>(Kind::Founding);
  EXPECT_EQ(governance.judge(0, header, {}, std::nullopt, false), Verdict::Accepted);
  EXPECT_EQ(governance.judge(1, header, {}, std::nullopt, false), Verdict::NoCredential);
  header.kind = static_cast<std::uint16_t>(Kind::Visit);
  EXPECT_EQ(governance.judge(0, header, {}, std::nullopt, false), Verdict::NoCredential);
}

TEST(Verdict, TheRootSpeaksOfGovernanceOnly) {
  CountyLog log;
  event::Header header;
  header.author = log.root().id();
  header.division = testing_support::the_county().division();
  const auto ask = [&](Kind kind) {
    header.kind = static_cast<std::uint16_t>(kind);
    return log.governance().judge(log.size(), header, log.now(), 1, false);
  };
  for (const event::KindInfo& info : event::all_kinds()) {
    const bool may = info.governance && info.kind != Kind::Founding;
    EXPECT_EQ(ask(info.kind), may ? Verdict::Accepted : Verdict::OutsideKind) << info.name;
  }
}

TEST(Verdict, ALostBodyIsAcceptedAsSuchAndChangesNoDispute) {
  CountyLog log;
  Signer& a = log.coordinator("a", {village(1).str()});
  const auto ask = [&](DivisionCode where) {
    event::Header header;
    header.author = a.id();
    header.kind = 1;
    header.division = where;
    return log.governance().judge(log.size(), header, log.now(), std::nullopt, true);
  };
  EXPECT_EQ(ask(village(1)), Verdict::AcceptedBodyLost);
  EXPECT_EQ(ask(village(2)), Verdict::OutsideDivision);
}
}  // namespace cunji::credential
