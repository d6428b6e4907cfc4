#include "shared/state/warning_index.h"

#include <algorithm>

#include "shared/state/turns.h"

namespace cunji::state {
bool WarningIndex::is_of(const World& world, Date on) const {
  return day_ == on && touched_.empty() && generation_ == world.events().generation();
}

std::vector<WarningRun> WarningIndex::under(const World& world, std::uint32_t subject) const {
  std::vector<WarningRun> out;
  for (const auto& [each, runs] : held_)
    if (world.lies_under(each, subject, *day_)) out.insert(out.end(), runs.begin(), runs.end());
  return out;
}

void WarningIndex::judge(const World& world, Date on) {
  const bool goes_on = day_ && *day_ <= on && generation_ == world.events().generation() &&
                       &world.catalogue(*day_) == &world.catalogue(on);
  if (!goes_on) {
    start_anew(world, on);
  } else {
    const bool any = !touched_.empty() || *day_ != on;
    find_changed(world);
    if (any) to_judge_.insert(unknown_.begin(), unknown_.end());
    while (!turning_.empty() && turning_.begin()->first <= on) {
      for (const std::uint32_t subject : turning_.begin()->second)
        if (turns_[subject] && *turns_[subject] <= on) to_judge_.insert(subject);
      turning_.erase(turning_.begin());
    }
  }
  day_ = on;
  tallies_.go_on(on);
  touched_.clear();
  moved_ = false;
  for (const std::uint32_t subject : to_judge_) judge_one(world, subject);
  to_judge_.clear();
}

void WarningIndex::start_anew(const World& world, Date on) {
  *this = {};
  generation_ = world.events().generation();
  for (const auto& [id, warning] : world.catalogue(on).warnings.all())
    by_type_[warning->each].push_back(warning);
  const auto subjects = static_cast<std::uint32_t>(world.values().subjects.size());
  for (std::uint32_t subject = 0; subject < subjects; ++subject)
    if (by_type_.contains(world.type_of(subject))) to_judge_.insert(subject);
}

void WarningIndex::add_all_of(const World& world, std::uint32_t root) {
  std::vector<std::uint32_t> left{root};
  while (!left.empty()) {
    const std::uint32_t subject = left.back();
    left.pop_back();
    if (by_type_.contains(world.type_of(subject))) to_judge_.insert(subject);
    for (const std::uint32_t child : world.facts().children_of(subject)) left.push_back(child);
  }
}

// Divisions in which the root is or was: each change of it may count there.
static std::set<std::uint32_t> divisions_of(const World& world, std::uint32_t root) {
  const Register& facts = world.facts();
  std::vector<DivisionCode> codes;
  if (const auto own = facts.division_of(root)) codes.push_back(*own);
  std::vector<std::uint32_t> households{root};
  const Symbol member = world.values().words.find("member_of");
  if (member != kNoSymbol) {
    const auto ever = facts.linked_within({.relation = member, .from = root}, /*forward=*/true,
                                          /*place=*/kNoNumber);
    households.insert(households.end(), ever.begin(), ever.end());
  }
  for (const std::uint32_t household : households) {
    const auto lived = facts.residences(world.values().subjects[household]);
    codes.insert(codes.end(), lived.begin(), lived.end());
  }
  std::set<std::uint32_t> out;
  for (std::optional<DivisionCode> division : codes)
    for (; division; division = division_above(*division))
      out.insert(facts.division_subject(*division));
  return out;
}

void WarningIndex::find_changed(const World& world) {
  const auto wake = [&](const std::map<std::uint32_t, Numbers>& readers, std::uint32_t number) {
    if (const auto found = readers.find(number); found != readers.end())
      to_judge_.insert(found->second.begin(), found->second.end());
  };
  for (const std::uint32_t root : touched_) {
    add_all_of(world, root);
    wake(readers_, root);
    const auto divisions = divisions_of(world, root);
    for (const std::uint32_t division : divisions) wake(readers_within_, division);
    // The county counts persons and offices wherever they are.
    moved_ = moved_ || divisions.empty();
  }
  if (moved_)
    for (const auto& [division, readers] : readers_within_)
      to_judge_.insert(readers.begin(), readers.end());
  for (const auto& [subject, runs] : held_)  // Those that are no more, or are under another root.
    if (touched_.contains(root_of(world.facts(), subject)) || world.type_of(subject) == kNoSymbol)
      to_judge_.insert(subject);
}

void WarningIndex::forget_one(std::uint32_t subject) {
  held_.erase(subject);
  unknown_.erase(subject);
  if (subject < turns_.size()) turns_[subject].reset();
  const auto found = rests_.find(subject);
  if (found == rests_.end()) return;
  for (const std::uint32_t root : found->second.roots) readers_[root].erase(subject);
  for (const std::uint32_t division : found->second.divisions)
    readers_within_[division].erase(subject);
  rests_.erase(found);
}

void WarningIndex::rest_on(const World& world, std::uint32_t subject, const RunGrounds& grounds) {
  if (!grounds.known) unknown_.insert(subject);
  const std::uint32_t own = root_of(world.facts(), subject);
  Numbers roots, divisions;
  for (const std::uint32_t each : grounds.read.list()) roots.insert(root_of(world.facts(), each));
  for (const std::uint32_t each : grounds.whole.list()) {
    if (world.facts().division_of(each)) divisions.insert(each);
    roots.insert(root_of(world.facts(), each));
  }
  roots.erase(own);
  if (roots.empty() && divisions.empty()) return;
  for (const std::uint32_t root : roots) readers_[root].insert(subject);
  for (const std::uint32_t division : divisions) readers_within_[division].insert(subject);
  rests_[subject] = {{roots.begin(), roots.end()}, {divisions.begin(), divisions.end()}};
}

// The first day on which it may be otherwise although nothing more has come.
std::optional<Date> WarningIndex::turn_of(const World& world, std::uint32_t subject,
                                          const DayWatch& watch) const {
  std::optional<Date> out = watch.otherwise;
  const auto add = [&](const std::optional<Date>& day) {
    if (day && (!out || *day < *out)) out = day;
  };
  add(next_turn(world, root_of(world.facts(), subject), *day_));
  if (const auto rests = rests_.find(subject); rests != rests_.end()) {
    // Who is in a division turns with any of its households.
    if (!rests->second.divisions.empty()) return next_day(*day_);
    for (const std::uint32_t root : rests->second.roots) add(next_turn(world, root, *day_));
  }
  return out;
}

void WarningIndex::judge_one(const World& from, std::uint32_t subject) {
  forget_one(subject);
  const auto declared = by_type_.find(from.type_of(subject));
  if (declared == by_type_.end()) return;
  RunGrounds grounds;
  DayWatch watch{.day = *day_};
  World world = from;
  world.set_running(root_of(from.facts(), subject), nullptr, &grounds);
  world.set_watch(&watch);
  world.set_tallies(&tallies_);
  std::vector<WarningRun> runs;
  for (const programme::Warning* warning : declared->second)
    if (auto run = Warnings(world).of(*warning, subject, *day_)) runs.push_back(*run);
  if (!runs.empty()) held_.emplace(subject, std::move(runs));
  rest_on(from, subject, grounds);
  const auto turn = turn_of(from, subject, watch);
  if (!turn) return;
  if (subject >= turns_.size()) turns_.resize(subject + 1);
  turns_[subject] = turn;
  turning_[*turn].push_back(subject);
}
}  // namespace cunji::state
