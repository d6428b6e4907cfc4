#pragma once
// The event columns of a proto::Batch, written and read (README.md, "Batch"). Only batch.cc uses
// it.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "shared/event/event.h"

namespace cunji::proto {
class Batch;
}

namespace cunji::sync {
// What a batch holds of an event's body. Numbers stand in batches and never change.
enum class BodyForm : std::uint32_t {
  Whole = 0,  // All parts and the body's salt.
  Parts = 1,  // Each part with its state: bytes and own salt, or the commitment.
  Lost = 2,   // Nothing but what the header says.
  Known = 3,  // Feeds only: the receiver is the author and holds the event.
};

class ColumnWriter {
 public:
  explicit ColumnWriter(proto::Batch& batch) : batch_(batch) {}
  // The next event. Its body must pass check_body; all events must be of one county.
  void add(const event::Event& event);
  // The next event without its content.
  void add_known(const PublicKey& key, std::uint64_t sequence);

 private:
  void add_to_run(const PublicKey& key, std::uint64_t sequence, const Digest* previous);
  void add_body(const event::Header& header, const event::Body& body);

  proto::Batch& batch_;
  std::map<std::pair<std::uint64_t, Digest>, std::uint32_t> seen_;
  std::map<DivisionCode, std::uint32_t> divisions_;
  std::map<SubjectId, std::uint32_t> subjects_;
  std::optional<CountyCode> county_;
  TimePoint recorded_{};
  bool run_known_ = false;
};

// Reads events in order; every column must hold exactly what the events need.
class ColumnReader {
 public:
  // A row of the batch; `event` is empty where it is known to the receiver.
  struct Row {
    PublicKey key;
    std::uint64_t sequence = 0;
    std::optional<event::Event> event;
  };

  // `batch` outlives the reader. Errc::Limit for more events than kBatchEventsMax, Errc::Malformed
  // for runs or tables that make no sense.
  static Result<ColumnReader> open(const proto::Batch& batch);
  ~ColumnReader();
  ColumnReader(ColumnReader&&) noexcept;

  std::size_t events() const;  // Rows altogether.
  // The next of events() rows. Errc::Malformed or Errc::Limit.
  Result<Row> next();
  // After the last row: Errc::Malformed when a column holds more.
  Result<void> finish() const;

 private:
  struct State;
  explicit ColumnReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};
}  // namespace cunji::sync
