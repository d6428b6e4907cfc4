// What the build encodes is what publishing the same text would sign.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "shared/programme/text.h"
#include "shared/programmes/all.h"

namespace cunji::programmes {
TEST(ShippedDefinitions, AreTheirTextsEncoded) {
  for (const ShippedDefinition& each : shipped_definitions()) {
    const std::string path = std::string(CUNJI_SOURCE_DIR) + "/shared/programmes/" +
                             std::string(each.name) + "/definition.txtpb";
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    const auto parsed = programme::TextDefinition::parse(path, text.str());
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_TRUE(parsed->encoded() == each.encoded) << path;
  }
}
}  // namespace cunji::programmes
