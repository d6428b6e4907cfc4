// Numbers are given in order and found again, whatever the values are chosen to be.
#include "shared/state/numbering.h"

#include <gtest/gtest.h>

#include "shared/base/ids.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::state {
TEST(Numbering, GivesEachIdItsNumberInOrderOfComing) {
  crypto::SeededEntropy random(1, "ids");
  Numbering<SubjectId> numbers;
  EXPECT_EQ(numbers.find(SubjectId{}), kNoNumber);
  std::vector<SubjectId> ids;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ids.push_back(random.next<SubjectId>());
    ASSERT_EQ(numbers.of(ids.back()), i);
  }
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    ASSERT_EQ(numbers.of(ids[i]), i);
    ASSERT_EQ(numbers[i], ids[i]);
  }
  EXPECT_EQ(numbers.find(random.next<SubjectId>()), kNoNumber);
  EXPECT_EQ(numbers.size(), ids.size());
  EXPECT_EQ(numbers.table().seed(), 1u) << "honest ids do not meet";
  const std::vector<std::uint32_t> ordered = numbers.ordered();
  ASSERT_EQ(ordered.size(), ids.size());
  for (std::size_t i = 1; i < ordered.size(); ++i) ASSERT_LT(ids[ordered[i - 1]], ids[ordered[i]]);
}

// The slot of an id in a table of 1,024 under the first seed, as numbering.h has it; in larger ones
// those with the same are beside each other.
static std::size_t slot_of(const SubjectId& id) {
  std::uint64_t hash = 1;
  for (std::size_t at = 0; at < SubjectId::kSize; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, id.data() + at, 8);
    hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
    hash ^= hash >> 29;
  }
  return static_cast<std::size_t>((hash * 0xbf58'476d'1ce4'e5b9) >> 54);
}

TEST(Numbering, IsNotSlowedDownByIdsChosenToMeet) {
  crypto::SeededEntropy random(2, "ids that meet");
  Numbering<SubjectId> numbers;
  std::vector<SubjectId> ids;
  while (ids.size() < 600) {
    const auto id = random.next<SubjectId>();
    if (slot_of(id) == 17) ids.push_back(id);
  }
  for (const SubjectId& id : ids) numbers.of(id);
  EXPECT_GT(numbers.table().seed(), 1u);
  for (std::uint32_t i = 0; i < ids.size(); ++i) ASSERT_EQ(numbers.find(ids[i]), i);
}
}  // namespace cunji::state
