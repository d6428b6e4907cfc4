// Work that goes by way of a colleague (D5): sealed to his device, receipted, pushed with his
// session.
#include "shared/sync/bundle.h"
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
class Carry : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(enrol(sender_, county_));
    ASSERT_NO_FATAL_FAILURE(enrol(taker_, county_));
    ASSERT_FALSE(synchronise(*sender_.node, county_)) << "hears of the colleague's credential";
  }
  Bytes bundle(std::optional<Bytes> reader = std::nullopt) {
    auto out = sender_.node->bundle(reader ? std::optional<BytesView>(*reader) : std::nullopt,
                                    county_.now());
    EXPECT_TRUE(out) << out.error().what;
    return out ? out->file : Bytes();
  }
  Bytes bundle_for_taker() { return bundle(taker_.node->box_statement().value()); }
  Errc refusal(BytesView file) {
    const auto taken = taker_.node->take_bundle(file, county_.now());
    EXPECT_FALSE(taken);
    EXPECT_EQ(carried(), 0U) << "nothing of it is kept";
    return taken ? Errc::Unknown : taken.error().code;
  }
  std::uint64_t carried() { return taker_.node->store().counts()->carried; }
  // Digests that the county's log holds.
  std::vector<Digest> logged() {
    std::vector<Digest> out;
    EXPECT_TRUE(county_.log().scan(0, [&](const event::LoggedEvent& each) -> Result<bool> {
      out.push_back(each.entry.event.digest());
      return each.index + 1 < county_.size();
    }));
    return out;
  }
  bool is_logged(const Digest& digest) {
    const auto all = logged();
    return std::count(all.begin(), all.end(), digest) == 1;
  }

  County county_;
  Device sender_{"sender"}, taker_{"taker"};
};

TEST_F(Carry, TheColleaguesSessionBringsItAndHisReceipt) {
  const auto one = sender_.node->record(visit(1)).value();
  const auto two = sender_.node->record(visit(2)).value();
  const auto taken = taker_.node->take_bundle(bundle_for_taker(), county_.now());
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_TRUE(taken->readable);
  EXPECT_EQ(taken->events, 2U);
  ASSERT_EQ(taken->receipts.size(), 1U);
  EXPECT_EQ(sender_.node->status(county_.now())->unsent, 2U) << "only the county's word counts";
  EXPECT_EQ(sender_.node->status(county_.now())->in_bundles, 2U);
  EXPECT_EQ(taker_.node->status(county_.now())->carried, 2U);
  EXPECT_EQ(taker_.node->status(county_.now())->own, 1U) << "the receipt";
  const auto receipt = taker_.node->own_lines(false)->front().own.event;
  const auto said = event::first_content<event::ReceiptPart>(receipt.body);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->events, std::vector{two.digest}) << "the newest, and with it all before";

  taker_.crash();
  ASSERT_FALSE(synchronise(*taker_.node, county_));
  EXPECT_TRUE(is_logged(one.digest) && is_logged(two.digest));
  EXPECT_TRUE(is_logged(receipt.signed_event.digest()));
  EXPECT_EQ(carried(), 0U);
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  EXPECT_EQ(sender_.node->status(county_.now())->unsent, 0U) << "it hears so itself";
  EXPECT_TRUE(is_logged(one.digest)) << "once";
  EXPECT_TRUE(sender_.node->verify()->sound()) << sender_.node->verify()->finding_en;
  EXPECT_TRUE(taker_.node->verify()->sound()) << taker_.node->verify()->finding_en;
}

// A later bundle before an earlier one, a cut at each message: it waits, and goes on.
TEST_F(Carry, GapsAndCutsOnlyDelayIt) {
  const auto one = sender_.node->record(visit(1)).value();
  const Bytes early = bundle_for_taker();
  const auto two = sender_.node->record(visit(2)).value();
  Bytes late = bundle_for_taker();
  ASSERT_TRUE(taker_.node->take_bundle(late, county_.now()));
  ASSERT_TRUE(taker_.node->take_bundle(early, county_.now())) << "held already";
  EXPECT_EQ(carried(), 2U);
  for (int messages = 1; carried() > 0; ++messages) {
    ASSERT_LT(messages, 100);
    ASSERT_FALSE(synchronise(*taker_.node, county_, messages));
  }
  EXPECT_TRUE(is_logged(one.digest) && is_logged(two.digest));
}

TEST_F(Carry, WhatTheCountyHasAlreadyIsAtItsEnd) {
  ASSERT_TRUE(sender_.node->record(visit(1)));
  ASSERT_TRUE(taker_.node->take_bundle(bundle_for_taker(), county_.now()));
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  ASSERT_TRUE(sender_.node->record(visit(2)));
  ASSERT_FALSE(synchronise(*sender_.node, county_)) << "the county is ahead of what is carried";
  ASSERT_FALSE(synchronise(*taker_.node, county_));
  EXPECT_EQ(carried(), 0U);
}

TEST_F(Carry, ABundleForTheCountyIsReceiptedUnread) {
  const auto visited = sender_.node->record(visit(1)).value();
  const Bytes file = bundle();
  const auto taken = taker_.node->take_bundle(file, county_.now());
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_FALSE(taken->readable);
  EXPECT_EQ(carried(), 0U) << "the file itself is carried";
  const auto receipt = taker_.node->own_lines(false)->front().own.event;
  EXPECT_EQ(event::first_content<event::ReceiptPart>(receipt.body)->events,
            std::vector{visited.digest});
}

// As soon as the receipt has come to it.
TEST_F(Carry, TheSenderSeesWhoHasTakenItOver) {
  const auto receipted = [&] { return sender_.node->status(county_.now())->receipted; };
  ASSERT_TRUE(sender_.node->record(visit(1)));
  const auto two = sender_.node->record(visit(2)).value();
  ASSERT_TRUE(taker_.node->take_bundle(bundle(), county_.now()));
  const auto later = sender_.node->record(visit(3)).value();
  EXPECT_FALSE(receipted()) << "no line yet";
  ASSERT_FALSE(synchronise(*taker_.node, county_));
  EXPECT_FALSE(receipted()) << "it has not heard";
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  sender_.crash();
  ASSERT_TRUE(receipted());
  EXPECT_EQ(receipted()->by, taker_.node->key());
  EXPECT_EQ(receipted()->role, "coordinator");
  EXPECT_EQ(receipted()->through, two.sequence) << "not " << later.sequence;
  EXPECT_TRUE(receipted()->received);
  // The colleague himself has handed nothing over.
  EXPECT_FALSE(taker_.node->status(county_.now())->receipted);
}

TEST_F(Carry, SealsToNobodyWhoMayNotReadIt) {
  ASSERT_TRUE(sender_.node->record(visit(1)));
  const auto refused = [&](const Bytes& statement) {
    const auto out = sender_.node->bundle(BytesView(statement), county_.now());
    EXPECT_FALSE(out);
    return out ? Errc::Unknown : out.error().code;
  };
  const Bytes statement = taker_.node->box_statement().value();
  EXPECT_EQ(taker_.node->box_statement().value(), statement) << "one key, kept";
  Bytes altered = statement;
  altered[40] ^= 1;
  EXPECT_EQ(refused(altered), Errc::Forged);
  EXPECT_EQ(refused(statement.substr(1)), Errc::Malformed);
  EXPECT_EQ(refused(sender_.node->box_statement().value()), Errc::Conflict) << "its own";
  // A device that the county knows nothing of, and one whose credential has ended.
  const crypto::KeyPair stranger = sync::key_of("stranger");
  crypto::SeededEntropy entropy(1, "stranger");
  const auto box = crypto::generate_box_pair(entropy);
  EXPECT_EQ(refused(sync::sign_box_key(stranger, sync::county_code(), box.public_key)),
            Errc::Conflict);
  county_.revoke(taker_.node->key());
  county_.publish();
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  ASSERT_TRUE(sender_.node->record(visit(2)));
  EXPECT_EQ(refused(statement), Errc::Conflict);
}

TEST_F(Carry, TakesOverOnlyWhatIsGenuine) {
  ASSERT_TRUE(sender_.node->record(visit(1)));
  const Bytes statement = taker_.node->box_statement().value();
  const auto box = sync::open_box_key(statement, sync::county_code()).value().box;
  const Bytes whole = bundle_for_taker();
  Bytes damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_EQ(refusal(damaged), Errc::Forged);
  EXPECT_EQ(refusal("no bundle"), Errc::Malformed);
  // Bundles that a forger made: any device's box key is enough for that.
  crypto::SeededEntropy entropy(1, "forger");
  const auto forged = [&](const event::Event& event) {
    return sync::write_bundle(sync::county_code(), box, {&event, 1}, entropy).value();
  };
  const event::Event genuine = sender_.node->own_lines(true)->front().own.event;
  Bytes bytes = genuine.signed_event.encode();
  bytes[bytes.size() - 1] ^= 1;
  EXPECT_EQ(refusal(forged({event::SignedEvent::decode(bytes).value(), genuine.body})),
            Errc::Forged);
  EXPECT_EQ(refusal(forged({genuine.signed_event, {}})), Errc::Forged)
      << "its body was thrown away on the way";
  ASSERT_TRUE(taker_.node->record(visit(2)));
  EXPECT_EQ(refusal(forged(taker_.node->own_lines(true)->front().own.event)), Errc::Conflict);
  Device third("third");
  ASSERT_NO_FATAL_FAILURE(enrol(third, county_));
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  ASSERT_TRUE(sender_.node->record(visit(3)));
  EXPECT_EQ(refusal(bundle(third.node->box_statement().value())), Errc::Conflict);
}

// D.3 row 4: outbox out first, then the wipe; the colleague is one of the ways out.
TEST_F(Carry, ARevokedDeviceIsWipedOnlyAfterTheCountysReceipts) {
  const auto visited = sender_.node->record(visit(1)).value();
  const Bytes file = bundle_for_taker();
  county_.revoke(sender_.node->key());
  county_.publish();
  ASSERT_TRUE(taker_.node->take_bundle(file, county_.now()));
  EXPECT_FALSE(sender_.node->may_be_wiped().value());
  ASSERT_FALSE(synchronise(*taker_.node, county_));
  EXPECT_TRUE(is_logged(visited.digest));
  EXPECT_FALSE(sender_.node->may_be_wiped().value()) << "it has heard of neither";
  ASSERT_FALSE(synchronise(*sender_.node, county_));
  EXPECT_TRUE(sender_.node->revoked());
  EXPECT_TRUE(sender_.node->may_be_wiped().value());
  EXPECT_TRUE(is_logged(visited.digest)) << "once";
}

TEST_F(Carry, ARevokedCarrierKeepsItsVaultUntilTheLoadIsDelivered) {
  ASSERT_TRUE(sender_.node->record(visit(1)));
  ASSERT_TRUE(taker_.node->take_bundle(bundle_for_taker(), county_.now()));
  county_.revoke(taker_.node->key());
  county_.publish();
  for (int messages = 1; !taker_.node->revoked(); ++messages) {
    ASSERT_LT(messages, 100);
    EXPECT_FALSE(taker_.node->may_be_wiped().value());
    ASSERT_FALSE(synchronise(*taker_.node, county_, messages));
  }
  ASSERT_FALSE(synchronise(*taker_.node, county_));
  EXPECT_EQ(carried(), 0U);
  EXPECT_TRUE(taker_.node->may_be_wiped().value());
}
}  // namespace
}  // namespace cunji::fieldnode
