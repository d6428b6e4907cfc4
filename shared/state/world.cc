#include "shared/state/world.h"

#include <algorithm>

#include "shared/programme/periods.h"

namespace cunji::state {
namespace pg = programme;

// Derived facts resting on each other; definitions are read by people, none needs as many.
static constexpr int kDepthMax = 12;

std::vector<const CaseRun*> World::runs_of(std::uint32_t root) const {
  if (running_ != nullptr && root == running_root_) return *running_;
  if (root != running_root_) note_whole(root);
  std::vector<const CaseRun*> out;
  if (const Cases::Root* cases = root == kNoNumber ? nullptr : cases_.of(root)) {
    for (const CaseRun& run : cases->runs) out.push_back(&run);
  }
  return out;
}

Symbol World::type_of(std::uint32_t subject) const {
  const Symbol type = facts().type_of(subject);
  if (type != kNoSymbol && values().words.word(type) != "division") return type;
  const auto division = facts().division_of(subject);
  if (division) return values().words.find(level_of(*division));
  if (subject != kNoNumber && subject != running_root_)
    note_unknown();  // It may be registered yet.
  return kNoSymbol;
}

std::uint32_t World::parent_of(std::uint32_t subject, Date on) const {
  const std::string& type = values().words.word(type_of(subject));
  if (type == "household") {
    note(subject);
    const auto village = facts().residence(values().subjects[subject], on);
    return village ? facts().division_subject(*village) : kNoNumber;
  }
  if (type == "village" || type == "town")
    return facts().division_subject(*division_above(*facts().division_of(subject)));
  if (type == "person") {
    note(subject);
    const Symbol member = values().words.find("member_of");
    const auto households = member == kNoSymbol
                                ? std::vector<std::uint32_t>{}
                                : facts().linked(member, subject, /*forward=*/true, on);
    return households.empty() ? kNoNumber : households.back();
  }
  return facts().parent_of(subject);
}

std::optional<DivisionCode> World::division_of(std::uint32_t subject, Date on) const {
  // At most a spell, a household, a village: a handful of steps.
  for (int steps = 0; subject != kNoNumber && steps < kDepthMax; ++steps) {
    if (const auto division = facts().division_of(subject)) return division;
    const std::string& type = values().words.word(type_of(subject));
    if (type == "household") {
      note(subject);
      return facts().residence(values().subjects[subject], on);
    }
    subject = parent_of(subject, on);
  }
  return std::nullopt;
}

// The newest spell under a parent that began before `at`.
std::uint32_t World::spell_of(Symbol type, std::uint32_t parent, const At& at) const {
  std::uint32_t out = kNoNumber;
  When begun{};
  if (is_elsewhere(parent)) note_whole(parent);
  for (const std::uint32_t child : facts().children_of(parent)) {
    const auto made = facts().made_at(child);
    if (facts().type_of(child) != type || !made) continue;
    if (!(*made < at.until) || made->place >= at.known) continue;
    if (out == kNoNumber || begun < *made) {
      out = child;
      begun = *made;
    }
  }
  return out;
}

std::uint32_t World::owner_of(Symbol type, std::uint32_t subject, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  const pg::SubjectType* declared = catalogue.subjects.find(type);
  const Symbol spell_of_type = declared == nullptr ? kNoSymbol : declared->episode_of;
  for (int steps = 0; subject != kNoNumber && steps < kDepthMax; ++steps) {
    const Symbol own = type_of(subject);
    if (own == type) return subject;
    if (spell_of_type != kNoSymbol && own == spell_of_type) return spell_of(type, subject, at);
    subject = parent_of(subject, at.day);
  }
  return kNoNumber;
}

std::vector<std::uint32_t> World::under(std::uint32_t subject, Symbol type, Date on) const {
  std::vector<std::uint32_t> out;
  const Symbol own = type_of(subject);
  if (is_elsewhere(subject) || facts().division_of(subject)) note_whole(subject);
  const auto is_there = [&](std::uint32_t child) {
    const auto made = facts().made_at(child);
    return made && *made < end_of(on);
  };
  const std::string& own_name = values().words.word(own);
  const std::string& wanted = values().words.word(type);
  if (own_name == "county" || own_name == "town" || own_name == "village") {
    const DivisionCode division = *facts().division_of(subject);
    const std::string_view prefix = prefix_of(division);
    if (wanted == "village" || wanted == "town" || wanted == "county") {
      for (const DivisionView& each : facts().divisions(prefix)) {
        if (level_of(each.code) == wanted && each.code != division)
          out.push_back(facts().division_subject(each.code));
      }
      return out;
    }
    const bool built_in = wanted == "household" || wanted == "person" || wanted == "office";
    if (!built_in && !facts().has_any(type)) return out;
    // Only there may households have any: a village's posts are not looked for in its houses.
    if (rules_.at(on).lies_under(type, values().words.find("household"))) {
      std::vector<std::uint32_t> households;
      for (const auto& [village, id] : facts().households(prefix, on))
        households.push_back(values().subjects.find(id));
      if (wanted == "household") return households;
      for (const std::uint32_t household : households) {
        const auto more = under(household, type, on);
        out.insert(out.end(), more.begin(), more.end());
      }
    }
    // What belongs to the division itself, such as an office's or a village's own cases.
    for (const std::uint32_t child : facts().children_of(subject))
      if (facts().type_of(child) == type && is_there(child)) out.push_back(child);
    if (wanted == "person" || wanted == "office") {
      if (own_name == "county") return facts().all_of(type);
      return out;
    }
    return out;
  }
  if (wanted == "person" && own_name == "household") {
    const Symbol member = values().words.find("member_of");
    if (member != kNoSymbol) out = facts().linked(member, subject, /*forward=*/false, on);
  }
  for (const std::uint32_t child : facts().children_of(subject)) {
    if (!is_there(child)) continue;
    if (facts().type_of(child) == type) out.push_back(child);
    const auto more = under(child, type, on);
    out.insert(out.end(), more.begin(), more.end());
  }
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values().subjects[a] < values().subjects[b];
  });
  return out;
}

// Step by step as under() goes down.
bool World::lies_under(std::uint32_t subject, std::uint32_t above, Date on) const {
  if (subject == above) return true;
  const std::string& type = values().words.word(type_of(subject));
  const auto is_there = [&](std::uint32_t child) {
    const auto made = facts().made_at(child);
    return made && *made < end_of(on);
  };
  // What it is a part of by declared types, as far as `above` or a household.
  std::uint32_t top = subject;
  const auto division = facts().division_of(above);
  while (is_there(top) && facts().parent_of(top) != kNoNumber) {
    top = facts().parent_of(top);
    if (top == above) return !division || facts().parent_of(subject) == above;
  }
  const std::string& top_type = values().words.word(type_of(top));
  std::vector<std::uint32_t> households;
  if (top_type == "household") {
    households.push_back(top);
  } else if (type == "person") {
    const Symbol member = values().words.find("member_of");
    if (member != kNoSymbol) households = facts().linked(member, subject, /*forward=*/true, on);
  }
  if (!division) return std::find(households.begin(), households.end(), above) != households.end();
  if (top != subject &&
      !rules_.at(on).lies_under(type_of(subject), values().words.find("household")))
    households.clear();  // It is none that a household may have.
  const std::string_view prefix = prefix_of(*division);
  if (const auto own = facts().division_of(subject))
    return type_of(subject) != kNoSymbol && own->view().starts_with(prefix);
  if (level_of(*division) == "county" && (type == "person" || type == "office")) return true;
  return std::any_of(households.begin(), households.end(), [&](std::uint32_t household) {
    const auto village = facts().residence(values().subjects[household], on);
    return village && village->view().starts_with(prefix);
  });
}

void World::note_period(pg::Period period, Date in) const {
  if (watch_ != nullptr && period != pg::Period::None)
    note_day(next_day(pg::span_of(period, in).last));
}

std::vector<std::uint32_t> World::all_of(Symbol type) const {
  note_unknown();
  const std::string& name = values().words.word(type);
  if (name != "county" && name != "town" && name != "village") return facts().all_of(type);
  std::vector<std::uint32_t> out;
  for (const DivisionView& each : facts().divisions(""))
    if (level_of(each.code) == name) out.push_back(facts().division_subject(each.code));
  return out;
}

World::Derived World::judge(const pg::Table& table, const At& at) const {
  for (const pg::Table::Row& row : table.rows) {
    if (holds(row.when, at) == Truth::Yes) return {row.value, row.reason, &row.label};
  }
  return {table.otherwise, kNoSymbol, nullptr};
}

// Of versions in the order of D13, the one that holds: the newest, unless a stronger source spoke.
static std::optional<FactVersion> holding(const pg::Fact& fact, const FactHistory& versions,
                                          std::uint32_t known) {
  std::optional<FactVersion> out;
  const auto rank = [&](const FactVersion& version) {
    return std::find(fact.sources.begin(), fact.sources.end(), version.source);
  };
  for (const FactVersion& version : versions) {
    if (version.when.place >= known || (version.reported && out)) continue;
    if (out && !fact.sources.empty() && rank(version) > rank(*out)) continue;
    out = version;
  }
  return out;
}

World::Got World::fact(const pg::Fact& fact, std::uint32_t subject, const At& at, Symbol key,
                       Symbol source) const {
  if (subject == kNoNumber || at.depth > kDepthMax) return {};
  note(subject);
  At deeper = at;
  deeper.subject = subject;
  ++deeper.depth;
  const pg::Catalogue& catalogue = rules_.at(at.day);
  if (fact.derived) {
    if (const pg::Table* table = catalogue.table_of(fact.id)) {
      const Symbol code = judge(*table, deeper).value;
      if (code == kNoSymbol) return {};
      if (fact.type == pg::Type::YesNo) return {yes_val(values().words.word(code) == "yes")};
      return {code_val(code)};
    }
    if (const pg::Calculation* calculation = catalogue.calculation_of(fact.id))
      return calculate(*calculation, fact.id, deeper);
    return {};
  }
  const FactHistory history = facts().facts().of(subject, fact.id, key).before(at.until);
  switch (fact.merge) {
    case pg::Merge::None:
    case pg::Merge::Last: {
      if (source != kNoSymbol) {
        Val out;
        for (const FactVersion& version : history.all())
          if (is_known(version, at) && version.source == source) out = version.val;
        return {out};
      }
      const auto found = holding(fact, history, at.known);
      return {found ? found->val : Val{}};
    }
    case pg::Merge::First:
      for (const FactVersion& version : history.all())
        if (is_known(version, at)) return {version.val};
      return {};
    case pg::Merge::Sum: {
      std::int64_t sum = 0;
      bool any = false;
      for (const FactVersion& version : history.all()) {
        if (!is_known(version, at) || version.val.kind != Val::Kind::Integer) continue;
        any = true;
        if (__builtin_add_overflow(sum, version.val.number, &sum)) return {};
      }
      return {any ? integer_val(sum) : Val{}};
    }
    case pg::Merge::Set: {
      std::vector<Symbol> codes;
      for (const FactVersion& version : history.all()) {
        if (!is_known(version, at)) continue;
        const auto more = values().codes_in(version.val);
        codes.insert(codes.end(), more.begin(), more.end());
      }
      // A set that nobody said as a whole has no number: its first code stands for it here, and
      // `in` looks at all versions.
      return {codes.empty() ? Val{} : code_val(codes.front())};
    }
  }
  return {};
}
}  // namespace cunji::state
