#pragma once
// A folder of the test's own, gone with all that is in it when the test ends. Native only.
#include <cstdlib>
#include <filesystem>
#include <string>

#include "shared/base/check.h"

namespace cunji::testing_support {
class TempDir {
 public:
  TempDir() {
    std::string path = (std::filesystem::temp_directory_path() / "cunji-test-XXXXXX").string();
    CHECK(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};
}  // namespace cunji::testing_support
