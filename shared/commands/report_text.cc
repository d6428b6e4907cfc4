// A report as text, JSON and CSV.
#include <algorithm>
#include <map>

#include "shared/commands/reports.h"

namespace cunji::commands {
using state::ReportCell;
using state::ReportNow;
using state::ReportRow;

// A line of a terminal, and of that what one cell may take.
static constexpr std::size_t kLineColumns = 118, kCellColumns = 36, kTitleColumns = 22;

// Groups that no column shows already.
static std::vector<std::size_t> own_groups(const ReportNow& report) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    const bool shown =
        std::any_of(report.titles.begin(), report.titles.end(),
                    [&](const auto& title) { return title.zh == report.groups[i].zh; });
    if (!shown) out.push_back(i);
  }
  return out;
}

static std::string cards_text(const ReportNow& report) {
  std::string out;
  for (const ReportRow& row : report.rows) {
    out += "\n";
    for (std::size_t i = 0; i < row.cells.size() && i < report.titles.size(); ++i) {
      const ReportCell& cell = row.cells[i];
      const bool unit = cell.kind == ReportCell::Kind::Said && !cell.unit.empty();
      out += "  " + label(report.titles[i], "") + ": " + cell.text + (unit ? " " + cell.unit : "") +
             "\n";
    }
  }
  return out;
}

std::string rows_text(const ReportNow& report) {
  if (report.layout == programme::Layout::Card) return cards_text(report);
  const std::vector<std::size_t> groups = own_groups(report);
  std::vector<std::string> zh{"序号"}, en{"No."};
  const auto head = [&](const programme::Label& title) {
    zh.push_back(title.zh);
    en.push_back(
        terminal::fit(title.en, std::max(kTitleColumns, terminal::display_width(title.zh))));
  };
  for (const std::size_t i : groups) head(report.groups[i]);
  for (const programme::Label& title : report.titles) head(title);
  terminal::Table table(std::move(zh));
  table.add(std::move(en));
  std::size_t number = 0;
  for (const ReportRow& row : report.rows) {
    std::vector<std::string> line{std::to_string(++number)};
    for (const std::size_t i : groups)
      line.push_back(i < row.group.size() ? terminal::fit(row.group[i], kCellColumns) : "");
    for (const ReportCell& cell : row.cells) line.push_back(terminal::fit(cell.text, kCellColumns));
    table.add(std::move(line));
  }
  return report.rows.empty() ? std::string() : table.text(kLineColumns);
}

// How many rows each group has, the groups in their order.
static std::string counts_text(const ReportNow& report) {
  if (report.groups.empty() || report.layout != programme::Layout::List) return {};
  std::string out = "分组小计 by group:\n";
  for (std::size_t i = 0; i < report.rows.size();) {
    std::size_t end = i;
    while (end < report.rows.size() && report.rows[end].group == report.rows[i].group) ++end;
    out += "  " + joined(report.rows[i].group, " / ") + ": " + std::to_string(end - i) + "\n";
    i = end;
  }
  return report.rows.empty() ? std::string() : out;
}

std::string report_text(const Words& words, const ReportNow& report) {
  std::string out = label(report.label, report.id) + "   (" +
                    (report.period.empty() ? "" : report.period + ",") + words.basis_text() +
                    ")\n" + words.partial_text();
  for (const state::ReportHeading& heading : report.header)
    out += label(heading.title, "") + ": " + heading.cell.text + "\n";
  out += rows_text(report);
  const std::string rows = std::to_string(report.rows.size());
  out += "共 " + rows + " 行 · rows: " + rows + "\n" + counts_text(report);
  if (!report.note.empty()) out += "注:" + report.note + "\n";
  if (!report.signers.empty()) out += "签字 signed by: " + joined(report.signers, ", ") + "\n";
  return out;
}

Json json_of(const ReportCell& cell) {
  switch (cell.kind) {
    case ReportCell::Kind::Said: return cell.text;
    case ReportCell::Kind::Missing: return nullptr;
    case ReportCell::Kind::Unset: return {{"cannot_be_judged", true}};
    case ReportCell::Kind::Elsewhere: return {{"county_only", true}};
  }
  return nullptr;
}
static Json labels_json(const std::vector<programme::Label>& labels) {
  Json out = Json::array();
  for (const programme::Label& each : labels) out.push_back(json_of(each));
  return out;
}

Json report_json(const Words& words, const ReportNow& report) {
  Json out{{"id", report.id}, {"programme", report.programme}, {"label", json_of(report.label)}};
  if (!report.period.empty()) out["period"] = report.period;
  out["valid_at"] = format_date(report.valid_at);
  out["about"] = words.subject_json(report.about);
  out["header"] = Json::array();
  for (const state::ReportHeading& heading : report.header)
    out["header"].push_back({{"title", json_of(heading.title)}, {"cell", json_of(heading.cell)}});
  if (!report.groups.empty()) out["groups"] = labels_json(report.groups);
  out["columns"] = labels_json(report.titles);
  out["rows"] = Json::array();
  for (const ReportRow& row : report.rows) {
    Json line = Json::object();
    if (!row.subject.is_zero()) line["subject"] = to_hex(row.subject.view());
    if (!row.group.empty()) line["group"] = row.group;
    line["cells"] = Json::array();
    for (const ReportCell& cell : row.cells) line["cells"].push_back(json_of(cell));
    out["rows"].push_back(std::move(line));
  }
  if (!report.note.empty()) out["note"] = report.note;
  if (!report.signers.empty()) out["signers"] = report.signers;
  return out;
}

static bool is_number(const std::string& text) {
  return text.find_first_not_of("+-.,0123456789%") == std::string::npos;
}
static std::string csv_field(const std::string& text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  std::string out = formula && !is_number(text) ? "'" + text : text;
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}
static std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : ",") + csv_field(fields[i]);
  return out + "\r\n";
}

std::string report_csv(const ReportNow& report) {
  std::string out =
      "\xEF\xBB\xBF" + csv_line({report.label.zh, report.period, format_date(report.valid_at)});
  for (const state::ReportHeading& heading : report.header)
    out += csv_line({heading.title.zh, heading.cell.text});
  const std::vector<std::size_t> groups = own_groups(report);
  std::vector<std::string> titles;
  for (const std::size_t i : groups) titles.push_back(report.groups[i].zh);
  for (const programme::Label& title : report.titles) titles.push_back(title.zh);
  out += csv_line(titles);
  for (const ReportRow& row : report.rows) {
    std::vector<std::string> line;
    for (const std::size_t i : groups) line.push_back(i < row.group.size() ? row.group[i] : "");
    for (const ReportCell& cell : row.cells) line.push_back(cell.text);
    out += csv_line(line);
  }
  if (!report.note.empty()) out += csv_line({"注：" + report.note});
  return out;
}
}  // namespace cunji::commands
