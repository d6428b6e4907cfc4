// What a locked device gives away: its bytes, and what of them opens to whom.
#include "shared/sync/rescue.h"

#include <gtest/gtest.h>

#include "shared/crypto/box.h"
#include "shared/crypto/hash.h"
#include "shared/sync/blob.h"

#include "tests/support/author.h"

namespace cunji::sync {
namespace {
using testing_support::Author;
using testing_support::county;

class RescueTest : public ::testing::Test {
 protected:
  RescueTest() {
    rescue_.county = county();
    rescue_.to = recovery_.public_key;
    rescue_.sealed_keys = seal_outbox_keys(keys_, recovery_.public_key, entropy_).value();
    for (int i = 0; i < 3; ++i) add(one_.next(testing_support::division(1), "a secret remark"));
    add(two_.next());
  }
  void add(event::Event event) {
    const event::Header& header = event.signed_event.header();
    events_.push_back(event);
    rescue_.events.push_back(
        {event.signed_event,
         keys_.bodies.seal(event::encode_body(event.body), own_body_context(header), entropy_)});
  }
  void add_photo(const Bytes& bytes) {
    const Digest digest = crypto::sha256(bytes);
    SealedBlob blob{.id = Digest::from(keys_.blobs.derive(digest.view()).raw().view()).value(),
                    .digest = {},
                    .size = static_cast<std::uint32_t>(bytes.size()),
                    .chunks = {}};
    blob.digest = keys_.blobs.seal(digest.view(), blob.id.view(), entropy_);
    for (std::uint32_t i = 0; i < chunks_of(blob.size); ++i)
      blob.chunks += keys_.blobs.seal(BytesView(bytes).substr(i * kBlobChunkBytes, kBlobChunkBytes),
                                      blob_chunk_context(digest, i), entropy_);
    rescue_.blobs.push_back(std::move(blob));
  }
  // Whether all that the file holds is genuine, and is what was written.
  bool is_sound(BytesView bytes) {
    const auto read = decode_rescue(bytes);
    if (!read || read->to != rescue_.to || read->county != rescue_.county) return false;
    const auto keys = open_outbox_keys(recovery_, read->sealed_keys);
    bool sound = keys.has_value() && check_rescue(*read).has_value();
    for (std::size_t i = 0; sound && i < read->events.size(); ++i)
      sound = open_rescued(read->events[i], *keys).has_value();
    for (std::size_t i = 0; sound && i < read->blobs.size(); ++i)
      sound = open_rescued(read->blobs[i], *keys).has_value();
    return sound;
  }
  Bytes file() { return encode_rescue(rescue_).value(); }

  crypto::SeededEntropy entropy_{7, "rescue"};
  crypto::BoxPair recovery_ = crypto::generate_box_pair(entropy_);
  OutboxKeys keys_{crypto::SealKey::generate(entropy_), crypto::SealKey::generate(entropy_)};
  Author one_{1}, two_{2};
  std::vector<event::Event> events_;
  Rescue rescue_;
};

TEST_F(RescueTest, TheRecoveryKeyOpensEveryEvent) {
  EXPECT_EQ(file().find("secret"), Bytes::npos);
  const auto read = decode_rescue(file());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->county, county());
  EXPECT_EQ(read->to, recovery_.public_key);
  EXPECT_TRUE(check_rescue(*read));
  const auto keys = open_outbox_keys(recovery_, read->sealed_keys);
  ASSERT_TRUE(keys) << keys.error().what;
  EXPECT_EQ(keys->blobs.raw(), keys_.blobs.raw());
  ASSERT_EQ(read->events.size(), events_.size());
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const auto event = open_rescued(read->events[i], *keys);
    ASSERT_TRUE(event) << event.error().what;
    EXPECT_EQ(event->signed_event, events_[i].signed_event);
    EXPECT_EQ(event->body, events_[i].body);
  }
}

TEST_F(RescueTest, NoOtherKeyDoes) {
  const crypto::BoxPair other = crypto::generate_box_pair(entropy_);
  EXPECT_EQ(open_outbox_keys(other, rescue_.sealed_keys).error().code, Errc::Forged);
  EXPECT_FALSE(open_rescued(rescue_.events[0], {keys_.blobs, keys_.bodies}));
  // Bodies can't be exchanged, whoever holds the file.
  std::swap(rescue_.events[0].body, rescue_.events[1].body);
  EXPECT_EQ(open_rescued(rescue_.events[0], keys_).error().code, Errc::Forged);
  // Something else that was sealed to the recovery key is no outbox key.
  const Bytes foreign = crypto::seal_box(recovery_.public_key, Bytes(85, 'x'), entropy_).value();
  EXPECT_EQ(open_outbox_keys(recovery_, foreign).error().code, Errc::Forged);
}

TEST_F(RescueTest, EveryDamageAndEveryCutIsFound) {
  const Bytes whole = file();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= 1;
    EXPECT_FALSE(is_sound(damaged)) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_FALSE(decode_rescue(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_rescue(whole + "x"));
}

TEST_F(RescueTest, PhotosComeBackWhole) {
  const std::vector<Bytes> photos{Bytes(1, 'a'), Bytes(kBlobChunkBytes, 'b'),
                                  Bytes(2 * kBlobChunkBytes + 7, 'c')};
  for (const Bytes& photo : photos) add_photo(photo);
  EXPECT_EQ(file().find("cccccccc"), Bytes::npos);
  EXPECT_TRUE(is_sound(file()));
  const auto read = decode_rescue(file());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->events.size(), events_.size());
  ASSERT_EQ(read->blobs.size(), photos.size());
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const auto photo = open_rescued(read->blobs[i], keys_);
    ASSERT_TRUE(photo) << photo.error().what;
    EXPECT_EQ(photo->bytes, photos[i]);
    EXPECT_EQ(photo->digest, crypto::sha256(photos[i]));
  }
  rescue_.events.clear();
  EXPECT_TRUE(is_sound(file())) << "photos alone are a file too";
}

TEST_F(RescueTest, EveryDamageToPhotosAndEveryCutIsFound) {
  rescue_.events.erase(rescue_.events.begin() + 1, rescue_.events.end());
  add_photo("a small photo");
  add_photo(Bytes(kBlobChunkBytes + 3, 'p'));
  const Bytes whole = file();
  ASSERT_TRUE(is_sound(whole));
  // Of the long run of one chunk a place here and there, and all of the rest.
  const std::size_t run = whole.size() - kBlobChunkBytes - 100;
  const auto step = [&](std::size_t at) { return at > run && at + 200 < whole.size() ? 997U : 1U; };
  for (std::size_t at = 0; at < whole.size(); at += step(at)) {
    Bytes damaged = whole;
    damaged[at] ^= 1;
    EXPECT_FALSE(is_sound(damaged)) << at;
  }
  for (std::size_t size = 0; size < whole.size(); size += step(size))
    ASSERT_FALSE(decode_rescue(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_rescue(whole + "x"));
}

TEST_F(RescueTest, PhotosCanNotBeExchangedOrMadeUp) {
  add_photo(Bytes(100, 'a'));
  add_photo(Bytes(100, 'b'));
  add_photo(Bytes(2 * kBlobChunkBytes, 'c'));
  const auto refused = [&](SealedBlob blob) {
    return open_rescued(blob, keys_).error().code == Errc::Forged;
  };
  SealedBlob blob = rescue_.blobs[0];
  blob.chunks = rescue_.blobs[1].chunks;
  EXPECT_TRUE(refused(blob)) << "another's chunk";
  blob = rescue_.blobs[0];
  blob.digest = rescue_.blobs[1].digest;
  EXPECT_TRUE(refused(blob)) << "another's digest";
  blob = rescue_.blobs[2];
  const std::size_t half = blob.chunks.size() / 2;
  blob.chunks = blob.chunks.substr(half) + blob.chunks.substr(0, half);
  EXPECT_TRUE(refused(blob)) << "chunks in another order";
  blob = rescue_.blobs[2];
  blob.size /= 2;
  blob.chunks.resize(half);
  EXPECT_TRUE(refused(blob)) << "its beginning only";
  EXPECT_FALSE(open_rescued(rescue_.blobs[0], {keys_.blobs, keys_.bodies}));
}

TEST_F(RescueTest, WhatNoDeviceWritesIsRefused) {
  add_photo("a photo");
  const Bytes whole = file();
  const std::size_t record_bytes = encoded_bytes(rescue_.blobs[0]);
  const Bytes record = whole.substr(whole.size() - 17 - record_bytes, record_bytes);
  ASSERT_EQ(record.front(), 2) << "a blob's record";
  const auto refused = [](const Bytes& bytes) {
    const auto read = decode_rescue(bytes);
    return !read && read.error().code == Errc::Malformed;
  };
  const Bytes before = whole.substr(0, whole.size() - 17 - record.size());
  const auto end = [&](std::uint64_t blobs) {
    return ByteWriter().u8(0).u64(events_.size()).u64(blobs).take();
  };
  ASSERT_FALSE(refused(before + record + end(1)));
  EXPECT_TRUE(refused(before + record + end(2))) << "fewer than it says";
  EXPECT_TRUE(refused(before + record + record + end(2))) << "one twice";
  Bytes sized = record;
  for (const std::uint32_t size : {0U, 8U, 2'097'153U, 0xffffffffU}) {
    const Bytes number = ByteWriter().u32(size).take();
    sized.replace(1 + 32 + 72, 4, number);
    EXPECT_TRUE(refused(before + sized + end(1))) << size;
  }
  Bytes version = whole;
  version[14] = '1';
  EXPECT_TRUE(refused(version)) << "no photos in the first version";
  version[14] = '3';
  const auto newer = decode_rescue(version);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().what.find("newer version"), std::string::npos);
  rescue_.blobs.clear();
  EXPECT_TRUE(file().starts_with("cunji/rescue/v1\n")) << "older servers take it";
}

TEST_F(RescueTest, AFileHasRoomForSoMuch) {
  add_photo("a photo");
  rescue_.blobs[0].chunks.resize(kRescueRecordsBytesMax);
  EXPECT_EQ(encode_rescue(rescue_).error().code, Errc::Limit);
}

TEST_F(RescueTest, ChainsMayHaveGapsButNoFalseLinks) {
  rescue_.events.erase(rescue_.events.begin() + 1);  // It was logged.
  EXPECT_TRUE(check_rescue(rescue_));
  std::swap(rescue_.events[0], rescue_.events[1]);
  EXPECT_EQ(check_rescue(rescue_).error().code, Errc::Forged);
  Author twin(1);
  twin.next(testing_support::division(2), "another first");
  rescue_.events.clear();
  add(events_[0]);
  add(twin.next());
  EXPECT_EQ(check_rescue(rescue_).error().code, Errc::Forged) << "of another branch";
}

TEST_F(RescueTest, NothingToSendIsAFileToo) {
  rescue_.events.clear();
  const auto read = decode_rescue(file());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->events.empty());
}
}  // namespace
}  // namespace cunji::sync
