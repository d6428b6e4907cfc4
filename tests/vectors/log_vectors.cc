#include "shared/credential/verify_log.h"
#include "shared/crypto/hash.h"
#include "shared/event/kinds.h"
#include "shared/log/export.h"
#include "shared/log/proof.h"
#include "tests/vectors/generators.h"

namespace cunji::vectors {
static Json hashes_json(const log::Proof& proof) {
  Json out = Json::array();
  for (const Digest& hash : proof) out.push_back(hex(hash.view()));
  return out;
}

static Json refused_entries(const Bytes& good) {
  Json out = Json::array();
  const auto add = [&](const std::string& name, const Bytes& bytes) {
    Json one = {{"name", name}, {"entry", hex(bytes)}};
    one.update(error_of(event::decode_entry(bytes)));
    out.push_back(one);
  };
  add("one byte short", good.substr(1));
  add("one byte long", good + '\0');
  add("version 2", put(good, 0, "\2"));
  add("received after the year 9999", put(good, 1, "\1"));
  add("verdict 3", put(good, 9, BytesView("\0\3", 2)));
  add("header's suite", put(good, 43, "\2"));
  return out;
}

static Json refused_notes(const SmallCounty& county) {
  const std::string note = county.note(5);
  const PublicKey key = key_named("log").public_key();
  Json out = Json::array();
  const auto add = [&](const std::string& name, const std::string& text) {
    Json one = {{"name", name}, {"note", text}};
    one.update(error_of(log::open_checkpoint(text, SmallCounty::origin(), key)));
    out.push_back(one);
  };
  const std::size_t size_at = note.find('\n') + 1, signature_at = note.find("\n\n") + 2;
  const log::Checkpoint foreign{
      .origin = "other.example/411323/1", .size = 5, .root = county.checkpoint(5).root};
  add("no signature", note.substr(0, signature_at - 1));
  add("size altered", put(note, size_at, "6"));
  add("leading zero", note.substr(0, size_at).append("0").append(note.substr(size_at)));
  add("another line",
      note.substr(0, signature_at - 1).append("extra\n").append(note.substr(signature_at - 1)));
  add("another log's", log::sign_checkpoint(foreign, key_named("log")));
  add("signed by another key", log::sign_checkpoint(county.checkpoint(5), key_named("other")));
  add("cut", note.substr(0, note.size() - 1));
  return out;
}

Json log_vectors(const SmallCounty& county) {
  constexpr std::uint64_t kSize = 13;  // Not a power of two, three one-bits.
  Json entries = Json::array(), checkpoints = Json::array(), inclusion = Json::array(),
       consistency = Json::array();
  for (std::uint64_t i = 0; i < kSize; ++i) {
    const event::Entry& entry = county.entries()[i].entry;
    entries.push_back({{"index", i},
                       {"entry", hex(entry.encode())},
                       {"leaf_hash", hex(entry.leaf_hash().view())}});
  }
  for (std::uint64_t size = 0; size <= kSize; ++size) {
    const log::Checkpoint checkpoint = county.checkpoint(size);
    checkpoints.push_back({{"size", size},
                           {"root", hex(checkpoint.root.view())},
                           {"note", county.note(size)},
                           {"seen_digest", hex(log::seen_of(checkpoint).digest.view())}});
  }
  for (const std::uint64_t index : {0U, 4U, 7U, 8U, 12U})
    inclusion.push_back(
        {{"index", index},
         {"size", kSize},
         {"proof", hashes_json(log::prove_inclusion(county.log(), index, kSize).value())}});
  for (const std::uint64_t size : {1U, 4U, 6U, 8U, 12U, 13U})
    consistency.push_back(
        {{"old_size", size},
         {"size", kSize},
         {"proof", hashes_json(log::prove_consistency(county.log(), size, kSize).value())}});
  const crypto::KeyPair key = key_named("log");
  return {{"about", "Entries, leaf hashes, tree roots, checkpoint notes and proofs of one log."},
          {"origin", SmallCounty::origin()},
          {"log_key", hex(key.public_key().view())},
          {"verifier_key", log::verifier_key(SmallCounty::origin(), key.public_key())},
          {"entries", entries},
          {"checkpoints", checkpoints},
          {"inclusion", inclusion},
          {"consistency", consistency},
          {"refused_entries", refused_entries(county.entries()[6].entry.encode())},
          {"refused_notes", refused_notes(county)}};
}

// Flips the lowest bit of one byte in each region of an export and says what is found.
static Json altered(const SmallCounty& county, const Bytes& whole, const std::string& note,
                    const credential::LogExpectation& expectation) {
  Json out = Json::array();
  const auto add = [&](const std::string& name, std::int64_t offset) {
    const Bytes bytes = flipped(whole, static_cast<std::size_t>(offset));
    const auto report = credential::verify_export(log::source_of(bytes), expectation).value();
    CHECK(!report.in_order());
    out.push_back({{"name", name},
                   {"offset", offset},
                   {"index", report.finding->index},
                   {"text", report.finding->reason}});
  };
  const std::size_t note_at = log::kExportMagic.size() + 4;
  add("magic", 6);
  add("note's length", static_cast<std::int64_t>(note_at) - 1);
  add("note: origin", static_cast<std::int64_t>(note_at));
  add("note: size", static_cast<std::int64_t>(note_at + note.find('\n') + 1));
  add("note: root", static_cast<std::int64_t>(note_at + note.find('\n', note.find('\n') + 1) + 5));
  add("note: signature", static_cast<std::int64_t>(note_at + note.size() - 10));
  add("number of entries", static_cast<std::int64_t>(note_at + note.size() + 7));
  std::size_t at = note_at + note.size() + 8;
  static constexpr std::pair<const char*, int> kFields[] = {
      {"version", 0},           {"received", 8},      {"verdict", 10},
      {"division link", 42},    {"suite", 43},        {"county", 44},
      {"author", 50},           {"sequence", 89},     {"previous", 90},
      {"seen size", 129},       {"seen digest", 130}, {"recorded", 169},
      {"division", 181},        {"subject", 182},     {"kind", 199},
      {"body length", 203},     {"commitment", 204},  {"signature", 236},
      {"signature's end", 299}, {"body's size", 303}, {"part count", 304},
      {"salt flag", 305},       {"salt", 306},        {"part state", 322},
      {"part length", 326},     {"part", 330}};
  for (std::size_t i = 0; i < county.entries().size(); ++i) {
    if (i == 0 || i == 1 || i == 6 || i == 13) {
      for (const auto& [name, offset] : kFields)
        add("entry " + std::to_string(i) + ": " + name, static_cast<std::int64_t>(at) + offset);
    }
    at += event::kEntryBytes + 4 + event::encode_body(county.entries()[i].body).size();
  }
  CHECK(at == whole.size());
  return out;
}

Json export_vectors(const SmallCounty& county) {
  const std::uint64_t size = county.entries().size();
  const std::string note = county.note(size);
  Bytes bytes;
  const auto sink = [&](BytesView more) -> Result<void> {
    bytes.append(more);
    return {};
  };
  CHECK(log::write_export(county.log(), note, size, {}, sink));
  const credential::LogExpectation expectation{
      crypto::sha256(key_named("root").public_key().view())};
  const auto report = credential::verify_export(log::source_of(bytes), expectation).value();
  CHECK(report.in_order());

  Json entries = Json::array();
  for (std::uint64_t i = 0; i < size; ++i) {
    const event::Entry& entry = county.entries()[i].entry;
    entries.push_back({{"index", i},
                       {"what", county.told_of()[i]},
                       {"kind", event::info_of(entry.event.header().kind)->name},
                       {"verdict", static_cast<int>(entry.verdict)},
                       {"verdict_name", event::name_of(entry.verdict)}});
  }
  return {{"about", "A whole log with its verdicts; and what is found once one bit is altered."},
          {"root_digest", hex(expectation.root_digest->view())},
          {"origin", SmallCounty::origin()},
          {"size", size},
          {"root", hex(county.checkpoint(size).root.view())},
          {"entries", entries},
          {"export_base64", to_base64(bytes)},
          {"altered", altered(county, bytes, note, expectation)}};
}
}  // namespace cunji::vectors
