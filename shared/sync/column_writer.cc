#include "protocol/sync.pb.h"
#include "shared/sync/columns.h"

namespace cunji::sync {
// The row of `value` in a table, and whether it is a new one.
template <class Key>
static std::pair<std::uint32_t, bool> row_of(std::map<Key, std::uint32_t>& table,
                                             const Key& value) {
  const auto [at, added] = table.try_emplace(value, static_cast<std::uint32_t>(table.size()));
  return {at->second, added};
}

void ColumnWriter::add_to_run(const PublicKey& key, std::uint64_t sequence,
                              const Digest* previous) {
  const bool known = previous == nullptr;
  if (batch_.runs_size() > 0) {
    proto::Run& last = *batch_.mutable_runs(batch_.runs_size() - 1);
    if (last.key() == key.view() && last.first_sequence() + last.count() == sequence &&
        run_known_ == known) {
      last.set_count(last.count() + 1);
      return;
    }
  }
  proto::Run& run = *batch_.add_runs();
  run.set_key(key.str());
  run.set_first_sequence(sequence);
  run.set_count(1);
  if (!known) run.set_previous(previous->str());
  run_known_ = known;
}

void ColumnWriter::add_known(const PublicKey& key, std::uint64_t sequence) {
  add_to_run(key, sequence, nullptr);
  batch_.add_body_form(static_cast<std::uint32_t>(BodyForm::Known));
}

void ColumnWriter::add(const event::Event& event) {
  const event::Header& header = event.signed_event.header();
  if (!county_) {
    county_ = header.county;
    batch_.set_county(county_->str());
  }
  CHECK(*county_ == header.county);
  add_to_run(header.author, header.sequence, &header.previous);

  const auto [seen, seen_is_new] = row_of(seen_, {header.seen.size, header.seen.digest});
  if (seen_is_new) {
    proto::Seen& row = *batch_.add_seen();
    row.set_size(header.seen.size);
    row.set_digest(header.seen.digest.str());
  }
  batch_.add_seen_index(seen);
  batch_.add_recorded((header.recorded - recorded_).count());
  recorded_ = header.recorded;
  const auto [division, division_is_new] = row_of(divisions_, header.division);
  if (division_is_new) batch_.add_divisions(header.division.str());
  batch_.add_division_index(division);
  const auto [subject, subject_is_new] = row_of(subjects_, header.subject);
  if (subject_is_new) batch_.mutable_subjects()->append(header.subject.view());
  batch_.add_subject_index(subject);
  batch_.add_kind(header.kind);
  batch_.mutable_signatures()->append(event.signed_event.signature().view());
  add_body(header, event.body);
}

void ColumnWriter::add_body(const event::Header& header, const event::Body& body) {
  const BodyForm form = body.parts.empty()          ? BodyForm::Lost
                        : body.salt && body.whole() ? BodyForm::Whole
                                                    : BodyForm::Parts;
  batch_.add_body_form(static_cast<std::uint32_t>(form));
  batch_.add_part_count(static_cast<std::uint32_t>(body.parts.size()));
  if (form == BodyForm::Whole) {
    batch_.mutable_salts()->append(body.salt->view());
  } else {
    batch_.add_body_length(header.body_length);
  }
  if (form == BodyForm::Lost) batch_.mutable_body_commitments()->append(header.commitment.view());
  for (const event::PartSlot& slot : body.parts) {
    if (form == BodyForm::Parts) batch_.add_part_state(static_cast<std::uint32_t>(slot.state));
    if (slot.state != event::PartState::Present) {
      batch_.mutable_commitments()->append(slot.commitment.view());
      continue;
    }
    if (form == BodyForm::Parts) batch_.mutable_part_salts()->append(slot.salt.view());
    const auto part = event::unpad_part(slot.padded);
    CHECK(part.has_value());  // check_body passed, or it would not be in a store.
    batch_.add_part_length(static_cast<std::uint32_t>(part->size()));
    batch_.mutable_part_bytes()->append(*part);
  }
}
}  // namespace cunji::sync
