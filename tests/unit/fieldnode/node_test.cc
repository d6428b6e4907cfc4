// Enrolment, recording, and what a node shows: before the credential, after a crash, after a cut.
#include "fieldnode/node.h"

#include "shared/state/inquiry.h"
#include "tests/support/shipped.h"
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
using Standing = store::OwnEvent::Standing;
using namespace std::chrono_literals;

TEST(Node, RecordsNothingBeforeItKnowsACounty) {
  Device device("no-county");
  const auto out = device.node->record(visit());
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Protocol);
  EXPECT_FALSE(device.node->start_session({}, sync::start_time()));
  const auto status = device.node->status(sync::start_time());
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->enrolled);
  EXPECT_FALSE(status->contacted);
}

TEST(Node, MakesItsRequestOncePerKeyAndCounty) {
  Device device("once");
  County county;
  const auto first = device.node->enrol(county.root_digest(), Bytes(32, 'c'));
  ASSERT_TRUE(first);
  device.crash();
  const auto again = device.node->enrol(county.root_digest(), Bytes(32, 'd'));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->request, first->request);
  EXPECT_EQ(again->code_key, Bytes(32, 'd'));
}

TEST(Node, TakesAnotherFingerprintOnlyWhileNothingStandsOnTheFirst) {
  Device device("fingerprint");
  County county;
  ASSERT_TRUE(device.node->enrol(Digest{}, Bytes(32, 'c')));  // A typing error.
  const PublicKey wrong_key = device.node->key();
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  EXPECT_NE(device.node->key(), wrong_key) << "a key is for one county";
  const auto out = device.node->enrol(Digest{}, Bytes(32, 'c'));
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Conflict);
}

TEST(Node, RecordsBeforeItsCredentialArrives) {
  Device device("early");
  County county;
  const auto offer = device.node->enrol(county.root_digest(), Bytes(32, 'c'));
  ASSERT_TRUE(offer);
  // The office has not approved: the session tells the county's origin and checkpoint, no more.
  sync::NodeSession::Options asking;
  asking.enrol = *offer;
  const auto waits = synchronise(*device.node, county, 100, asking);
  ASSERT_FALSE(waits) << waits->what;
  const auto recorded = device.node->record(visit());
  ASSERT_TRUE(recorded) << recorded.error().what;
  EXPECT_EQ(recorded->sequence, 1u);
  EXPECT_FALSE(recorded->expected) << "nobody knows yet";

  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_EQ(device.node->own_lines(false).value().at(0).own.standing, Standing::Unsent);
  county.approve(offer->request);
  ASSERT_FALSE(synchronise(*device.node, county));
  const auto lines = device.node->own_lines(false).value();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].own.standing, Standing::Logged);
  EXPECT_EQ(lines[0].own.verdict, event::Verdict::Accepted);
}

TEST(Node, KeepsWhatItConfirmedOverACrash) {
  Device device("crash");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto recorded = device.node->record(visit());
    ASSERT_TRUE(recorded) << recorded.error().what;
    EXPECT_EQ(recorded->sequence, i);
    EXPECT_EQ(recorded->expected, event::Verdict::Accepted);
    device.crash();
    EXPECT_FALSE(device.node->trouble());
    EXPECT_EQ(device.node->own_lines(true).value().size(), i);
  }
}

TEST(Node, HasAnEventWhollyOrNotAtAllWhereverTheCrashIs) {
  int confirmed_runs = 0;
  for (std::uint64_t operation = 0; confirmed_runs < 3; ++operation) {
    ASSERT_LT(operation, 200u);
    Device device("anywhere-" + std::to_string(operation));
    County county;
    ASSERT_NO_FATAL_FAILURE(enrol(device, county));
    crypto::SeededEntropy torn(operation, "torn");
    device.vfs.crash_after(operation, &torn);
    const bool confirmed = device.node->record(visit()).has_value();
    device.node.reset();
    device.vfs.heal();
    if (!device.vfs.crashed()) device.vfs.crash();
    ASSERT_NO_FATAL_FAILURE(device.open());
    EXPECT_FALSE(device.node->trouble());
    const std::size_t held = device.node->own_lines(false).value().size();
    EXPECT_LE(held, 1u);
    EXPECT_GE(held, confirmed ? 1u : 0u) << "operation " << operation;
    const auto next = device.node->record(visit());
    ASSERT_TRUE(next) << next.error().what;
    EXPECT_EQ(next->sequence, held + 1);
    confirmed_runs += confirmed ? 1 : 0;
  }
}

// Of a village outside its scope no feed would tell the node that its event is logged.
TEST(Node, LearnsWhatWasLoggedAlsoWhenTheAnswerWasLostAndNoFeedBringsIt) {
  bool lost_an_answer = false;
  for (int messages = 1; messages <= 12; ++messages) {
    Device device("lost-answer");
    County county;
    ASSERT_NO_FATAL_FAILURE(enrol(device, county));
    RecordDraft draft = visit();
    draft.division = sync::village(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(device.node->record(draft));
    const std::uint64_t before = county.size();
    ASSERT_FALSE(synchronise(*device.node, county, messages));
    const bool logged = county.size() == before + 3;
    lost_an_answer =
        lost_an_answer || (logged && device.node->status(county.now()).value().unsent == 3);
    ASSERT_FALSE(synchronise(*device.node, county));
    EXPECT_EQ(county.size(), before + 3) << "logged once";
    EXPECT_EQ(device.node->status(county.now()).value().unsent, 0u) << messages;
  }
  EXPECT_TRUE(lost_an_answer) << "no cut fell between commit and answer";
}

TEST(Node, RefusesADraftThatTheCountyWouldRefuse) {
  Device device("draft");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  struct Case {
    const char* name;
    RecordDraft draft;
    Errc expected;
  };
  RecordDraft no_part = visit(), foreign = visit(), garbage = visit(), empty = visit(),
              large = visit(), other_kind = visit(), late = visit();
  no_part.parts.clear();
  foreign.division = DivisionCode::parse("310101001001").value();
  garbage.parts = {Bytes("\xff\xff\xff", 3)};
  empty.parts = {Bytes()};
  large.parts = {Bytes(event::kPartBytesMax, 'x')};
  other_kind.kind = event::Kind::Registration;
  late.recorded = from_millis(kTimeMillisMax + 1);
  for (const Case& c :
       {Case{"no part", no_part, Errc::Limit},
        Case{"another county's division", foreign, Errc::Malformed},
        Case{"no protobuf", garbage, Errc::Malformed}, Case{"says nothing", empty, Errc::Malformed},
        Case{"too large", large, Errc::Limit},
        Case{"a visit as a registration", other_kind, Errc::Malformed},
        Case{"after the year 9999", late, Errc::Malformed}}) {
    SCOPED_TRACE(c.name);
    const auto out = device.node->record(c.draft);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  EXPECT_TRUE(device.node->own_lines(false).value().empty());
}

TEST(Node, SaysWhatTheCountyWillThinkAndRecordsAllTheSame) {
  Device device("outside");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  RecordDraft outside = visit();
  outside.division = sync::village(2);
  const auto out = device.node->record(outside);
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->expected, event::Verdict::OutsideDivision);
}

TEST(Node, ShowsItsOwnEventsAtOnceAndMarksThem) {
  Device device("pending");
  County county;
  county.commit(county.root(), event::Kind::Definition, testing_support::shipped_parts());
  county.publish();
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->record(registration(1, "张三")));
  const Date today = date_of(sync::start_time());
  const Digest received_before = (*device.node->folded())->digest();
  ASSERT_TRUE(device.node->record(visit(1)));
  auto households = (*device.node->shown())->households("411323", today);
  ASSERT_EQ(households.size(), 1u);
  EXPECT_EQ(households[0].head_name, "张三");
  EXPECT_TRUE(households[0].must_be_visited);
  ASSERT_TRUE(households[0].last_visit);
  EXPECT_FALSE(households[0].last_visit_index) << "not received yet";
  EXPECT_EQ((*device.node->folded())->digest(), received_before) << "pending is not in the digest";

  ASSERT_FALSE(synchronise(*device.node, county));
  households = (*device.node->shown())->households("411323", today);
  ASSERT_EQ(households.size(), 1u);
  EXPECT_TRUE(households[0].last_visit_index);
  const state::Inquiry inquiry(**device.node->shown(), today);
  const auto duty = inquiry.duty_of_month("411323", state::kMonthlyVisit, month_of(today));
  EXPECT_EQ(state::tally_of(duty).done, 1u);

  const Digest incremental = (*device.node->folded())->digest();
  device.open();
  EXPECT_EQ((*device.node->folded())->digest(), incremental) << "rebuilt from the store";
}

TEST(Node, GoesOnAfterACutAnywhere) {
  for (int cut = 0; cut < 12; ++cut) {
    SCOPED_TRACE(cut);
    Device device("cut-" + std::to_string(cut));
    County county;
    ASSERT_NO_FATAL_FAILURE(enrol(device, county));
    for (char i = 1; i <= 5; ++i) ASSERT_TRUE(device.node->record(visit(i)));
    const std::uint64_t before = county.size();
    synchronise(*device.node, county, cut);
    device.crash();
    ASSERT_FALSE(synchronise(*device.node, county));
    EXPECT_EQ(county.size(), before + 5) << "each once";
    const auto status = device.node->status(county.now()).value();
    EXPECT_EQ(status.unsent, 0u);
    EXPECT_EQ(status.own, 5u);
    EXPECT_EQ(status.entries, county.size());
    EXPECT_TRUE(device.node->verify().value().sound());
  }
}

TEST(Node, TellsHowItStands) {
  Device device("status");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->record(visit(1, sync::start_time() + 2h)));
  ASSERT_TRUE(device.node->record(visit(1, sync::start_time() + 1h)));
  const auto status = device.node->status(county.now()).value();
  EXPECT_TRUE(status.approved);
  EXPECT_EQ(status.county_name, "测试县");
  EXPECT_EQ(status.role, "coordinator");
  EXPECT_EQ(status.divisions, std::vector<std::string>{sync::village(1).str()});
  EXPECT_EQ(status.unsent, 2u);
  EXPECT_EQ(status.oldest_unsent, sync::start_time() + 1h);
  EXPECT_TRUE(status.unknown_keys.empty());
}

TEST(Node, ShowsAKeyThatSomebodyElseHasInItsOwnersName) {
  Device device("impostor");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  const auto* mine = device.node->governance().find(device.node->key());
  ASSERT_NE(mine, nullptr);
  const crypto::KeyPair other = sync::key_of("impostor");
  event::CredentialPart part;
  part.key = other.public_key();
  part.enrolment_request = sync::request_of(other, county.root().public_key());
  part.enrolment_digest = event::request_digest(part.enrolment_request);
  part.person = mine->grants.at(0).person;
  part.role = "coordinator";
  part.kinds = {1};
  part.divisions = {sync::village(1).str()};
  part.valid_from = sync::start_time() - 1h;
  part.valid_to = sync::start_time() + 1h;
  county.commit(county.root(), event::Kind::Credential, event::encode_part(part));
  county.publish();
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_EQ(device.node->status(county.now()).value().unknown_keys,
            std::vector<PublicKey>{other.public_key()});
}

TEST(Node, RefusesAStoreWhoseKeyIsGone) {
  Device device("keyless");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  device.node.reset();
  MemoryKeyKeeper empty;
  auto store = store::NodeStore::open(kPath, device.data_key, device.entropy, device.vfs.name());
  ASSERT_TRUE(store);
  const auto out = Node::open(std::move(*store), empty, device.entropy);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Corrupt);
}
}  // namespace
}  // namespace cunji::fieldnode
