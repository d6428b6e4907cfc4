#pragma once
// A county made on disk as `init` makes it, for the tests of what runs on one.
#include <gtest/gtest.h>

#include <string>

#include "server/app/folder.h"
#include "server/app/init.h"
#include "shared/crypto/system_entropy.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
class CountyFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.path = base + "/county";
    ASSERT_TRUE(init_county({.folder = folder.path,
                             .county = kCounty,
                             .name = "测试县",
                             .test_county = true,
                             .persons_required = 1,
                             .root_key_out = base + "/root.key"},
                            entropy, at_minute(0)));
  }

  crypto::SystemEntropy entropy;  // Any thread's.
  testing_support::TempDir dir;
  const std::string base = dir.path();
  Folder folder;
};
}  // namespace cunji::server
