#include "shared/state/state.h"

#include <algorithm>

#include "shared/event/kinds.h"
#include "shared/event/parts.h"
#include "shared/state/data.h"
#include "shared/state/duties.h"

namespace cunji::state {
State::State(std::span<const programme::NamedCalculation> calculations)
    : data_(std::make_unique<Data>()) {
  data_->calculations = calculations;
}
State::~State() = default;
State::State(const State& other) : data_(std::make_unique<Data>(*other.data_)) {}
State& State::operator=(const State& other) {
  if (this != &other) data_ = std::make_unique<Data>(*other.data_);
  return *this;
}
State::State(State&&) noexcept = default;
State& State::operator=(State&&) noexcept = default;

std::uint64_t State::next_index() const { return data_->next_index; }
const credential::Governance& State::governance() const { return data_->governance; }

static bool is_kind(const event::Header& header, event::Kind kind) {
  return header.kind == static_cast<std::uint16_t>(kind);
}

// Who holds a key, as its first credential says.
static Acting acting_of(const credential::Governance& governance, const PublicKey& key,
                        Values& values) {
  const credential::KeyStatus* status = governance.find(key);
  if (status == nullptr || status->grants.empty()) return {};
  const credential::Grant& grant = status->grants.front();
  return {.role = values.words.of(grant.role),
          .office = values.words.of(grant.office),
          .person = grant.person.is_zero() ? kNoNumber
                                           : values.subjects.of(SubjectId{grant.person.bytes})};
}

// How many rounds a change may take: roots that rest on each other in a circle stop there.
static constexpr int kRoundsMax = 8;

// Runs anew the cases of whatever was touched, and of what rests on it, until nothing more changes.
void State::settle() {
  Data& data = *data_;
  const std::vector<std::uint32_t> touched = data.events.take_touched();
  const std::vector<std::uint32_t> changed = data.events.take_changed();
  const std::vector<std::uint32_t> disturbed = data.events.take_disturbed();
  const Events::Seen visited = data.events.take_visited();
  for (const std::uint32_t subject : touched)
    data.warnings.touch(root_of(data.events.facts(), subject));
  for (const std::uint32_t subject : disturbed)
    data.warnings.touch(root_of(data.events.facts(), subject));
  for (const std::uint32_t subject : changed)
    data.warnings.touch(root_of(data.events.facts(), subject), /*moved=*/true);
  for (const auto& [subject, when] : visited)
    data.warnings.touch(root_of(data.events.facts(), subject));
  if (data.rules.empty()) return;  // Forms mean nothing yet; update_rules() looks at them all.
  const Register& facts = data.events.facts();
  for (const std::uint32_t subject : disturbed) data.cases.forget_pause(root_of(facts, subject));
  for (const auto& [subject, when] : visited)
    data.cases.forget_pause(root_of(facts, subject), when);
  std::set<std::uint32_t> roots, next;
  for (const std::uint32_t subject : touched) next.insert(root_of(facts, subject));
  for (const std::uint32_t subject : changed) {
    for (const std::uint32_t reader : data.cases.readers(subject)) {
      data.cases.forget_pause(reader);
      next.insert(reader);
    }
  }
  for (int round = 0; round < kRoundsMax && !next.empty(); ++round) {
    roots = std::exchange(next, {});
    for (const std::uint32_t root : roots) {
      if (round > 0 || next.contains(root)) data.cases.forget_pause(root);
      run_root(root, next);
    }
  }
  for (const std::uint32_t root : next) data.cases.forget_pause(root);
}

// `next`: whichever roots rest on what has changed by it.
void State::run_root(std::uint32_t root, std::set<std::uint32_t>& next) {
  Data& data = *data_;
  const auto wake = [&](std::uint32_t subject) {
    const std::set<std::uint32_t>& readers = data.cases.readers(subject);
    next.insert(readers.begin(), readers.end());
  };
  Cases::Root before = data.cases.take(root);
  const CaseSources from{data.rules, data.cases, data.calculations};
  Cases::Root now;
  std::optional<std::set<std::uint32_t>> changed;
  if (may_go_on(before, data.events) && root_of(data.events.facts(), root) == root)
    changed = go_on_with(root, before, now, data.events, from);
  if (!changed) {
    before.effects.facts = said_by(root, before, data.events.facts());
    take_back(before.effects, data.events);
    // What has been made since lies under another root now, which takes it along.
    const std::uint32_t above = root_of(data.events.facts(), root);
    if (above != root) next.insert(above);
    now = above == root ? run_cases(root, data.events, from) : Cases::Root{};
    changed = changed_between(before.effects, now.effects);
    data.warnings.touch(
        root, before.effects.made != now.effects.made || before.effects.links != now.effects.links);
  }
  data.warnings.touch(root);
  for (const std::uint32_t subject : *changed) {
    const std::uint32_t other = root_of(data.events.facts(), subject);
    data.warnings.touch(other);
    if (other != root) next.insert(other);
    if (subject != root && data.cases.of(subject) != nullptr) next.insert(subject);
    wake(subject);
  }
  if (!has_same_course(before, now)) wake(root);
  const auto hand = [&](const Cases::Root& from_one, const Cases::Root& to_other) {
    for (const Cases::Root::Handed& each : from_one.handed.list())
      if (!to_other.handed.contains(each)) next.insert(each.root);
  };
  hand(before, now);
  hand(now, before);
  data.cases.put(root, std::move(now));
}

static PersonId person_of(const credential::Governance& governance, const PublicKey& key) {
  const credential::KeyStatus* status = governance.find(key);
  return status == nullptr || status->grants.empty() ? PersonId{} : status->grants.front().person;
}

void State::apply(const event::LoggedEvent& logged) { apply(event::view_of(logged, data_->parts)); }

void State::apply(const event::EntryView& logged) {
  Data& data = *data_;
  CHECK(logged.index >= data.next_index && data.pending == 0);
  data.next_index = logged.index + 1;
  const event::Entry& entry = logged.entry;
  const event::Header& header = entry.event.header();
  data.governance.apply(logged);

  // What it claims to have seen beyond its own place is no checkpoint of this log.
  const std::uint32_t author = data.authors.of(header.author);
  if (author == data.seen_max.size()) {
    data.seen_max.push_back(0);
    data.events.know(author, person_of(data.governance, header.author), /*new_here=*/true);
    know_author(author);
  }
  std::uint64_t& seen_max = data.seen_max[author];
  if (header.seen.size <= logged.index) seen_max = std::max(seen_max, header.seen.size);
  const TimeInterval time{
      .recorded = header.recorded, .lower = data.anchors.before(seen_max), .upper = entry.received};

  if (event::is_governance(header.kind) && event::is_accepted(entry.verdict)) {
    const auto anchor = event::first_content<event::AnchorPart>(logged.body);
    if (is_kind(header, event::Kind::Anchor) && anchor)
      data.anchors.add(logged.index, std::min(anchor->at, entry.received));
    if (const auto said = event::first_content<event::CredentialPart>(logged.body)) {
      const std::uint32_t known = data.authors.find(said->key);
      if (known != kNoNumber) {
        data.events.know(known, person_of(data.governance, said->key), /*new_here=*/false);
        if (know_author(known)) data.events.touch_all();
      }
    }
    update_rules();
    if (is_kind(header, event::Kind::Revocation)) {
      for (const auto& [key, status] : data.governance.keys()) {
        if (status.compromised_at)
          data.events.withdraw_after(key, data.authors.find(key), status.last_vouched_sequence);
      }
    }
    settle();
    return;
  }
  read_parts(header, logged.body, data.said);
  data.events.add({logged.index, entry.event, entry.verdict, time, author, data.said,
                   event::parts_in(logged.body, event::PartState::Erased)});
  if (is_kind(header, event::Kind::Endorsement)) update_rules();  // A second person's.
  settle();
}

// Who holds a key, as far as credentials say so by now.
bool State::know_author(std::uint32_t author) {
  Data& data = *data_;
  const Acting acting =
      acting_of(data.governance, data.authors[author], data.events.facts_to_change().values());
  return data.events.set_acting(author, acting);
}

// New definitions: whatever forms said is looked at again.
void State::update_rules() {
  Data& data = *data_;
  if (!data.rules.update(data.governance.publications(),
                         data.events.facts_to_change().values().words))
    return;
  data.warnings.forget();
  data.events.list_forms(data.rules.forms_received_for_others());
  data.events.touch_all();
  settle();
}

void State::judge_warnings(Date on) { data_->warnings.judge(data_->world(), on); }

void State::erase(const event::LoggedEvent& logged) {
  data_->events.erase(logged.entry.event.digest(),
                      event::parts_in(logged.body, event::PartState::Erased));
  settle();
}

void State::apply_pending(const event::Event& event) {
  Data& data = *data_;
  const event::Header& header = event.signed_event.header();
  const std::uint64_t index = data.next_index + data.pending++;
  if (event::is_governance(header.kind)) return;  // It has an effect once the county logged it.
  const TimeInterval time{.recorded = header.recorded, .lower = {}, .upper = std::nullopt};
  event::view_parts(event.body, data.parts);
  read_parts(header, data.parts, data.said);
  data.events.add({index, event.signed_event, event::Verdict::Accepted, time,
                   data.authors.of(header.author), data.said,
                   event::parts_in(event.body, event::PartState::Erased)});
  know_author(data.authors.of(header.author));
  settle();
}

static void write(const credential::Governance& governance, DigestWriter& out) {
  out.u64(governance.keys().size());
  for (const auto& [key, status] : governance.keys()) {
    out.text(key.view()).u64(status.grants.size());
    for (const credential::Grant& grant : status.grants) {
      out.text(grant.event.view()).flag(grant.pending).u64(grant.in_force);
      out.flag(grant.ended_at.has_value()).u64(grant.ended_at.value_or(0));
    }
    out.flag(status.frozen_at.has_value()).u64(status.frozen_at.value_or(0));
    out.flag(status.compromised_at.has_value()).u64(status.compromised_at.value_or(0));
  }
  out.u64(governance.erasures().size());
  for (const credential::Erasure& erasure : governance.erasures()) {
    out.text(erasure.event.view()).flag(erasure.due.has_value());
    out.time(erasure.due.value_or(TimePoint{})).flag(erasure.withdrawn_at.has_value());
  }
}

Digest State::digest() const {
  if (data_->pending != 0) {
    State received(*this);
    received.data_->events.drop_pending();
    received.settle();
    received.data_->pending = 0;
    return received.digest();
  }
  DigestWriter out;
  out.text("cunji/state").u64(kFoldVersion).u64(data_->next_index);
  write(data_->governance, out);
  data_->anchors.write(out);
  const std::vector<std::uint64_t>& seen_max = data_->seen_max;
  out.u64(seen_max.size());
  for (const std::uint32_t author : data_->authors.ordered()) {
    if (author < seen_max.size()) out.text(data_->authors[author].view()).u64(seen_max[author]);
  }
  data_->events.write(out);
  return out.finish();
}

std::vector<DivisionView> State::divisions(std::string_view prefix) const {
  return data_->events.facts().divisions(prefix);
}

std::vector<CoordinatorView> State::coordinators(std::string_view prefix) const {
  return data_->events.facts().coordinators(prefix);
}

static HouseholdView household_view(const World& world, const DivisionCode& division,
                                    const SubjectId& id, Date on) {
  const Events& events = world.events();
  const Register& facts = events.facts();
  const Values& values = facts.values();
  const programme::Duty* duty = world.catalogue(on).duties.find(values.words.find(kMonthlyVisit));
  HouseholdView view{.id = id,
                     .division = division,
                     .number = facts.household_text(id, "number", on),
                     .head_name = facts.household_text(id, "head_name", on),
                     .categories = facts.categories(id, on),
                     .must_be_visited = duty != nullptr &&
                                        Duties(world).concerns(*duty, values.subjects.find(id), on),
                     .last_visit = std::nullopt,
                     .last_visit_index = std::nullopt};
  const std::span<const Occurrence> visits = events.occurrences_of(id);
  for (std::size_t n = count_before(visits, end_of(on)); n > 0; --n) {
    const Occurrence& visit = visits[n - 1];
    const EventRecord& event = events.at(visit.event);
    if (!visit.met() || event.time.contradicted() || !facts.knows_in(events.division_of(event), id))
      continue;
    view.last_visit = visit.occurred;
    if (event.time.upper) view.last_visit_index = event.index;
    break;
  }
  return view;
}

std::vector<HouseholdView> State::households(std::string_view prefix, Date on) const {
  std::vector<HouseholdView> out;
  const World world = data_->world();
  for (const auto& [division, id] : world.facts().households(prefix, on))
    out.push_back(household_view(world, division, id, on));
  return out;
}

std::optional<HouseholdView> State::household(const SubjectId& id, Date on) const {
  const auto division = data_->events.facts().residence(id, on);
  if (!division) return std::nullopt;
  return household_view(data_->world(), *division, id, on);
}

std::vector<FactView> State::household_facts(const SubjectId& id, Date on) const {
  std::vector<FactView> out = data_->events.facts().household_facts(id, on);
  for (FactView& fact : out)
    fact.index = data_->events.at(static_cast<std::uint32_t>(fact.index)).index;
  return out;
}

std::vector<DivisionCode> State::residences(const SubjectId& household) const {
  return data_->events.facts().residences(household);
}

std::vector<SubjectId> State::assigned(std::string_view relation, const PersonId& person,
                                       Date on) const {
  return data_->events.facts().assigned(relation, SubjectId{person.bytes}, on);
}

// The erased parts, each with the first erasure that names it.
void State::add_erased(const EventRecord& record, EventStanding& out) const {
  const event::PartSet gone = data_->events.erased(record);
  if (gone.none()) return;
  const auto why = data_->governance.erasures_of(record.index, record.digest, record.kind,
                                                 data_->events.division_of(record));
  for (std::uint32_t number = 1; number <= gone.size(); ++number) {
    if (!gone[number - 1]) continue;
    EventStanding::ErasedPart part{.number = number};
    const auto first = std::find_if(why.begin(), why.end(),
                                    [&](const auto& each) { return each.parts[number - 1]; });
    if (first != why.end()) {
      const credential::Erasure& erasure = *first->erasure;
      part.erasure = erasure.event;
      part.index = erasure.index;
      part.by = erasure.author;
      part.second = erasure.second;
      part.basis = erasure.basis;
      part.on = *erasure.due;
    }
    out.erased.push_back(std::move(part));
  }
}

std::optional<EventStanding> State::standing(const Digest& event) const {
  const EventRecord* record = data_->events.find(event);
  if (record == nullptr) return std::nullopt;
  EventStanding out{.index = record->index,
                    .in_effect = record->in_effect,
                    .withdrawn = record->withdrawn,
                    .doubtful = record->in_effect && record->time.doubtful(),
                    .lower = record->time.lower,
                    .parts = {},
                    .erased = {}};
  for (const PartRecord& part : data_->events.parts_of(*record)) {
    std::optional<TimePoint> occurred;
    if (part.is_effective()) occurred = part.applied();
    out.parts.push_back({part.number, part.is_effective(), occurred});
  }
  add_erased(*record, out);
  return out;
}

std::vector<ReceiptView> State::receipts_of(const Digest& event) const {
  std::vector<ReceiptView> out;
  for (const EventRecord* record : data_->events.receipts_of(event))
    out.push_back({.receipt = record->digest,
                   .by = data_->authors[record->author],
                   .received = record->time.upper});
  return out;
}
}  // namespace cunji::state
