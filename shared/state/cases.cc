// A root's cases, run anew from its parts: README.md, "Cases".
#include "shared/state/cases.h"

#include <algorithm>
#include <span>

#include "shared/crypto/hash.h"

namespace cunji::state {
const StageRun* CaseRun::reached(std::size_t stage, const When& until, std::uint32_t known) const {
  const StageRun* out = nullptr;
  for (const StageRun& run : stages)
    if (run.stage == stage && !is_withdrawn(run, until, known) && is_reached(run, until, known))
      out = &run;
  return out;
}

bool CaseRun::waits_at(std::size_t stage, const When& until, std::uint32_t known) const {
  return std::any_of(stages.begin(), stages.end(), [&](const StageRun& run) {
    return run.stage == stage && run.arrived < until && run.arrived.place < known &&
           !is_reached(run, until, known) && !is_withdrawn(run, until, known);
  });
}

Cases::Root Cases::take(std::uint32_t root) {
  Root* held = to_change(root);
  if (held == nullptr) return {};
  for (const std::uint32_t subject : held->grounds.read.list()) readers_[subject].erase(root);
  for (const Root::Handed& each : held->handed.list()) {
    auto& to = handed_[each.root];
    if (--to[each] == 0) to.erase(each);
  }
  return std::exchange(*held, {});
}

std::vector<std::uint32_t> Cases::roots() const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t root = 0; root < places_.size(); ++root)
    if (places_[root] != kNoNumber) out.push_back(root);
  return out;
}

// The facts stay in the register; nothing keeps more room than it needs.
static void rest(Cases::Root& now) {
  std::vector<std::uint32_t> added;
  for (const CaseEffects::Fact& each : now.effects.facts)
    if (!std::binary_search(now.written.begin(), now.written.end(), each.subject))
      added.push_back(each.subject);
  if (!added.empty()) {
    now.written.insert(now.written.end(), added.begin(), added.end());
    std::sort(now.written.begin(), now.written.end());
    now.written.erase(std::unique(now.written.begin(), now.written.end()), now.written.end());
    now.written.shrink_to_fit();
  }
  now.effects.facts = std::vector<CaseEffects::Fact>{};  // And its room.
  now.runs.shrink_to_fit();
  now.listed.shrink_to_fit();
  now.effects.made.shrink_to_fit();
  now.effects.links.shrink_to_fit();
  now.grounds.read.shrink();
  now.grounds.recorders.shrink();
  now.handed.shrink();
}

void Cases::put(std::uint32_t root, Root now) {
  rest(now);
  for (const std::uint32_t subject : now.grounds.read.list()) readers_[subject].insert(root);
  for (const Root::Handed& each : now.handed.list()) ++handed_[each.root][each];
  const bool empty = now.runs.empty() && now.listed.empty() && now.written.empty() &&
                     now.effects.made.empty() && now.effects.links.empty() && now.handed.empty() &&
                     now.grounds.read.empty();
  if (empty) {
    if (of(root) == nullptr) return;
    held_[places_[root]] = {};
    free_.push_back(std::exchange(places_[root], kNoNumber));
    return;
  }
  if (root >= places_.size()) places_.resize(root + 1, kNoNumber);
  std::uint32_t& place = places_[root];
  if (place == kNoNumber && free_.empty()) {
    place = static_cast<std::uint32_t>(held_.size());
    held_.push_back(std::move(now));
    return;
  }
  if (place == kNoNumber) {
    place = free_.back();
    free_.pop_back();
  }
  held_[place] = std::move(now);
}

const std::set<std::uint32_t>& Cases::readers(std::uint32_t subject) const {
  static const std::set<std::uint32_t> kNone;
  const auto found = readers_.find(subject);
  return found == readers_.end() ? kNone : found->second;
}

std::set<Cases::Root::Handed> Cases::handed_to(std::uint32_t root) const {
  std::set<Root::Handed> out;
  if (const auto found = handed_.find(root); found != handed_.end()) {
    for (const auto& [each, by] : found->second) out.insert(each);
  }
  return out;
}

namespace {
void put_in_order(std::vector<CaseEffects::Fact>& facts) {
  std::sort(facts.begin(), facts.end(), [](const CaseEffects::Fact& a, const CaseEffects::Fact& b) {
    return effect_of(a.version.when) < effect_of(b.version.when);
  });
}

// What a run did, by subject.
struct BySubject {
  std::map<std::uint32_t, std::vector<CaseEffects::Fact>> facts;
  std::map<std::uint32_t, std::vector<CaseEffects::Made>> made;
  std::map<std::uint32_t, std::vector<CaseEffects::Link>> links;
};

// What two lists do not have in common at their begin and end, where most is as it was.
template <class T>
std::pair<std::span<const T>, std::span<const T>> apart(const std::vector<T>& a,
                                                        const std::vector<T>& b) {
  const auto begins = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto rest_a = std::span<const T>(begins.first, a.end());
  const auto rest_b = std::span<const T>(begins.second, b.end());
  const auto ends = std::mismatch(rest_a.rbegin(), rest_a.rend(), rest_b.rbegin(), rest_b.rend());
  const auto same = static_cast<std::size_t>(ends.first - rest_a.rbegin());
  return {rest_a.first(rest_a.size() - same), rest_b.first(rest_b.size() - same)};
}

template <class Map>
void add_changed(const Map& a, const Map& b, std::set<std::uint32_t>& out) {
  for (const auto& [subject, list] : a) {
    const auto other = b.find(subject);
    if (other == b.end() || other->second != list) out.insert(subject);
  }
  for (const auto& [subject, list] : b)
    if (!a.contains(subject)) out.insert(subject);
}
}  // namespace

std::set<std::uint32_t> changed_between(const CaseEffects& before, const CaseEffects& now) {
  std::set<std::uint32_t> out;
  BySubject a, b;
  const auto put = [](auto lists, auto& to_a, auto& to_b) {
    for (const auto& each : lists.first) to_a[each.subject].push_back(each);
    for (const auto& each : lists.second) to_b[each.subject].push_back(each);
  };
  put(apart(before.facts, now.facts), a.facts, b.facts);
  put(apart(before.made, now.made), a.made, b.made);
  const auto put_links = [](std::span<const CaseEffects::Link> list, auto& to) {
    for (const auto& each : list) {
      to[each.said.from].push_back(each);
      to[each.said.to].push_back(each);
    }
  };
  const auto links = apart(before.links, now.links);
  put_links(links.first, a.links);
  put_links(links.second, b.links);
  for (auto* facts : {&a.facts, &b.facts})
    for (auto& each : *facts) put_in_order(each.second);
  add_changed(a.facts, b.facts, out);
  add_changed(a.made, b.made, out);
  add_changed(a.links, b.links, out);
  return out;
}

std::vector<CaseEffects::Fact> said_by(std::uint32_t root, const Cases::Root& resting,
                                       const Register& facts) {
  std::vector<CaseEffects::Fact> out;
  for (const std::uint32_t subject : resting.written) {
    for (const FactVersion& version : facts.facts().all(subject))
      if (version.root == root) out.push_back({subject, version});
  }
  put_in_order(out);
  return out;
}

bool has_same_course(const Cases::Root& before, const Cases::Root& now) {
  const auto same_stage = [](const StageRun& a, const StageRun& b) {
    const auto of = [](const StageRun& run) {
      return std::tuple(run.stage, run.arrived, run.reached, run.effective, run.effective_place,
                        run.outcome, run.withdrawn);
    };
    return of(a) == of(b);
  };
  return std::equal(before.runs.begin(), before.runs.end(), now.runs.begin(), now.runs.end(),
                    [&](const CaseRun& a, const CaseRun& b) {
                      return a.id == b.id && a.subject == b.subject && a.opened == b.opened &&
                             a.closed == b.closed && a.closed_place == b.closed_place &&
                             std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(),
                                        b.stages.end(), same_stage);
                    });
}

std::uint32_t root_of(const Register& facts, std::uint32_t subject) {
  // Bounded: parents of declared types are no circle in one definition, but may be said wrongly.
  for (int steps = 0; steps < 8 && subject != kNoNumber; ++steps) {
    const std::uint32_t parent = facts.parent_of(subject);
    if (parent == kNoNumber) return subject;
    subject = parent;
  }
  return subject;
}

SubjectId derived_id(const Digest& event, std::uint32_t part, std::string_view what) {
  ByteWriter number;
  number.u32(part);
  const Digest digest = crypto::sha256({"cunji/subject/v1\n", event.view(), number.take(), what});
  return SubjectId::from(digest.view().substr(0, SubjectId::kSize)).value();
}

void take_back(const CaseEffects& effects, Events& events) {
  Register& facts = events.facts_to_change();
  for (const auto& each : effects.facts) facts.remove(each.subject, each.version);
  for (const auto& each : effects.links) facts.remove(each.when, each.said);
  for (auto it = effects.made.rbegin(); it != effects.made.rend(); ++it)
    facts.remove_subject(it->when, it->division, it->subject, it->type, it->parent);
}
}  // namespace cunji::state
