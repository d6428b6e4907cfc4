#include "shared/state/register.h"

#include <algorithm>

#include "shared/crypto/hash.h"

namespace cunji::state {
using event::RegistrationPart;
using event::SubjectType;

SubjectId subject_of(const DivisionCode& division) {
  const Digest digest = crypto::sha256({"division", division.view()});
  return SubjectId::from(digest.view().substr(0, SubjectId::kSize)).value();
}

std::string_view level_of(const DivisionCode& division) {
  if (division.view().ends_with("000000")) return "county";
  return division.view().ends_with("000") ? "town" : "village";
}

std::string_view prefix_of(const DivisionCode& division) {
  const std::string_view level = level_of(division);
  return division.view().substr(0, level == "county" ? 6 : level == "town" ? 9 : 12);
}

std::optional<DivisionCode> division_above(const DivisionCode& division) {
  const std::string_view level = level_of(division);
  if (level == "county") return std::nullopt;
  std::string code = division.str();
  std::fill(code.begin() + (level == "village" ? 9 : 6), code.end(), '0');
  return DivisionCode::parse(code).value();
}

Registered Register::compact(const RegistrationPart& said) {
  Registered out;
  switch (said.type) {
    case SubjectType::Household: out.type = values_.words.of("household"); break;
    case SubjectType::Person: out.type = values_.words.of("person"); break;
    case SubjectType::Division: out.type = values_.words.of("division"); break;
    case SubjectType::Unspecified: out.type = values_.words.of(said.subject_type); break;
  }
  out.source = values_.words.of(said.source);
  out.facts.reserve(said.facts.size());
  if (!said.parent.is_zero()) out.parent = values_.subjects.of(said.parent);
  for (const event::Fact& fact : said.facts) {
    const Registered::Fact made{.name = values_.words.of(fact.name),
                                .key = values_.words.of(fact.key),
                                .val = values_.of(fact.value)};
    const auto same = std::find_if(out.facts.begin(), out.facts.end(), [&](const auto& other) {
      return other.name == made.name && other.key == made.key;
    });
    if (same == out.facts.end()) {
      out.facts.push_back(made);
    } else {
      same->val = made.val;  // Said twice in one breath: the last word counts.
    }
  }
  return out;
}

Assigned Register::compact(const event::AssignmentPart& said) {
  const SubjectId to = said.division ? subject_of(*said.division) : said.to;
  if (said.division && division_at_.emplace(values_.subjects.of(to), *said.division).second)
    ++divisions_generation_;
  return {.relation = values_.words.of(said.relation),
          .from = values_.subjects.of(said.from),
          .to = values_.subjects.of(to),
          .since = said.since,
          .until = said.until};
}

static FactVersion version_of(const When& when, const Registered& said,
                              const Registered::Fact& fact) {
  return {.when = when, .fact = fact.name, .key = fact.key, .source = said.source, .val = fact.val};
}

// A division registers itself and nobody else.
static bool counts(const Values& values, const DivisionCode& division, std::uint32_t subject,
                   const Registered& said) {
  const SubjectId& id = values.subjects[subject];
  if (said.type == kNoSymbol || id.is_zero()) return false;
  return values.words.word(said.type) != "division" || id == subject_of(division);
}

void Register::add_subject(const When& when, const DivisionCode& division, std::uint32_t subject,
                           Symbol type, std::uint32_t parent) {
  if (subject >= info_.size()) info_.resize(subject + 1);
  Info& info = info_[subject];
  const auto at = std::lower_bound(info.begin(), info.end(), when,
                                   [](const Made& made, const When& w) { return made.when < w; });
  info.insert(at, {when, type, parent, division});
  ++made_as_[type];
  if (parent != kNoNumber) ++children_[{parent, subject}];
  if (values_.words.word(type) == "household") ++residences_[{division, values_.subjects[subject]}];
}

void Register::remove_subject(const When& when, const DivisionCode& division, std::uint32_t subject,
                              Symbol type, std::uint32_t parent) {
  Info& info = info_[subject];
  const auto at = std::lower_bound(info.begin(), info.end(), when,
                                   [](const Made& made, const When& w) { return made.when < w; });
  CHECK(at != info.end() && at->when == when);
  info.erase(at);
  if (const auto made = made_as_.find(type); --made->second == 0) made_as_.erase(made);
  if (values_.words.word(type) == "household") {
    const auto residence = residences_.find({division, values_.subjects[subject]});
    if (--residence->second == 0) residences_.erase(residence);
  }
  if (parent == kNoNumber) return;
  const auto child = children_.find({parent, subject});
  if (--child->second == 0) children_.erase(child);
}

void Register::add(const When& when, const DivisionCode& division, std::uint32_t subject,
                   const Registered& said) {
  if (!counts(values_, division, subject, said)) return;
  add_subject(when, division, subject, said.type, said.parent);
  for (const Registered::Fact& fact : said.facts) facts_.add(subject, version_of(when, said, fact));
  const std::string& type = values_.words.word(said.type);
  if (type != "division") return;
  divisions_[division] = subject;
  ++divisions_generation_;
}

void Register::remove(const When& when, const DivisionCode& division, std::uint32_t subject,
                      const Registered& said) {
  if (!counts(values_, division, subject, said)) return;
  remove_subject(when, division, subject, said.type, said.parent);
  for (const Registered::Fact& fact : said.facts)
    facts_.remove(subject, version_of(when, said, fact));
  const std::string& type = values_.words.word(said.type);
  if (type != "division") return;
  if (info_[subject].empty()) divisions_.erase(division);
  ++divisions_generation_;
}

std::vector<std::uint32_t> Register::children_of(std::uint32_t subject) const {
  std::vector<std::uint32_t> out;
  for (auto it = children_.lower_bound({subject, 0});
       it != children_.end() && it->first.first == subject; ++it)
    out.push_back(it->first.second);
  return out;
}

std::uint32_t Register::division_subject(const DivisionCode& division) const {
  const auto known = divisions_.find(division);
  return known != divisions_.end() ? known->second : values_.subjects.find(subject_of(division));
}

std::optional<DivisionCode> Register::division_of(std::uint32_t subject) const {
  const auto named = division_at_.find(subject);
  if (named != division_at_.end()) return named->second;
  if (type_of(subject) == kNoSymbol || values_.words.word(type_of(subject)) != "division")
    return std::nullopt;
  return info_[subject].front().division;
}

std::vector<std::uint32_t> Register::all_of(Symbol type) const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t subject = 0; subject < info_.size(); ++subject)
    if (type_of(subject) == type) out.push_back(subject);
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values_.subjects[a] < values_.subjects[b];
  });
  return out;
}

void Register::add(const When& when, const Assigned& said) {
  const Link link{said.relation, said.from, said.to, said.since};
  links_[link].emplace(when, said.until);
  links_to_[{said.to, said.relation}].insert(link);
}

void Register::remove(const When& when, const Assigned& said) {
  const Link link{said.relation, said.from, said.to, said.since};
  const auto found = links_.find(link);
  CHECK(found != links_.end() && found->second.erase(when) == 1);
  if (!found->second.empty()) return;
  links_.erase(found);
  const auto back = links_to_.find({said.to, said.relation});
  back->second.erase(link);
  if (back->second.empty()) links_to_.erase(back);
}

const Register::Info* Register::household(const SubjectId& id) const {
  const std::uint32_t subject = values_.subjects.find(id);
  if (subject == kNoNumber || subject >= info_.size() || info_[subject].empty()) return nullptr;
  return &info_[subject];
}

Val Register::newest(std::uint32_t subject, std::string_view fact, const When* end) const {
  FactHistory history = facts_.of(subject, values_.words.find(fact));
  if (end != nullptr) history = history.before(*end);
  return history.empty() ? Val{} : history.newest().val;
}

std::string Register::newest_text(std::uint32_t subject, std::string_view fact,
                                  const When* end) const {
  return values_.value_of(newest(subject, fact, end)).text;
}

// The smallest code that begins with `prefix`.
static DivisionCode first_of(std::string_view prefix) {
  std::string code(prefix);
  code.resize(DivisionCode::kSize, '0');
  const auto parsed = DivisionCode::parse(code);
  return parsed ? *parsed : DivisionCode{};
}

std::vector<std::pair<DivisionCode, SubjectId>> Register::households(std::string_view prefix,
                                                                     Date on) const {
  std::vector<std::pair<DivisionCode, SubjectId>> out;
  for (auto it = residences_.lower_bound({first_of(prefix), SubjectId{}});
       it != residences_.end() && it->first.first.view().starts_with(prefix); ++it) {
    const auto& [division, id] = it->first;
    if (residence(id, on) == division) out.emplace_back(division, id);
  }
  return out;
}

std::vector<std::uint32_t> Register::households_ever(std::string_view prefix) const {
  std::vector<std::uint32_t> out;
  for (auto it = residences_.lower_bound({first_of(prefix), SubjectId{}});
       it != residences_.end() && it->first.first.view().starts_with(prefix); ++it)
    out.push_back(values_.subjects.find(it->first.second));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool Register::knows_in(const DivisionCode& division, const SubjectId& household) const {
  return residences_.contains({division, household});
}

bool Register::knows_in(const DivisionCode& division, std::uint32_t household) const {
  if (household >= info_.size()) return false;
  return std::any_of(info_[household].begin(), info_[household].end(), [&](const Made& made) {
    return made.division == division && values_.words.word(made.type) == "household";
  });
}

void Register::append_codes(std::uint32_t subject, std::string_view fact, const When& end,
                            std::string_view prefix, std::vector<std::string>& out) const {
  const event::Value value = values_.value_of(newest(subject, fact, &end));
  std::vector<std::string> codes = value.codes;
  if (value.type == event::Value::Type::Code || value.type == event::Value::Type::Text)
    codes = {value.text};
  for (const std::string& code : codes) {
    if (code.empty() || code == "none") continue;
    out.push_back(code.starts_with(prefix) ? code : std::string(prefix) + code);
  }
}

std::vector<std::string> Register::categories(const SubjectId& id, Date on) const {
  std::vector<std::string> out;
  const std::uint32_t subject = values_.subjects.find(id);
  if (subject == kNoNumber) return out;
  const When end = end_of(on);
  append_codes(subject, "household_category", end, "", out);
  append_codes(subject, "monitored_type", end, "", out);
  append_codes(subject, "risk_status", end, "risk_", out);
  return out;
}

std::string Register::household_text(const SubjectId& id, std::string_view fact, Date on) const {
  const std::uint32_t subject = values_.subjects.find(id);
  if (subject == kNoNumber) return {};
  const When end = end_of(on);
  return newest_text(subject, fact, &end);
}

std::optional<DivisionCode> Register::residence(const SubjectId& id, Date on) const {
  const Info* info = household(id);
  if (info == nullptr) return std::nullopt;
  const When end = end_of(on);
  const Symbol type = values_.words.find("household");
  std::optional<DivisionCode> out;
  for (const Made& made : *info) {
    if (made.when < end && made.type == type) out = made.division;
  }
  return out;
}

std::vector<DivisionCode> Register::residences(const SubjectId& id) const {
  std::set<DivisionCode> out;
  const Symbol type = values_.words.find("household");
  if (const Info* info = household(id)) {
    for (const Made& made : *info)
      if (made.type == type) out.insert(made.division);
  }
  return {out.begin(), out.end()};
}

std::vector<FactView> Register::household_facts(const SubjectId& id, Date on) const {
  std::vector<FactView> out;
  const std::uint32_t subject = values_.subjects.find(id);
  if (subject == kNoNumber) return out;
  const When end = end_of(on);
  const FactHistory all = facts_.all(subject);
  for (auto at = all.begin(); at != all.end();) {
    const FactHistory history = facts_.of(subject, at->fact, at->key);
    at = history.end();
    const FactHistory known = history.before(end);
    if (known.empty()) continue;
    const FactVersion newest = known.newest();
    out.push_back({.name = values_.words.word(newest.fact),
                   .key = values_.words.word(newest.key),
                   .value = values_.value_of(newest.val),
                   .since = newest.when.occurred,
                   .index = newest.when.place});
  }
  std::sort(out.begin(), out.end(), [](const FactView& a, const FactView& b) {
    return std::tie(a.name, a.key) < std::tie(b.name, b.key);
  });
  return out;
}

static bool is_in_force(const std::map<When, std::optional<Date>>& untils, Date since, Date on) {
  const std::optional<Date>& until = untils.rbegin()->second;
  return since <= on && (!until || on <= *until);
}

std::vector<std::uint32_t> Register::linked(Symbol relation, std::uint32_t subject, bool forward,
                                            Date on) const {
  std::set<std::uint32_t> out;
  if (forward) {
    for (auto it = links_.lower_bound({relation, subject, 0, Date{}});
         it != links_.end() && it->first.relation == relation && it->first.from == subject; ++it) {
      if (is_in_force(it->second, it->first.since, on)) out.insert(it->first.to);
    }
  } else if (const auto back = links_to_.find({subject, relation}); back != links_to_.end()) {
    for (const Link& link : back->second)
      if (is_in_force(links_.at(link), link.since, on)) out.insert(link.from);
  }
  return {out.begin(), out.end()};
}

std::vector<std::uint32_t> Register::linked_within(const Assigned& said, bool forward,
                                                   std::uint32_t place) const {
  std::set<std::uint32_t> out;
  const auto look = [&](const Link& link, const Untils& untils) {
    const std::pair<const When, std::optional<Date>>* known = nullptr;
    for (const auto& each : untils)
      if (each.first.place < place) known = &each;
    if (known == nullptr || (said.until && *said.until < link.since)) return;
    if (known->second && (*known->second < said.since || *known->second < link.since)) return;
    out.insert(forward ? link.to : link.from);
  };
  if (forward) {
    for (auto it = links_.lower_bound({said.relation, said.from, 0, Date{}});
         it != links_.end() && it->first.relation == said.relation && it->first.from == said.from;
         ++it)
      look(it->first, it->second);
  } else if (const auto back = links_to_.find({said.to, said.relation}); back != links_to_.end()) {
    for (const Link& link : back->second) look(link, links_.at(link));
  }
  return {out.begin(), out.end()};
}

std::vector<Register::LinkSaid> Register::links(Symbol relation) const {
  std::vector<LinkSaid> out;
  for (auto it = links_.lower_bound({relation, 0, 0, Date{}});
       it != links_.end() && it->first.relation == relation; ++it) {
    const auto& [link, untils] = *it;
    out.push_back({{relation, link.from, link.to, link.since, untils.rbegin()->second},
                   untils.begin()->first.place});
  }
  return out;
}

std::optional<Date> Register::linked_since(Symbol relation, std::uint32_t from, std::uint32_t to,
                                           Date on) const {
  std::optional<Date> out;
  for (auto it = links_.lower_bound({relation, from, to, Date{}});
       it != links_.end() && it->first.relation == relation && it->first.from == from &&
       it->first.to == to;
       ++it) {
    if (is_in_force(it->second, it->first.since, on)) out = it->first.since;
  }
  return out;
}

std::vector<SubjectId> Register::assigned(std::string_view relation, const SubjectId& from,
                                          Date on) const {
  std::set<SubjectId> out;
  const std::uint32_t subject = values_.subjects.find(from);
  const Symbol name = values_.words.find(relation);
  if (subject == kNoNumber || name == kNoSymbol) return {};
  for (auto it = links_.lower_bound({name, subject, 0, Date{}});
       it != links_.end() && it->first.relation == name && it->first.from == subject; ++it) {
    if (is_in_force(it->second, it->first.since, on)) out.insert(values_.subjects[it->first.to]);
  }
  return {out.begin(), out.end()};
}

void Register::each_turn(std::uint32_t subject, const std::function<void(TimePoint)>& add) const {
  if (subject < info_.size())
    for (const Made& made : info_[subject]) add(made.when.occurred);
  for (const FactVersion& version : facts_.all(subject)) add(version.when.occurred);
  const auto add_link = [&](const Link& link, const Untils& untils) {
    add(start_of(link.since));
    for (const auto& [when, until] : untils)
      if (until) add(start_of(next_day(*until)));
  };
  for (auto it = links_.begin(); it != links_.end();) {
    const Symbol relation = it->first.relation;
    for (it = links_.lower_bound({relation, subject, 0, Date{}});
         it != links_.end() && it->first.relation == relation && it->first.from == subject; ++it)
      add_link(it->first, it->second);
    it = links_.lower_bound({relation + 1, 0, 0, Date{}});
  }
  for (auto to = links_to_.lower_bound({subject, 0});
       to != links_to_.end() && to->first.first == subject; ++to)
    for (const Link& link : to->second) add_link(link, links_.at(link));
}

std::vector<DivisionView> Register::divisions(std::string_view prefix) const {
  std::vector<DivisionView> out;
  for (auto it = divisions_.lower_bound(first_of(prefix));
       it != divisions_.end() && it->first.view().starts_with(prefix); ++it) {
    out.push_back({.code = it->first,
                   .name = newest_text(it->second, "name", nullptr),
                   .level = newest_text(it->second, "level", nullptr),
                   .parent = newest_text(it->second, "parent", nullptr)});
  }
  return out;
}

std::vector<CoordinatorView> Register::coordinators(std::string_view prefix) const {
  std::vector<CoordinatorView> out;
  const Symbol relation = values_.words.find("coordinator_of");
  if (relation == kNoSymbol) return out;
  for (auto it = links_.lower_bound({relation, 0, 0, Date{}});
       it != links_.end() && it->first.relation == relation; ++it) {
    const auto& [link, untils] = *it;
    const auto village = division_at_.find(link.to);
    if (village == division_at_.end() || !village->second.view().starts_with(prefix)) continue;
    out.push_back({.person = values_.subjects[link.from],
                   .name = newest_text(link.from, "name", nullptr),
                   .village = village->second,
                   .since = link.since,
                   .until = untils.rbegin()->second.value_or(Date{})});
  }
  std::sort(out.begin(), out.end(), [](const CoordinatorView& a, const CoordinatorView& b) {
    return std::tie(a.village, a.person, a.since) < std::tie(b.village, b.person, b.since);
  });
  return out;
}

void Register::write_subject(std::uint32_t subject, const IndexAt& index_at,
                             DigestWriter& out) const {
  const Info none;
  const Info& info = subject < info_.size() ? info_[subject] : none;
  out.text(values_.subjects[subject].view()).u64(info.size());
  for (const Made& made : info) {
    out.when(made.when, index_at(made.when.place)).text(values_.words.word(made.type));
    out.text(made.parent == kNoNumber ? BytesView{} : values_.subjects[made.parent].view());
    out.text(made.division.view());
  }
  const FactHistory all = facts_.all(subject);
  std::vector<FactVersion> facts(all.begin(), all.end());
  std::sort(facts.begin(), facts.end(), [&](const FactVersion& a, const FactVersion& b) {
    const Symbols& words = values_.words;
    return std::tie(words.word(a.fact), words.word(a.key), a.when) <
           std::tie(words.word(b.fact), words.word(b.key), b.when);
  });
  out.u64(facts.size());
  for (const FactVersion& fact : facts) {
    out.when(fact.when, index_at(fact.when.place)).text(values_.words.word(fact.fact));
    out.text(values_.words.word(fact.key)).text(values_.words.word(fact.source));
    out.flag(fact.reported);
    values_.write(fact.val, out);
  }
}

void Register::write(const IndexAt& index_at, DigestWriter& out) const {
  std::vector<std::uint32_t> subjects = values_.subjects.ordered();
  std::erase_if(subjects, [&](std::uint32_t subject) {
    return (subject >= info_.size() || info_[subject].empty()) && facts_.all(subject).empty();
  });
  out.u64(subjects.size());
  for (const std::uint32_t subject : subjects) write_subject(subject, index_at, out);
  std::vector<const std::pair<const Link, Untils>*> links;
  for (const auto& link : links_) links.push_back(&link);
  std::sort(links.begin(), links.end(), [&](const auto* a, const auto* b) {
    const auto key = [&](const Link& link) {
      return std::tie(values_.words.word(link.relation), values_.subjects[link.from],
                      values_.subjects[link.to], link.since);
    };
    return key(a->first) < key(b->first);
  });
  out.u64(links.size());
  for (const auto* each : links) {
    const auto& [link, untils] = *each;
    out.text(values_.words.word(link.relation)).text(values_.subjects[link.from].view());
    out.text(values_.subjects[link.to].view()).date(link.since).u64(untils.size());
    for (const auto& [when, until] : untils) {
      out.when(when, index_at(when.place)).flag(until.has_value());
      if (until) out.date(*until);
    }
  }
}
}  // namespace cunji::state
