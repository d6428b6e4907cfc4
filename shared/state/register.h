#pragma once
// The register: subjects of every type with their facts, where households live, and dated
// relations, as versions ordered by effective occurred (D13).
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/event/parts.h"
#include "shared/state/digest_writer.h"
#include "shared/state/facts.h"
#include "shared/state/state.h"
#include "shared/state/when.h"

namespace cunji::state {
// A registration as the fold keeps it.
struct Registered {
  Symbol type = kNoSymbol;  // None: a type this code does not know; it has no effect.
  Symbol source = kNoSymbol;
  std::uint32_t parent = kNoNumber;  // Of declared types.
  struct Fact {
    Symbol name = kNoSymbol, key = kNoSymbol;
    Val val{};
  };
  std::vector<Fact> facts{};  // One of a name and key.
};

// An assignment as the fold keeps it.
struct Assigned {
  Symbol relation = kNoSymbol;
  std::uint32_t from = 0, to = 0;
  Date since{};
  std::optional<Date> until{};
  bool operator==(const Assigned&) const = default;
};

// The id by which a division is a subject: SHA-256("division" ‖ code), first 16 bytes.
SubjectId subject_of(const DivisionCode& division);
// "county", "town" or "village", by the zeros at its end.
std::string_view level_of(const DivisionCode& division);
// The digits that it and all divisions below it begin with: 6, 9 or 12.
std::string_view prefix_of(const DivisionCode& division);
// The one that it lies in; nothing for a county.
std::optional<DivisionCode> division_above(const DivisionCode& division);

class Register {
 public:
  Values& values() { return values_; }
  const Values& values() const { return values_; }
  const Facts& facts() const { return facts_; }
  // Counted up with every change of which divisions there are.
  std::uint64_t divisions_generation() const { return divisions_generation_; }

  Registered compact(const event::RegistrationPart& said);
  Assigned compact(const event::AssignmentPart& said);

  // `division`: of the registration's event, where a household lives from then on.
  void add(const When& when, const DivisionCode& division, std::uint32_t subject,
           const Registered& said);
  void remove(const When& when, const DivisionCode& division, std::uint32_t subject,
              const Registered& said);
  void add(const When& when, const Assigned& said);
  void remove(const When& when, const Assigned& said);
  void add(std::uint32_t subject, const FactVersion& fact) { facts_.add(subject, fact); }
  void remove(std::uint32_t subject, const FactVersion& fact) { facts_.remove(subject, fact); }

  // What its first registration made it; kNoSymbol for a subject that nothing registered.
  Symbol type_of(std::uint32_t subject) const {
    return subject < info_.size() && !info_[subject].empty() ? info_[subject].front().type
                                                             : kNoSymbol;
  }
  // As a registration in `division` would make it, without facts.
  void add_subject(const When& when, const DivisionCode& division, std::uint32_t subject,
                   Symbol type, std::uint32_t parent);
  void remove_subject(const When& when, const DivisionCode& division, std::uint32_t subject,
                      Symbol type, std::uint32_t parent);
  // Of declared types; kNoNumber for none.
  std::uint32_t parent_of(std::uint32_t subject) const {
    return subject < info_.size() && !info_[subject].empty() ? info_[subject].front().parent
                                                             : kNoNumber;
  }
  // Subjects of declared types that belong to this one, by number.
  std::vector<std::uint32_t> children_of(std::uint32_t subject) const;
  // When it was first registered; nothing for one that nothing registered.
  std::optional<When> made_at(std::uint32_t subject) const {
    if (type_of(subject) == kNoSymbol) return std::nullopt;
    return info_[subject].front().when;
  }
  // The number of a division as a subject, kNoNumber where nothing names it, and back.
  std::uint32_t division_subject(const DivisionCode& division) const;
  std::optional<DivisionCode> division_of(std::uint32_t subject) const;
  // The other ends of a relation in force at the end of `on`, `from` this end or to it, by number.
  std::vector<std::uint32_t> linked(Symbol relation, std::uint32_t subject, bool forward,
                                    Date on) const;
  // The other ends of the relation's links that overlap `said`, by what was in the log before
  // `place`.
  std::vector<std::uint32_t> linked_within(const Assigned& said, bool forward,
                                           std::uint32_t place) const;
  // All of a relation, each as it holds now, with the place of the event that made it.
  struct LinkSaid {
    Assigned said;
    std::uint32_t place = 0;
  };
  std::vector<LinkSaid> links(Symbol relation) const;
  // Since when a link in force on the day is.
  std::optional<Date> linked_since(Symbol relation, std::uint32_t from, std::uint32_t to,
                                   Date on) const;
  // Whether anything was ever registered or made as one of a type, and is still.
  bool has_any(Symbol type) const { return made_as_.contains(type); }
  // All subjects of a type, by id.
  std::vector<std::uint32_t> all_of(Symbol type) const;
  // Households that live in a division of `prefix` at the end of `on`, by division, then id.
  std::vector<std::pair<DivisionCode, SubjectId>> households(std::string_view prefix,
                                                             Date on) const;
  // Those that were ever registered in a division of the prefix, by number.
  std::vector<std::uint32_t> households_ever(std::string_view prefix) const;
  // Whether the household was ever registered there.
  bool knows_in(const DivisionCode& division, const SubjectId& household) const;
  bool knows_in(const DivisionCode& division, std::uint32_t household) const;
  // The codes of household_category, monitored_type and risk_status in force at the end of `on`.
  std::vector<std::string> categories(const SubjectId& household, Date on) const;
  // A household's fact as a text; empty where there is none.
  std::string household_text(const SubjectId& household, std::string_view fact, Date on) const;

  // Where it lives at the end of `on`.
  std::optional<DivisionCode> residence(const SubjectId& household, Date on) const;
  std::vector<DivisionCode> residences(const SubjectId& household) const;
  // By name, then key. FactView::index is the place of the event.
  std::vector<FactView> household_facts(const SubjectId& household, Date on) const;
  std::vector<SubjectId> assigned(std::string_view relation, const SubjectId& from, Date on) const;

  // When registrations, facts and links of a subject begin to hold, and links end: gives each to
  // `add`, in no order.
  void each_turn(std::uint32_t subject, const std::function<void(TimePoint)>& add) const;

  std::vector<DivisionView> divisions(std::string_view prefix) const;
  std::vector<CoordinatorView> coordinators(std::string_view prefix) const;
  // `index_at`: the log index of the event at a place.
  using IndexAt = std::function<std::uint64_t(std::uint32_t)>;
  void write(const IndexAt& index_at, DigestWriter& out) const;

 private:
  friend struct SnapshotAccess;
  struct Made {  // A registration: as what, and where.
    When when;
    Symbol type = kNoSymbol;
    std::uint32_t parent = kNoNumber;
    DivisionCode division;
  };
  // What is known of a subject beside its facts: its registrations, by when.
  using Info = std::vector<Made>;
  struct Link {
    Symbol relation = kNoSymbol;
    std::uint32_t from = 0, to = 0;
    Date since{};
    auto operator<=>(const Link&) const = default;
  };
  using Untils = std::map<When, std::optional<Date>>;  // Nothing: open.

  const Info* household(const SubjectId& id) const;
  Val newest(std::uint32_t subject, std::string_view fact, const When* end) const;
  std::string newest_text(std::uint32_t subject, std::string_view fact, const When* end) const;
  void append_codes(std::uint32_t subject, std::string_view fact, const When& end,
                    std::string_view prefix, std::vector<std::string>& out) const;
  void write_subject(std::uint32_t subject, const IndexAt& index_at, DigestWriter& out) const;

  Values values_;
  Facts facts_;
  std::vector<Info> info_;                   // By subject.
  std::map<Symbol, std::uint64_t> made_as_;  // How many of info_, by type.
  std::map<Link, Untils> links_;
  std::map<std::pair<std::uint32_t, Symbol>, std::set<Link>> links_to_;        // By the other end.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> children_;  // Parent, child.
  std::uint64_t divisions_generation_ = 0;
  std::map<DivisionCode, std::uint32_t> divisions_;    // Those that registered themselves.
  std::map<std::uint32_t, DivisionCode> division_at_;  // What assignments named, by subject.
  // Every division in which a household was ever registered, and by how many registrations.
  std::map<std::pair<DivisionCode, SubjectId>, std::uint64_t> residences_;
};
}  // namespace cunji::state
