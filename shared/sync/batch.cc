#include "shared/sync/batch.h"

#include <zstd.h>

#include <algorithm>

#include "protocol/sync.pb.h"
#include "shared/sync/columns.h"
#include "shared/sync/limits.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
// Level 3 is the best gain for its time here; 19 gains 3 % more and costs a phone ten times as
// much.
static constexpr int kCompressionLevel = 3;

static std::size_t weight_of(const event::Body& body) {
  std::size_t out = 0;
  for (const event::PartSlot& slot : body.parts)
    out += slot.padded.size() + Digest::kSize + Salt::kSize;
  return out;
}

bool BatchFill::take(const event::Body& body) {
  const std::size_t body_bytes = weight_of(body);
  const std::size_t raw_bytes = raw_bytes_ + body_bytes + kBatchEventOverheadBytes;
  const bool full = events_ >= events_max_ || body_bytes_ >= kBatchBodyBytesTarget ||
                    raw_bytes > kBatchRawBytesMax;
  if (full && events_ > 0) return false;
  ++events_;
  body_bytes_ += body_bytes;
  raw_bytes_ = raw_bytes;
  return true;
}

static Bytes compress(const proto::Batch& batch) {
  const Bytes raw = batch.SerializeAsString();
  CHECK(raw.size() <= kBatchBytesMax);
  Bytes out(ZSTD_compressBound(raw.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), kCompressionLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

// The window that a frame's header asks for (RFC 8878, 3.1.1.1). zstd bounds it in streams only.
static std::uint64_t window_of(BytesView frame) {
  constexpr std::size_t kDescriptorAt = 4, kWindowAt = 5;
  if (frame.size() <= kWindowAt) return 0;
  const bool one_segment = (static_cast<std::uint8_t>(frame[kDescriptorAt]) & 0x20) != 0;
  if (one_segment) return 0;  // Its content is its window.
  const auto window = static_cast<std::uint8_t>(frame[kWindowAt]);
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

// The frame must say its size, so that a bomb is refused before memory is taken for it.
static Result<Bytes> decompress(BytesView bytes) {
  if (bytes.size() > kFrameBytesMax) return Error{Errc::Limit, "batch: too large"};
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return Error{Errc::Malformed, "batch: no zstd frame that says its size"};
  if (size > kBatchBytesMax) return Error{Errc::Limit, "batch: too large when decompressed"};
  if (window_of(bytes) > kBatchBytesMax) return Error{Errc::Limit, "batch: window too large"};
  // Decompressing into exactly this much writes no byte beyond it and takes no window of its own.
  // One frame only: zstd would go on to a second one.
  if (ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()) != bytes.size())
    return Error{Errc::Malformed, "batch: not one zstd frame"};
  Bytes out(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0 || got != out.size())
    return Error{Errc::Malformed, "batch: damaged zstd frame"};
  return out;
}

static Result<void> parse(BytesView bytes, proto::Batch& out) {
  TRY_AS(raw, decompress(bytes));
  static constexpr FieldLimit kLimits[] = {{proto::Batch::kRunsFieldNumber, kBatchEventsMax},
                                           {proto::Batch::kSeenFieldNumber, kBatchEventsMax},
                                           {proto::Batch::kDivisionsFieldNumber, kBatchEventsMax}};
  TRY(check_counts(raw, kLimits));
  if (!out.ParseFromString(raw)) return Error{Errc::Malformed, "batch: no message"};
  return {};
}

Bytes encode_batch(std::span<const event::Event> events) {
  CHECK(!events.empty() && events.size() <= kBatchEventsMax);
  proto::Batch batch;
  ColumnWriter columns(batch);
  for (const event::Event& event : events) columns.add(event);
  return compress(batch);
}

Result<std::vector<event::Event>> decode_batch(BytesView bytes) {
  proto::Batch batch;
  TRY(parse(bytes, batch));
  if (batch.index_delta_size() + batch.received_size() + batch.verdict_size() > 0)
    return Error{Errc::Malformed, "batch: entry columns among events"};
  TRY_AS(columns, ColumnReader::open(batch));
  if (columns.events() == 0) return Error{Errc::Malformed, "batch: empty"};
  std::vector<event::Event> out;
  for (std::size_t i = 0; i < columns.events(); ++i) {
    TRY_AS(row, columns.next());
    if (!row.event) return Error{Errc::Malformed, "batch: event without content"};
    out.push_back(std::move(*row.event));
  }
  TRY(columns.finish());
  return out;
}

Bytes encode_feed(std::span<const event::LoggedEvent> entries,
                  const std::vector<PublicKey>& omit_known, std::uint64_t next_index) {
  CHECK(!entries.empty() && entries.size() <= kBatchEventsMax);
  proto::Batch batch;
  ColumnWriter columns(batch);
  TimePoint received{};
  for (const event::LoggedEvent& logged : entries) {
    const event::Header& header = logged.entry.event.header();
    CHECK(logged.index >= next_index);
    batch.add_index_delta(logged.index + 1 - next_index);
    next_index = logged.index + 1;
    batch.add_received((logged.entry.received - received).count());
    received = logged.entry.received;
    batch.add_verdict(static_cast<std::uint32_t>(logged.entry.verdict));
    if (std::find(omit_known.begin(), omit_known.end(), header.author) != omit_known.end()) {
      columns.add_known(header.author, header.sequence);
    } else {
      columns.add({logged.entry.event, logged.body});
    }
  }
  return compress(batch);
}

// Takes row `i` of the entry columns; `next_index` and `received` go along.
static Result<FedEntry> entry_columns(const proto::Batch& batch, int i, std::uint64_t& next_index,
                                      std::int64_t& received) {
  const auto malformed = [i](const char* what) {
    return Error{Errc::Malformed, "feed: " + std::string(what) + " of row " + std::to_string(i)};
  };
  FedEntry out;
  const std::uint64_t delta = batch.index_delta(i);
  if (delta == 0 || delta > event::kSequenceMax) return malformed("index");
  out.index = next_index + delta - 1;
  if (out.index > event::kSequenceMax) return malformed("index");
  next_index = out.index + 1;
  constexpr auto kMillisMax = static_cast<std::int64_t>(kTimeMillisMax);
  const std::int64_t difference = batch.received(i);
  if (difference < -kMillisMax || difference > kMillisMax) return malformed("received");
  received += difference;
  if (received < 0 || received > kMillisMax) return malformed("received");
  out.received = from_millis(static_cast<std::uint64_t>(received));
  const std::uint32_t number = batch.verdict(i);
  const auto verdict =
      number > 0xffff ? std::nullopt : event::verdict_from(static_cast<std::uint16_t>(number));
  if (!verdict) return malformed("verdict");
  out.verdict = *verdict;
  return out;
}

Result<std::vector<FedEntry>> decode_feed(BytesView bytes, std::uint64_t next_index) {
  if (next_index > event::kSequenceMax) return Error{Errc::Malformed, "feed: cursor"};
  proto::Batch batch;
  TRY(parse(bytes, batch));
  TRY_AS(columns, ColumnReader::open(batch));
  const int events = static_cast<int>(columns.events());
  if (events == 0) return Error{Errc::Malformed, "feed: empty"};
  if (batch.index_delta_size() != events || batch.received_size() != events ||
      batch.verdict_size() != events)
    return Error{Errc::Malformed, "feed: entry columns"};
  std::vector<FedEntry> out;
  std::int64_t received = 0;
  for (int i = 0; i < events; ++i) {
    TRY_AS(entry, entry_columns(batch, i, next_index, received));
    TRY_AS(row, columns.next());
    entry.key = row.key;
    entry.sequence = row.sequence;
    entry.event = std::move(row.event);
    out.push_back(std::move(entry));
  }
  TRY(columns.finish());
  return out;
}
}  // namespace cunji::sync
