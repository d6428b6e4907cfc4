#include "shared/state/snapshot.h"

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/common.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <istream>
#include <ostream>
#include <streambuf>

#include "shared/crypto/hash.h"
#include "shared/state/data.h"

// How cereal writes what the columns hold one by one.
namespace cunji {
template <class Archive, std::size_t N, class Tag>
void save(Archive& archive, const FixedBytes<N, Tag>& bytes) {
  archive(cereal::binary_data(bytes.data(), N));
}
template <class Archive, std::size_t N, class Tag>
void load(Archive& archive, FixedBytes<N, Tag>& bytes) {
  archive(cereal::binary_data(bytes.data(), N));
}
template <class Archive>
std::string save_minimal(const Archive&, const DivisionCode& division) {
  return division.str();
}
template <class Archive>
void load_minimal(const Archive&, DivisionCode& division, const std::string& text) {
  const auto parsed = DivisionCode::parse(text);
  if (!parsed) throw cereal::Exception(parsed.error().what);
  division = *parsed;
}

namespace event {
template <class Archive>
void serialize(Archive& archive, Place& p) {
  archive(p.latitude_e7, p.longitude_e7, p.accuracy_m, p.mock_location);
}
template <class Archive>
void serialize(Archive& archive, Value& v) {
  archive(v.type, v.text, v.integer, v.yes, v.subject, v.codes, v.place);
}
template <class Archive>
void serialize(Archive& archive, Fact& f) {
  archive(f.name, f.key, f.value);
}
template <class Archive>
void serialize(Archive& archive, RegistrationPart& p) {
  archive(p.type, p.create, p.facts, p.source);
}
}  // namespace event

namespace state {
namespace {
constexpr BytesView kLabel = "cunji/snapshot/v3\n";
// Label, fold version, size, root; then the content, then SHA-256 of all before it.
constexpr std::size_t kHeadBytes = kLabel.size() + 4 + 8 + Digest::kSize;

// cereal wants streams; these read and append to bytes in place.
class ReadBuffer : public std::streambuf {
 public:
  explicit ReadBuffer(BytesView bytes) {
    char* begin = const_cast<char*>(bytes.data());  // Never written to: there is no overflow().
    setg(begin, begin, begin + bytes.size());
  }
};
class AppendBuffer : public std::streambuf {
 public:
  explicit AppendBuffer(Bytes& out) : out_(out) {}

 private:
  std::streamsize xsputn(const char* data, std::streamsize size) override {
    out_.append(data, static_cast<std::size_t>(size));
    return size;
  }
  int_type overflow(int_type c) override {
    out_.push_back(traits_type::to_char_type(c));
    return c;
  }
  Bytes& out_;
};

// A date or a time that may be missing.
constexpr std::int64_t kNone = INT64_MIN;
std::int64_t millis_of(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint time_of(std::int64_t millis) { return TimePoint{Duration{millis}}; }
std::int64_t number_of(Date date) {  // Of any date, the impossible ones too.
  return int{date.year()} * std::int64_t{65'536} + unsigned{date.month()} * 256 +
         unsigned{date.day()};
}
Date date_of(std::int64_t number) {
  const auto low = static_cast<unsigned>(number & 0xffff);
  return std::chrono::year{static_cast<int>(number >> 16)} / static_cast<int>(low >> 8) /
         static_cast<int>(low & 0xff);
}

[[noreturn]] void fail(const char* what) { throw cereal::Exception(what); }

struct SavedAssignment {
  std::string relation;
  SubjectId from, to;
  std::string division;
  std::int64_t since = 0, until = kNone;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(relation, from, to, division, since, until);
  }
};
struct SavedNaming {
  std::vector<Digest> events;
  std::uint32_t part = 0;
  std::optional<event::EndorsementPurpose> purpose;
  bool receipt = false;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(events, part, purpose, receipt);
  }
};

// The events by columns: a column is one block to write. What can be worked out again is left out:
// tables, register, visits, effective times.
struct EventColumns {
  std::vector<DivisionCode> divisions;
  Bytes digests;
  std::vector<std::uint64_t> index, sequence;
  std::vector<std::uint32_t> author, division;
  std::vector<std::uint16_t> kind, verdict;
  std::vector<std::int64_t> recorded, lower, upper;
  std::vector<std::uint8_t> flags, parts;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(divisions, digests, index, sequence, author, division, kind, verdict, recorded, lower,
            upper, flags, parts);
  }
};
constexpr std::uint8_t kWithdrawn = 1, kInEffect = 2, kConfirmed = 4;

// Contents are in lists of their own, each in the order of the parts.
struct PartColumns {
  std::vector<SubjectId> subjects;
  std::vector<std::uint32_t> subject;
  std::vector<std::uint8_t> number, form, content, applied;
  std::vector<std::int64_t> occurred;
  std::vector<event::RegistrationPart> registrations;
  std::vector<SavedAssignment> assignments;
  std::vector<SavedNaming> namings;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(subjects, subject, number, form, content, applied, occurred, registrations, assignments,
            namings);
  }
};

SavedAssignment saved(const event::AssignmentPart& seat) {
  return {.relation = seat.relation,
          .from = seat.from,
          .to = seat.to,
          .division = seat.division ? seat.division->str() : "",
          .since = number_of(seat.since),
          .until = seat.until ? number_of(*seat.until) : kNone};
}
event::AssignmentPart assignment(SavedAssignment& saved) {
  event::AssignmentPart out{.relation = std::move(saved.relation),
                            .from = saved.from,
                            .to = saved.to,
                            .division = std::nullopt,
                            .since = date_of(saved.since),
                            .until = std::nullopt};
  if (!saved.division.empty()) {
    const auto division = DivisionCode::parse(saved.division);
    if (!division) fail("a damaged division");
    out.division = *division;
  }
  if (saved.until != kNone) out.until = date_of(saved.until);
  return out;
}

void expect_lengths(std::size_t size, std::initializer_list<std::size_t> columns) {
  for (const std::size_t column : columns) {
    if (column != size) fail("columns of different lengths");
  }
}

template <class Id>
Numbering<Id> numbering(const std::vector<Id>& ids) {
  Numbering<Id> out;
  for (const Id& id : ids) out.of(id);
  if (out.size() != ids.size()) fail("an id twice");
  return out;
}
}  // namespace

// Reads and fills the private state of the fold.
struct SnapshotAccess {
  using Archive = cereal::PortableBinaryOutputArchive;

  static void save(const State& state, Archive& archive) {
    const State::Data& data = *state.data_;
    CHECK(data.pending == 0);
    std::vector<std::int64_t> anchor_times;
    std::vector<std::uint64_t> anchor_places;
    for (const auto& [index, at] : data.anchors.latest_) {
      anchor_places.push_back(index);
      anchor_times.push_back(millis_of(at));
    }
    archive(data.next_index, anchor_places, anchor_times, data.authors.ids(), data.seen_max,
            data.events.vouched_, received_column(data.events), erased_column(data.events),
            event_columns(data.events), part_columns(data.events));
  }

  static std::map<std::uint32_t, std::int64_t> received_column(const Events& from) {
    std::map<std::uint32_t, std::int64_t> out;
    for (const auto& [place, at] : from.received_) out.emplace(place, millis_of(at));
    return out;
  }

  static std::map<std::uint32_t, std::uint32_t> erased_column(const Events& from) {
    std::map<std::uint32_t, std::uint32_t> out;
    for (const auto& [place, gone] : from.erased_)
      out[place] = static_cast<std::uint32_t>(gone.to_ulong());
    return out;
  }

  static EventColumns event_columns(const Events& from) {
    EventColumns out;
    out.divisions = from.divisions_.ids();
    for (const EventRecord& record : from.records_) {
      CHECK(record.time.upper);
      out.digests.append(record.digest.view());
      out.index.push_back(record.index);
      out.sequence.push_back(record.sequence);
      out.author.push_back(record.author);
      out.division.push_back(record.division);
      out.kind.push_back(record.kind);
      out.verdict.push_back(static_cast<std::uint16_t>(record.verdict));
      out.recorded.push_back(millis_of(record.time.recorded));
      out.lower.push_back(millis_of(record.time.lower));
      out.upper.push_back(millis_of(*record.time.upper));
      out.flags.push_back(static_cast<std::uint8_t>((record.withdrawn ? kWithdrawn : 0) |
                                                    (record.in_effect ? kInEffect : 0) |
                                                    (record.time.confirmed ? kConfirmed : 0)));
      out.parts.push_back(record.parts);
    }
    return out;
  }

  static PartColumns part_columns(const Events& from) {
    PartColumns out;
    out.subjects = from.subjects_.ids();
    for (const EventRecord& record : from.records_) {
      for (const PartRecord& part : from.parts_of(record)) add_part(from, part, out);
    }
    return out;
  }

  static void add_part(const Events& from, const PartRecord& part, PartColumns& out) {
    out.number.push_back(part.number);
    out.form.push_back(part.form);
    out.content.push_back(static_cast<std::uint8_t>(part.kind));
    out.applied.push_back(part.is_effective() ? 1 : 0);
    out.subject.push_back(part.subject);
    out.occurred.push_back(part.occurred == kNoTime ? kNone : millis_of(part.occurred));
    if (part.kind == ContentKind::Registration)
      out.registrations.push_back(*from.registrations_[part.content]);
    if (part.kind == ContentKind::Assignment)
      out.assignments.push_back(saved(from.assignments_[part.content]));
    if (part.kind == ContentKind::Naming) {
      const Naming& naming = from.namings_[part.content];
      out.namings.push_back({naming.events, naming.part, naming.purpose, naming.receipt});
    }
  }

  static State load(cereal::PortableBinaryInputArchive& archive,
                    const credential::Governance& governance) {
    State out;
    State::Data& data = *out.data_;
    std::vector<std::int64_t> anchor_times;
    std::vector<std::uint64_t> anchor_places;
    std::vector<PublicKey> authors;
    EventColumns events;
    PartColumns parts;
    std::map<std::uint32_t, std::int64_t> received;
    std::map<std::uint32_t, std::uint32_t> erased;
    archive(data.next_index, anchor_places, anchor_times, authors, data.seen_max,
            data.events.vouched_, received, erased, events, parts);
    expect_lengths(anchor_places.size(), {anchor_times.size()});
    for (std::size_t i = 0; i < anchor_places.size(); ++i)
      data.anchors.latest_.emplace_hint(data.anchors.latest_.end(), anchor_places[i],
                                        time_of(anchor_times[i]));
    expect_lengths(authors.size(), {data.seen_max.size()});
    data.authors = numbering(authors);
    data.governance = governance;
    take_parts(parts, data.events);
    take_events(events, authors.size(), data.events);
    take_receipts(received, data);
    for (const auto& [place, gone] : erased) {
      if (place >= data.events.records_.size()) fail("erased parts of no event");
      data.events.erased_.emplace(place, event::PartSet(gone));
    }
    return out;
  }

  static EventRecord record_at(const EventColumns& in, std::size_t place, std::size_t authors) {
    if (in.author[place] >= authors || in.division[place] >= in.divisions.size())
      fail("an unknown author or division");
    const auto verdict = event::verdict_from(in.verdict[place]);
    if (!verdict) fail("an unknown verdict");
    const std::uint8_t flags = in.flags[place];
    return {
        .digest = *Digest::from(BytesView(in.digests).substr(place * Digest::kSize, Digest::kSize)),
        .time = {.recorded = time_of(in.recorded[place]),
                 .lower = time_of(in.lower[place]),
                 .upper = time_of(in.upper[place]),
                 .confirmed = (flags & kConfirmed) != 0},
        .index = in.index[place],
        .sequence = in.sequence[place],
        .author = in.author[place],
        .division = in.division[place],
        .kind = in.kind[place],
        .verdict = *verdict,
        .parts = in.parts[place],
        .withdrawn = (flags & kWithdrawn) != 0,
        .in_effect = (flags & kInEffect) != 0};
  }

  // The parts as said, and their contents. Where they stand follows with their events.
  static void take_parts(PartColumns& in, Events& out) {
    const std::size_t size = in.number.size();
    expect_lengths(size, {in.form.size(), in.content.size(), in.applied.size(), in.occurred.size(),
                          in.subject.size()});
    out.subjects_ = numbering(in.subjects);
    std::uint32_t registration = 0, seat = 0, naming = 0;
    out.parts_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      if (in.subject[i] >= in.subjects.size()) fail("an unknown subject");
      if (in.content[i] > static_cast<std::uint8_t>(ContentKind::Naming)) fail("unknown content");
      PartRecord& part = out.parts_.emplace_back();
      if (in.occurred[i] != kNone) part.occurred = time_of(in.occurred[i]);
      if (in.applied[i] != 0) part.applied = TimePoint{};  // Until its event is at hand.
      part.subject = in.subject[i];
      part.number = in.number[i];
      part.form = in.form[i];
      part.kind = static_cast<ContentKind>(in.content[i]);
      if (part.kind == ContentKind::Registration) part.content = registration++;
      if (part.kind == ContentKind::Assignment) part.content = seat++;
      if (part.kind == ContentKind::Naming) part.content = naming++;
    }
    if (in.registrations.size() != registration || in.assignments.size() != seat ||
        in.namings.size() != naming)
      fail("contents of no part, or none of a part");
    for (event::RegistrationPart& said : in.registrations)
      out.registrations_.push_back(
          std::make_shared<const event::RegistrationPart>(std::move(said)));
    for (SavedAssignment& said : in.assignments) out.assignments_.push_back(assignment(said));
    for (SavedNaming& said : in.namings) {
      if (said.events.empty()) fail("a correction of nothing");
      out.namings_.push_back({.events = std::move(said.events),
                              .part = said.part,
                              .purpose = said.purpose,
                              .receipt = said.receipt});
    }
  }

  static void take_events(const EventColumns& in, std::size_t authors, Events& out) {
    const std::size_t size = in.index.size();
    expect_lengths(size, {in.sequence.size(), in.author.size(), in.division.size(), in.kind.size(),
                          in.verdict.size(), in.recorded.size(), in.lower.size(), in.upper.size(),
                          in.flags.size(), in.parts.size()});
    expect_lengths(size * Digest::kSize, {in.digests.size()});
    out.divisions_ = numbering(in.divisions);
    out.records_.reserve(size);
    out.place_of_.reserve(size);
    std::size_t parts = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto place = static_cast<Events::Place>(i);
      EventRecord& record = out.records_.emplace_back(record_at(in, i, authors));
      if (out.find(record.digest) != nullptr) fail("an event twice");
      out.place_of_.add(place, out.digest_at());
      record.first_part = static_cast<std::uint32_t>(parts);
      parts += record.parts;
      if (parts > out.parts_.size()) fail("parts are missing");
      for (PartRecord& part : out.parts_to_change(record)) put_back(place, part, out);
      if (!record.in_effect) out.without_effect_.insert(out.without_effect_.end(), place);
      if (record.in_effect && record.time.doubtful())
        out.doubtful_.insert(out.doubtful_.end(), place);
    }
    if (parts != out.parts_.size()) fail("parts of no event");
  }

  static void take_receipts(const std::map<std::uint32_t, std::int64_t>& received,
                            State::Data& data) {
    Events& out = data.events;
    for (const auto& [key, status] : data.governance.keys()) {
      const std::uint32_t author = data.authors.find(key);
      if (author != kNoNumber && !status.grants.empty() && !status.grants.front().person.is_zero())
        out.persons_.emplace(author, status.grants.front().person);
    }
    for (const auto& [place, at] : received) {
      if (place >= out.records_.size()) fail("a receipt of no event");
      out.received_.emplace(place, time_of(at));
    }
    for (const Naming& naming : out.namings_) {
      for (const Digest& event : naming.receipt ? naming.events : std::vector<Digest>{}) {
        const Events::Place named = out.place(event);
        if (named != kNoNumber) out.receipted_[out.records_[named].author].insert(named);
      }
    }
  }

  // What follows from a part as it stands.
  static void put_back(Events::Place place, PartRecord& part, Events& out) {
    const EventRecord& record = out.records_[place];
    if (part.kind == ContentKind::Naming) {
      for (const Digest& event : out.namings_[part.content].events) out.keep_naming(event, place);
    }
    if (!part.is_effective()) return;
    part.applied = part.effective_occurred(record.time);
    out.put(place, part);
  }
};

Bytes encode_snapshot(const State& state, const SnapshotMark& mark) {
  CHECK(state.next_index() == mark.size);
  ByteWriter head;
  head.raw(kLabel).u32(kFoldVersion).u64(mark.size).raw(mark.root.view());
  Bytes out = head.take();
  AppendBuffer buffer(out);
  std::ostream stream(&buffer);
  cereal::PortableBinaryOutputArchive archive(stream);
  SnapshotAccess::save(state, archive);
  return out;
}

void seal_snapshot(Bytes& snapshot) { snapshot.append(crypto::sha256(snapshot).view()); }

static Result<SnapshotMark> read_head(BytesView snapshot) {
  if (snapshot.size() < kHeadBytes + Digest::kSize)
    return Error{Errc::Corrupt, "snapshot: cut short"};
  ByteReader in(snapshot);
  if (in.raw(kLabel.size()) != kLabel) return Error{Errc::Conflict, "snapshot: of another format"};
  const std::uint32_t fold_version = in.u32();
  if (fold_version != kFoldVersion)
    return Error{Errc::Conflict, "snapshot: of fold version " + std::to_string(fold_version) +
                                     ", this program has " + std::to_string(kFoldVersion)};
  SnapshotMark out;
  out.size = in.u64();
  out.root = in.fixed<Digest>();
  return out;
}

Result<SnapshotMark> open_snapshot(BytesView snapshot) {
  TRY_AS(mark, read_head(snapshot));
  const BytesView content = snapshot.substr(0, snapshot.size() - Digest::kSize);
  if (crypto::sha256(content).view() != snapshot.substr(content.size()))
    return Error{Errc::Corrupt, "snapshot: damaged, it does not match its digest"};
  return mark;
}

Result<State> read_snapshot(BytesView snapshot, const credential::Governance& governance) {
  TRY_AS(mark, read_head(snapshot));
  ReadBuffer buffer(snapshot.substr(kHeadBytes, snapshot.size() - kHeadBytes - Digest::kSize));
  std::istream stream(&buffer);
  try {
    cereal::PortableBinaryInputArchive archive(stream);
    State out = SnapshotAccess::load(archive, governance);
    if (out.next_index() != mark.size) return Error{Errc::Corrupt, "snapshot: of another size"};
    return out;
  } catch (const std::exception& e) {  // cereal's, and what a nonsensical length leads to.
    return Error{Errc::Corrupt, std::string("snapshot: ") + e.what()};
  }
}
}  // namespace state
}  // namespace cunji
