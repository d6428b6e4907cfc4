// Photos on a node: sealed in chunks, due once a logged event names them, kept until the county has
// them and a while longer.
#include <gtest/gtest.h>

#include "shared/crypto/hash.h"
#include "shared/event/parts.h"
#include "shared/store/limits.h"
#include "shared/store/memory_vfs.h"
#include "shared/store/node_store.h"
#include "tests/support/author.h"

namespace cunji::store {
using sync::BlobOutcome;
using testing_support::Author;
using testing_support::division;
static constexpr const char* kPath = "node.db";

static Bytes photo(std::size_t size, char seed) { return Bytes(size, seed); }
static Bytes visit_naming(const std::vector<Bytes>& photos) {
  event::PartFrame frame;
  for (const Bytes& bytes : photos)
    frame.attachments.push_back({.digest = crypto::sha256(bytes),
                                 .size = static_cast<std::uint32_t>(bytes.size()),
                                 .media_type = "image/jpeg"});
  return event::encode_part(event::VisitPart{}, frame);
}

class NodeBlobsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    reopen();
    ASSERT_TRUE(store_->begin_chain(me_.key(), me_.request()));
  }
  void reopen() {
    store_.reset();
    store_ = NodeStore::open(kPath, key_, entropy_, vfs_.name()).value();
  }
  event::Event record(const std::vector<Bytes>& photos) {
    const event::Event event = me_.next(division(1), visit_naming(photos));
    EXPECT_TRUE(store_->append_own(event));
    return event;
  }
  void log(const event::Event& event) { answer(event, sync::EventOutcome::Status::Logged); }
  void answer(const event::Event& event, sync::EventOutcome::Status status) {
    ASSERT_TRUE(store_->record_outcomes({{.status = status,
                                          .key = me_.key(),
                                          .sequence = event.signed_event.header().sequence,
                                          .index = 7,
                                          .reason = "r"}}));
  }
  std::vector<Digest> due(std::uint64_t after = 0, std::size_t max = 100) {
    std::vector<Digest> out;
    for (const sync::DueBlob& blob : store_->blobs_due(after, max).value())
      out.push_back(blob.name.digest);
    return out;
  }
  void tell(const Bytes& blob, BlobOutcome::Status status) {
    ASSERT_TRUE(store_->record_blobs({{.digest = crypto::sha256(blob), .status = status}}));
  }

  MemoryVfs vfs_{"node_blobs_test"};
  crypto::SeededEntropy entropy_{1, "node blobs"};
  crypto::SealKey key_ = crypto::SealKey::generate(entropy_);
  std::unique_ptr<NodeStore> store_;
  Author me_{1};
};

TEST_F(NodeBlobsTest, AreDueOnceALoggedEventNamesThem) {
  const Bytes a = photo(40'000, 'a'), b = photo(1, 'b'), c = photo(event::kBlobBytesMax, 'c');
  for (const Bytes& bytes : {a, b, c}) EXPECT_EQ(*store_->add_blob(bytes), crypto::sha256(bytes));
  EXPECT_TRUE(due().empty());
  const auto first = record({a, b}), second = record({a});
  EXPECT_TRUE(due().empty()) << "an event that is not logged may never be";
  EXPECT_EQ(store_->blob_counts()->waiting, 2u) << "nobody names the third";
  EXPECT_EQ(store_->blob_counts()->waiting_bytes, 40'001u);
  answer(first, sync::EventOutcome::Status::Refused);
  log(second);
  reopen();
  EXPECT_EQ(due(), std::vector{crypto::sha256(a)}) << "the second event names it, too";
  log(first);
  EXPECT_EQ(due(), (std::vector{crypto::sha256(a), crypto::sha256(b)}));
  EXPECT_EQ(due(0, 1).size(), 1u);
  EXPECT_EQ(due(store_->blobs_due(0, 1)->front().place), std::vector{crypto::sha256(b)});
  for (std::uint32_t i = 0; i < 3; ++i)
    EXPECT_EQ(store_->blob_chunk(crypto::sha256(a), i)->size(), i < 2 ? 16'384u : 7'232u);
  EXPECT_EQ(store_->blob_chunk(crypto::sha256(a), 3).error().code, Errc::Corrupt);
  EXPECT_EQ(store_->blob(crypto::sha256(c)).value(), c);
  EXPECT_TRUE(store_->has_blob(crypto::sha256(c), event::kBlobBytesMax).value());
  EXPECT_FALSE(store_->has_blob(crypto::sha256(c), 5).value()) << "of another size";
  EXPECT_FALSE(store_->has_blob(crypto::sha256("other"), 5).value());
}

TEST_F(NodeBlobsTest, RefusesWhatIsNone) {
  EXPECT_EQ(store_->add_blob("").error().code, Errc::Limit);
  EXPECT_EQ(store_->add_blob(photo(event::kBlobBytesMax + 1, 'x')).error().code, Errc::Limit);
  EXPECT_EQ(store_->record_blobs({{.digest = crypto::sha256("not ours")}}).error().code,
            Errc::Conflict);
}

TEST_F(NodeBlobsTest, OutcomesMoveThemAndHeldIsFinal) {
  const Bytes a = photo(100, 'a'), b = photo(200, 'b'), c = photo(300, 'c');
  for (const Bytes& bytes : {a, b, c}) ASSERT_TRUE(store_->add_blob(bytes));
  log(record({a, b, c}));
  tell(a, BlobOutcome::Status::Held);
  tell(b, BlobOutcome::Status::Unwanted);
  tell(c, BlobOutcome::Status::Lost);
  EXPECT_EQ(due(), std::vector{crypto::sha256(b)}) << "what is unwanted now is offered again";
  const NodeBlobCounts counts = store_->blob_counts().value();
  EXPECT_EQ(counts.waiting, 0u);
  EXPECT_EQ(counts.held, 1u);
  EXPECT_EQ(counts.unwanted, 1u);
  EXPECT_EQ(counts.lost, 1u);
  tell(a, BlobOutcome::Status::Lost);
  EXPECT_EQ(store_->blob(crypto::sha256(a)).value(), a);
  EXPECT_EQ(store_->blob_counts()->held, 1u);
  EXPECT_FALSE(store_->blob(crypto::sha256(c)).value());
  EXPECT_FALSE(store_->has_blob(crypto::sha256(c), 300).value());
  ASSERT_TRUE(store_->add_blob(c)) << "found again";
  EXPECT_EQ(due(), (std::vector{crypto::sha256(b), crypto::sha256(c)}));
}

TEST_F(NodeBlobsTest, KeepsTheNewestCopiesOfWhatTheCountyHoldsAndAllOthers) {
  const std::size_t large = event::kBlobBytesMax;
  const std::size_t kept = kHeldBlobBytesMax / large;
  std::vector<Bytes> all;
  for (std::size_t i = 0; i < kept + 3; ++i) {
    all.push_back(photo(large, static_cast<char>('A' + i)));
    ASSERT_TRUE(store_->add_blob(all.back()));
    log(record({all.back()}));
    if (i != 1) tell(all.back(), BlobOutcome::Status::Held);
  }
  EXPECT_EQ(store_->blob(crypto::sha256(all[1])).value(), all[1]) << "not yet with the county";
  EXPECT_FALSE(store_->blob(crypto::sha256(all[0])).value());
  EXPECT_FALSE(store_->blob(crypto::sha256(all[2])).value());
  EXPECT_TRUE(store_->blob(crypto::sha256(all[3])).value());
  EXPECT_TRUE(store_->has_blob(crypto::sha256(all[0]), large).value()) << "the county has it";
  EXPECT_EQ(store_->blob_counts()->held, kept + 2);
}

TEST_F(NodeBlobsTest, DropsTheOldestThatNobodyNames) {
  const std::size_t large = event::kBlobBytesMax;
  const Bytes first = photo(large, '1'), named = photo(large, '2');
  ASSERT_TRUE(store_->add_blob(first));
  ASSERT_TRUE(store_->add_blob(named));
  record({named});
  for (std::size_t i = 0; i < kUnnamedBlobBytesMax / large; ++i)
    ASSERT_TRUE(store_->add_blob(photo(large, static_cast<char>('A' + i))));
  EXPECT_FALSE(store_->blob(crypto::sha256(first)).value());
  EXPECT_EQ(store_->blob(crypto::sha256(named)).value(), named);
  EXPECT_TRUE(store_->blob(crypto::sha256(photo(large, 'A'))).value());
}

// A photo is kept before its event: whatever a crash leaves, an event that is there has its photos.
TEST_F(NodeBlobsTest, ACrashAtAnyOperationLeavesNoEventWithoutItsPhoto) {
  const Bytes bytes = photo(50'000, 'p');
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    for (std::uint64_t n = 0;; ++n) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " + std::to_string(n));
      ASSERT_LT(n, 500u);
      store_.reset();
      vfs_.write_file(kPath, "");
      vfs_.write_file(std::string(kPath) + "-wal", "");
      Author author(2);
      bool added = false, named = false;
      crypto::SeededEntropy torn(seed, "torn");
      {
        auto store = NodeStore::open(kPath, key_, entropy_, vfs_.name()).value();
        ASSERT_TRUE(store->begin_chain(author.key(), author.request()));
        vfs_.crash_after(n, seed == 0 ? nullptr : &torn);
        added = store->add_blob(bytes).has_value();
        if (added)
          named = store->append_own(author.next(division(1), visit_naming({bytes}))).has_value();
      }
      const bool crashed = vfs_.crashed();
      vfs_.heal();
      reopen();
      const bool event = store_->own_event(author.key(), 1).value().has_value();
      const auto blob = store_->blob(crypto::sha256(bytes));
      ASSERT_TRUE(blob) << blob.error().what;
      EXPECT_TRUE(!added || *blob);
      EXPECT_TRUE(!named || event);
      EXPECT_TRUE(!event || *blob) << "an event whose photo is gone";
      EXPECT_EQ(store_->blob_counts()->waiting, event ? 1u : 0u);
      if (!crashed) break;
    }
  }
}

TEST_F(NodeBlobsTest, NoFileShowsAPhotoOrItsDigest) {
  const Bytes bytes = photo(30'000, 'v') + "a thing to be seen";
  const Digest digest = *store_->add_blob(bytes);
  log(record({bytes}));
  for (const bool closed : {false, true}) {
    if (closed) reopen();
    for (const char* suffix : {"", "-wal"}) {
      const Bytes content = vfs_.read_file(std::string(kPath) + suffix).value_or("");
      EXPECT_EQ(content.find("vvvvvvvv"), Bytes::npos) << suffix << closed;
      EXPECT_EQ(content.find("a thing to be seen"), Bytes::npos) << suffix << closed;
      EXPECT_EQ(content.find(digest.view()), Bytes::npos) << suffix << closed;
    }
  }
  ASSERT_TRUE(store_->erase_blob(digest));
  EXPECT_FALSE(store_->blob(digest).value());
  EXPECT_TRUE(due().empty());
  EXPECT_TRUE(store_->erase_blob(digest)) << "twice";
}

TEST_F(NodeBlobsTest, ADamagedChunkIsSaid) {
  const Bytes bytes = photo(3 * sync::kBlobChunkBytes, 'd');
  const Digest digest = *store_->add_blob(bytes);
  log(record({bytes}));
  store_.reset();
  // The newest pages are the chunks'; the flips lie inside one.
  Bytes file = vfs_.read_file(kPath).value();
  ASSERT_GT(file.size(), 60'000u);
  for (std::size_t i = file.size() - 3'000; i < file.size() - 2'900; ++i)
    file[i] = static_cast<char>(file[i] ^ 1);
  vfs_.write_file(kPath, file);
  reopen();
  int damaged = 0;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto chunk = store_->blob_chunk(digest, i);
    EXPECT_TRUE(chunk || chunk.error().code == Errc::Corrupt);
    damaged += chunk ? 0 : 1;
  }
  EXPECT_GT(damaged, 0);
  EXPECT_EQ(store_->blob(digest).error().code, Errc::Corrupt);
}
}  // namespace cunji::store
