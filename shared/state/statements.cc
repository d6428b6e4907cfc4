#include "shared/state/statements.h"

#include <algorithm>
#include <map>

#include "shared/event/statement.h"
#include "shared/state/duties.h"

namespace cunji::state {
namespace pg = programme;

// The day by which a duty of its subject asked for it, in the period of the day it is about.
static std::optional<Date> due_of(const World& world, const Events::Statement& one) {
  std::optional<Date> out;
  for (const auto& [id, duty] : world.catalogue(one.said->valid_at).duties.all()) {
    const bool asks = std::any_of(duty->fulfilled_by.begin(), duty->fulfilled_by.end(),
                                  [&](const auto& by) { return by.statement == one.said->of; });
    if (!asks || duty->each != world.type_of(one.subject)) continue;
    const auto period = Duties(world).period_of(*duty, one.subject, one.said->valid_at);
    if (period && (!out || period->due < *out)) out = period->due;
  }
  return out;
}

std::vector<StatementView> statements(const Inquiry& inquiry,
                                      const std::vector<std::string>& prefixes) {
  const World world = inquiry.world();
  const Symbols& words = world.values().words;
  std::vector<StatementView> out;
  const auto add = [&](std::uint32_t subject) {
    for (const Events::Statement& one : world.events().statements_by(subject)) {
      const EventRecord& record = world.events().at(one.when.place);
      const Acting& author = world.events().author_of(record);
      const TimePoint received = Events::received_of(record);
      if (!(received < end_of(inquiry.on()).occurred)) continue;
      StatementView view{
          .index = record.index,
          .received_by_county = record.time.upper.has_value(),
          .about = world.values().subjects[subject],
          .of = words.word(one.said->of),
          .period = words.word(one.said->period),
          .valid_at = one.said->valid_at,
          .log_size = one.said->log_size,
          .supplement = one.said->supplement,
          .rows = one.said->subjects.size(),
          .received = received,
          .due = due_of(world, one),
          .by = {.role = words.word(author.role), .office = words.word(author.office)},
          .when = {received, one.when.place, one.when.part}};
      view.late = view.due && *view.due < date_of(received);
      out.push_back(std::move(view));
    }
  };
  std::vector<std::uint32_t> divisions;
  for (const std::string& prefix : prefixes)
    for (const DivisionView& each : world.facts().divisions(prefix))
      divisions.push_back(world.facts().division_subject(each.code));
  std::sort(divisions.begin(), divisions.end());
  divisions.erase(std::unique(divisions.begin(), divisions.end()), divisions.end());
  for (const std::uint32_t division : divisions) add(division);
  // Offices are the county's.
  const bool county = std::any_of(prefixes.begin(), prefixes.end(), [](const auto& prefix) {
    return prefix.size() <= CountyCode::kSize;
  });
  if (county)
    for (const std::uint32_t office : world.all_of(words.find("office"))) add(office);
  std::sort(out.begin(), out.end(),
            [](const StatementView& a, const StatementView& b) { return a.when < b.when; });
  return out;
}

static std::vector<std::string> texts_of(const std::vector<ReportCell>& cells) {
  std::vector<std::string> out;
  for (const ReportCell& cell : cells) out.push_back(cell.text);
  return out;
}

event::StatementPart statement_of(const ReportNow& report, std::uint64_t log_size,
                                  std::uint32_t supplement) {
  event::StatementPart out{.of = report.id,
                           .period = report.period,
                           .valid_at = report.valid_at,
                           .log_size = log_size,
                           .supplement = supplement};
  for (const ReportHeading& heading : report.header) out.header.push_back(heading.cell.text);
  for (const ReportRow& row : report.rows)
    out.rows.push_back({.subject = row.subject, .cells = texts_of(row.cells)});
  out.digest = event::digest_of(out);
  return out;
}

std::vector<StatementDifference> differences(const event::StatementPart& filed,
                                             const ReportNow& now) {
  using Kind = StatementDifference::Kind;
  std::vector<StatementDifference> out;
  const auto compare = [&](Kind kind, const SubjectId& subject, const std::vector<std::string>& was,
                           const std::vector<std::string>& is) {
    for (std::size_t i = 0; i < std::max(was.size(), is.size()); ++i) {
      const std::string a = i < was.size() ? was[i] : std::string();
      const std::string b = i < is.size() ? is[i] : std::string();
      if (a != b)
        out.push_back({.kind = kind, .subject = subject, .column = i, .filed = a, .now = b});
    }
  };
  std::vector<std::string> header;
  for (const ReportHeading& heading : now.header) header.push_back(heading.cell.text);
  compare(Kind::Header, {}, filed.header, header);
  // A list has one row of a subject; of changes and boards the first cell says which.
  const bool by_first = now.layout == pg::Layout::Matrix || now.layout == pg::Layout::Board;
  using Key = std::tuple<SubjectId, std::string, std::size_t>;
  std::map<Key, std::size_t> seen;
  const auto key_of = [&](const SubjectId& subject, const std::vector<std::string>& cells) {
    Key key{subject, by_first && !cells.empty() ? cells.front() : std::string(), 0};
    std::get<2>(key) = seen[key]++;
    return key;
  };
  std::map<Key, std::vector<std::string>> rows;
  for (const ReportRow& row : now.rows) {
    std::vector<std::string> cells = texts_of(row.cells);
    rows.emplace(key_of(row.subject, cells), std::move(cells));
  }
  seen.clear();
  for (const event::StatementPart::Row& row : filed.rows) {
    const auto found = rows.find(key_of(row.subject, row.cells));
    if (found == rows.end()) {
      out.push_back({.kind = Kind::Gone, .subject = row.subject, .cells = row.cells});
      continue;
    }
    compare(Kind::Changed, row.subject, row.cells, found->second);
    rows.erase(found);
  }
  seen.clear();
  for (const ReportRow& row : now.rows) {
    const std::vector<std::string> cells = texts_of(row.cells);
    if (rows.contains(key_of(row.subject, cells)))
      out.push_back({.kind = Kind::Added, .subject = row.subject, .cells = cells});
  }
  return out;
}
}  // namespace cunji::state
