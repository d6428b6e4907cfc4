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
#include "shared/state/snapshot_columns.h"

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
}  // namespace event

namespace state {
template <class Archive>
void serialize(Archive& archive, Val& v) {
  archive(v.kind, v.number);
}
template <class Archive>
void serialize(Archive& archive, Registered::Fact& f) {
  archive(f.name, f.key, f.val);
}
template <class Archive>
void serialize(Archive& archive, Registered& r) {
  archive(r.type, r.source, r.parent, r.facts);
}
template <class Archive>
void serialize(Archive& archive, FieldAnswer& a) {
  archive(a.field, a.val);
}
template <class Archive>
void serialize(Archive& archive, RowAnswers& r) {
  archive(r.field, r.rows);
}
template <class Archive>
void serialize(Archive& archive, Acting& a) {
  archive(a.role, a.office, a.person);
}
template <class Archive>
void serialize(Archive& archive, SavedForm& f) {
  FormMore& more = f.more;
  archive(f.form, more.procedure, more.stage, more.outcome, more.go, more.notice, more.medium,
          more.case_id, more.list, more.last_step, more.acted_by, more.participants, f.answers,
          more.rows);
}

namespace {
constexpr BytesView kLabel = "cunji/snapshot/v4\n";
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

void expect_lengths(std::size_t size, std::initializer_list<std::size_t> columns) {
  for (const std::size_t column : columns) {
    if (column != size) fail_snapshot("columns of different lengths");
  }
}

template <class Id>
Numbering<Id> numbering(const std::vector<Id>& ids) {
  Numbering<Id> out;
  for (const Id& id : ids) out.of(id);
  if (out.size() != ids.size()) fail_snapshot("an id twice");
  return out;
}
}  // namespace

void fail_snapshot(const char* what) { throw cereal::Exception(what); }

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
            value_columns(data.events), event_columns(data.events), part_columns(data.events));
  }

  static ValueColumns value_columns(const Events& from) {
    const Values& values = from.register_.values();
    ValueColumns out{.words = {},
                     .subjects = values.subjects.ids(),
                     .sets = values.sets_,
                     .places = values.places_,
                     .forms = values.forms_,
                     .divisions = from.register_.division_at_};
    for (Symbol word = 0; word < values.words.size(); ++word)
      out.words.push_back(values.words.word(word));
    return out;
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
    for (const EventRecord& record : from.records_) {
      for (const PartRecord& part : from.parts_of(record)) add_part(from, part, out);
    }
    return out;
  }

  static void add_part(const Events& from, const PartRecord& part, PartColumns& out) {
    out.number.push_back(part.number);
    out.form.push_back(part.form);
    out.content.push_back(static_cast<std::uint8_t>(part.kind));
    out.outcome.push_back(part.outcome);
    out.flags.push_back(static_cast<std::uint8_t>((part.is_effective() ? kApplied : 0) |
                                                  (part.content != kNoNumber ? kHasContent : 0)));
    out.subject.push_back(part.subject);
    const auto occurred = from.said_when(part);
    out.occurred.push_back(occurred ? millis_of(*occurred) : kNone);
    if (part.content == kNoNumber) return;
    switch (part.kind) {
      case ContentKind::Registration:
        out.registrations.push_back(from.registrations_[part.content]);
        return;
      case ContentKind::Assignment:
        out.assignments.push_back(saved(from.assignments_[part.content]));
        return;
      case ContentKind::Naming: {
        const Naming& naming = from.namings_[part.content];
        out.namings.push_back({naming.events, naming.part, naming.purpose, naming.receipt});
        return;
      }
      case ContentKind::Statement:
        out.statements.push_back(saved(from.statements_[part.content]));
        return;
      case ContentKind::Visit:
      case ContentKind::CheckIn:
      case ContentKind::Form: out.forms.push_back(saved(from.forms_[part.content])); return;
    }
  }

  static State load(cereal::PortableBinaryInputArchive& archive,
                    const credential::Governance& governance,
                    std::span<const programme::NamedCalculation> calculations) {
    State out(calculations);
    State::Data& data = *out.data_;
    std::vector<std::int64_t> anchor_times;
    std::vector<std::uint64_t> anchor_places;
    std::vector<PublicKey> authors;
    ValueColumns values;
    EventColumns events;
    PartColumns parts;
    std::map<std::uint32_t, std::int64_t> received;
    std::map<std::uint32_t, std::uint32_t> erased;
    archive(data.next_index, anchor_places, anchor_times, authors, data.seen_max,
            data.events.vouched_, received, erased, values, events, parts);
    expect_lengths(anchor_places.size(), {anchor_times.size()});
    for (std::size_t i = 0; i < anchor_places.size(); ++i)
      data.anchors.latest_.emplace_hint(data.anchors.latest_.end(), anchor_places[i],
                                        time_of(anchor_times[i]));
    expect_lengths(authors.size(), {data.seen_max.size()});
    data.authors = numbering(authors);
    data.governance = governance;
    take_parts(parts, take_values(values, data.events.register_), data.events);
    // Before the events: what an office recorded is listed as it comes, and not looked for.
    for (std::uint32_t author = 0; author < authors.size(); ++author) out.know_author(author);
    take_events(events, authors.size(), data.events);
    take_receipts(received, data);
    for (const auto& [place, gone] : erased) {
      if (place >= data.events.records_.size()) fail_snapshot("erased parts of no event");
      data.events.erased_.emplace(place, event::PartSet(gone));
    }
    // Cases, and what they made, are run anew from the definitions in the governance.
    out.update_rules();
    return out;
  }

  static EventRecord record_at(const EventColumns& in, std::size_t place, std::size_t authors) {
    if (in.author[place] >= authors || in.division[place] >= in.divisions.size())
      fail_snapshot("an unknown author or division");
    const auto verdict = event::verdict_from(in.verdict[place]);
    if (!verdict) fail_snapshot("an unknown verdict");
    const std::uint8_t flags = in.flags[place];
    if (in.parts[place] > event::kPartsMax) fail_snapshot("too many parts");
    EventRecord out;
    out.digest = *Digest::from(BytesView(in.digests).substr(place * Digest::kSize, Digest::kSize));
    out.time = {.recorded = time_of(in.recorded[place]),
                .lower = time_of(in.lower[place]),
                .upper = time_of(in.upper[place]),
                .confirmed = (flags & kConfirmed) != 0};
    out.index = in.index[place];
    out.sequence = in.sequence[place];
    out.author = in.author[place];
    out.division = in.division[place];
    out.kind = in.kind[place];
    out.verdict = *verdict;
    out.parts = in.parts[place] & 63U;
    out.withdrawn = (flags & kWithdrawn) != 0;
    out.in_effect = (flags & kInEffect) != 0;
    return out;
  }

  static Bounds take_values(ValueColumns& in, Register& out) {
    Values& values = out.values_;
    for (const std::string& word : in.words) values.words.of(word);
    if (values.words.size() != in.words.size())
      fail_snapshot("a word twice, or the first ones missing");
    const Bounds bounds{.words = in.words.size(),
                        .subjects = in.subjects.size(),
                        .sets = in.sets.size(),
                        .places = in.places.size()};
    values.subjects = numbering(in.subjects);
    for (const std::vector<Symbol>& set : in.sets) {
      for (const Symbol code : set) bounds.word(code);
      const std::size_t before = values.sets_.size();
      values.codes(set);
      if (values.sets_.size() != before + 1) fail_snapshot("a set twice");
    }
    values.places_ = std::move(in.places);
    for (const Symbol form : in.forms) {
      bounds.word(form);
      values.form_number(form);
    }
    if (values.forms_ != in.forms) fail_snapshot("forms in another order");
    for (const auto& [subject, division] : in.divisions) {
      if (subject >= in.subjects.size() || in.subjects[subject] != subject_of(division))
        fail_snapshot("a division of another subject");
    }
    out.division_at_ = std::move(in.divisions);
    return bounds;
  }

  // The parts as said, and their contents. Where they stand follows with their events.
  static void take_parts(PartColumns& in, const Bounds& bounds, Events& out) {
    const std::size_t size = in.number.size();
    expect_lengths(size, {in.form.size(), in.content.size(), in.outcome.size(), in.flags.size(),
                          in.occurred.size(), in.subject.size()});
    std::map<ContentKind, std::uint32_t> next;
    out.parts_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      if (in.subject[i] >= bounds.subjects) fail_snapshot("an unknown subject");
      if (in.content[i] > static_cast<std::uint8_t>(ContentKind::Statement))
        fail_snapshot("unknown content");
      PartRecord& part = out.parts_.emplace_back();
      if (in.occurred[i] != kNone) {
        part.says_when = true;
        out.said_when_.emplace_back(static_cast<std::uint32_t>(i), time_of(in.occurred[i]));
      }
      if ((in.flags[i] & kApplied) != 0) part.apply(TimePoint{});  // Until its event is at hand.
      part.subject = in.subject[i];
      part.number = in.number[i];
      part.form = in.form[i];
      part.kind = static_cast<ContentKind>(in.content[i]);
      part.outcome = in.outcome[i] & 127U;
      // Visits with others there stand among the forms.
      const bool is_visit = part.kind == ContentKind::Visit || part.kind == ContentKind::CheckIn;
      const bool has_content = (in.flags[i] & kHasContent) != 0;
      if (!has_content && !is_visit) fail_snapshot("a part without content");
      if (has_content) part.content = next[is_visit ? ContentKind::Form : part.kind]++;
    }
    const std::pair<ContentKind, std::size_t> lists[] = {
        {ContentKind::Registration, in.registrations.size()},
        {ContentKind::Assignment, in.assignments.size()},
        {ContentKind::Naming, in.namings.size()},
        {ContentKind::Form, in.forms.size()},
        {ContentKind::Statement, in.statements.size()}};
    for (const auto& [kind, length] : lists)
      if (next[kind] != length) fail_snapshot("contents of no part, or none of a part");
    for (const Registered& said : in.registrations) bounds.check(said);
    for (SavedForm& said : in.forms) {
      bounds.check(said);
      out.forms_.push_back(form_said(said));
    }
    out.registrations_ = std::move(in.registrations);
    for (const SavedAssignment& said : in.assignments) {
      bounds.word(said.relation);
      if (said.from >= bounds.subjects || said.to >= bounds.subjects)
        fail_snapshot("an unknown subject");
      out.assignments_.push_back(assigned(said));
    }
    for (SavedStatement& said : in.statements) {
      bounds.word(said.of);
      bounds.word(said.period);
      for (const std::uint32_t subject : said.subjects) bounds.subject(subject);
      out.statements_.push_back(statement(said));
    }
    for (SavedNaming& said : in.namings) {
      if (said.events.empty()) fail_snapshot("a correction of nothing");
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
      if (out.find(record.digest) != nullptr) fail_snapshot("an event twice");
      out.place_of_.add(place, out.digest_at());
      record.first_part = static_cast<std::uint32_t>(parts);
      parts += record.parts;
      if (parts > out.parts_.size()) fail_snapshot("parts are missing");
      for (PartRecord& part : out.parts_to_change(record)) put_back(place, part, out);
      if (!record.in_effect) out.without_effect_.insert(out.without_effect_.end(), place);
      if (record.in_effect && record.time.doubtful())
        out.doubtful_.insert(out.doubtful_.end(), place);
    }
    if (parts != out.parts_.size()) fail_snapshot("parts of no event");
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
      if (place >= out.records_.size()) fail_snapshot("a receipt of no event");
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
    part.apply(record.time.effective_occurred(out.said_when(part)));
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

Result<State> read_snapshot(BytesView snapshot, const credential::Governance& governance,
                            std::span<const programme::NamedCalculation> calculations) {
  TRY_AS(mark, read_head(snapshot));
  ReadBuffer buffer(snapshot.substr(kHeadBytes, snapshot.size() - kHeadBytes - Digest::kSize));
  std::istream stream(&buffer);
  try {
    cereal::PortableBinaryInputArchive archive(stream);
    State out = SnapshotAccess::load(archive, governance, calculations);
    if (out.next_index() != mark.size) return Error{Errc::Corrupt, "snapshot: of another size"};
    return out;
  } catch (const std::exception& e) {  // cereal's, and what a nonsensical length leads to.
    return Error{Errc::Corrupt, std::string("snapshot: ") + e.what()};
  }
}
}  // namespace state
}  // namespace cunji
