// What comes with the software works together: every definition loads, every calculation is there.
#include "shared/programmes/all.h"

#include <gtest/gtest.h>

#include "shared/programme/load.h"

namespace cunji::programmes {
namespace {
// They need more than single amounts of their subject: visits with their places, lines of duties.
const std::set<std::string> kNotYet = {"check_in_plausible@1", "home_place_learned@1",
                                       "post_year@1"};

struct Shipped {
  Symbols symbols;
  programme::Loaded loaded;
  Shipped() {
    std::vector<BytesView> encoded;
    for (const ShippedDefinition& each : shipped_definitions()) encoded.push_back(each.encoded);
    std::vector<std::string> names = calculation_names();
    names.insert(names.end(), kNotYet.begin(), kNotYet.end());
    loaded = programme::load(encoded, symbols, names);
  }
};

TEST(AllProgrammes, LoadTogetherWithoutAProblem) {
  const Shipped shipped;
  for (const programme::Problem& problem : shipped.loaded.problems)
    ADD_FAILURE() << shipped_definitions()[problem.definition].name << ": " << problem.id << ": "
                  << problem.what;
  ASSERT_EQ(shipped.loaded.definitions.size(), shipped_definitions().size());
  for (std::size_t i = 0; i < shipped_definitions().size(); ++i)
    EXPECT_EQ(shipped.symbols.word(shipped.loaded.definitions[i]->programme),
              shipped_definitions()[i].name);
}

TEST(AllProgrammes, ComeWithTheRegisterFirst) {
  ASSERT_GE(shipped_definitions().size(), 3u);
  EXPECT_EQ(shipped_definitions()[0].name, "register");
}

TEST(AllProgrammes, NameEveryCalculationOnce) {
  const auto names = calculation_names();
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : kNotYet)
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 0)
        << name << " is there: name it no more";
}

// Each takes as many amounts as its definition gives, and gives as many as that takes.
TEST(AllProgrammes, AgreeWithTheirCalculations) {
  const Shipped shipped;
  std::set<std::string> used;
  for (const auto& definition : shipped.loaded.definitions) {
    for (const programme::Calculation& said : definition->calculations) {
      const std::string name = shipped.symbols.word(said.id) + "@" + std::to_string(said.version);
      for (const programme::NamedCalculation& each : all_calculations()) {
        if (each.name != name) continue;
        used.insert(name);
        const std::vector<programme::Amount> in(said.in.size());
        const Date on{std::chrono::year{2022}, std::chrono::June, std::chrono::day{1}};
        EXPECT_EQ(each.calculate(in, on).size(), said.out.size()) << name;
        const std::vector<programme::Amount> more(said.in.size() + 1);
        EXPECT_TRUE(each.calculate(more, on).empty()) << name << " of a definition that errs";
      }
    }
  }
  EXPECT_EQ(used.size(), all_calculations().size());
}
}  // namespace
}  // namespace cunji::programmes
