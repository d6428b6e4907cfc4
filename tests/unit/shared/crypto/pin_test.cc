#include "shared/crypto/pin.h"

#include <gtest/gtest.h>

namespace cunji::crypto {
namespace {
TEST(Pin, WhatIsGoodEnough) {
  struct Case {
    const char* text;
    bool passphrase;
    VaultLock lock;
  };
  for (const Case& c :
       {Case{"480215", false, VaultLock::Pin}, Case{"90817263", false, VaultLock::Pin},
        Case{"correct horse", false, VaultLock::Passphrase},
        Case{"春天来了我们去种树吧好吗", true, VaultLock::Passphrase},
        Case{"480215773401", true, VaultLock::Passphrase}}) {
    SCOPED_TRACE(c.text);
    const auto lock = check_new_secret(c.text, c.passphrase);
    ASSERT_TRUE(lock) << lock.error().what;
    EXPECT_EQ(*lock, c.lock);
  }
}

TEST(Pin, WhatIsNot) {
  for (const char* text : {"", "1", "48021", "000000", "123456", "654321", "890123", "246802",
                           "121212", "168168", "20232023", "112233", "111222", "147258", "5201314",
                           "short words", "aaaaaaaaaaaa", "abababababab", "春天来了我们去种树"}) {
    SCOPED_TRACE(text);
    const auto lock = check_new_secret(text, false);
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::Malformed);
  }
  EXPECT_FALSE(check_new_secret("480215", true)) << "a desk needs a passphrase";
  EXPECT_FALSE(check_new_secret("123456123456", true));
  EXPECT_FALSE(check_new_secret(std::string(kSecretBytesMax, 'x') + "yz", false));
}

TEST(Pin, WaitsGrowAndEnd) {
  const std::int64_t seconds[] = {0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (std::uint64_t failures = 0; failures < std::size(seconds); ++failures)
    EXPECT_EQ(wait_after(failures).count(), seconds[failures] * 1'000) << failures;
  EXPECT_EQ(wait_after(~0ULL).count(), 300'000);
}
}  // namespace
}  // namespace cunji::crypto
