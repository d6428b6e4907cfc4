#include "tests/conformance/subjects.h"

#include "shared/store/memory_event_log.h"
#include "shared/store/memory_vfs.h"
#include "shared/store/sqlite_event_log.h"
#ifndef __wasi__
#include "tests/support/temp_dir.h"
#endif

namespace cunji::conformance {
namespace {
class InMemory final : public Place {
 public:
  std::unique_ptr<log::EventLog> open() override { return store::make_memory_event_log(); }
  bool keeps() const override { return false; }
};

class SqliteOnMemoryVfs final : public Place {
 public:
  std::unique_ptr<log::EventLog> open() override {
    return store::open_sqlite_event_log("county.db", {.vfs = vfs_.name(), .read_only = false})
        .value();
  }

 private:
  store::MemoryVfs vfs_{"conformance"};
};

#ifndef __wasi__
class SqliteOnFile final : public Place {
 public:
  std::unique_ptr<log::EventLog> open() override {
    return store::open_sqlite_event_log(folder_.file("county.db")).value();
  }

 private:
  testing_support::TempDir folder_;
};
#endif
}  // namespace

std::vector<Subject> subjects() {
  return {
      {"Memory", [] { return std::make_unique<InMemory>(); }},
      {"SqliteOnMemoryVfs", [] { return std::make_unique<SqliteOnMemoryVfs>(); }},
#ifndef __wasi__
      {"SqliteOnFile", [] { return std::make_unique<SqliteOnFile>(); }},
#endif
  };
}
}  // namespace cunji::conformance
