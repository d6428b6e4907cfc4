// The writer's thread: everything handed in is answered, once, also when it stops or has too much.
#include "server/app/writer.h"

#include <gtest/gtest.h>

#include "protocol/sync.pb.h"
#include "tests/unit/server/county_folder.h"

namespace cunji::server {
class WriterTest : public CountyFolderTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(CountyFolderTest::SetUp());
    auto keeper = Keeper::open(folder, Clock::system(), {}, entropy);
    ASSERT_TRUE(keeper) << keeper.error().what;
    writer = std::make_unique<Writer>(std::move(*keeper), metrics);
  }
  void start() {
    writer->start([](const ViewPtr&) {}, [](const Error& error) { FAIL() << error.what; });
  }
  // Of a key without credential: parked, whatever else happens.
  static CheckedBatch batch_of(std::size_t events, const std::string& sender = "nobody") {
    Author author(sender);
    CheckedBatch out{.sender = author.key.public_key(), .events = {}};
    const event::Event visit = author.visit();
    for (std::size_t i = 0; i < events; ++i) out.events.push_back({visit, std::nullopt});
    return out;
  }

  Metrics metrics;
  std::unique_ptr<Writer> writer;
};

TEST_F(WriterTest, StopAnswersWhatWasHandedIn) {
  std::size_t answered = 0;
  for (int i = 0; i < 20; ++i) {
    writer->push(batch_of(1), [&](const std::vector<sync::EventOutcome>& outcomes) {
      ASSERT_EQ(outcomes.size(), 1U);
      EXPECT_EQ(outcomes[0].status, sync::EventOutcome::Status::Parked);
      ++answered;  // In the writer's thread; read after it has ended.
    });
  }
  start();
  writer->stop();
  EXPECT_EQ(answered, 20U);
}

TEST_F(WriterTest, AfterStopTheAnswerIsLater) {
  start();
  writer->stop();
  int refusal = 0;
  writer->push(batch_of(1), [&](const auto& outcomes) { refusal = outcomes[0].refusal; });
  EXPECT_EQ(refusal, proto::REFUSAL_CODE_LATER);
}

TEST_F(WriterTest, ASenderAboveItsShareIsToldLaterAndOthersAreNot) {
  std::size_t answered = 0, other = 0;
  std::vector<sync::EventOutcome> refused;
  for (int i = 0; i < 4; ++i)
    writer->push(batch_of(1'000), [&](const auto& outcomes) { answered += outcomes.size(); });
  EXPECT_EQ(answered, 0U) << "the thread does not run yet";
  writer->push(batch_of(2), [&](const auto& outcomes) { refused = outcomes; });
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[1].refusal, proto::REFUSAL_CODE_LATER);
  writer->push(batch_of(1, "somebody"), [&](const auto& outcomes) { other = outcomes.size(); });
  EXPECT_EQ(writer->waiting_events(), 4'001U);
  start();
  writer->stop();
  EXPECT_EQ(answered, 4'000U);
  EXPECT_EQ(other, 1U);
}

TEST_F(WriterTest, EnrolmentsThatWaitAreBounded) {
  std::size_t limited = 0, others = 0;
  for (std::size_t i = 0; i < kAsksWaitingMax + 3; ++i) {
    writer->enrol({}, [&](const Result<sync::EnrolmentOutcome>& outcome) {
      ASSERT_FALSE(outcome);
      ++(outcome.error().code == Errc::Limit ? limited : others);
    });
  }
  EXPECT_EQ(limited, 3U);
  start();
  writer->stop();
  EXPECT_EQ(others, kAsksWaitingMax) << "no code: answered, and not by \"later\"";
}
}  // namespace cunji::server
