#pragma once
// Households, visits and a fold over a county's log, for the tests of this folder.
#include "shared/state/inquiry.h"
#include "tests/support/county_log.h"

namespace cunji::state {
using namespace testing_support;
using event::EndorsementPurpose;
using event::VisitOutcome;

inline const Month kFebruary = std::chrono::year{2022} / 2;
inline Date day(std::string_view text) { return parse_date(text).value(); }

// The fold of the entries whose division begins with `prefix`, and of the county's own division.
inline State fold(const std::vector<event::LoggedEvent>& entries, std::string_view prefix = "") {
  State out;
  for (const event::LoggedEvent& logged : entries) {
    const std::string_view division = logged.entry.event.header().division.view();
    if (division.starts_with(prefix) || division.ends_with("000000")) out.apply(logged);
  }
  return out;
}

// February's monthly visits (VCO-R09), by the definitions that were published.
inline std::vector<DutyNow> visits_due(const State& state, const char* on,
                                       std::string_view prefix = "411323") {
  return Inquiry(state, day(on)).duty_of_month(prefix, kMonthlyVisit, kFebruary);
}

inline event::RegistrationPart household_part(std::vector<std::string> categories,
                                              const std::string& head = "王某某") {
  return {.type = event::SubjectType::Household,
          .create = true,
          .facts = {{"head_name", "", event::text_value(head)},
                    {"household_category", "", event::codes_value(std::move(categories))}},
          .source = "import"};
}
inline Says registers(const SubjectId& household, DivisionCode where,
                      const event::RegistrationPart& said,
                      std::optional<TimePoint> occurred = std::nullopt) {
  return {.kind = Kind::Registration,
          .division = where,
          .subject = household,
          .parts = {event::encode_part(said, {.programme = "register", .occurred = occurred})}};
}
inline Says visits(const SubjectId& household, DivisionCode where,
                   std::optional<TimePoint> recorded = std::nullopt,
                   VisitOutcome outcome = VisitOutcome::Met) {
  return {.kind = Kind::Visit,
          .division = where,
          .subject = household,
          .parts = {event::encode_part(event::VisitPart{.outcome = outcome})},
          .recorded = recorded};
}
inline Bytes correction_part(const Digest& wrong, std::uint32_t part = 0) {
  return event::encode_part(event::CorrectionPart{.event = wrong, .part = part, .reason = "误录"});
}
inline Says corrects(const Digest& wrong, DivisionCode where, std::uint32_t part = 0) {
  return {.kind = Kind::Correction, .division = where, .parts = {correction_part(wrong, part)}};
}
inline SubjectId house(int number) { return subject("household " + std::to_string(number)); }
}  // namespace cunji::state
