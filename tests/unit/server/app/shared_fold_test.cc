// The fold that readers share with the writer: however many look at it, the writer's turn comes.
#include "server/app/shared_fold.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace cunji::server {
static std::uint64_t size_of(const state::State& state) { return state.next_index(); }

TEST(SharedFold, ManyMayLookAtATime) {
  const SharedFold fold;
  EXPECT_EQ(fold.read([&](const state::State&) {
    return std::async(std::launch::async, [&] { return fold.read(size_of); }).get();
  }),
            0U);
}

// One looks; the writer comes, then another reader, which would be let in beside the first one.
// When the second comes before the writer has asked, that says nothing: once more then.
TEST(SharedFold, WhoComesToLookWhileTheWriterWaitsLooksAfterIt) {
  SharedFold fold;
  constexpr std::chrono::milliseconds kAsks{10}, kEnters{500};  // Time enough on a busy machine.
  bool writer_was_first = false;
  for (int attempt = 0; attempt < 20 && !writer_was_first; ++attempt) {
    bool changed = false;  // Guarded by the fold's own lock.
    std::future<void> writer;
    std::future<bool> reader;
    fold.read([&](const state::State&) {
      writer = std::async(std::launch::async,
                          [&] { fold.change([&](state::State&) { changed = true; }); });
      std::this_thread::sleep_for(kAsks);
      reader = std::async(std::launch::async,
                          [&] { return fold.read([&](const state::State&) { return changed; }); });
      reader.wait_for(kEnters);
    });
    writer.get();
    writer_was_first = reader.get();
  }
  EXPECT_TRUE(writer_was_first);
}
}  // namespace cunji::server
