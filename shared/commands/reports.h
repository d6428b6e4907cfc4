#pragma once
// Reports on a command line: found, checked for who reads them, made; as text, JSON and CSV.
#include "shared/commands/words.h"
#include "shared/state/statements.h"

namespace cunji::commands {
// A report that was asked for, with its scope.
struct ReportFound {
  Scope scope;
  Asked asked;  // With the day of the period that is meant.
  state::ReportView declared;
  state::ReportAsked what;
};
// Errc::Malformed, in both languages: unknown (with those that are known), not for this reader, a
// period that it has not, an office that is none.
Result<ReportFound> find_report(const Basis& basis, const Asked& asked);
// Errc::Malformed for a row that is not there.
Result<state::ReportNow> make_report(const Basis& basis, const ReportFound& found);
// Who reads: whom the device's credential names, and whom --for does; on a server without it nobody
// in particular.
Result<std::vector<For>> readers_of(const Basis& basis, const Asked& asked);

// For a terminal: header, table in parts that fit, groups with their counts, note, signers.
std::string report_text(const Words& words, const state::ReportNow& report);
Json report_json(const Words& words, const state::ReportNow& report);
// RFC 4180, with a byte order mark, as spreadsheets want it; what they would take for a formula is
// set in quotes.
std::string report_csv(const state::ReportNow& report);
Json json_of(const state::ReportCell& cell);  // Its text; null, or an object that says why not.
// Rows of plain texts under a report's titles.
std::string rows_text(const state::ReportNow& report);

}  // namespace cunji::commands
