#include "shared/state/events.h"

#include <algorithm>

#include "shared/event/kinds.h"

namespace cunji::state {
using event::EndorsementPurpose;

// The county's own division is CCCCCC000000.
static bool is_county(const DivisionCode& division) {
  return division.view().substr(CountyCode::kSize) == "000000";
}

const Naming* Events::naming_of(const PartRecord& part,
                                std::optional<EndorsementPurpose> purpose) const {
  if (part.kind != ContentKind::Naming) return nullptr;
  const Naming& naming = namings_[part.content];
  return naming.purpose == purpose && !naming.receipt ? &naming : nullptr;
}

static bool names(const Naming& naming, const Digest& event) {
  return std::find(naming.events.begin(), naming.events.end(), event) != naming.events.end();
}

static bool is_among(const event::PartSet& parts, std::uint32_t number) {
  return number >= 1 && number <= parts.size() && parts[number - 1];
}

// By an accepted event of another key, in the same division or the county's.
bool Events::may_endorse(const EventRecord& by, const EventRecord& what) const {
  return event::is_accepted(by.verdict) && by.author != what.author &&
         (by.division == what.division || is_county(divisions_[by.division]));
}

// The author his own; a desk any in its division.
static bool may_correct(const EventRecord& by, const EventRecord& what) {
  return by.division == what.division && !event::is_governance(what.kind) &&
         (by.author == what.author || event::is_accepted(by.verdict));
}

Events::Place Events::place(const Digest& event) const {
  return place_of_.find(event, digest_at());
}

const Events::Places& Events::naming(const Digest& event) const {
  static const Places kNone;
  const std::uint32_t number = named_.find(event);
  return number == kNoNumber ? kNone : named_by_[number];
}

bool Events::is_endorsed(const EventRecord& record, const Places& naming,
                         EndorsementPurpose purpose) const {
  return std::any_of(naming.begin(), naming.end(), [&](Place place) {
    const EventRecord& by = records_[place];
    if (!may_endorse(by, record)) return false;
    const auto parts = parts_of(by);
    return std::any_of(parts.begin(), parts.end(), [&](const PartRecord& part) {
      const Naming* said = naming_of(part, purpose);
      return part.is_effective() && said != nullptr && names(*said, record.digest);
    });
  });
}

bool Events::is_corrected(const EventRecord& record, const Places& naming,
                          std::uint32_t number) const {
  return std::any_of(naming.begin(), naming.end(), [&](Place place) {
    const EventRecord& by = records_[place];
    if (!may_correct(by, record)) return false;
    const auto parts = parts_of(by);
    return std::any_of(parts.begin(), parts.end(), [&](const PartRecord& part) {
      const Naming* said = naming_of(part, std::nullopt);
      return part.is_effective() && said != nullptr && names(*said, record.digest) &&
             (said->part == 0 || said->part == number);
    });
  });
}

// Whether a part of a correction event stands for one that the event corrects: like for like, and
// only where the wrong one had authority. Else a correction would be a way round the kinds.
bool Events::may_replace(const EventRecord& correction, const PartRecord& part) const {
  const auto parts = parts_of(correction);
  return std::any_of(parts.begin(), parts.end(), [&](const PartRecord& by) {
    const Naming* said = naming_of(by, std::nullopt);
    if (!by.is_effective() || said == nullptr) return false;
    const EventRecord* wrong = find(said->events.front());
    if (wrong == nullptr || !wrong->in_effect || !may_correct(correction, *wrong)) return false;
    const auto old_parts = parts_of(*wrong);
    const bool known = std::any_of(old_parts.begin(), old_parts.end(), [&](const PartRecord& old) {
      return is_like(old, part) && (said->part == 0 || said->part == old.number);
    });
    // An erased one had what its event's kind allows: what is right now outlives what was wrong.
    const event::PartSet gone = erased(*wrong);
    const bool is_gone = said->part == 0 ? gone.any() : is_among(gone, said->part);
    return known || (is_gone && may_have_held(wrong->kind, part.form));
  });
}

// Contents of one kind, and of one form.
bool Events::is_like(const PartRecord& a, const PartRecord& b) const {
  if (a.form != b.form || a.kind != b.kind) return false;
  return a.kind != ContentKind::Form || forms_[a.content].form == forms_[b.content].form;
}

bool Events::has_authority(const EventRecord& record, const Places& naming) const {
  const bool pending = !record.time.upper;
  if (event::is_governance(record.kind) || (pending && pending_dropped_)) return false;
  return (event::is_accepted(record.verdict) && !record.withdrawn) ||
         is_endorsed(record, naming, EndorsementPurpose::Effect);
}

void Events::add(const NewEvent& event) {
  const auto place = static_cast<Place>(records_.size());
  const event::Header& header = event.event.header();
  const auto vouched = vouched_.find(header.author);
  CHECK(parts_.size() + event.said.size() < kNoNumber && event.said.size() <= event::kPartsMax);
  make_room(records_);
  EventRecord& record = records_.emplace_back();
  record.digest = event.event.digest();
  record.time = event.time;
  record.index = event.index;
  record.sequence = header.sequence;
  record.author = event.author;
  record.division = divisions_.of(header.division);
  record.first_part = static_cast<std::uint32_t>(parts_.size());
  record.kind = header.kind;
  record.verdict = event.verdict;
  record.parts = static_cast<std::uint8_t>(event.said.size()) & 63U;
  record.withdrawn = vouched != vouched_.end() && header.sequence > vouched->second;
  if (this->place(event.event.digest()) == kNoNumber) place_of_.add(place, digest_at());
  if (event.erased.any()) erased_.emplace(place, event.erased);
  for (SaidPart& said : event.said) keep_part(place, said);
  if (is_receipted(records_[place].digest)) note_receipted(place);
  queue(place);
  refresh_queued();
}

// At the end of the parts, which are those of the newest event.
void Events::keep_part(Place place, SaidPart& part) {
  PartRecord out{.subject = subjects().of(part.subject),
                 .number = static_cast<std::uint8_t>(part.number),
                 .form = static_cast<std::uint8_t>(part.form)};
  out.says_when = part.occurred.has_value();
  if (part.occurred)
    said_when_.emplace_back(static_cast<std::uint32_t>(parts_.size()), *part.occurred);
  const auto put_into = [&out](auto& list, auto content, ContentKind kind) {
    out.kind = kind;
    out.content = static_cast<std::uint32_t>(list.size());
    make_room(list);
    list.push_back(std::move(content));
  };
  Values& values = register_.values();
  if (const auto* presence = std::get_if<Presence>(&part.said)) {
    if (presence->frame) put_into(forms_, compact(*presence->frame, values), out.kind);
    out.kind = presence->visit ? ContentKind::Visit : ContentKind::CheckIn;
    out.outcome = static_cast<std::uint8_t>(presence->outcome) & 127U;
  } else if (auto* said = std::get_if<std::shared_ptr<event::RegistrationPart>>(&part.said)) {
    put_into(registrations_, register_.compact(**said), ContentKind::Registration);
  } else if (auto* seat = std::get_if<event::AssignmentPart>(&part.said)) {
    put_into(assignments_, register_.compact(*seat), ContentKind::Assignment);
  } else if (auto* naming = std::get_if<Naming>(&part.said)) {
    for (const Digest& event : naming->events) keep_naming(event, place);
    put_into(namings_, std::move(*naming), ContentKind::Naming);
  } else if (auto* form = std::get_if<std::shared_ptr<event::Part>>(&part.said)) {
    put_into(forms_, compact(**form, values), ContentKind::Form);
  } else if (auto* statement = std::get_if<event::StatementPart>(&part.said)) {
    put_into(statements_, compact(*statement, values), ContentKind::Statement);
  }
  make_room(parts_);
  parts_.push_back(out);
}

void Events::keep_naming(const Digest& event, Place place) {
  const std::uint32_t number = named_.of(event);
  if (number == named_by_.size()) named_by_.emplace_back();
  Places& places = named_by_[number];
  if (places.empty() || places.back() != place) places.push_back(place);  // Each event once.
}

event::PartSet Events::erased(const EventRecord& record) const {
  const auto found = erased_.find(static_cast<Place>(&record - records_.data()));
  return found == erased_.end() ? event::PartSet{} : found->second;
}

// What a part said. Its place in the list stays, so that the others' numbers hold.
void Events::forget_content(const PartRecord& part) {
  if (part.content == kNoNumber) return;
  switch (part.kind) {
    case ContentKind::Registration: registrations_[part.content] = {}; return;
    case ContentKind::Assignment: assignments_[part.content] = {}; return;
    case ContentKind::Naming: namings_[part.content] = {}; return;
    case ContentKind::Statement: statements_[part.content] = {}; return;
    case ContentKind::Visit:
    case ContentKind::CheckIn:
    case ContentKind::Form: forms_[part.content] = {}; return;
  }
}

// Of these events, those that no part of the event there names any more.
void Events::forget_naming(const std::set<Digest>& events, Place place) {
  for (const Digest& event : events) {
    const auto parts = parts_of(records_[place]);
    const bool still = std::any_of(parts.begin(), parts.end(), [&](const PartRecord& part) {
      return part.kind == ContentKind::Naming && names(namings_[part.content], event);
    });
    const std::uint32_t number = named_.find(event);
    if (!still && number != kNoNumber) std::erase(named_by_[number], place);
  }
}

// By place among the parts.
static bool stands_before(const std::pair<std::uint32_t, TimePoint>& said, std::uint32_t part) {
  return said.first < part;
}

// Nothing: when it was recorded.
std::optional<TimePoint> Events::said_when(const PartRecord& part) const {
  if (!part.says_when) return std::nullopt;
  const auto at = static_cast<std::uint32_t>(&part - parts_.data());
  const auto found = std::lower_bound(said_when_.begin(), said_when_.end(), at, stands_before);
  CHECK(found != said_when_.end() && found->first == at);
  return found->second;
}

// Of an event's parts, those erased are about to be left out.
void Events::move_said_when(std::span<const PartRecord> parts, const event::PartSet& erased) {
  auto at = static_cast<std::uint32_t>(parts.data() - parts_.data());
  auto said = std::lower_bound(said_when_.begin(), said_when_.end(), at, stands_before);
  for (const PartRecord& part : parts) {
    const bool gone = is_among(erased, part.number);
    if (part.says_when && gone) said = said_when_.erase(said);
    if (part.says_when && !gone) (said++)->first = at;
    if (!gone) ++at;
  }
}

void Events::erase(const Digest& event, const event::PartSet& erased) {
  const Place place = this->place(event);
  if (place == kNoNumber || erased.none()) return;
  EventRecord& record = records_[place];
  const std::span<PartRecord> parts = parts_to_change(record);
  std::set<Digest> named;
  for (PartRecord& part : parts) {
    if (!is_among(erased, part.number)) continue;
    refresh_part(place, part, /*effective=*/false);
    if (part.kind == ContentKind::Naming)
      named.insert(namings_[part.content].events.begin(), namings_[part.content].events.end());
    forget_content(part);
  }
  // The parts that are left move together; behind them stays a gap.
  move_said_when(parts, erased);
  const auto left = std::remove_if(parts.begin(), parts.end(), [&](const PartRecord& part) {
    return is_among(erased, part.number);
  });
  std::fill(left, parts.end(), PartRecord{});
  record.parts = static_cast<std::uint8_t>(left - parts.begin()) & 63U;
  forget_naming(named, place);
  erased_[place] |= erased;
  // Whether corrections' other parts replace something of this event hangs on what is left of it.
  queue(naming(event));
  queue(place);
  refresh_queued();
}

void Events::withdraw_after(const PublicKey& key, std::uint32_t author, std::uint64_t sequence) {
  const auto [known, added] = vouched_.emplace(key, sequence);
  if (!added && known->second == sequence) return;
  known->second = sequence;
  // A look at every event, as rare as compromised keys are.
  for (Place place = 0; place < records_.size(); ++place) {
    EventRecord& record = records_[place];
    if (record.author != author) continue;
    record.withdrawn = record.sequence > sequence;
    queue(place);
  }
  refresh_queued();
}

void Events::drop_pending() {
  pending_dropped_ = true;
  for (Place place = 0; place < records_.size(); ++place) {
    if (!records_[place].time.upper) queue(place);
  }
  refresh_queued();
}

void Events::queue(Place place) {
  queue_.push_back(place);
  std::push_heap(queue_.begin(), queue_.end());
}

void Events::queue(const Places& places) {
  for (const Place place : places) queue(place);
}

// An event names only events that were made before it, mostly logged before it too: from the newest
// down, each is judged once. It ends, since no digest can name a later event.
void Events::refresh_queued() {
  while (!queue_.empty()) {
    const Place place = queue_.front();
    while (!queue_.empty() && queue_.front() == place) {
      std::pop_heap(queue_.begin(), queue_.end());
      queue_.pop_back();
    }
    refresh(place);
  }
}

static void keep(std::set<std::uint32_t>& places, std::uint32_t place, bool in) {
  if (in) {
    places.insert(place);
  } else {
    places.erase(place);
  }
}

void Events::refresh(Place place) {
  EventRecord& record = records_[place];
  const Places& naming = this->naming(record.digest);
  const bool had_effect = record.in_effect;
  record.in_effect = has_authority(record, naming);
  const bool was_confirmed =
      std::exchange(record.time.confirmed, is_endorsed(record, naming, EndorsementPurpose::Time));
  bring_forward(place);
  // Corrections first: whether the event's other parts replace something hangs on them.
  const bool is_correction = record.kind == static_cast<std::uint16_t>(event::Kind::Correction);
  for (const bool names_others : {true, false}) {
    for (PartRecord& part : parts_to_change(record)) {
      if ((part.kind == ContentKind::Naming) != names_others) continue;
      const bool effective = record.in_effect && !is_corrected(record, naming, part.number) &&
                             (names_others || !is_correction || may_replace(record, part));
      refresh_part(place, part, effective);
    }
  }
  // In time or not: whoever counts it looks again, though nothing else of it may have changed.
  if (record.time.confirmed != was_confirmed)
    for (const PartRecord& part : parts_of(record))
      if (part.is_effective()) touch(part);
  const bool pending = !record.time.upper;
  keep(without_effect_, place, !record.in_effect && !pending);
  keep(doubtful_, place, record.in_effect && record.time.doubtful());
  if (record.in_effect != had_effect) queue(naming);
}

void Events::refresh_part(Place place, PartRecord& part, bool effective) {
  const EventRecord& record = records_[place];
  const TimePoint applied = effective ? record.time.effective_occurred(said_when(part)) : kNoTime;
  if (applied == part.applied()) return;
  if (part.is_effective()) take_back(place, part);
  part.apply(applied);
  if (part.is_effective()) put(place, part);
  if (part.kind != ContentKind::Naming) return;
  for (const Digest& event : namings_[part.content].events) {
    const Place named = this->place(event);
    if (named == kNoNumber) continue;
    queue(named);
    if (namings_[part.content].receipt) note_receipted(named);
  }
}

Occurrence Events::occurrence_of(Place place, const PartRecord& part) const {
  Occurrence out{.occurred = part.applied(),
                 .event = place,
                 .form = kAttemptForm,
                 .part = part.number,
                 .outcome = part.outcome};
  if (part.kind == ContentKind::Visit) out.form = kVisitForm;
  if (part.kind == ContentKind::Form) {
    out.form = register_.values().form_number_of(forms_[part.content].form);
    // The visit itself is a message of its own, before this part: it is not counted twice.
    if (out.form == kVisitForm || out.form == kAttemptForm) out.form = 0;
  }
  return out;
}

std::uint32_t Events::subject_of(const Occurrence& one) const {
  for (const PartRecord& part : parts_of(records_[one.event]))
    if (part.number == one.part) return part.subject;
  return kNoNumber;
}

Events::Origin Events::origin_of(const Occurrence& one) const {
  Place place = one.event;
  Origin out{records_[place].digest, one.part, received_of(records_[place]), place};
  // It ends, since no digest can name a later event.
  while (records_[place].kind == static_cast<std::uint16_t>(event::Kind::Correction)) {
    const auto parts = parts_of(records_[place]);
    const auto by = std::find_if(parts.begin(), parts.end(), [&](const PartRecord& part) {
      return part.is_effective() && naming_of(part, std::nullopt) != nullptr;
    });
    const auto own = std::find_if(parts.begin(), parts.end(),
                                  [&](const PartRecord& part) { return part.number == out.part; });
    if (by == parts.end() || own == parts.end()) return out;
    const Naming& said = *naming_of(*by, std::nullopt);
    // Of several, the first replaces the first of its kind.
    auto nth =
        std::count_if(parts.begin(), own, [&](const auto& part) { return is_like(part, *own); });
    const auto wanted = static_cast<std::uint32_t>(nth + 1);
    out.event = said.events.front();
    out.part = said.part != 0 ? said.part : wanted;
    const EventRecord* wrong = find(out.event);
    if (wrong == nullptr) return out;
    for (const PartRecord& part : parts_of(*wrong)) {
      if (said.part != 0 || !is_like(part, *own) || nth-- > 0) continue;
      out.part = part.number;
      break;
    }
    out.received = received_of(*wrong);
    out.place = place = place_of(*wrong);
  }
  return out;
}

const FormSaid* Events::form_said(const Occurrence& one) const {
  for (const PartRecord& part : parts_of(records_[one.event])) {
    const bool is_form = part.kind == ContentKind::Form || part.kind == ContentKind::Visit ||
                         part.kind == ContentKind::CheckIn;
    if (part.number == one.part && is_form && part.content != kNoNumber)
      return &forms_[part.content];
  }
  return nullptr;
}

const FormSaid* Events::answers_at(const Occurrence& visit) const {
  const std::uint32_t subject = subject_of(visit);
  for (const PartRecord& part : parts_of(records_[visit.event])) {
    if (part.kind != ContentKind::Form || !part.is_effective() || part.subject != subject) continue;
    const FormSaid& said = forms_[part.content];
    if (register_.values().form_number_of(said.form) == kVisitForm) return &said;
  }
  return nullptr;
}

std::vector<Events::Statement> Events::statements_by(std::uint32_t subject) const {
  std::vector<Statement> out;
  const auto found = stated_by_.find(subject);
  if (found == stated_by_.end()) return out;
  for (const auto& [when, each] : found->second) out.push_back({when, subject, &statements_[each]});
  return out;
}

std::vector<Events::Statement> Events::statements_with(std::uint32_t subject) const {
  std::vector<Statement> out;
  const auto found = listed_in_.find(subject);
  if (found == listed_in_.end()) return out;
  for (const auto& [when, each] : found->second)
    out.push_back({when, each.first, &statements_[each.second]});
  return out;
}

const Acting& Events::author_of(const EventRecord& record) const {
  static const Acting kNobody;
  return record.author < acting_.size() ? acting_[record.author] : kNobody;
}

bool Events::set_acting(std::uint32_t author, const Acting& acting) {
  if (author >= acting_.size()) acting_.resize(author + 1);
  if (acting_[author] == acting) return false;
  const bool same_office = acting_[author].office == acting.office;
  acting_[author] = acting;
  if (same_office) return true;
  forms_by_desks_.clear(author);
  if (!has_office(author)) return true;
  for (const EventRecord& record : records_) {  // Credentials come before events, nearly always.
    if (record.author != author) continue;
    for (const PartRecord& part : parts_of(record))
      if (part.kind == ContentKind::Form && part.is_effective())
        forms_by_desks_.add(author, occurrence_of(place_of(record), part));
  }
  return true;
}

std::vector<std::span<const Occurrence>> Events::forms_by_office(Symbol office) const {
  std::vector<std::span<const Occurrence>> out;
  for (std::uint32_t author = 0; author < acting_.size(); ++author)
    if (acting_[author].office == office) out.push_back(forms_by_desks_.of(author));
  return out;
}

void Events::list_forms(const std::set<Symbol>& forms) {
  if (!listed_forms_.choose(forms)) return;
  for (const EventRecord& record : records_)
    for (const PartRecord& part : parts_of(record))
      if (part.kind == ContentKind::Form && part.is_effective())
        listed_forms_.put(forms_[part.content].form, occurrence_of(place_of(record), part));
}

// The case that a form names, where that is not what it is about.
std::uint32_t Events::case_of(const PartRecord& part) const {
  if (part.kind != ContentKind::Form) return kNoNumber;
  const std::uint32_t named = forms_[part.content].more().case_id;
  return named == part.subject ? kNoNumber : named;
}

void Events::put(Place place, const PartRecord& part) {
  note_change(place, part, /*put=*/true);
  switch (part.kind) {
    case ContentKind::Form:
      register_.values().form_number(forms_[part.content].form);
      if (const std::uint32_t named = case_of(part); named != kNoNumber)
        occurrences_.add(named, occurrence_of(place, part));
      if (has_office(records_[place].author))
        forms_by_desks_.add(records_[place].author, occurrence_of(place, part));
      listed_forms_.put(forms_[part.content].form, occurrence_of(place, part));
      [[fallthrough]];
    case ContentKind::CheckIn: return occurrences_.add(part.subject, occurrence_of(place, part));
    case ContentKind::Visit: {
      const Occurrence visit = occurrence_of(place, part);
      occurrences_.add(part.subject, visit);
      visits_by_.add(records_[place].author, visit);
      return touch_later_visits(records_[place].author, visit);
    }
    case ContentKind::Registration:
      return register_.add(when_of(place, part), division_of(records_[place]), part.subject,
                           registrations_[part.content]);
    case ContentKind::Assignment:
      return register_.add(when_of(place, part), assignments_[part.content]);
    case ContentKind::Statement:
      for (const std::uint32_t row : statements_[part.content].subjects)
        listed_in_[row][when_of(place, part)] = {part.subject, part.content};
      stated_by_[part.subject][when_of(place, part)] = part.content;
      return;
    case ContentKind::Naming: return;
  }
}

void Events::take_back(Place place, const PartRecord& part) {
  note_change(place, part, /*put=*/false);
  switch (part.kind) {
    case ContentKind::Form:
      if (const std::uint32_t named = case_of(part); named != kNoNumber)
        occurrences_.remove(named, occurrence_of(place, part));
      if (has_office(records_[place].author))
        forms_by_desks_.remove(records_[place].author, occurrence_of(place, part));
      listed_forms_.remove(forms_[part.content].form, occurrence_of(place, part));
      [[fallthrough]];
    case ContentKind::CheckIn: return occurrences_.remove(part.subject, occurrence_of(place, part));
    case ContentKind::Visit: {
      const Occurrence visit = occurrence_of(place, part);
      occurrences_.remove(part.subject, visit);
      touch_later_visits(records_[place].author, visit);
      return visits_by_.remove(records_[place].author, visit);
    }
    case ContentKind::Registration:
      return register_.remove(when_of(place, part), division_of(records_[place]), part.subject,
                              registrations_[part.content]);
    case ContentKind::Assignment:
      return register_.remove(when_of(place, part), assignments_[part.content]);
    case ContentKind::Statement:
      for (const std::uint32_t row : statements_[part.content].subjects)
        listed_in_[row].erase(when_of(place, part));
      stated_by_[part.subject].erase(when_of(place, part));
      return;
    case ContentKind::Naming: return;
  }
}

void Events::write(DigestWriter& out) const {
  for (const EventRecord& record : records_) {
    if (!record.time.upper) break;  // Those not yet received come last.
    out.u64(record.index).text(record.digest.view());
    out.u64(static_cast<std::uint64_t>(record.verdict)).flag(record.in_effect);
    out.time(record.time.lower).flag(record.time.confirmed).u64(record.parts);
    for (const PartRecord& part : parts_of(record)) {
      out.u64(part.number).flag(part.is_effective());
      if (part.is_effective()) out.time(part.applied());
    }
  }
  out.u64(received_.size());
  for (const auto& [place, at] : received_)
    out.u64(records_[place].index).time(*records_[place].time.upper).time(at);
  const auto known = std::count_if(erased_.begin(), erased_.end(), [&](const auto& each) {
    return records_[each.first].time.upper.has_value();
  });
  out.u64(static_cast<std::uint64_t>(known));
  for (const auto& [place, parts] : erased_)
    if (records_[place].time.upper) out.u64(records_[place].index).u64(parts.to_ulong());
  out.u64(vouched_.size());
  for (const auto& [key, sequence] : vouched_) out.text(key.view()).u64(sequence);
  register_.write(index_at(), out);
  write_occurrences(out);
}

void Events::write_occurrences(DigestWriter& out) const {
  const Values& values = register_.values();
  std::vector<std::uint32_t> subjects = values.subjects.ordered();
  std::erase_if(subjects, [this](std::uint32_t number) { return occurrences_.of(number).empty(); });
  out.u64(subjects.size());
  for (const std::uint32_t number : subjects) {
    const std::span<const Occurrence> list = occurrences_.of(number);
    out.text(values.subjects[number].view()).u64(list.size());
    for (const Occurrence& one : list) {
      const EventRecord& record = records_[one.event];
      out.when(one.when(), record.index).text(division_of(record).view());
      out.text(values.words.word(values.form(one.form))).u64(one.outcome);
    }
  }
}
}  // namespace cunji::state
