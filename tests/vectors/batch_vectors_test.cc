// Holds the code to protocol/vectors/batch.json.
#include <gtest/gtest.h>

#include "shared/sync/batch.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
static void expect_event(const Json& j, const event::Event& event) {
  EXPECT_EQ(to_hex(event.signed_event.encode()), text_of(j["signed_event"]));
  EXPECT_TRUE(event.signed_event.verify()) << "rebuilt byte for byte, the signature holds";
  EXPECT_EQ(to_hex(event::encode_body(event.body)), text_of(j["body"]));
  EXPECT_TRUE(event::check_body(event.signed_event.header(), event.body));
}

TEST(BatchVectors, ABatchHoldsItsEvents) {
  const Json batch = load("batch.json")["batch"];
  const auto events = sync::decode_batch(bytes_of(batch["bytes"]));
  ASSERT_TRUE(events) << events.error().what;
  ASSERT_EQ(events->size(), batch["events"].size());
  ASSERT_GE(events->size(), 3U);
  for (std::size_t i = 0; i < events->size(); ++i) expect_event(batch["events"][i], (*events)[i]);
  // Compressed bytes are the library's business; what it writes is read alike.
  EXPECT_EQ(sync::decode_batch(sync::encode_batch(*events))->size(), events->size());
}

TEST(BatchVectors, AFeedHoldsItsEntries) {
  const Json feed = load("batch.json")["feed"];
  const auto entries =
      sync::decode_feed(bytes_of(feed["bytes"]), feed["next_index"].get<std::uint64_t>());
  ASSERT_TRUE(entries) << entries.error().what;
  ASSERT_EQ(entries->size(), feed["entries"].size());
  for (std::size_t i = 0; i < entries->size(); ++i) {
    SCOPED_TRACE(i);
    const Json& j = feed["entries"][i];
    const sync::FedEntry& entry = (*entries)[i];
    EXPECT_EQ(entry.index, j["index"].get<std::uint64_t>());
    EXPECT_EQ(to_millis(entry.received), j["received"].get<std::uint64_t>());
    EXPECT_EQ(static_cast<int>(entry.verdict), j["verdict"].get<int>());
    EXPECT_EQ(entry.key, fixed_of<PublicKey>(j["key"]));
    EXPECT_EQ(entry.sequence, j["sequence"].get<std::uint64_t>());
    ASSERT_EQ(entry.event.has_value(), j.contains("signed_event"));
    if (entry.event) expect_event(j, *entry.event);
  }
}

TEST(BatchVectors, RefusedBatchesAreRefusedAsTheySay) {
  const Json file = load("batch.json");
  ASSERT_GE(file["refused"].size(), 16U);
  for (const Json& j : file["refused"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const auto out = sync::decode_batch(bytes_of(j["bytes"]));
    ASSERT_FALSE(out);
    EXPECT_EQ(name_of(out.error().code), text_of(j["error"]));
    EXPECT_EQ(out.error().what, text_of(j["text"]));
  }
}
}  // namespace cunji::vectors
