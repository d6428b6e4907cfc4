#include <google/protobuf/repeated_field.h>

#include "protocol/sync.pb.h"
#include "shared/sync/columns.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
namespace {
Error malformed(const std::string& what) { return {Errc::Malformed, "batch: " + what}; }

// A column of numbers. Like ByteReader: reading past the end gives zeros and ok() is false for
// good.
template <class Number>
class NumberColumn {
 public:
  explicit NumberColumn(const google::protobuf::RepeatedField<Number>& values) : values_(values) {}
  Number next() {
    if (at_ < values_.size()) return values_.Get(at_++);
    ok_ = false;
    return 0;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && at_ == values_.size(); }

 private:
  const google::protobuf::RepeatedField<Number>& values_;
  int at_ = 0;
  bool ok_ = true;
};
}  // namespace

struct ColumnReader::State {
  explicit State(const proto::Batch& b)
      : batch(b),
        seen_index(b.seen_index()),
        recorded(b.recorded()),
        division_index(b.division_index()),
        subject_index(b.subject_index()),
        kind(b.kind()),
        body_form(b.body_form()),
        part_count(b.part_count()),
        part_state(b.part_state()),
        part_length(b.part_length()),
        body_length(b.body_length()),
        signatures(b.signatures()),
        salts(b.salts()),
        part_bytes(b.part_bytes()),
        part_salts(b.part_salts()),
        commitments(b.commitments()),
        body_commitments(b.body_commitments()) {}

  Result<void> read_tables();
  Result<void> enter_run();
  Result<event::Header> header_columns(BodyForm form, event::Body& body);
  Result<event::Body> read_body(BodyForm form, event::Header& header);
  Result<event::PartSlot> read_part(const event::Body& body, BodyForm form, std::size_t index);

  const proto::Batch& batch;
  NumberColumn<std::uint32_t> seen_index;
  NumberColumn<std::int64_t> recorded;
  NumberColumn<std::uint32_t> division_index, subject_index, kind, body_form, part_count,
      part_state, part_length, body_length;
  ByteReader signatures, salts, part_bytes, part_salts, commitments, body_commitments;

  std::size_t events = 0;
  CountyCode county;
  std::vector<event::Seen> seen;
  std::vector<DivisionCode> divisions;
  std::vector<SubjectId> subjects;

  int run = -1;            // The run that the last row was of,
  std::uint32_t left = 0;  // and how many of its rows are left.
  bool run_known = false;
  PublicKey key;
  std::uint64_t sequence = 0;
  Digest previous;
  std::int64_t recorded_millis = 0;
};

Result<void> ColumnReader::State::read_tables() {
  std::uint64_t count = 0;
  for (const proto::Run& each : batch.runs()) {
    if (each.count() == 0) return malformed("empty run");
    count += each.count();
    if (count > kBatchEventsMax) return Error{Errc::Limit, "batch: too many events"};
  }
  events = static_cast<std::size_t>(count);
  // A batch of known events only has no county.
  if (!batch.county().empty() || batch.kind_size() > 0) {
    TRY_AS(code, CountyCode::parse(batch.county()));
    county = code;
  }
  for (const proto::Seen& row : batch.seen()) {
    TRY_AS(digest, Digest::from(row.digest()));
    seen.push_back({row.size(), digest});
  }
  for (const std::string& row : batch.divisions()) {
    TRY_AS(division, DivisionCode::parse(row));
    divisions.push_back(division);
  }
  if (batch.subjects().size() % SubjectId::kSize != 0) return malformed("subjects");
  if (batch.subjects().size() / SubjectId::kSize > events) return malformed("subjects");
  ByteReader in(batch.subjects());
  while (in.left() > 0) subjects.push_back(in.fixed<SubjectId>());
  return {};
}

Result<void> ColumnReader::State::enter_run() {
  if (++run >= batch.runs_size()) return malformed("runs");
  const proto::Run& entered = batch.runs(run);
  TRY_AS(author, PublicKey::from(entered.key()));
  key = author;
  left = entered.count();
  if (entered.first_sequence() == 0 || entered.first_sequence() > event::kSequenceMax - left)
    return malformed("sequence of a run");
  sequence = entered.first_sequence();
  run_known = entered.previous().empty();
  if (!run_known) {
    TRY_AS(digest, Digest::from(entered.previous()));
    previous = digest;
  }
  return {};
}

Result<event::PartSlot> ColumnReader::State::read_part(const event::Body& body, BodyForm form,
                                                       std::size_t index) {
  event::PartSlot out;
  if (form == BodyForm::Parts) {
    const std::uint32_t state = part_state.next();
    if (state > static_cast<std::uint32_t>(event::PartState::Lost)) return malformed("part state");
    out.state = static_cast<event::PartState>(state);
  }
  if (out.state != event::PartState::Present) {
    out.commitment = commitments.fixed<Digest>();
    return out;
  }
  const std::uint32_t length = part_length.next();
  if (length >= event::kPartBytesMax) return Error{Errc::Limit, "batch: part is too large"};
  TRY_AS(padded, event::pad_part(part_bytes.raw(length)));
  out.padded = std::move(padded);
  out.salt = body.salt ? event::part_salt(*body.salt, static_cast<std::uint8_t>(index + 1))
                       : part_salts.fixed<Salt>();
  out.commitment = event::part_commitment(out.salt, out.padded);
  return out;
}

// Reads the body; sets the header's length and commitment.
Result<event::Body> ColumnReader::State::read_body(BodyForm form, event::Header& header) {
  event::Body out;
  const std::uint32_t count = part_count.next();
  if (count > event::kPartsMax) return Error{Errc::Limit, "batch: too many parts"};
  if ((count == 0) != (form == BodyForm::Lost)) return malformed("part count");
  if (form == BodyForm::Whole) out.salt = salts.fixed<Salt>();
  std::size_t present_bytes = 0;
  bool all_present = true;
  std::vector<Digest> of_parts;
  for (std::size_t i = 0; i < count; ++i) {
    TRY_AS(slot, read_part(out, form, i));
    present_bytes += slot.padded.size();
    if (present_bytes > event::kBodyBytesMax) return Error{Errc::Limit, "batch: body is too large"};
    all_present = all_present && slot.state == event::PartState::Present;
    of_parts.push_back(slot.commitment);
    out.parts.push_back(std::move(slot));
  }
  header.body_length =
      form == BodyForm::Whole ? static_cast<std::uint32_t>(present_bytes) : body_length.next();
  header.commitment =
      form == BodyForm::Lost ? body_commitments.fixed<Digest>() : event::body_commitment(of_parts);
  const bool fits = form == BodyForm::Lost || (all_present ? present_bytes == header.body_length
                                                           : present_bytes < header.body_length);
  if (!fits) return malformed("body length");
  return out;
}

Result<event::Header> ColumnReader::State::header_columns(BodyForm form, event::Body& body) {
  event::Header out;
  out.county = county;
  out.author = key;
  out.sequence = sequence;
  out.previous = previous;
  const std::uint32_t seen_row = seen_index.next();
  const std::uint32_t division_row = division_index.next();
  const std::uint32_t subject_row = subject_index.next();
  if (seen_row >= seen.size() || division_row >= divisions.size() || subject_row >= subjects.size())
    return malformed("row outside a table");
  out.seen = seen[seen_row];
  out.division = divisions[division_row];
  out.subject = subjects[subject_row];
  constexpr auto kMillisMax = static_cast<std::int64_t>(kTimeMillisMax);
  const std::int64_t difference = recorded.next();
  if (difference < -kMillisMax || difference > kMillisMax) return malformed("recorded");
  recorded_millis += difference;
  if (recorded_millis < 0 || recorded_millis > kMillisMax) return malformed("recorded");
  out.recorded = from_millis(static_cast<std::uint64_t>(recorded_millis));
  const std::uint32_t number = kind.next();
  if (number > 0xffff) return malformed("kind");
  out.kind = static_cast<std::uint16_t>(number);
  TRY_AS(read, read_body(form, out));
  body = std::move(read);
  return out;
}

ColumnReader::ColumnReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ColumnReader::~ColumnReader() = default;
ColumnReader::ColumnReader(ColumnReader&&) noexcept = default;

Result<ColumnReader> ColumnReader::open(const proto::Batch& batch) {
  auto state = std::make_unique<State>(batch);
  TRY(state->read_tables());
  return ColumnReader(std::move(state));
}

std::size_t ColumnReader::events() const { return state_->events; }

Result<ColumnReader::Row> ColumnReader::next() {
  State& s = *state_;
  if (s.left == 0) TRY(s.enter_run());
  Row out{.key = s.key, .sequence = s.sequence, .event = std::nullopt};
  const std::uint32_t number = s.body_form.next();
  if (number > static_cast<std::uint32_t>(BodyForm::Known)) return malformed("body form");
  const auto form = static_cast<BodyForm>(number);
  if ((form == BodyForm::Known) != s.run_known) return malformed("predecessor of a run");
  if (form != BodyForm::Known) {
    event::Body body;
    TRY_AS(header, s.header_columns(form, body));
    Bytes bytes = event::encode(header).str();
    bytes.append(s.signatures.raw(Signature::kSize));
    const bool ok = s.seen_index.ok() && s.recorded.ok() && s.division_index.ok() &&
                    s.subject_index.ok() && s.kind.ok() && s.body_form.ok() && s.part_count.ok() &&
                    s.part_state.ok() && s.part_length.ok() && s.body_length.ok() &&
                    s.signatures.ok() && s.salts.ok() && s.part_bytes.ok() && s.part_salts.ok() &&
                    s.commitments.ok() && s.body_commitments.ok();
    if (!ok) return malformed("a column is too short");
    TRY_AS(signed_event, event::SignedEvent::decode(bytes));
    s.previous = signed_event.digest();
    out.event = event::Event{signed_event, std::move(body)};
  }
  --s.left;
  ++s.sequence;
  return out;
}

Result<void> ColumnReader::finish() const {
  const State& s = *state_;
  const bool all = s.seen_index.at_end() && s.recorded.at_end() && s.division_index.at_end() &&
                   s.subject_index.at_end() && s.kind.at_end() && s.body_form.at_end() &&
                   s.part_count.at_end() && s.part_state.at_end() && s.part_length.at_end() &&
                   s.body_length.at_end() && s.signatures.at_end() && s.salts.at_end() &&
                   s.part_bytes.at_end() && s.part_salts.at_end() && s.commitments.at_end() &&
                   s.body_commitments.at_end();
  if (!all) return malformed("a column is too long");
  return {};
}
}  // namespace cunji::sync
