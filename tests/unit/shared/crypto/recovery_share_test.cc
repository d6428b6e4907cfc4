// The county's recovery key: any two officers, never one.
#include "shared/crypto/recovery_share.h"

#include <gtest/gtest.h>

#include "shared/crypto/box.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
namespace {
constexpr char kPassphrase[] = "two officers, one key";
const CountyCode kCounty = CountyCode::parse("411323").value();

class RecoveryShares : public ::testing::Test {
 protected:
  SeededEntropy entropy_{3, "recovery shares"};
  BoxPair key_ = generate_box_pair(entropy_);
  std::vector<RecoveryShare> split(std::uint8_t of) {
    return split_recovery_key(key_, kCounty, of, entropy_);
  }
  Bytes sealed(const RecoveryShare& share) {
    return seal_share(share, kPassphrase, VaultCost{}, entropy_).value();
  }
};

TEST_F(RecoveryShares, AnyTwoGiveTheKey) {
  for (const std::uint8_t of : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{9}}) {
    const auto shares = split(of);
    ASSERT_EQ(shares.size(), of);
    for (const RecoveryShare& a : shares) {
      EXPECT_EQ(a.pieces.size(), 32U * (of - 1U));
      for (const RecoveryShare& b : shares) {
        const auto joined = join_recovery_key(a, b);
        ASSERT_EQ(joined.has_value(), a.head.number != b.head.number);
        if (joined) {
          EXPECT_EQ(joined->secret_key, key_.secret_key);
        }
      }
    }
  }
}

// A share's pieces are independent of the secret: the same pieces fit any other secret as well.
TEST_F(RecoveryShares, OneFitsEveryKey) {
  const BoxPair other = generate_box_pair(entropy_);
  SeededEntropy one(1, "pads"), two(1, "pads");
  const auto ours = split_recovery_key(key_, kCounty, 3, one);
  const auto theirs = split_recovery_key(other, kCounty, 3, two);
  EXPECT_EQ(ours[0].pieces, theirs[0].pieces) << "pads only";
  EXPECT_EQ(ours[1].pieces.substr(32), theirs[1].pieces.substr(32));
  EXPECT_NE(ours[1].pieces, theirs[1].pieces) << "but that piece has a pad nobody else's has";
  const Bytes sealed_box = seal_box(key_.public_key, "work", entropy_).value();
  for (const RecoveryShare& share : split(3)) {
    for (std::size_t at = 0; at < share.pieces.size(); at += 32) {
      const auto secret = BoxSecret::from(BytesView(share.pieces).substr(at, 32)).value();
      EXPECT_FALSE(open_box(box_pair_of(secret), sealed_box));
    }
  }
}

TEST_F(RecoveryShares, RefuseWhatDoesNotBelongTogether) {
  const auto shares = split(3);
  EXPECT_EQ(join_recovery_key(shares[1], shares[1]).error().code, Errc::Conflict);
  const auto of_other_key = split_recovery_key(generate_box_pair(entropy_), kCounty, 3, entropy_);
  EXPECT_EQ(join_recovery_key(shares[0], of_other_key[1]).error().code, Errc::Conflict);
  RecoveryShare other_county = shares[1];
  other_county.head.county = CountyCode::parse("411324").value();
  EXPECT_EQ(join_recovery_key(shares[0], other_county).error().code, Errc::Conflict);
  EXPECT_EQ(join_recovery_key(shares[0], split(2)[1]).error().code, Errc::Conflict);
  // Made in another split of the same key: the pads differ.
  EXPECT_EQ(join_recovery_key(shares[0], split(3)[1]).error().code, Errc::Corrupt);
}

TEST_F(RecoveryShares, AFileTellsItsHeadAndOpensByPassphrase) {
  const auto shares = split(3);
  const Bytes file = sealed(shares[1]);
  EXPECT_EQ(file.size(), 64U + kVaultBytes + 40U + 64U);
  EXPECT_EQ(file.find(shares[1].pieces.substr(0, 32)), Bytes::npos);
  const auto head = read_share(file, VaultUse::Test);
  ASSERT_TRUE(head) << head.error().what;
  EXPECT_EQ(head->county, kCounty);
  EXPECT_EQ(head->key, key_.public_key);
  EXPECT_EQ(head->number, 2);
  EXPECT_EQ(head->of, 3);
  const auto opened = open_share(file, kPassphrase, VaultUse::Test);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->pieces, shares[1].pieces);
  EXPECT_TRUE(join_recovery_key(shares[0], *opened));
  EXPECT_EQ(open_share(file, "two officers, one ley", VaultUse::Test).error().code, Errc::Forged);
  EXPECT_EQ(read_share(file, VaultUse::Real).error().code, Errc::Corrupt) << "made for a test";
}

TEST_F(RecoveryShares, EveryDamageIsFound) {
  const Bytes file = sealed(split(2)[0]);
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes damaged = file;
    damaged[at] ^= 1;
    const auto opened = open_share(damaged, kPassphrase, VaultUse::Test);
    ASSERT_FALSE(opened) << at;
    EXPECT_NE(opened.error().code, Errc::Forged) << at << ": that would blame the passphrase";
  }
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(read_share(file.substr(0, size), VaultUse::Test)) << size;
  EXPECT_FALSE(read_share(file + "x", VaultUse::Test));
}
}  // namespace
}  // namespace cunji::crypto
