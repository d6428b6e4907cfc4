// What intake takes, refuses, parks and judges; and that a failing disk leaves nothing half done.
#include "server/intake/intake.h"

#include <gtest/gtest.h>

#include "protocol/sync.pb.h"
#include "server/intake/daily_use.h"
#include "shared/log/merkle.h"
#include "shared/store/memory_event_log.h"
#include "shared/store/memory_vfs.h"
#include "shared/store/sqlite_event_log.h"
#include "tests/support/forwarding_log.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
using event::Kind;
using event::Verdict;
using sync::EventOutcome;
using Status = EventOutcome::Status;

// A county in SQLite on a file system in memory: log and side store on separate ones, so that each
// can be made to fail by itself.
class IntakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open_stores();
    const event::Event founding = found_county(root);
    const log::NewEntry entry{.event = founding.signed_event,
                              .body = founding.body,
                              .received = at_minute(0),
                              .verdict = Verdict::Accepted,
                              .verified_seen_size = 0};
    ASSERT_TRUE(log->append(0, {&entry, 1}));
    open_intake();
    const auto results =
        take({root.credential(system, "system", {Kind::Incident, Kind::Anchor}, {"990001"}),
              root.credential(registrar, "registrar",
                              {Kind::Credential, Kind::Revocation, Kind::Endorsement}, {"990001"}),
              registrar.credential(coordinator, "coordinator", {Kind::Visit, Kind::CheckIn})});
    for (const EventOutcome& outcome : results) {
      ASSERT_EQ(outcome.status, Status::Logged) << outcome.reason;
      ASSERT_EQ(outcome.verdict, Verdict::Accepted);
    }
    see(coordinator);
  }

  void open_stores() {
    log =
        store::open_sqlite_event_log("county", {.vfs = log_vfs.name(), .read_only = false}).value();
    side = store::SideStore::open("side", side_vfs.name(), side_bounds).value();
  }
  void open_intake() { intake.emplace(Intake::open(*log, *side, system.key).value()); }
  // As after a restart of the server.
  void reopen() {
    intake.reset();
    log.reset();
    side.reset();
    open_stores();
    open_intake();
  }

  // The author has synchronised with the log as it is now.
  void see(Author& author) {
    const auto head = intake->head();
    author.seen = log::seen_of({.origin = kOrigin, .size = head.size, .root = head.root});
  }

  static CheckedBatch batch_of(const std::vector<event::Event>& events) {
    // As a device brings its own.
    CheckedBatch out{.sender = {}, .events = {}};
    if (!events.empty()) out.sender = events.front().signed_event.header().author;
    for (const event::Event& event : events) out.events.push_back({event, check(event, kCounty)});
    return out;
  }
  std::vector<EventOutcome> take(const std::vector<event::Event>& events, int minute = 1) {
    CheckedBatch batch = batch_of(events);
    const auto results = intake->take({&batch, 1}, at_minute(minute));
    EXPECT_TRUE(results) << results.error().what;
    return results ? results->at(0) : std::vector<EventOutcome>{};
  }
  std::size_t quarantined() const { return side->quarantined(100).value().size(); }
  std::uint64_t size() const { return log->head().value().size; }
  // Incidents in the log, by the sequences they name.
  std::vector<std::uint64_t> incidents() const {
    std::vector<std::uint64_t> out;
    const auto logged = log->division_entries(kCounty.division(), 0, 100).value();
    for (const event::LoggedEvent& each : logged) {
      if (const auto fork = event::first_content<event::IncidentPart>(each.body))
        out.push_back(fork->sequence);
    }
    return out;
  }

  store::MemoryVfs log_vfs{"intake-test-log"}, side_vfs{"intake-test-side"};
  Author root{"root"}, system{"system"}, registrar{"registrar"}, coordinator{"coordinator"};
  std::unique_ptr<log::EventLog> log;
  std::unique_ptr<store::SideStore> side;
  store::SideBounds side_bounds;  // From the next reopen() on.
  std::optional<Intake> intake;
};

TEST_F(IntakeTest, CheckRefusesWhatIsNotGenuine) {
  const event::Event sound = coordinator.visit();
  ASSERT_FALSE(check(sound, kCounty));
  EXPECT_EQ(check(sound, CountyCode::parse("990002").value())->code, proto::REFUSAL_CODE_COUNTY);

  Bytes bytes = sound.signed_event.encode();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const event::Event unsigned_event{event::SignedEvent::decode(bytes).value(), sound.body};
  EXPECT_EQ(check(unsigned_event, kCounty)->code, proto::REFUSAL_CODE_SIGNATURE);

  event::Event other_body = sound;
  other_body.body = coordinator.visit(kVillage).body;
  EXPECT_EQ(check(other_body, kCounty)->code, proto::REFUSAL_CODE_BODY);

  event::Event withheld = sound;
  withheld.body.salt.reset();
  withheld.body.parts[0] = {.state = event::PartState::Withheld,
                            .salt = {},
                            .padded = {},
                            .commitment = sound.body.parts[0].commitment};
  EXPECT_EQ(check(withheld, kCounty)->code, proto::REFUSAL_CODE_BODY);

  event::Event lost = sound;
  lost.body = {};
  EXPECT_FALSE(check(lost, kCounty)) << "a body lost on the device is no fault of its author";
}

TEST_F(IntakeTest, AnErasedBodyDoesNotComeBack) {
  const event::Event visit = coordinator.visit();
  ASSERT_EQ(take({visit})[0].status, Status::Logged);
  const std::uint64_t index = size() - 1;
  const event::ErasurePart erasure{
      .events = {{visit.signed_event.digest(), index, kVillage, event::PartSet().set()}},
      .basis = "PIPL 47"};
  ASSERT_EQ(take({root.sign(Kind::Erasure, kCounty.division(), erasure)})[0].verdict,
            Verdict::Accepted);
  const log::Erasing what{.index = index, .parts = event::PartSet().set()};
  constexpr int kDue = 8 * 24 * 60;
  ASSERT_TRUE(log->erase({&what, 1}));
  const auto is_gone = [&] {
    return event::parts_in(log->at(index).value()->body, event::PartState::Erased).count() == 1;
  };

  // The whole body again; and its author, whose acknowledgement was lost, with what is left of it.
  event::Event left = visit;
  event::erase_parts(left.body, event::PartSet().set());
  ASSERT_EQ(check(left, kCounty)->code, proto::REFUSAL_CODE_BODY);
  for (const event::Event& again : {visit, left}) {
    const auto outcome = take({again}, kDue)[0];
    EXPECT_EQ(outcome.status, Status::Logged) << outcome.reason;
    EXPECT_EQ(outcome.index, index);
    EXPECT_TRUE(is_gone());
  }
  EXPECT_EQ(quarantined(), 0u);

  // By way of the quarantine: under another signature, which the key's holder can make.
  Bytes bytes = visit.signed_event.encode();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  CheckedBatch resigned{.sender = {}, .events = {}};
  resigned.events.push_back(
      {{event::SignedEvent::decode(bytes).value(), visit.body}, std::nullopt});
  ASSERT_EQ(intake->take({&resigned, 1}, at_minute(kDue)).value()[0][0].status, Status::Refused);
  const auto kept = side->quarantined(10).value();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_LE(kept[0].body.size(), 2u) << "that it was offered, not what it said";

  // A new event with an erased part is nobody's to make.
  event::Event next = coordinator.visit();
  event::erase_parts(next.body, event::PartSet().set());
  EXPECT_EQ(take({next}, kDue)[0].refusal, proto::REFUSAL_CODE_BODY);
}

TEST_F(IntakeTest, VerdictsSpeakOfAuthorityAndNothingIsRefusedForIt) {
  const auto check_in =
      event::CheckInPart{.outcome = event::VisitOutcome::NobodyHome, .place = {}, .remark = {}};
  event::Event lost = coordinator.visit();
  lost.body = {};
  const auto results = take({lost, coordinator.visit(), coordinator.visit(kOtherVillage),
                             coordinator.sign(Kind::CheckIn, kVillage, check_in),
                             coordinator.sign(Kind::Survey, kVillage, event::AnswersPart{})});
  const Verdict expected[] = {Verdict::AcceptedBodyLost, Verdict::Accepted,
                              Verdict::OutsideDivision, Verdict::Accepted, Verdict::OutsideKind};
  ASSERT_EQ(results.size(), std::size(expected));
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(results[i].status, Status::Logged);
    EXPECT_EQ(results[i].index, 4 + i);
    EXPECT_EQ(results[i].verdict, expected[i]);
  }
  EXPECT_EQ(quarantined(), 0U);
}

// Whoever else brings it may have thrown its body away: logged without it, it would be lost for
// good.
TEST_F(IntakeTest, WithoutItsBodyAnEventComesFromItsAuthorOnly) {
  const event::Event visit = coordinator.visit();
  event::Event lost = visit;
  lost.body = {};
  CheckedBatch carried = batch_of({lost});
  carried.sender = registrar.key.public_key();
  const auto results = intake->take({&carried, 1}, at_minute(1));
  ASSERT_TRUE(results) << results.error().what;
  EXPECT_EQ(results->at(0).at(0).refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(size(), 4U);
  CheckedBatch whole = batch_of({visit});
  whole.sender = registrar.key.public_key();
  EXPECT_EQ(intake->take({&whole, 1}, at_minute(2))->at(0).at(0).status, Status::Logged);
}

TEST_F(IntakeTest, TheSameEventIsAnsweredAlikeForEver) {
  const event::Event visit = coordinator.visit();
  const auto first = take({visit}, 1)[0];
  const auto twice = take({visit, visit}, 2);
  reopen();
  const auto later = take({visit}, 3)[0];
  for (const EventOutcome& again : {twice[0], twice[1], later}) {
    EXPECT_EQ(again.status, Status::Logged);
    EXPECT_EQ(again.index, first.index);
    EXPECT_EQ(again.received, first.received);
    EXPECT_EQ(again.verdict, first.verdict);
  }
  EXPECT_EQ(size(), 5U);
}

TEST_F(IntakeTest, TheSameEventTwiceInOneCommitIsLoggedOnce) {
  const event::Event visit = coordinator.visit();
  std::vector<CheckedBatch> batches{batch_of({visit, visit}), batch_of({visit})};
  const auto results = intake->take(batches, at_minute(1)).value();
  EXPECT_EQ(results[0][0].index, 4U);
  EXPECT_EQ(results[0][1].index, 4U);
  EXPECT_EQ(results[1][0].index, 4U);
  EXPECT_EQ(size(), 5U);
}

TEST_F(IntakeTest, ChainsAreTakenInOrderOnly) {
  const event::Event first = coordinator.visit(), second = coordinator.visit(),
                     third = coordinator.visit();
  const auto gap = take({second, third});
  EXPECT_EQ(gap[0].refusal, proto::REFUSAL_CODE_GAP);
  EXPECT_EQ(gap[1].refusal, proto::REFUSAL_CODE_PARENT);
  EXPECT_EQ(quarantined(), 0U) << "out of order is not forged";
  EXPECT_EQ(size(), 4U);
  const auto in_order = take({first, second, third});
  for (const EventOutcome& outcome : in_order) EXPECT_EQ(outcome.status, Status::Logged);
}

TEST_F(IntakeTest, ABrokenChainEndsThereAndNowhereElse) {
  Author stranger("coordinator");  // The same key with another enrolment request as predecessor.
  stranger.head.digest = crypto::sha256("another request");
  stranger.seen = coordinator.seen;
  const event::Event wrong_first = stranger.visit(), wrong_second = stranger.visit();
  const event::Event right = coordinator.visit();
  const auto results = take({wrong_first, wrong_second, right});
  EXPECT_EQ(results[0].refusal, proto::REFUSAL_CODE_BROKEN_CHAIN);
  EXPECT_EQ(results[1].refusal, proto::REFUSAL_CODE_PARENT);
  EXPECT_EQ(results[2].status, Status::Logged);
  EXPECT_EQ(quarantined(), 2U) << "with bytes and reason";
  EXPECT_TRUE(incidents().empty()) << "a broken chain is nobody's fraud";

  Author later("coordinator");
  later.head = coordinator.head;
  later.head.digest = crypto::sha256("another second event");
  later.seen = coordinator.seen;
  EXPECT_EQ(take({later.visit()})[0].refusal, proto::REFUSAL_CODE_BROKEN_CHAIN);
}

TEST_F(IntakeTest, AForkIsReportedOnceAndFreezesTheKey) {
  Author clone = coordinator;
  const event::Event original = coordinator.visit();
  const event::Event forged = clone.visit(kOtherVillage);
  const event::Event child = clone.visit();
  const event::Event next = coordinator.visit();
  ASSERT_EQ(take({original})[0].status, Status::Logged);

  const auto results = take({forged, child, next});
  EXPECT_EQ(results[0].refusal, proto::REFUSAL_CODE_FORK);
  EXPECT_EQ(results[1].refusal, proto::REFUSAL_CODE_PARENT);
  EXPECT_EQ(results[2].status, Status::Logged);
  EXPECT_EQ(results[2].verdict, Verdict::Frozen) << "the incident stands before it";
  EXPECT_EQ(results[2].index, 6U);
  EXPECT_EQ(incidents(), std::vector<std::uint64_t>{1});
  EXPECT_EQ(intake->governance().find(coordinator.key.public_key())->frozen_at, 5U);
  EXPECT_EQ(quarantined(), 2U);

  const auto incident = log->at(5).value().value();
  EXPECT_EQ(incident.entry.event.header().author, system.key.public_key());
  EXPECT_TRUE(incident.entry.event.verify());
  EXPECT_EQ(incident.entry.verdict, Verdict::Accepted);
  const auto said = event::first_content<event::IncidentPart>(incident.body).value();
  EXPECT_EQ(said.evidence[0], original.signed_event.encode()) << "the logged one first";
  EXPECT_EQ(said.evidence[1], forged.signed_event.encode());

  take({forged});
  reopen();
  EXPECT_EQ(take({forged})[0].refusal, proto::REFUSAL_CODE_FORK);
  EXPECT_EQ(incidents().size(), 1U) << "once, also over a restart";
  EXPECT_EQ(take({original})[0].status, Status::Logged) << "what was logged stays acknowledged";
}

TEST_F(IntakeTest, BothBranchesInOneCommitAreAFork) {
  Author clone = coordinator;
  const auto results = take({coordinator.visit(), clone.visit(kOtherVillage)});
  EXPECT_EQ(results[0].status, Status::Logged);
  EXPECT_EQ(results[0].verdict, Verdict::Accepted);
  EXPECT_EQ(results[1].refusal, proto::REFUSAL_CODE_FORK);
  EXPECT_EQ(incidents(), std::vector<std::uint64_t>{1});
}

TEST_F(IntakeTest, EventsOfAnUnknownKeyWaitForItsCredential) {
  Author fresh("fresh");
  const std::vector<event::Event> work{fresh.visit(), fresh.visit()};
  for (const EventOutcome& outcome : take(work)) EXPECT_EQ(outcome.status, Status::Parked);
  EXPECT_EQ(side->counts().value().parked, 2U);
  EXPECT_EQ(size(), 4U);

  const event::Event third = fresh.visit();
  const auto results = take({third, registrar.credential(fresh, "coordinator", {Kind::Visit})}, 2);
  EXPECT_EQ(results[1].index, 4U);
  EXPECT_EQ(results[0].status, Status::Logged) << "known by the end of the commit";
  EXPECT_EQ(results[0].index, 7U);
  EXPECT_EQ(size(), 8U);
  EXPECT_EQ(intake->newest().size(), 4U);
  EXPECT_EQ(side->counts().value().parked, 0U);
  const auto again = take(work, 3);
  EXPECT_EQ(again[0].index, 5U);
  EXPECT_EQ(again[1].index, 6U);
  EXPECT_EQ(again[1].verdict, Verdict::Accepted);
}

TEST_F(IntakeTest, WhatFindsNoRoomInParkingComesLater) {
  Author first("first"), second("second");
  const event::Event waiting = first.visit(), late = second.visit();
  side_bounds.parked_bytes = waiting.signed_event.encode().size() +
                             event::encode_body(waiting.body).size() + 100;  // One has room.
  reopen();
  EXPECT_EQ(take({waiting})[0].status, Status::Parked);
  EXPECT_EQ(take({late})[0].refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(take({coordinator.visit()})[0].status, Status::Logged) << "nobody known is held up";
  take({registrar.credential(first, "coordinator", {Kind::Visit})}, 2);
  EXPECT_EQ(take({late}, 3)[0].status, Status::Parked) << "room again";
  EXPECT_EQ(side->counts().value().parked, 1U);
}

TEST_F(IntakeTest, ParkedEventsOfAKeyThatBecameKnownAreFoundAfterACrash) {
  Author fresh("fresh");
  ASSERT_EQ(take({fresh.visit()})[0].status, Status::Parked);
  const std::vector<event::Event> parked = side->parked(fresh.key.public_key()).value();
  take({registrar.credential(fresh, "coordinator", {Kind::Visit})}, 2);
  ASSERT_EQ(size(), 6U);
  // As if the process had died between log and side store: the parked row is still there.
  ASSERT_TRUE(side->park(parked, at_minute(1)).at(0));
  reopen();
  take({}, 3);
  EXPECT_EQ(size(), 6U);
  EXPECT_EQ(side->counts().value().parked, 0U);
}

TEST_F(IntakeTest, OfflineWorkBeforeAnEndedRevocationStillCounts) {
  const event::Event seen_before = coordinator.visit();
  const auto revocation =
      registrar.sign(Kind::Revocation, kCounty.division(),
                     event::RevocationPart{.key = coordinator.key.public_key(),
                                           .reason = event::RevocationReason::Ended,
                                           .last_vouched_sequence = 0,
                                           .credential = {},
                                           .remark = {}});
  EXPECT_EQ(take({revocation})[0].verdict, Verdict::Accepted);
  EXPECT_EQ(take({seen_before})[0].verdict, Verdict::Accepted);
  see(coordinator);
  EXPECT_EQ(take({coordinator.visit()})[0].verdict, Verdict::Revoked);
}

TEST_F(IntakeTest, ASeenCheckpointOfAnotherLogProvesNothing) {
  const auto revocation =
      registrar.sign(Kind::Revocation, kCounty.division(),
                     event::RevocationPart{.key = coordinator.key.public_key(),
                                           .reason = event::RevocationReason::Ended,
                                           .last_vouched_sequence = 0,
                                           .credential = {},
                                           .remark = {}});
  take({revocation});
  coordinator.seen.digest = crypto::sha256("made up");
  EXPECT_EQ(take({coordinator.visit()})[0].verdict, Verdict::Revoked) << "judged as of its receipt";
  coordinator.seen.size = 1'000;
  EXPECT_EQ(take({coordinator.visit()})[0].verdict, Verdict::Revoked) << "beyond the log";
}

TEST_F(IntakeTest, AGuessAtACheckpointOfTheSameCommitWaitsForTheNext) {
  // A verifier of the whole log could find the guess right, and would judge otherwise than we did.
  const auto first = coordinator.visit();
  coordinator.seen = {.size = intake->head().size + 1, .digest = crypto::sha256("guess")};
  const auto guess = coordinator.visit();
  const auto results = take({first, guess});
  EXPECT_EQ(results[0].status, Status::Logged);
  EXPECT_EQ(results[1].refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(quarantined(), 0U);
  EXPECT_EQ(take({guess})[0].status, Status::Logged);
}

TEST_F(IntakeTest, ReceivedNeverDecreases) {
  const auto late = take({coordinator.visit()}, 30)[0];
  const auto early = take({coordinator.visit()}, 2)[0];
  EXPECT_EQ(late.received, at_minute(30));
  EXPECT_EQ(early.received, at_minute(30)) << "the clock was set back";
}

TEST_F(IntakeTest, AboveTheDailyQuotaTheAnswerIsLater) {
  Author busy("busy");
  take({registrar.credential(busy, "coordinator", {Kind::Visit}, {"990001001001"}, 2)});
  see(busy);
  const event::Event one = busy.visit(), two = busy.visit(), three = busy.visit();
  const auto results = take({one, two, three});
  EXPECT_EQ(results[1].status, Status::Logged);
  EXPECT_EQ(results[2].refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(quarantined(), 0U);
  EXPECT_EQ(take({three}, 24 * 60)[0].status, Status::Logged) << "tomorrow";
}

TEST_F(IntakeTest, TheDaysUseSurvivesARestartAndADoubtfulCommit) {
  Author busy("busy");
  take({registrar.credential(busy, "coordinator", {Kind::Visit}, {"990001001001"}, 3)});
  see(busy);
  std::vector<event::Event> work;
  for (int i = 0; i < 6; ++i) work.push_back(busy.visit());
  ASSERT_EQ(take({work[0]}, 24 * 60)[0].status, Status::Logged);
  take({coordinator.visit()}, 2 * 24 * 60);  // So that the newest day is not the first.
  ASSERT_EQ(take({work[1], work[2]}, 2 * 24 * 60 + 1)[1].status, Status::Logged);
  reopen();
  const auto after = take({work[3], work[4]}, 2 * 24 * 60 + 2);
  EXPECT_EQ(after[0].status, Status::Logged) << "yesterday's does not count";
  EXPECT_EQ(after[1].refusal, proto::REFUSAL_CODE_LATER) << "two before the restart, one after";
  reopen();
  EXPECT_EQ(take({work[4]}, 2 * 24 * 60 + 3)[0].refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(take({work[4]}, 3 * 24 * 60)[0].status, Status::Logged) << "tomorrow";
}

TEST_F(IntakeTest, WhatFollowsAnEventThatComesLaterComesLaterToo) {
  Author busy("busy");
  take({registrar.credential(busy, "coordinator", {Kind::Visit}, {"990001001001"}, 1)});
  see(busy);
  const auto results = take({busy.visit(), busy.visit(), busy.visit(), busy.visit()});
  EXPECT_EQ(results[0].status, Status::Logged);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(results[i].refusal, proto::REFUSAL_CODE_LATER);
  EXPECT_EQ(quarantined(), 0U) << "too much is no evidence of anything";
}

TEST_F(IntakeTest, BytesOfADayAreBoundedToo) {
  Author busy("busy");
  event::Event credential =
      registrar.credential(busy, "coordinator", {Kind::Visit}, {"990001001001"}, 2'000, 800);
  take({credential});
  see(busy);
  const auto results = take({busy.visit(), busy.visit(), busy.visit()});
  EXPECT_EQ(results[0].status, Status::Logged);
  EXPECT_EQ(results[2].refusal, proto::REFUSAL_CODE_LATER) << "an entry alone has 300 bytes";
}

TEST_F(IntakeTest, SystemEventsGoThroughTheSameLog) {
  crypto::SeededEntropy entropy(3);
  const event::AnchorPart anchor{.note = "note", .at = at_minute(5), .county_clock = true};
  const auto logged = intake->take_system({.division = kCounty.division(),
                                           .subject = {},
                                           .kind = Kind::Anchor,
                                           .recorded = at_minute(5),
                                           .parts = {event::encode_part(anchor)}},
                                          entropy, at_minute(5));
  ASSERT_TRUE(logged);
  EXPECT_EQ(logged->index, 4U);
  EXPECT_EQ(logged->entry.verdict, Verdict::Accepted);
}

TEST_F(IntakeTest, AFailingDiskLeavesEverythingAsBefore) {
  Author fresh("fresh");
  const auto credential = registrar.credential(fresh, "coordinator", {Kind::Visit});
  const std::vector<event::Event> events{coordinator.visit(), credential, fresh.visit()};
  std::uint64_t failures = 0;
  for (std::uint64_t operation = 0;; ++operation) {
    const auto governance = intake->shared_governance();
    const auto before = log->head().value();
    log_vfs.fail_after(operation, store::MemoryVfs::Failure::DiskFull);
    CheckedBatch batch = batch_of(events);
    const auto results = intake->take({&batch, 1}, at_minute(1));
    log_vfs.heal();
    if (results) break;
    ++failures;
    EXPECT_EQ(results.error().code, Errc::Io) << results.error().what;
    EXPECT_EQ(log->head().value(), before);
    EXPECT_EQ(intake->head(), before);
    EXPECT_EQ(intake->shared_governance(), governance) << "not advanced by what was not logged";
    ASSERT_LT(operation, 1'000U);
  }
  EXPECT_GT(failures, 2U);
  EXPECT_EQ(size(), 7U);
  EXPECT_EQ(intake->head().size, 7U);
}

// Commits, and can't tell so.
class MuteLog final : public testing_support::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  Result<std::vector<event::LoggedEvent>> append(std::uint64_t size,
                                                 std::span<const log::NewEntry> entries) override {
    auto appended = ForwardingLog::append(size, entries);
    if (!mute) return appended;
    return Error{Errc::Io, "the disk does not answer"};
  }
  bool mute = false;
};

TEST_F(IntakeTest, ACommitThatWasLoggedAfterAllIsFoundByTheNext) {
  MuteLog mute(*log);
  intake.emplace(Intake::open(mute, *side, system.key).value());
  Author fresh("fresh");
  const std::vector<event::Event> events{
      registrar.credential(fresh, "coordinator", {Kind::Visit, Kind::CheckIn}),
      coordinator.visit()};
  mute.mute = true;
  CheckedBatch batch = batch_of(events);
  EXPECT_FALSE(intake->take({&batch, 1}, at_minute(1)));
  mute.mute = false;
  ASSERT_EQ(size(), 6U);

  const auto again = take({events[0], events[1], fresh.visit()}, 2);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[0].index, 4U);
  EXPECT_EQ(again[1].index, 5U) << "the same answer, and logged once";
  EXPECT_EQ(again[2].index, 6U) << "its credential counts";
  EXPECT_EQ(again[2].verdict, Verdict::Accepted);
  EXPECT_EQ(size(), 7U);
}

TEST_F(IntakeTest, AFailingSideStoreChangesNoLoggedOutcome) {
  Author fresh("fresh");
  Author stranger("coordinator");
  stranger.head.digest = crypto::sha256("another request");
  side_vfs.fail_after(0, store::MemoryVfs::Failure::DiskFull, /*lasting=*/true);
  const auto results = take({coordinator.visit(), fresh.visit(), stranger.visit()});
  side_vfs.heal();
  EXPECT_EQ(results[0].status, Status::Logged);
  EXPECT_EQ(results[1].refusal, proto::REFUSAL_CODE_LATER) << "not parked, so not said to be";
  EXPECT_EQ(results[2].status, Status::Refused);
}

TEST(CountyDay, BeginsAtMidnightInTheCounty) {
  const Date date = parse_date("2022-02-10").value();
  const std::int64_t day = county_day(start_of(date));
  EXPECT_EQ(day, 19'033) << "days since 1970";
  EXPECT_EQ(county_day(start_of(next_day(date)) - Duration{1}), day);
  EXPECT_EQ(county_day(start_of(next_day(date))), day + 1);
}

TEST(Intake, RefusesALogWithoutAFoundingEvent) {
  store::MemoryVfs vfs("intake-test-empty");
  const auto side = store::SideStore::open("side", vfs.name()).value();
  const auto log = store::make_memory_event_log();
  const auto intake = Intake::open(*log, *side, key_of("system"));
  ASSERT_FALSE(intake);
  EXPECT_EQ(intake.error().code, Errc::Corrupt);
}
}  // namespace cunji::server
