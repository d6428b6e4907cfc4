// A fold read back from its snapshot is the fold of the log, and goes on as it; what is damaged,
// foreign or of another version is not read.
#include "shared/state/snapshot.h"

#include <gtest/gtest.h>

#include "shared/programmes/all.h"
#include "shared/state/inquiry.h"
#include "tests/unit/shared/state/published.h"
#include "tests/unit/shared/state/random_log.h"

namespace cunji::state {
namespace {
credential::Governance governance_of(std::span<const event::LoggedEvent> entries) {
  credential::Governance out;
  for (const event::LoggedEvent& logged : entries) out.apply(logged);
  return out;
}

Bytes snapshot_of(const State& state) {
  Bytes out = encode_snapshot(state, {.size = state.next_index(), .root = crypto::sha256("root")});
  seal_snapshot(out);
  return out;
}
}  // namespace

TEST(Snapshot, WithTheTailIsTheFullReplay) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const RandomLog random(seed, 90);
    const auto& entries = random.log.entries();
    const std::vector<event::LoggedEvent> all(entries.begin(), entries.end());
    const Digest expected = fold(all).digest();
    for (std::size_t size = 0; size <= all.size(); size += 7) {
      const std::span<const event::LoggedEvent> head(all.data(), size);
      const State before = fold({head.begin(), head.end()});
      const Bytes bytes = snapshot_of(before);
      const auto mark = open_snapshot(bytes);
      ASSERT_TRUE(mark) << mark.error().what;
      EXPECT_EQ(mark->size, size);
      EXPECT_EQ(mark->root, crypto::sha256("root"));
      auto read = read_snapshot(bytes, governance_of(head));
      ASSERT_TRUE(read) << read.error().what;
      ASSERT_EQ(read->digest(), before.digest()) << "at " << size;
      ASSERT_EQ(snapshot_of(*read), bytes) << "at " << size;
      for (std::size_t i = size; i < all.size(); ++i) read->apply(all[i]);
      ASSERT_EQ(read->digest(), expected) << "from " << size;
    }
  }
}

TEST(Snapshot, AnswersAsTheFoldDoes) {
  const RandomLog random(4, 150, RandomLog::Definitions::Shipped);
  const State before = fold(random.log.entries());
  const std::vector<event::LoggedEvent> all(random.log.entries().begin(),
                                            random.log.entries().end());
  const State read = read_snapshot(snapshot_of(before), governance_of(all)).value();
  const Date on = day("2022-02-28");
  const auto remarks = [](const std::vector<Remark>& list) {
    std::vector<std::pair<std::uint64_t, std::string>> out;
    for (const Remark& remark : list) out.emplace_back(remark.index, remark.reason_en);
    return out;
  };
  EXPECT_EQ(remarks(read.disputed("")), remarks(before.disputed("")));
  EXPECT_EQ(remarks(read.doubtful_times("")), remarks(before.doubtful_times("")));
  EXPECT_FALSE(before.doubtful_times("").empty());
  const auto read_houses = read.households("", on), houses = before.households("", on);
  ASSERT_EQ(read_houses.size(), houses.size());
  ASSERT_FALSE(houses.empty());
  for (std::size_t i = 0; i < houses.size(); ++i) {
    EXPECT_EQ(read_houses[i].id, houses[i].id);
    EXPECT_EQ(read_houses[i].head_name, houses[i].head_name);
    EXPECT_EQ(read_houses[i].categories, houses[i].categories);
    EXPECT_EQ(read_houses[i].last_visit, houses[i].last_visit);
  }
  const DutyTally tally = tally_of(visits_due(before, "2022-02-28", ""));
  EXPECT_GT(tally.households, 0U);
  EXPECT_EQ(tally_of(visits_due(read, "2022-02-28", "")).done, tally.done);
  EXPECT_EQ(tally_of(visits_due(read, "2022-02-28", "")).missing, tally.missing);
}

TEST(Snapshot, KeepsEveryKindOfFactAndSeat) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  event::RegistrationPart said = household_part({"monitored"});
  said.facts.push_back({"income", "2021", event::integer_value(-5)});
  said.facts.push_back({"well", "", event::yes_value(true)});
  said.facts.push_back({"built", "", event::date_value(day("1999-12-31"))});
  said.facts.push_back({"mother", "", event::subject_value(house(2))});
  said.facts.push_back({"where", "", event::place_value({1, -2, 3, true})});
  log.say(desk, registers(house(1), village(1), said));
  for (const auto until : {std::optional<Date>{}, std::optional(day("2022-03-01"))}) {
    event::AssignmentPart seat{.relation = "coordinator_of",
                               .from = subject(until ? "a" : "b"),
                               .division = village(1),
                               .since = day("2022-01-01"),
                               .until = until};
    log.say(
        desk,
        {.kind = Kind::Assignment, .division = village(1), .parts = {event::encode_part(seat)}});
  }
  const State before = fold(log.entries());
  ASSERT_EQ(before.coordinators("").size(), 2U);
  const std::vector<event::LoggedEvent> all(log.entries().begin(), log.entries().end());
  const State read = read_snapshot(snapshot_of(before), governance_of(all)).value();
  EXPECT_EQ(read.digest(), before.digest());
  EXPECT_EQ(snapshot_of(read), snapshot_of(before));
}

TEST(Snapshot, RunsTheCasesOfTheDefinitionsAnew) {
  CountyLog log;
  publish(log, R"(
programme: "leads" document: "08" prefix: "MON" version: 1 effective_from: "2022-01-01" label { zh: "线索" en: "leads" }
subject { id: "lead" parent: "household" label { zh: "线索" en: "lead" } }
fact { id: "found" subject: "household" type: TEXT label { zh: "发现" en: "found" } }
form { id: "finding" kind: "visit" subject: "household" recorder { role: "coordinator" } reader { role: "town" }
  label { zh: "发现" en: "finding" } field { key: "what" type: TEXT fact: "found" label { zh: "何事" en: "what" } } }
procedure { id: "lead" subject: "lead" opened_by: "finding" label { zh: "线索" en: "lead" }
  stage { id: "done" by { role: "town" } label { zh: "办结" en: "done" } } })");
  Signer& coordinator = log.coordinator("c", {village(1).str()});
  log.say(log.desk("desk"), registers(house(1), village(1), household_part({"general"})));
  log.say(coordinator, {.kind = Kind::Visit,
                        .division = village(1),
                        .subject = house(1),
                        .parts = {event::encode_part(
                            event::AnswersPart{.answers = {{"what", event::text_value("病")}}},
                            {.programme = "leads", .form = "finding"})}});
  const std::vector<event::LoggedEvent> all(log.entries().begin(), log.entries().end());
  const State before = fold(all);
  const State read = read_snapshot(snapshot_of(before), governance_of(all)).value();
  EXPECT_EQ(read.digest(), before.digest());
  const Inquiry now(read, day("2022-01-01"));
  ASSERT_EQ(now.cases(house(1)).size(), 1U);
  EXPECT_EQ(now.fact(house(1), "found")->value, event::text_value("病"));
}

TEST(Snapshot, KnowsWhoSpokeBeforeTheirFirstCredential) {
  CountyLog log;
  Says published{.kind = Kind::Definition, .division = the_county().division()};
  for (const programmes::ShippedDefinition& each : programmes::shipped_definitions())
    published.parts.push_back(event::encode_part(event::DefinitionPart{Bytes(each.encoded)}));
  log.say(log.root(), published);
  log.say(log.desk("desk"), registers(house(1), village(1), household_part({"general"})));
  // Logged before its first credential: nobody's word, until a desk endorses it.
  Signer& bureau = log.signer("bureau");
  log.set_now(local("2022-03-15T09:00"));
  const event::AnswersPart alert{
      .answers = {{"alert_type", event::code_value("medical")},
                  {"household_types", event::codes_value({"serious_illness"})},
                  {"received_on", event::date_value(day("2022-03-15"))}}};
  const Digest said = log.say(
      bureau,
      {.kind = Kind::Alert,
       .division = village(1),
       .subject = house(1),
       .parts = {event::encode_part(alert, {.programme = "monitoring", .form = "sector_alert"})}});
  event::CredentialPart credential = log.credential_for(bureau, {"411323"});
  credential.role = "county_desk";
  credential.office = "rr_bureau";
  credential.kinds = {32, 49};
  log.issue(log.root(), credential);
  Signer& second = log.desk("second");
  log.endorse(second, said, event::EndorsementPurpose::Effect, village(1));
  State before(programmes::all_calculations());
  for (const event::LoggedEvent& logged : log.entries()) before.apply(logged);
  const std::vector<event::LoggedEvent> all(log.entries().begin(), log.entries().end());
  const State read =
      read_snapshot(snapshot_of(before), governance_of(all), programmes::all_calculations())
          .value();
  const Inquiry then(before, day("2022-03-20")), now(read, day("2022-03-20"));
  ASSERT_EQ(then.cases(house(1)).size(), 1U);
  ASSERT_EQ(now.cases(house(1)).size(), 1U);
  EXPECT_EQ(now.cases(house(1))[0].id, then.cases(house(1))[0].id);
  EXPECT_EQ(now.fact(house(1), "colour")->value, event::code_value("yellow"));
  EXPECT_EQ(then.fact(house(1), "colour")->value, event::code_value("yellow"));
}

TEST(Snapshot, ThatIsDamagedForeignOrNewerIsNotRead) {
  const RandomLog random(2, 40);
  const Bytes whole = snapshot_of(fold(random.log.entries()));
  ASSERT_TRUE(open_snapshot(whole));
  for (std::size_t at = 0; at < whole.size(); at += 1 + at / 40) {
    Bytes changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(open_snapshot(changed)) << "byte " << at;
    EXPECT_FALSE(open_snapshot(BytesView(whole).substr(0, at))) << "cut to " << at;
  }
  EXPECT_FALSE(open_snapshot(whole + "x"));
  const auto resealed = [&](std::size_t at, char value) {
    Bytes out = whole.substr(0, whole.size() - Digest::kSize);
    out[at] = value;
    seal_snapshot(out);
    return out;
  };
  constexpr std::size_t kFoldVersionAt = 18 + 3;
  const auto newer = open_snapshot(resealed(kFoldVersionAt, static_cast<char>(kFoldVersion + 1)));
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Errc::Conflict);
  EXPECT_NE(newer.error().what.find("fold version"), std::string::npos) << newer.error().what;
  EXPECT_EQ(open_snapshot(resealed(16, '1')).error().code, Errc::Conflict) << "format";
}

// Its digest proves that it is as it was written, not that it makes sense: no bytes may harm us.
TEST(Snapshot, NonsenseUnderARightDigestIsAnError) {
  const RandomLog random(2, 30);
  const State state = fold(random.log.entries());
  const std::vector<event::LoggedEvent> all(random.log.entries().begin(),
                                            random.log.entries().end());
  const credential::Governance governance = governance_of(all);
  Bytes content = encode_snapshot(state, {.size = state.next_index(), .root = {}});
  std::size_t refused = 0;
  for (std::size_t cut = 100; cut < content.size(); cut += 97) {
    Bytes shorter = content.substr(0, cut);
    seal_snapshot(shorter);
    EXPECT_FALSE(read_snapshot(shorter, governance)) << cut;
    ++refused;
  }
  EXPECT_GT(refused, 20U);
  const auto other_size = encode_snapshot(state, {.size = state.next_index(), .root = {}});
  Bytes wrong = other_size;
  wrong[18 + 4 + 7] = static_cast<char>(wrong[18 + 4 + 7] + 1);
  seal_snapshot(wrong);
  EXPECT_FALSE(read_snapshot(wrong, governance));
}
}  // namespace cunji::state
