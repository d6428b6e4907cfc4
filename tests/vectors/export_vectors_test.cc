// Holds the code to protocol/vectors/export.json: a whole log, every verdict, every region altered.
#include <gtest/gtest.h>

#include <set>

#include "shared/credential/verify_log.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
class ExportVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(file_.is_discarded());
    bytes_ = from_base64(text_of(file_["export_base64"])).value();
    expectation_.root_digest = fixed_of<Digest>(file_["root_digest"]);
  }
  Json file_ = load("export.json");
  Bytes bytes_;
  credential::LogExpectation expectation_;
};

TEST_F(ExportVectors, TheLogIsInOrderWithTheVerdictsItSays) {
  std::vector<std::uint64_t> seen;
  const auto report =
      credential::verify_export(log::source_of(bytes_), expectation_,
                                [&](std::uint64_t done, std::uint64_t) { seen.push_back(done); });
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->in_order()) << report->finding->reason;
  EXPECT_EQ(report->entries, file_["size"].get<std::uint64_t>());
  EXPECT_EQ(report->checkpoint.root, fixed_of<Digest>(file_["root"]));
  EXPECT_EQ(report->root_digest, *expectation_.root_digest);
  EXPECT_EQ(seen.back(), report->entries) << "progress ends at the end";

  auto reader = log::ExportReader::open(log::source_of(bytes_)).value();
  std::set<int> verdicts;
  for (const Json& j : file_["entries"]) {
    const auto entry = reader.next().value();
    ASSERT_TRUE(entry);
    EXPECT_EQ(static_cast<int>(entry->logged.entry.verdict), j["verdict"].get<int>());
    EXPECT_EQ(event::name_of(entry->logged.entry.verdict), text_of(j["verdict_name"]));
    verdicts.insert(j["verdict"].get<int>());
  }
  EXPECT_FALSE(reader.next().value());
  EXPECT_EQ(verdicts, (std::set<int>{0, 1, 17, 18, 19, 20, 21}))
      << "2 is for rebuilt logs; 16 is parked by an honest server";
}

TEST_F(ExportVectors, EveryAlteredBitIsFoundWhereItSays) {
  ASSERT_GE(file_["altered"].size(), 100U);
  for (const Json& j : file_["altered"]) {
    SCOPED_TRACE(text_of(j["name"]));
    Bytes changed = bytes_;
    const auto at = j["offset"].get<std::size_t>();
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto report = credential::verify_export(log::source_of(changed), expectation_);
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->in_order());
    EXPECT_EQ(report->finding->index, j["index"].get<std::uint64_t>());
    EXPECT_EQ(report->finding->reason, text_of(j["text"]));
  }
}

TEST_F(ExportVectors, NoByteIsWithoutMeaning) {
  for (std::size_t at = 0; at < bytes_.size(); at += 61) {
    Bytes changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 0x80);
    EXPECT_FALSE(credential::verify_export(log::source_of(changed), expectation_)->in_order())
        << at;
  }
}

TEST_F(ExportVectors, ACutOrAnotherRootIsFound) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{18}, std::size_t{300},
                                 bytes_.size() / 2, bytes_.size() - 1})
    EXPECT_FALSE(
        credential::verify_export(log::source_of(BytesView(bytes_).substr(0, size)), expectation_)
            ->in_order())
        << size;
  EXPECT_FALSE(credential::verify_export(log::source_of(bytes_ + '\0'), expectation_)->in_order());
  const auto other = credential::verify_export(log::source_of(bytes_), {Digest{}});
  ASSERT_FALSE(other->in_order());
  EXPECT_EQ(other->finding->reason, "the founding event is not signed by the expected root key");
}
}  // namespace cunji::vectors
