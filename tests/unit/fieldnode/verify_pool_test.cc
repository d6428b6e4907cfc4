// Spread over threads, signatures are judged as one by one.
#include "fieldnode/verify_pool.h"

#include <gtest/gtest.h>

#include "tests/support/author.h"

namespace cunji::fieldnode {
TEST(VerifyPool, JudgesEachEventByItself) {
  testing_support::Author author(1);
  std::vector<event::SignedEvent> events;
  for (int i = 0; i < 150; ++i) {
    const event::SignedEvent sound = author.next().signed_event;
    Bytes bytes = sound.encode();
    if (i % 7 == 3) bytes.back() = static_cast<char>(bytes.back() ^ 1);  // Of the signature.
    events.push_back(event::SignedEvent::decode(bytes).value());
  }
  std::vector<const event::SignedEvent*> all;
  for (const event::SignedEvent& event : events) all.push_back(&event);
  for (const std::size_t threads : {0U, 1U, 3U}) {
    VerifyPool pool(threads);
    for (const std::size_t size : {0U, 1U, 24U, 25U, 49U, 150U}) {
      const auto found = pool.verify(std::span(all).first(size));
      ASSERT_EQ(found.size(), size);
      for (std::size_t i = 0; i < size; ++i)
        EXPECT_EQ(found[i], i % 7 == 3 ? 0 : 1) << i << " of " << size << ", threads " << threads;
    }
  }
}
}  // namespace cunji::fieldnode
