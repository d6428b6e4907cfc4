// What comes with the software works together: every definition loads, every calculation is there.
#include "shared/programmes/all.h"

#include <gtest/gtest.h>

#include "shared/programme/load.h"

namespace cunji::programmes {
namespace {
struct Shipped {
  Symbols symbols;
  programme::Loaded loaded;
  Shipped() {
    std::vector<BytesView> encoded;
    for (const ShippedDefinition& each : shipped_definitions()) encoded.push_back(each.encoded);
    loaded = programme::load(encoded, symbols, calculation_names());
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
        const programme::Around around{
            .on = Date{std::chrono::year{2022}, std::chrono::June, std::chrono::day{1}}};
        EXPECT_EQ(each.calculate(in, around).size(), said.out.size()) << name;
        const std::vector<programme::Amount> more(said.in.size() + 1);
        EXPECT_TRUE(each.calculate(more, around).empty()) << name << " of a definition that errs";
      }
    }
  }
  EXPECT_EQ(used.size(), all_calculations().size());
}
}  // namespace
}  // namespace cunji::programmes
