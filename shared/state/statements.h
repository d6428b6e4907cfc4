#pragma once
// Statements: reports that an office has filed, frozen with the log's size and a digest, and what
// has come to differ since (S6). What cases and duties make of them is in cases.h and duties.h.
#include <optional>
#include <string>
#include <vector>

#include "shared/state/reports.h"

namespace cunji::state {
// One in effect.
struct StatementView {
  std::uint64_t index = 0;  // Of its event in the log; of one not yet received, of no use.
  bool received_by_county = true;
  SubjectId about{};  // Whose: an office, a town.
  std::string of{}, period{};
  Date valid_at{};
  std::uint64_t log_size = 0;
  std::uint32_t supplement = 0;  // 0: the first of its period.
  std::size_t rows = 0;          // That name a subject.
  TimePoint received{};
  std::optional<Date> due{};  // Where a duty asks for it.
  bool late = false;
  Whom by{};  // Role and office of its author.
  When when{};
};
// Of divisions within the prefixes, and with the county of its offices, by when they were received.
std::vector<StatementView> statements(const Inquiry& inquiry,
                                      const std::vector<std::string>& prefixes);

// What is filed of a report, ready to be signed; without signer and post.
event::StatementPart statement_of(const ReportNow& report, std::uint64_t log_size,
                                  std::uint32_t supplement);

// How a report as it is now differs from what was filed.
struct StatementDifference {
  enum class Kind : std::uint8_t { Header, Added, Gone, Changed };
  Kind kind = Kind::Changed;
  SubjectId subject{};
  std::size_t column = 0;            // Of header or row.
  std::string filed{}, now{};        // Header, Changed.
  std::vector<std::string> cells{};  // Of the row that was added or is gone.
};
// In the order of what was filed, then what was added.
std::vector<StatementDifference> differences(const event::StatementPart& filed,
                                             const ReportNow& now);
}  // namespace cunji::state
