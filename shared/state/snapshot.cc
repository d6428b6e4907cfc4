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
constexpr BytesView kLabel = "cunji/snapshot/v1\n";
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

enum class ContentKind : std::uint8_t { None, Attempt, Met, Registration, Assignment, Naming };

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
  template <class Archive>
  void serialize(Archive& archive) {
    archive(events, part, purpose);
  }
};

// The events by columns: a column is one block to write, and what repeats (authors, divisions) is
// numbered. What can be worked out again is left out: indexes, register, visits, effective times.
struct EventColumns {
  std::vector<PublicKey> authors;
  std::vector<DivisionCode> divisions;
  Bytes digests;
  std::vector<std::uint32_t> by_digest;  // Places in the order of their digests.
  std::vector<std::uint64_t> index, sequence;
  std::vector<std::uint32_t> author, division;
  std::vector<std::uint16_t> kind, verdict;
  std::vector<std::int64_t> recorded, lower, upper;
  std::vector<std::uint8_t> flags, parts;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(authors, divisions, digests, by_digest, index, sequence, author, division, kind,
            verdict, recorded, lower, upper, flags, parts);
  }
};
constexpr std::uint8_t kWithdrawn = 1, kInEffect = 2, kConfirmed = 4;

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

template <class T>
class Numbering {
 public:
  explicit Numbering(std::vector<T>& values) : values_(values) {}
  std::uint32_t of(const T& value) {
    const auto [it, added] = numbers_.emplace(value, static_cast<std::uint32_t>(values_.size()));
    if (added) values_.push_back(value);
    return it->second;
  }

 private:
  std::vector<T>& values_;
  std::map<T, std::uint32_t> numbers_;
};

void add_part(const PartRecord& part, Numbering<SubjectId>& subjects, PartColumns& out) {
  ContentKind kind = ContentKind::None;
  if (const auto* presence = std::get_if<Presence>(&part.content)) {
    kind = presence->met ? ContentKind::Met : ContentKind::Attempt;
  } else if (const auto* said = std::get_if<2>(&part.content)) {
    kind = ContentKind::Registration;
    out.registrations.push_back(**said);
  } else if (const auto* seat = std::get_if<event::AssignmentPart>(&part.content)) {
    kind = ContentKind::Assignment;
    out.assignments.push_back({.relation = seat->relation,
                               .from = seat->from,
                               .to = seat->to,
                               .division = seat->division ? seat->division->str() : "",
                               .since = number_of(seat->since),
                               .until = seat->until ? number_of(*seat->until) : kNone});
  } else if (const auto* naming = std::get_if<Naming>(&part.content)) {
    kind = ContentKind::Naming;
    out.namings.push_back(
        {.events = naming->events, .part = naming->part, .purpose = naming->purpose});
  }
  CHECK(part.number <= UINT8_MAX && part.form <= UINT8_MAX);
  out.number.push_back(static_cast<std::uint8_t>(part.number));
  out.form.push_back(static_cast<std::uint8_t>(part.form));
  out.content.push_back(static_cast<std::uint8_t>(kind));
  out.applied.push_back(part.applied ? 1 : 0);
  out.subject.push_back(subjects.of(part.subject));
  out.occurred.push_back(part.occurred ? millis_of(*part.occurred) : kNone);
}

// Takes the parts back out of their columns, in order.
class PartReader {
 public:
  explicit PartReader(PartColumns columns) : in_(std::move(columns)) {
    const std::size_t size = in_.number.size();
    if (in_.form.size() != size || in_.content.size() != size || in_.applied.size() != size ||
        in_.occurred.size() != size || in_.subject.size() != size)
      fail("part columns of different lengths");
  }
  PartRecord next(const EventRecord& event) {
    if (at_ == in_.number.size()) fail("parts are missing");
    PartRecord out;
    out.number = in_.number[at_];
    out.form = in_.form[at_];
    if (in_.subject[at_] >= in_.subjects.size()) fail("an unknown subject");
    out.subject = in_.subjects[in_.subject[at_]];
    if (in_.occurred[at_] != kNone) out.occurred = time_of(in_.occurred[at_]);
    out.content = content(static_cast<ContentKind>(in_.content[at_]));
    if (in_.applied[at_] != 0)
      out.applied = When{event.time.effective_occurred(out.occurred), event.index, out.number};
    ++at_;
    return out;
  }
  bool at_end() const { return at_ == in_.number.size(); }
  // Of the part that next() gave: its subject's number, below the count of subjects.
  std::uint32_t subject_number() const { return in_.subject[at_ - 1]; }
  std::size_t subjects() const { return in_.subjects.size(); }

 private:
  template <class T>
  static T& take(std::vector<T>& values, std::size_t& at) {
    if (at == values.size()) fail("contents are missing");
    return values[at++];
  }
  Content content(ContentKind kind) {
    switch (kind) {
      case ContentKind::None: return {};
      case ContentKind::Attempt: return Presence{.met = false};
      case ContentKind::Met: return Presence{.met = true};
      case ContentKind::Registration:
        return std::make_shared<const event::RegistrationPart>(
            std::move(take(in_.registrations, registration_)));
      case ContentKind::Assignment: return assignment(take(in_.assignments, assignment_));
      case ContentKind::Naming: {
        SavedNaming& saved = take(in_.namings, naming_);
        if (saved.events.empty()) fail("a correction of nothing");
        return Naming{
            .events = std::move(saved.events), .part = saved.part, .purpose = saved.purpose};
      }
    }
    fail("an unknown content");
  }
  static event::AssignmentPart assignment(SavedAssignment& saved) {
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

  PartColumns in_;
  std::size_t at_ = 0, registration_ = 0, assignment_ = 0, naming_ = 0;
};
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
    EventColumns events;
    PartColumns parts;
    add_events(data.events, events, parts);
    archive(data.next_index, anchor_places, anchor_times, data.seen_max, data.events.vouched_,
            events, parts);
  }

  static void add_events(const Events& from, EventColumns& out, PartColumns& parts) {
    Numbering authors(out.authors);
    Numbering divisions(out.divisions);
    Numbering subjects(parts.subjects);
    for (const EventRecord& record : from.records_) {
      CHECK(record.time.upper);
      out.digests.append(record.digest.view());
      out.index.push_back(record.index);
      out.sequence.push_back(record.sequence);
      out.author.push_back(authors.of(record.author));
      out.division.push_back(divisions.of(record.division));
      out.kind.push_back(record.kind);
      out.verdict.push_back(static_cast<std::uint16_t>(record.verdict));
      out.recorded.push_back(millis_of(record.time.recorded));
      out.lower.push_back(millis_of(record.time.lower));
      out.upper.push_back(millis_of(*record.time.upper));
      out.flags.push_back(static_cast<std::uint8_t>((record.withdrawn ? kWithdrawn : 0) |
                                                    (record.in_effect ? kInEffect : 0) |
                                                    (record.time.confirmed ? kConfirmed : 0)));
      out.parts.push_back(static_cast<std::uint8_t>(record.parts.size()));
      for (const PartRecord& part : record.parts) add_part(part, subjects, parts);
    }
    for (const auto& [digest, place] : from.place_of_) out.by_digest.push_back(place);
  }

  static State load(cereal::PortableBinaryInputArchive& archive,
                    const credential::Governance& governance) {
    State out;
    State::Data& data = *out.data_;
    std::vector<std::int64_t> anchor_times;
    std::vector<std::uint64_t> anchor_places;
    EventColumns events;
    PartColumns parts;
    archive(data.next_index, anchor_places, anchor_times, data.seen_max, data.events.vouched_,
            events, parts);
    if (anchor_places.size() != anchor_times.size()) fail("anchor columns of different lengths");
    for (std::size_t i = 0; i < anchor_places.size(); ++i)
      data.anchors.latest_.emplace_hint(data.anchors.latest_.end(), anchor_places[i],
                                        time_of(anchor_times[i]));
    data.governance = governance;
    take_events(events, PartReader(std::move(parts)), data.events);
    return out;
  }

  static EventRecord record_at(const EventColumns& in, std::size_t place) {
    if (in.author[place] >= in.authors.size() || in.division[place] >= in.divisions.size())
      fail("an unknown author or division");
    const auto verdict = event::verdict_from(in.verdict[place]);
    if (!verdict) fail("an unknown verdict");
    const std::uint8_t flags = in.flags[place];
    return {
        .index = in.index[place],
        .digest = *Digest::from(BytesView(in.digests).substr(place * Digest::kSize, Digest::kSize)),
        .division = in.divisions[in.division[place]],
        .author = in.authors[in.author[place]],
        .sequence = in.sequence[place],
        .kind = in.kind[place],
        .verdict = *verdict,
        .time = {.recorded = time_of(in.recorded[place]),
                 .lower = time_of(in.lower[place]),
                 .upper = time_of(in.upper[place]),
                 .confirmed = (flags & kConfirmed) != 0},
        .withdrawn = (flags & kWithdrawn) != 0,
        .in_effect = (flags & kInEffect) != 0,
        .parts = {}};
  }

  static void expect_equal_lengths(const EventColumns& in) {
    const std::size_t size = in.index.size();
    for (const std::size_t other :
         {in.sequence.size(), in.author.size(), in.division.size(), in.kind.size(),
          in.verdict.size(), in.recorded.size(), in.lower.size(), in.upper.size(), in.flags.size(),
          in.parts.size(), in.by_digest.size(), in.digests.size() / Digest::kSize}) {
      if (other != size) fail("event columns of different lengths");
    }
  }

  static void take_events(const EventColumns& in, PartReader parts, Events& out) {
    expect_equal_lengths(in);
    const std::size_t size = in.index.size();
    std::vector<std::vector<Events::Place>> of_author(in.authors.size());
    std::vector<Visits::ByTime*> visits(parts.subjects());  // Found once for each household.
    out.records_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      const auto place = static_cast<Events::Place>(i);
      EventRecord& record = out.records_.emplace_back(record_at(in, i));
      of_author[in.author[i]].push_back(place);
      record.parts.reserve(in.parts[i]);
      for (std::uint8_t number = 0; number < in.parts[i]; ++number) {
        const PartRecord& part = record.parts.emplace_back(parts.next(record));
        put_back(place, part, visits[parts.subject_number()], out);
      }
      if (!record.in_effect) out.without_effect_.insert(out.without_effect_.end(), place);
      if (record.in_effect && record.time.doubtful())
        out.doubtful_.insert(out.doubtful_.end(), place);
    }
    if (!parts.at_end()) fail("parts of no event");
    for (std::size_t i = 0; i < of_author.size(); ++i)
      out.of_key_.emplace(in.authors[i], std::move(of_author[i]));
    for (const std::uint32_t place : in.by_digest) {  // In order: each at the end.
      if (place >= size) fail("a place beyond the events");
      out.place_of_.emplace_hint(out.place_of_.end(), out.records_[place].digest, place);
    }
    if (out.place_of_.size() != size) fail("an event twice");
  }

  // What follows from a part as it stands. `visits` are its subject's, null until there is one.
  static void put_back(Events::Place place, const PartRecord& part, Visits::ByTime*& visits,
                       Events& out) {
    const EventRecord& record = out.records_[place];
    if (const auto* naming = std::get_if<Naming>(&part.content)) {
      for (const Digest& event : naming->events) out.named_by_[event].insert(place);
    }
    if (!part.applied) return;
    const auto* presence = std::get_if<Presence>(&part.content);
    if (presence == nullptr) return out.put(place, part);
    if (visits == nullptr) visits = &out.visits_.of_[part.subject];
    visits->emplace_hint(visits->end(), *part.applied,
                         VisitEntry{place, record.division, presence->met});
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
