#include "shared/store/memory_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <utility>
#include <vector>

#include "shared/base/check.h"

namespace cunji::store {
namespace {
constexpr std::size_t kSectorBytes = 512;

struct Image {
  bool exists = false;
  Bytes content;
};

struct Handle;

struct File {
  Image now, durable;
  std::vector<std::pair<std::size_t, std::size_t>> dirty;  // Ranges of `now` that were not synced.
  std::map<const Handle*, int> locks;                      // SQLITE_LOCK_… by holder.

  void write(std::size_t offset, BytesView bytes) {
    const std::size_t end = offset + bytes.size();
    if (end > now.content.size()) now.content.resize(end, '\0');
    std::memcpy(now.content.data() + offset, bytes.data(), bytes.size());
    dirty.emplace_back(offset, end);
  }
  void truncate(std::size_t size) {
    // What lay beyond reads as zeros if the file grows again.
    dirty.emplace_back(size, now.content.size());
    now.content.resize(size, '\0');
  }
  void sync() {
    durable.exists = now.exists;
    durable.content.resize(now.content.size(), '\0');
    for (auto [begin, end] : dirty) {
      end = std::min(end, now.content.size());
      if (begin < end)
        std::memcpy(durable.content.data() + begin, now.content.data() + begin, end - begin);
    }
    dirty.clear();
  }
  void remove(bool durably) {
    now = {};
    dirty.clear();
    if (durably) durable = {};
    // If it is made again, nothing of the durable content is known to be in the new one.
    if (!durably) dirty.emplace_back(0, durable.content.size());
  }
  void crash(Entropy* torn) {
    if (torn != nullptr && (!dirty.empty() || now.exists != durable.exists)) tear(*torn);
    now = durable;
    dirty.clear();
    locks.clear();
  }

 private:
  static bool coin(Entropy& entropy) { return entropy.next<FixedBytes<1, File>>().bytes[0] % 2; }
  // Makes durable what happened to reach the disk.
  void tear(Entropy& entropy) {
    if (now.exists != durable.exists && coin(entropy)) durable.exists = now.exists;
    if (!now.exists || !durable.exists) return;
    const Bytes old = durable.content;
    if (now.content.size() != old.size() && coin(entropy))
      durable.content.resize(now.content.size(), '\0');
    const std::size_t both = std::min(durable.content.size(), now.content.size());
    for (std::size_t begin = 0; begin < both; begin += kSectorBytes) {
      const std::size_t size = std::min(kSectorBytes, both - begin);
      if (std::memcmp(durable.content.data() + begin, now.content.data() + begin, size) == 0)
        continue;
      if (coin(entropy))
        std::memcpy(durable.content.data() + begin, now.content.data() + begin, size);
    }
  }
};
}  // namespace

struct MemoryVfs::State {
  std::string name;
  sqlite3_vfs vfs{};
  std::map<std::string, File> files;
  std::uint64_t epoch = 0;  // Counts crashes: a handle of an earlier one is dead.
  std::uint64_t handles = 0, dead_handles = 0;
  std::uint64_t operations = 0, random = 0;
  bool crashed = false;
  struct Order {
    std::uint64_t at = 0;
    std::optional<Failure> failure;  // Nothing: crash.
    bool lasting = false;
    Entropy* torn = nullptr;
  };
  std::optional<Order> order;

  void crash(Entropy* torn) {
    ++epoch;
    crashed = true;
    dead_handles = handles;
    for (auto& [path, file] : files) file.crash(torn);
  }

  // Counts an operation; what SQLite gets if it is not to be done.
  int step(int io_error) {
    const std::uint64_t now = operations++;
    if (!order || now < order->at || (now > order->at && !order->lasting)) return SQLITE_OK;
    if (!order->failure) {
      Entropy* const torn = order->torn;
      order.reset();
      crash(torn);
      return io_error;
    }
    return *order->failure == Failure::DiskFull && io_error == SQLITE_IOERR_WRITE ? SQLITE_FULL
                                                                                  : io_error;
  }
};

namespace {
using State = MemoryVfs::State;

// What SQLite sees of an open file; made in memory that SQLite gives.
struct Handle : sqlite3_file {
  State* state;
  File* file;
  std::uint64_t epoch;
  bool alive() const { return epoch == state->epoch; }
};

Handle* of(sqlite3_file* file) { return static_cast<Handle*>(file); }
State* of(sqlite3_vfs* vfs) { return static_cast<State*>(vfs->pAppData); }

int close(sqlite3_file* f) {
  Handle* const h = of(f);
  if (h->alive()) {
    h->file->locks.erase(h);
  } else {
    --h->state->dead_handles;
  }
  --h->state->handles;
  return SQLITE_OK;
}

int read(sqlite3_file* f, void* out, int amount, sqlite3_int64 offset) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_READ;
  const BytesView content = h->file->now.content;
  const auto begin = static_cast<std::size_t>(offset), want = static_cast<std::size_t>(amount);
  const std::size_t got = begin < content.size() ? std::min(want, content.size() - begin) : 0;
  if (got > 0) std::memcpy(out, content.data() + begin, got);
  std::memset(static_cast<char*>(out) + got, 0, want - got);
  return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* f, const void* bytes, int amount, sqlite3_int64 offset) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_WRITE;
  if (const int rc = h->state->step(SQLITE_IOERR_WRITE)) return rc;
  h->file->write(static_cast<std::size_t>(offset),
                 {static_cast<const char*>(bytes), static_cast<std::size_t>(amount)});
  return SQLITE_OK;
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_TRUNCATE;
  if (const int rc = h->state->step(SQLITE_IOERR_TRUNCATE)) return rc;
  h->file->truncate(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* f, int) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_FSYNC;
  if (const int rc = h->state->step(SQLITE_IOERR_FSYNC)) return rc;
  h->file->sync();
  return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(h->file->now.content.size());
  return SQLITE_OK;
}

// The highest lock that any other handle has on the file.
int others_lock(const Handle* h) {
  int highest = SQLITE_LOCK_NONE;
  for (const auto& [holder, level] : h->file->locks) {
    if (holder != h) highest = std::max(highest, level);
  }
  return highest;
}

int lock(sqlite3_file* f, int level) {
  Handle* const h = of(f);
  if (!h->alive()) return SQLITE_IOERR_LOCK;
  const int others = others_lock(h);
  const int refused_from = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                           : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                           : SQLITE_LOCK_SHARED;
  if (others >= refused_from) return SQLITE_BUSY;
  int& own = h->file->locks[h];
  own = std::max(own, level);
  return SQLITE_OK;
}

int unlock(sqlite3_file* f, int level) {
  Handle* const h = of(f);
  if (h->alive()) h->file->locks[h] = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* f, int* reserved) {
  *reserved = of(f)->alive() && others_lock(of(f)) >= SQLITE_LOCK_RESERVED;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
// A torn sector never harms its neighbours, as crash() has it.
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// Version 1: no shared memory, no memory mapping.
constexpr sqlite3_io_methods kFileMethods = {1,
                                             close,
                                             read,
                                             write,
                                             truncate,
                                             sync,
                                             file_size,
                                             lock,
                                             unlock,
                                             check_reserved_lock,
                                             file_control,
                                             sector_size,
                                             device_characteristics,
                                             nullptr,
                                             nullptr,
                                             nullptr,
                                             nullptr,
                                             nullptr,
                                             nullptr};

int open(sqlite3_vfs* v, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  State* const state = of(v);
  out->pMethods = nullptr;
  if (path == nullptr) return SQLITE_CANTOPEN;  // Temporary files are kept in memory.
  if (state->dead_handles > 0) return SQLITE_CANTOPEN;
  const auto found = state->files.find(path);
  const bool exists = found != state->files.end() && found->second.now.exists;
  if (!exists) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (state->step(SQLITE_CANTOPEN) != SQLITE_OK) return SQLITE_CANTOPEN;
    state->files[path].now.exists = true;
  }
  Handle* const h = new (out) Handle;
  h->state = state;
  h->file = &state->files[path];
  h->epoch = state->epoch;
  h->pMethods = &kFileMethods;
  ++state->handles;
  state->crashed = false;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* v, const char* path, int sync_folder) {
  State* const state = of(v);
  if (state->dead_handles > 0) return SQLITE_IOERR_DELETE;
  const auto found = state->files.find(path);
  if (found == state->files.end() || !found->second.now.exists) return SQLITE_IOERR_DELETE_NOENT;
  if (const int rc = state->step(SQLITE_IOERR_DELETE)) return rc;
  found->second.remove(sync_folder != 0);
  return SQLITE_OK;
}

int access(sqlite3_vfs* v, const char* path, int, int* out) {
  const auto found = of(v)->files.find(path);
  *out = found != of(v)->files.end() && found->second.now.exists;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  const std::size_t length = std::strlen(path);
  if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, length + 1);
  return SQLITE_OK;
}

// Only makes salts and names differ (splitmix64 of a count).
int randomness(sqlite3_vfs* v, int size, char* out) {
  for (int i = 0; i < size; ++i) {
    std::uint64_t x = ++of(v)->random * 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    out[i] = static_cast<char>(x >> 56);
  }
  return size;
}

int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

int current_time(sqlite3_vfs*, double* julian_day) {
  *julian_day = 2440587.5;  // 1970; no statement of ours asks for the time.
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }
void fill_in(State& state) {
  sqlite3_vfs& vfs = state.vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = state.name.c_str();
  vfs.pAppData = &state;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
}
}  // namespace

MemoryVfs::MemoryVfs(const std::string& name) : state_(std::make_unique<State>()) {
  state_->name = name;
  fill_in(*state_);
  CHECK(sqlite3_vfs_find(state_->name.c_str()) == nullptr);
  CHECK(sqlite3_vfs_register(&state_->vfs, /*makeDflt=*/0) == SQLITE_OK);
}

MemoryVfs::~MemoryVfs() {
  CHECK(state_->handles == 0);
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& MemoryVfs::name() const { return state_->name; }
void MemoryVfs::crash(Entropy* torn) { state_->crash(torn); }
void MemoryVfs::crash_after(std::uint64_t operations, Entropy* torn) {
  state_->order = {state_->operations + operations, std::nullopt, false, torn};
}
void MemoryVfs::fail_after(std::uint64_t operations, Failure failure, bool lasting) {
  state_->order = {state_->operations + operations, failure, lasting, nullptr};
}
void MemoryVfs::heal() { state_->order.reset(); }
bool MemoryVfs::crashed() const { return state_->crashed; }
std::uint64_t MemoryVfs::operations() const { return state_->operations; }

std::optional<Bytes> MemoryVfs::read_file(const std::string& path) const {
  const auto found = state_->files.find(path);
  if (found == state_->files.end() || !found->second.now.exists) return std::nullopt;
  return found->second.now.content;
}

void MemoryVfs::write_file(const std::string& path, BytesView content) {
  File& file = state_->files[path];
  file.now = {true, Bytes(content)};
  file.dirty = {{0, content.size()}};
  file.sync();
}
}  // namespace cunji::store

#ifdef __wasi__
// SQLite built without a system's VFS asks for these, and wants a default VFS to be there: a bare
// one in memory. A module with a VFS of its own defines them itself.
extern "C" {
int sqlite3_os_init(void);
int sqlite3_os_end(void);
__attribute__((weak)) int sqlite3_os_init(void) {
  static cunji::store::MemoryVfs::State state;
  state.name = "memory";
  cunji::store::fill_in(state);
  return sqlite3_vfs_register(&state.vfs, /*makeDflt=*/1);
}
__attribute__((weak)) int sqlite3_os_end(void) { return SQLITE_OK; }
}
#endif
