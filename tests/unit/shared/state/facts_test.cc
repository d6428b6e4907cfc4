// Facts are found as they were said, in the order of D13, whatever was added and removed between.
#include "shared/state/facts.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "shared/state/form_said.h"

namespace cunji::state {
static auto order(const FactVersion& version) {
  return std::tuple(version.fact, version.key, version.when, version.root);
}

static FactVersion random_version(std::mt19937& random) {
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random()) % end; };
  return {.when = {TimePoint{Duration{1'000 * static_cast<std::int64_t>(below(5))}}, below(4),
                   1 + below(3) + 64 * below(200)},
          .fact = 1 + below(3),
          .key = below(2) * 7,
          .source = below(3),
          .root = below(3) == 0 ? kNoNumber : below(2),
          .reported = below(2) == 0,
          .val = integer_val(std::int64_t{below(9)} - 4)};
}

// What all() gives, each fact and key by itself.
static void expect_same(const Facts& facts, std::vector<FactVersion> said) {
  std::sort(said.begin(), said.end(),
            [](const FactVersion& a, const FactVersion& b) { return order(a) < order(b); });
  const FactHistory all = facts.all(3);
  ASSERT_EQ(static_cast<std::size_t>(std::distance(all.begin(), all.end())), said.size());
  for (Symbol fact = 1; fact <= 3; ++fact) {
    for (const Symbol key : {kNoSymbol, Symbol{7}}) {
      std::vector<FactVersion> of;
      for (const FactVersion& each : said)
        if (each.fact == fact && each.key == key) of.push_back(each);
      const FactHistory history = facts.of(3, fact, key);
      ASSERT_TRUE(std::equal(history.begin(), history.end(), of.begin(), of.end()));
      const When end{TimePoint{Duration{2'000}}, 0, 0};
      const auto before = std::count_if(of.begin(), of.end(),
                                        [&](const FactVersion& each) { return each.when < end; });
      const FactHistory until = history.before(end);
      ASSERT_EQ(std::distance(until.begin(), until.end()), before);
      if (before > 0) {
        ASSERT_EQ(until.newest(), of[static_cast<std::size_t>(before) - 1]);
      }
    }
  }
}

TEST(Facts, AreFoundAsTheyWereSaidWhateverCameAndWent) {
  std::mt19937 random(7);
  Facts facts;
  std::vector<FactVersion> said;
  for (int step = 0; step < 3'000; ++step) {
    const bool shrinks = step / 300 % 2 == 1;  // Till little is left, then up again.
    if (!said.empty() && random() % 4 < (shrinks ? 3U : 1U)) {
      const auto gone = said.begin() + static_cast<std::ptrdiff_t>(random() % said.size());
      facts.remove(3, *gone);
      said.erase(gone);
    } else {
      const FactVersion made = random_version(random);
      const bool known = std::any_of(said.begin(), said.end(), [&](const FactVersion& each) {
        return order(each) == order(made);
      });
      if (known) continue;
      facts.add(3, made);
      said.push_back(made);
    }
    if (step % 10 == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_same(facts, said)) << "step " << step;
    }
  }
  EXPECT_TRUE(facts.all(2).empty());
  EXPECT_TRUE(facts.of(9, 1).empty());
}

TEST(PackedAnswers, KeepEveryNumber) {
  std::vector<FieldAnswer> answers;
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{-65},
        std::int64_t{2'000'000}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()})
    answers.push_back({static_cast<Symbol>(UINT32_MAX - answers.size()), integer_val(number)});
  const PackedAnswers packed(answers), copy(packed);
  ASSERT_EQ(copy.all().size(), answers.size());
  for (const FieldAnswer& each : answers) EXPECT_EQ(copy.find(each.field), each.val);
  EXPECT_FALSE(copy.find(1).is_set());
  EXPECT_FALSE(PackedAnswers().find(1).is_set());
}
}  // namespace cunji::state
