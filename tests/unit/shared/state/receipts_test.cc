// What a colleague's receipt proves: that the event was there when the county got the receipt.
#include <gtest/gtest.h>

#include "shared/state/snapshot.h"
#include "tests/support/shipped.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
namespace {
// A visit made in time, which reaches the county after the deadline of the 10th.
class Receipts : public ::testing::Test {
 protected:
  Receipts() {
    publish_shipped(county_);
    county_.say(county_.desk("desk"),
                registers(house(1), village(1), household_part({"out_of_poverty"})));
    county_.set_now(local("2022-02-08T10:00"));
  }
  Signer& member(const std::string& name, const std::string& division = "411323001201",
                 const Signer* same_person = nullptr) {
    Signer& out = county_.signer(name);
    event::CredentialPart said = county_.credential_for(out, {division});
    said.kinds.push_back(static_cast<std::uint16_t>(Kind::Receipt));
    if (same_person != nullptr)
      said.person = county_.credential_for(*same_person, {division}).person;
    county_.issue(county_.root(), said);
    return out;
  }
  event::Event visit(Signer& by) { return county_.sign(by, visits(house(1), village(1))); }
  Digest receipt(Signer& by, const event::Event& newest) {
    return county_.say(by, {.kind = Kind::Receipt,
                            .division = village(1),
                            .parts = {event::encode_part(
                                event::ReceiptPart{.events = {newest.signed_event.digest()}})}});
  }
  void late(const event::Event& event) {
    county_.set_now(local("2022-02-14T10:00"));
    county_.log(event);
  }
  TimeClass time_class() {
    const State state = fold(county_.entries());
    const auto lines = visits_due(state, "2022-02-28");
    EXPECT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].status, DutyStatus::Done);
    // Read back from a snapshot at any size, the fold goes on alike.
    const auto& entries = county_.entries();
    for (std::size_t size = 1; size <= entries.size(); ++size) {
      const std::vector<event::LoggedEvent> head(
          entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(size));
      credential::Governance governance;
      for (const event::LoggedEvent& logged : head) governance.apply(logged);
      const State before = fold(head);
      Bytes snapshot = encode_snapshot(before, {.size = before.next_index(), .root = {}});
      seal_snapshot(snapshot);
      auto read = read_snapshot(snapshot, governance);
      EXPECT_TRUE(read) << read.error().what;
      for (std::size_t i = size; i < entries.size(); ++i) read->apply(entries[i]);
      EXPECT_EQ(read->digest(), state.digest()) << "from " << size;
      EXPECT_EQ(visits_due(*read, "2022-02-28")[0].time_class, lines[0].time_class)
          << "from " << size;
    }
    return lines[0].time_class;
  }

  CountyLog county_;
};

TEST_F(Receipts, WithoutOneItIsClaimed) {
  late(visit(member("author")));
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime);
}

TEST_F(Receipts, OneThatCameBeforeTheDeadlineProvesIt) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event made = visit(author);
  receipt(colleague, made);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ProvenInTime);
}

TEST_F(Receipts, CoversAllBeforeItInTheChain) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event made = visit(author);
  const event::Event next = county_.sign(author, visits(house(2), village(1)));
  receipt(colleague, next);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime) << "nothing shows yet that it was before";
  late(next);
  EXPECT_EQ(time_class(), TimeClass::ProvenInTime);
}

TEST_F(Receipts, SaysNothingOfWhatCameAfter) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event before = county_.sign(author, visits(house(2), village(1)));
  receipt(colleague, before);
  const event::Event made = visit(author);
  late(before);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime);
}

TEST_F(Receipts, AreFoundByTheEventThatTheyName) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event before = visit(author);
  const event::Event made = visit(author);
  const auto receipts_of = [&](const event::Event& event) {
    return fold(county_.entries()).receipts_of(event.signed_event.digest());
  };
  EXPECT_TRUE(receipts_of(made).empty());
  const Digest receipted = receipt(colleague, made);
  const auto found = receipts_of(made);
  ASSERT_EQ(found.size(), 1U) << "also before the event itself is there";
  EXPECT_EQ(found[0].receipt, receipted);
  EXPECT_EQ(found[0].by, colleague.key.public_key());
  EXPECT_EQ(found[0].received, local("2022-02-08T10:00"));
  EXPECT_TRUE(receipts_of(before).empty()) << "by its own name only";
  Signer& elsewhere = member("elsewhere", "411323001202");
  receipt(elsewhere, made);
  EXPECT_EQ(receipts_of(made).size(), 1U) << "one without authority is none";
}

TEST_F(Receipts, OneThatCameTooLateProvesNothing) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event made = visit(author);
  county_.set_now(local("2022-02-12T10:00"));
  receipt(colleague, made);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime) << "whenever it says it was signed";
}

TEST_F(Receipts, TheOwnPersonsProveNothing) {
  Signer& author = member("author");
  Signer& second_device = member("second device", "411323001201", &author);
  const event::Event made = visit(author);
  receipt(author, county_.sign(second_device, visits(house(2), village(1))));
  receipt(second_device, made);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime);
}

TEST_F(Receipts, OneWithoutAuthorityProvesNothingUntilEndorsed) {
  Signer& author = member("author");
  Signer& elsewhere = member("elsewhere", "411323001202");
  const event::Event made = visit(author);
  const Digest receipted = receipt(elsewhere, made);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime);
  county_.endorse(county_.desk("second desk"), receipted, EndorsementPurpose::Effect, village(1));
  EXPECT_EQ(time_class(), TimeClass::ProvenInTime);
}

TEST_F(Receipts, OneThatIsCorrectedNoLongerProves) {
  Signer& author = member("author");
  Signer& colleague = member("colleague");
  const event::Event made = visit(author);
  const Digest receipted = receipt(colleague, made);
  late(made);
  EXPECT_EQ(time_class(), TimeClass::ProvenInTime);
  county_.say(colleague, corrects(receipted, village(1)));
  EXPECT_EQ(time_class(), TimeClass::ClaimedInTime);
}
}  // namespace
}  // namespace cunji::state
