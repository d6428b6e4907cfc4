#pragma once
// The register: divisions, households, persons and coordinators' seats, as versions ordered by
// effective occurred. What is added and removed again leaves no trace, so the order of arrival
// cannot matter (D13).
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/event/parts.h"
#include "shared/state/digest_writer.h"
#include "shared/state/state.h"
#include "shared/state/when.h"

namespace cunji::state {
// One registration of a subject, in the division of its event. The content is shared by copies of
// the state and never changes.
struct Registration {
  DivisionCode division;
  SubjectId subject;
  std::shared_ptr<const event::RegistrationPart> said;
};

// The id by which a division is a subject: SHA-256("division" ‖ code), first 16 bytes.
SubjectId subject_of(const DivisionCode& division);

class Register {
 public:
  void add(const When& when, const Registration& registration);
  void remove(const When& when, const Registration& registration);
  // Relations to subjects, and `coordinator_of` a division.
  void add(const When& when, const event::AssignmentPart& said);
  void remove(const When& when, const event::AssignmentPart& said);

  // Households that live in a division of `prefix` at the end of `on`, by division, then id.
  std::vector<std::pair<DivisionCode, SubjectId>> households(std::string_view prefix,
                                                             Date on) const;
  // Whether the household was ever registered there.
  bool knows_in(const DivisionCode& division, const SubjectId& household) const;
  // The codes of household_category, monitored_type and risk_status in force at the end of `on`.
  std::vector<std::string> categories(const SubjectId& household, Date on) const;
  bool must_be_visited(const SubjectId& household, Date on) const;  // VCO-R09, VCO-A11.
  // A household's fact as a text; empty where there is none.
  std::string household_text(const SubjectId& household, std::string_view fact, Date on) const;

  // Where it lives at the end of `on`.
  std::optional<DivisionCode> residence(const SubjectId& household, Date on) const;
  std::vector<DivisionCode> residences(const SubjectId& household) const;
  std::vector<FactView> facts(const SubjectId& household, Date on) const;
  std::vector<SubjectId> assigned(std::string_view relation, const SubjectId& from, Date on) const;

  std::vector<DivisionView> divisions(std::string_view prefix) const;
  std::vector<CoordinatorView> coordinators(std::string_view prefix) const;
  void write(DigestWriter& out) const;

 private:
  using Versions = std::map<When, Registration>;
  using Subjects = std::map<SubjectId, Versions>;
  struct Seat {
    DivisionCode division;
    SubjectId person;
    Date since{};
    auto operator<=>(const Seat&) const = default;
  };
  struct Relation {
    std::string name;
    SubjectId from, to;
    Date since{};
    auto operator<=>(const Relation&) const = default;
  };
  using Untils = std::map<When, std::optional<Date>>;  // Nothing: open.
  Untils* untils_of(const event::AssignmentPart& said);
  Subjects* subjects_of(const Registration& registration);
  const Versions* household(const SubjectId& id) const;

  Subjects divisions_, households_, persons_;
  std::map<Seat, Untils> seats_;
  std::map<Relation, Untils> relations_;
  // Every division in which a household was ever registered, and by how many registrations.
  std::map<std::pair<DivisionCode, SubjectId>, std::uint64_t> residences_;
};
}  // namespace cunji::state
