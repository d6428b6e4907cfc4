// Codes: what is asked for is checked before a code is handed out.
#include "server/app/enrolment.h"

#include <gtest/gtest.h>

#include "shared/credential/code.h"
#include "shared/store/memory_vfs.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
TEST(AddCode, KeepsTheKeyAndNotTheCode) {
  store::MemoryVfs vfs("enrolment-test");
  const auto side = store::SideStore::open("side", vfs.name()).value();
  crypto::SeededEntropy entropy(2);
  CodeOptions options;
  options.divisions = {"990001001"};
  options.kinds = {"visit"};
  const auto code = add_code(*side, kCounty, options, entropy, at_minute(0)).value();
  const auto key = credential::code_key(code);
  const auto kept = side->code(credential::code_id(key).view()).value().value();
  EXPECT_EQ(kept.key, key.str());
  EXPECT_EQ(kept.kinds, std::vector<std::uint16_t>{1});
  EXPECT_EQ(kept.valid_until, at_minute(48 * 60));
  EXPECT_EQ(vfs.read_file("side").value().find(code), std::string::npos);
}

TEST(AddCode, RefusesWhatNoCredentialCouldSay) {
  store::MemoryVfs vfs("enrolment-test-bad");
  const auto side = store::SideStore::open("side", vfs.name()).value();
  crypto::SeededEntropy entropy(2);
  struct Case {
    const char* name;
    std::string role;
    std::vector<std::string> divisions, kinds;
  };
  const Case cases[] = {{"no division", "coordinator", {}, {}},
                        {"another county", "coordinator", {"990002001"}, {}},
                        {"half a code", "coordinator", {"9900010"}, {}},
                        {"letters", "coordinator", {"99000A"}, {}},
                        {"unknown role", "king", {"990001"}, {}},
                        {"unknown kind", "coordinator", {"990001"}, {"vizit"}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    CodeOptions options;
    options.role = c.role;
    options.divisions = c.divisions;
    options.kinds = c.kinds;
    const auto code = add_code(*side, kCounty, options, entropy, at_minute(0));
    ASSERT_FALSE(code);
    EXPECT_EQ(code.error().code, Errc::Malformed);
  }
}
}  // namespace cunji::server
