#include "server/api/rights.h"

#include <algorithm>
#include <array>

#include "shared/credential/roles.h"
#include "shared/event/kinds.h"

namespace cunji::server {
namespace {
// Who reads. Codes of roles and offices are glossary.md's and facts.md's.
enum Group : unsigned {
  kVillage = 1,  // Coordinators, grid, group leaders, first secretary, work team.
  kHelper = 2,
  kDoctor = 4,
  kTeacher = 8,
  kGeneralDesk = 16,  // Of a town or the county, of no one department: monitoring is theirs.
  kHealthDesk = 32,   // Health, medical insurance.
  kEducationDesk = 64,
  kFinanceDesk = 128,  // Finance, banks: pays.
  kOtherDesk = 256,    // Any other department.
  kRegistrar = 512,
};
constexpr unsigned kAnyDesk =
    kGeneralDesk | kHealthDesk | kEducationDesk | kFinanceDesk | kOtherDesk;
constexpr unsigned kField = kVillage | kHelper | kDoctor | kTeacher;
constexpr unsigned kWholeScope = kField | kAnyDesk | kRegistrar;

struct OfficeGroup {
  std::string_view office;
  unsigned group;
};
constexpr OfficeGroup kOffices[] = {
    {"", kGeneralDesk},
    {"town", kGeneralDesk},
    {"rr_bureau", kGeneralDesk},
    {"information_centre", kGeneralDesk},
    {"leading_group", kGeneralDesk},
    {"health", kHealthDesk},
    {"medical_insurance", kHealthDesk},
    {"town_health_centre", kHealthDesk},
    {"education", kEducationDesk},
    {"finance", kFinanceDesk},
    {"financial_work", kFinanceDesk},
    {"bank", kFinanceDesk},
};

// Forms whose answers are one office's business; all other programmes' are the village's and the
// desks'.
struct ProgrammeReaders {
  std::string_view programme;
  unsigned readers;
};
constexpr ProgrammeReaders kProgrammes[] = {
    {"health", kDoctor | kHealthDesk | kGeneralDesk},
    {"medical_insurance", kDoctor | kHealthDesk | kGeneralDesk},
    {"education", kTeacher | kEducationDesk | kGeneralDesk | kVillage},
};

struct Readers {
  std::string_view programme;
  unsigned operator()(const std::monostate&) const { return 0; }  // Unknown: nobody's, yet.
  // Helpers and coordinators see each other's visits, so that nobody is called on four times.
  unsigned operator()(const event::VisitPart&) const { return kField | kAnyDesk; }
  unsigned operator()(const event::CheckInPart&) const { return kField | kAnyDesk; }
  unsigned operator()(const event::RegistrationPart&) const { return kWholeScope; }
  unsigned operator()(const event::AssignmentPart&) const { return kWholeScope; }
  unsigned operator()(const event::CorrectionPart&) const { return kWholeScope; }
  unsigned operator()(const event::EndorsementPart&) const { return kWholeScope; }
  unsigned operator()(const event::ReceiptPart&) const { return kWholeScope; }
  unsigned operator()(const event::AnswersPart&) const {
    for (const ProgrammeReaders& each : kProgrammes) {
      if (each.programme == programme) return each.readers;
    }
    return kVillage | kHelper | kAnyDesk;
  }
  // Governance stands in the county's division and is public (may_read). Such content elsewhere has
  // no effect; what later versions add is for the desks until its readers are named.
  unsigned operator()(const auto&) const { return kAnyDesk; }
};

unsigned readers_of(const event::Part& part) {
  return std::visit(Readers{part.frame.programme}, part.content);
}
}  // namespace

Rights rights_of(std::string_view role, std::string_view office) {
  if (role == "village_doctor") return {kDoctor};
  if (role == "town_health_centre") return {kHealthDesk};
  if (role == "teacher") return {kTeacher};
  if (role == "helper") return {kHelper};
  if (credential::is_field_role(role)) return {kVillage};
  if (role == "registrar") return {kRegistrar};
  if (role != "town_desk" && role != "county_desk") return {};
  for (const OfficeGroup& each : kOffices) {
    if (each.office == office) return {each.group};
  }
  return {kOtherDesk};
}

bool may_read(const Rights& rights, std::uint16_t kind, const event::Part& part) {
  if (event::is_governance(kind)) return true;  // D2: public, and without personal data.
  const bool of_desks = kind == static_cast<std::uint16_t>(event::Kind::Payment) ||
                        kind == static_cast<std::uint16_t>(event::Kind::Score);
  if (of_desks) return (rights.groups & kAnyDesk) != 0;
  return (rights.groups & readers_of(part)) != 0;
}

bool sees(const Rights& rights, Sensitive what) {
  unsigned allowed = 0;
  switch (what) {
    // Every list that comes or goes is matched by it.
    case Sensitive::Identity: allowed = kAnyDesk | kRegistrar; break;
    case Sensitive::BankAccount: allowed = kGeneralDesk | kFinanceDesk; break;
    case Sensitive::Illness: allowed = kDoctor | kHealthDesk | kGeneralDesk; break;
    case Sensitive::Telephone: allowed = kAnyDesk | kRegistrar; break;
  }
  return (rights.groups & allowed) != 0;
}
}  // namespace cunji::server
