#include "shared/log/export.h"

#include <gtest/gtest.h>

#include "shared/log/checkpoint.h"
#include "tests/vectors/county.h"

namespace cunji::log {
class ExportTest : public ::testing::Test {
 protected:
  Result<void> write(std::uint64_t size, const ExportOptions& options = {}) {
    bytes_.clear();
    return write_export(county_.log(), county_.note(std::min(size, newest())), size, options,
                        [this](BytesView more) -> Result<void> {
                          bytes_.append(more);
                          return {};
                        });
  }
  std::uint64_t newest() const { return county_.entries().size(); }
  static Error read_all(BytesView bytes) {
    auto reader = ExportReader::open(source_of(bytes));
    if (!reader) return reader.error();
    for (;;) {
      const auto next = reader->next();
      if (!next) return next.error();
      if (!*next) return {Errc::Unknown, "all read"};
    }
  }
  vectors::SmallCounty county_ = vectors::SmallCounty::told();
  Bytes bytes_;
};

TEST_F(ExportTest, ReadsBackWhatItWrites) {
  ASSERT_TRUE(write(newest()));
  EXPECT_TRUE(bytes_.starts_with("cunji/export/v1\n"));
  auto reader = ExportReader::open(source_of(bytes_)).value();
  EXPECT_EQ(reader.note(), county_.note(newest()));
  EXPECT_EQ(reader.size(), newest());
  for (const event::LoggedEvent& expected : county_.entries()) {
    const auto entry = reader.next().value();
    ASSERT_TRUE(entry);
    EXPECT_TRUE(entry->body_included);
    EXPECT_EQ(entry->logged.index, expected.index);
    EXPECT_EQ(entry->logged.entry.encode(), expected.entry.encode());
    EXPECT_EQ(entry->logged.body, expected.body);
  }
  EXPECT_FALSE(reader.next().value());
  EXPECT_FALSE(reader.next().value()) << "asked again, still at the end";
}

TEST_F(ExportTest, EndsAtTheCheckpointsSize) {
  ASSERT_TRUE(write(7));
  EXPECT_EQ(ExportReader::open(source_of(bytes_))->size(), 7U);
  EXPECT_EQ(read_all(bytes_).what, "all read");
  ASSERT_TRUE(write(0));
  EXPECT_EQ(read_all(bytes_).what, "all read");
  const auto beyond = write(newest() + 1);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::Corrupt);
}

TEST_F(ExportTest, WithoutBodiesStillHasThePublicOnes) {
  ASSERT_TRUE(write(newest(), {.bodies = false}));
  auto reader = ExportReader::open(source_of(bytes_)).value();
  int left_out = 0;
  for (const event::LoggedEvent& expected : county_.entries()) {
    const auto entry = reader.next().value();
    const event::Header& header = expected.entry.event.header();
    const bool endorses = header.kind == static_cast<std::uint16_t>(event::Kind::Endorsement);
    EXPECT_EQ(entry->body_included, event::is_governance(header.kind) || endorses)
        << expected.index;
    left_out += entry->body_included ? 0 : 1;
  }
  EXPECT_GT(left_out, 0);
}

TEST_F(ExportTest, ReadsFromASourceThatGivesOneByteAtATime) {
  ASSERT_TRUE(write(3));
  auto whole = source_of(bytes_);
  auto reader = ExportReader::open([&](std::span<char> out) { return whole(out.subspan(0, 1)); });
  ASSERT_TRUE(reader);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader->next().value());
  EXPECT_FALSE(reader->next().value());
}

TEST_F(ExportTest, EveryCutIsNoticed) {
  ASSERT_TRUE(write(3));
  for (std::size_t n = 0; n < bytes_.size(); ++n)
    ASSERT_EQ(read_all(BytesView(bytes_).substr(0, n)).code, Errc::Malformed) << "cut at " << n;
  EXPECT_EQ(read_all(bytes_ + 'x').what, "export: bytes after the last entry");
}

TEST_F(ExportTest, LimitsAreCheckedBeforeMemoryIsTaken) {
  const Bytes magic(kExportMagic);
  EXPECT_EQ(read_all(magic + Bytes("\xff\xff\xff\xff")).code, Errc::Limit);
  EXPECT_EQ(read_all(magic + Bytes(4, '\0') + Bytes(8, '\xff')).code, Errc::Limit);
  ASSERT_TRUE(write(1));
  const std::size_t length_at = kExportMagic.size() + 4 + county_.note(1).size() + 8 + 300;
  Bytes huge = bytes_;
  std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(length_at), 4, '\xff');
  EXPECT_EQ(read_all(huge).what, "export: entry 0: body length");
}

TEST_F(ExportTest, HandsOnWhatSourceAndSinkSay) {
  const Error full{Errc::Io, "disk full"};
  int calls = 0;
  const auto failing = [&](BytesView) -> Result<void> {
    if (++calls == 3) return full;
    return {};
  };
  EXPECT_EQ(write_export(county_.log(), "note", newest(), {}, failing).error().what, "disk full");
  EXPECT_EQ(calls, 3) << "nothing is written after a failure";
  const auto broken = [&](std::span<char>) -> Result<std::size_t> { return full; };
  EXPECT_EQ(ExportReader::open(broken).error().code, Errc::Io);
}
}  // namespace cunji::log
