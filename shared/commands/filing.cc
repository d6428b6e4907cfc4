#include "shared/commands/filing.h"

#include <algorithm>

#include "shared/commands/reports.h"

namespace cunji::commands {
Result<Filing> file_report(const Basis& basis, const Asked& asked,
                           const state::State& with_unsent) {
  TRY_AS(found, find_report(basis, asked));
  const Scope& scope = found.scope;
  TRY_AS(readers, readers_of(basis, asked));
  const std::optional<For> reader = readers.empty() ? std::nullopt : std::optional(readers.front());
  const auto& filers = found.declared.filers;
  // A department's own rows, and no other's.
  if (reader && !reader->office.empty() && found.declared.by_office && !filers.empty()) {
    if (asked.office.empty()) {
      Asked own = asked;
      own.office = reader->office;
      return file_report(basis, own, with_unsent);
    }
    if (asked.office != reader->office)
      return bad(asked.office + " 的报表由其自己报送",
                 "what is of " + asked.office + " is filed by " + asked.office);
  }
  const bool may = !reader || filers.empty() ||
                   std::any_of(filers.begin(), filers.end(), [&](const state::Whom& one) {
                     return scope.inquiry.is_for(one, reader->role, reader->office);
                   });
  const Words words(basis, scope);
  if (!may)
    return bad(found.declared.id + " 由 " + words.whom(filers) + " 报送",
               found.declared.id + " is filed by " + words.whom(filers));
  TRY_AS(made, make_report(basis, found));
  const auto is_elsewhere = [](const state::ReportCell& cell) {
    return cell.kind == state::ReportCell::Kind::Elsewhere;
  };
  const bool narrow =
      std::any_of(made.header.begin(), made.header.end(),
                  [&](const auto& heading) { return is_elsewhere(heading.cell); }) ||
      std::any_of(made.rows.begin(), made.rows.end(), [&](const auto& row) {
        return std::any_of(row.cells.begin(), row.cells.end(), is_elsewhere);
      });
  if (narrow)
    return bad("本机所持数据不足以报送 " + found.declared.id,
               found.declared.id + " needs more than this device holds");
  constexpr std::size_t kRowsMax = 1'000;  // A list in a part (event/limits.h).
  if (made.rows.size() > kRowsMax)
    return bad("超过 1000 行,请分区划报送", "more than 1,000 rows: file it by --division");
  std::uint32_t supplement = 0;
  for (const auto& each :
       state::statements(state::Inquiry(with_unsent, basis.today), scope.prefixes))
    if (each.of == made.id && each.about == made.about && each.period == made.period) ++supplement;
  Filing out{.part = state::statement_of(made, basis.known_at, supplement),
             .programme = made.programme,
             .about = made.about,
             .division = basis.county.division(),
             .text = report_text(words, made)};
  if (const auto about = scope.inquiry.about(made.about); about.type != "office" && about.division)
    out.division = *about.division;
  out.text += "摘要 digest " + to_hex(out.part.digest->view()) + "\n";
  if (supplement > 0) out.text += "补报 supplement " + std::to_string(supplement) + "\n";
  return out;
}
}  // namespace cunji::commands
