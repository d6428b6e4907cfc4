// report: the printed forms and lists, made from the log; beside what was filed. Without ID those
// that the reader may read.
#include <algorithm>

#include "shared/commands/reports.h"
#include "shared/event/statement.h"
#include "shared/programme/periods.h"

namespace cunji::commands {
using state::ReportNow;
using state::ReportView;

static std::string name_of(programme::Layout layout) {
  switch (layout) {
    case programme::Layout::None:
    case programme::Layout::List: return "list";
    case programme::Layout::Card: return "card";
    case programme::Layout::Matrix: return "matrix";
    case programme::Layout::Board: return "board";
  }
  return {};
}

Result<std::vector<For>> readers_of(const Basis& basis, const Asked& asked) {
  std::vector<For> out;
  if (!basis.self.empty()) {
    const std::size_t at = basis.self.find('@');
    out.push_back({.role = basis.self.substr(0, at),
                   .office = at == std::string::npos ? std::string() : basis.self.substr(at + 1)});
  }
  if (asked.whom.empty()) return out;
  TRY_AS(scope, scope_of(basis, asked));  // Checks how it is written.
  out.push_back(*scope.whom);
  return out;
}

// The first of them who may not; nothing where all may.
static std::optional<For> stranger_to(const state::Inquiry& inquiry, const ReportView& report,
                                      const std::vector<For>& readers) {
  for (const For& reader : readers) {
    const bool may = std::any_of(
        report.readers.begin(), report.readers.end(),
        [&](const state::Whom& one) { return inquiry.is_for(one, reader.role, reader.office); });
    if (!may) return reader;
  }
  return std::nullopt;
}

static std::string said(const For& reader) {
  return reader.office.empty() ? reader.role : reader.role + "@" + reader.office;
}

// The last day of a period, by its key, that is not later than that of `on`.
static Result<Date> last_of(const ReportView& report, const std::string& period, Date on) {
  const std::string now = programme::key_of(report.period, on);
  if (now.empty()) return bad(report.id + " 不分期", report.id + " has no period: give --on");
  constexpr int kPeriodsMax = 240;  // Twenty years of months.
  for (int back = 0; back < kPeriodsMax; ++back) {
    const Date day = programme::shifted(report.period, on, -back);
    if (programme::key_of(report.period, day) == period)
      return programme::span_of(report.period, day).last;
  }
  return bad(report.id + " 没有期间 " + period + ",写法如 " + now,
             "\"" + period + "\" is no period of " + report.id + " by then: it has such as " + now);
}

static Result<ReportView> declared(const state::Inquiry& inquiry, const std::string& id) {
  std::vector<std::string> known;
  for (ReportView& each : state::reports_declared(inquiry)) {
    if (each.id == id || each.programme + "." + each.id == id) return std::move(each);
    known.push_back(each.id);
  }
  return bad("没有这张报表:" + id, "no report \"" + id + "\"; there are " + joined(known, ", "));
}

// The county, a town or a village, where it registered itself or by its code.
static SubjectId division_subject(const state::Inquiry& inquiry, std::string prefix) {
  prefix.resize(DivisionCode::kSize, '0');
  return inquiry.division_subject(DivisionCode::parse(prefix).value());
}

Result<ReportFound> find_report(const Basis& basis, const Asked& asked) {
  TRY_AS(readers, readers_of(basis, asked));
  TRY_AS(scope, scope_of(basis, asked));
  TRY_AS(view, declared(scope.inquiry, asked.report));
  std::optional<Date> in_period;
  if (!asked.period.empty()) {
    TRY_AS(last, last_of(view, asked.period, scope.on));
    if (last < scope.on) in_period = last;
    // Of a period that is over, as it was at its end, unless another day is asked for.
    if (in_period && asked.on.empty()) {
      Asked at_its_end = asked;
      at_its_end.on = format_date(last);
      return find_report(basis, at_its_end);
    }
  }
  if (const auto reader = stranger_to(scope.inquiry, view, readers))
    return bad(said(*reader) + " 无权查看 " + view.id, said(*reader) + " may not read " + view.id +
                                                           "; it is for " +
                                                           Words(basis, scope).whom(view.readers));
  // A device that holds one village means that.
  const std::string prefix = scope.prefixes.size() == 1 ? scope.prefixes.front() : scope.prefix;
  ReportFound out{.scope = scope, .asked = asked, .declared = view, .what = {}};
  out.what = {.id = view.id,
              .about = division_subject(scope.inquiry, prefix),
              .prefixes = scope.prefixes,
              .partial = basis.held.has_value(),
              .in_period = in_period,
              .mask = asked.mask};
  if (!asked.office.empty()) {
    if (!view.by_office)
      return bad(view.id + " 不按单位分", view.id + " is not kept by office: leave out --office");
    out.what.office = state::office_subject(scope.inquiry, asked.office);
    if (!out.what.office)
      return bad("登记册里没有单位 " + asked.office,
                 "no office \"" + asked.office + "\" is registered here");
  }
  return out;
}

Result<ReportNow> make_report(const Basis& basis, const ReportFound& found) {
  state::ReportAsked what = found.what;
  const std::string& row = found.asked.row;
  if (!row.empty() && found.declared.rows == "household") {
    TRY_AS(household, find_household(basis, found.scope, row));
    what.one = household.id;
  }
  auto made = state::report(found.scope.inquiry, what);
  CHECK(made.has_value());  // It was found.
  if (row.empty() || what.one) return std::move(*made);
  constexpr std::size_t kIdDigitsMin = 6;
  std::erase_if(made->rows, [&](const state::ReportRow& each) {
    if (row.size() >= kIdDigitsMin && to_hex(each.subject.view()).starts_with(row)) return false;
    return std::none_of(each.cells.begin(), each.cells.end(),
                        [&](const state::ReportCell& cell) { return cell.text == row; });
  });
  if (made->rows.empty())
    return bad("没有“" + row + "”这一行", "no row \"" + row + "\" in " + found.declared.id);
  return std::move(*made);
}

static Result<std::string> list_reports(const Basis& basis, const Asked& asked) {
  TRY_AS(readers, readers_of(basis, asked));
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  std::vector<ReportView> reports = state::reports_declared(scope.inquiry);
  std::erase_if(reports, [&](const ReportView& each) {
    return stranger_to(scope.inquiry, each, readers).has_value();
  });
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"reports", Json::array()}};
    for (const ReportView& each : reports)
      out["reports"].push_back({{"id", each.id},
                                {"programme", each.programme},
                                {"label", json_of(each.label)},
                                {"layout", name_of(each.layout)},
                                {"period", programme::key_of(each.period, scope.on)},
                                {"readers", json_of(each.readers)},
                                {"filed_by", json_of(each.filers)}});
    return print(out);
  }
  const std::string count = std::to_string(reports.size());
  std::string out =
      "报表 " + count + " 张 · reports: " + count + "   (" + words.basis_text() + ")\n";
  terminal::Table table({"编号 Id", "报表 Report", "期 Period", "报送 Filed by"});
  for (const ReportView& each : reports)
    table.add({each.id, terminal::fit(label(each.label, each.id), 60),
               programme::key_of(each.period, scope.on), words.whom(each.filers)});
  return out + table.text();
}

// --- Beside what was filed.
struct Compared {
  state::StatementView filed;
  event::StatementPart part;
  ReportNow now;  // What the report gives of that day, or of --on.
  std::vector<state::StatementDifference> differences;
  bool digest_right = true;
};

static Result<event::StatementPart> part_of(const Basis& basis, std::uint64_t index) {
  if (!basis.statement) return Error{Errc::Unknown, "no log to read from"};
  TRY_AS(part, basis.statement(index));
  if (!part)
    return bad("第 " + std::to_string(index) + " 条不在本机或已删除",
               "entry " + std::to_string(index) + " holds no statement here");
  return std::move(*part);
}

static Result<state::StatementView> statement_at(const Scope& scope, const std::string& of,
                                                 std::uint64_t index) {
  for (state::StatementView& each : state::statements(scope.inquiry, scope.prefixes))
    if (each.index == index && each.of == of && each.received_by_county) return std::move(each);
  return bad("第 " + std::to_string(index) + " 条不是 " + of + " 的有效报送",
             "entry " + std::to_string(index) + " is no statement of " + of +
                 " in effect: see statements");
}

static Result<Compared> compare(const Basis& basis, const Asked& asked) {
  Asked plain = asked;
  plain.period.clear();
  TRY_AS(found, find_report(basis, plain));
  Asked latest = plain;
  latest.on.clear();
  TRY_AS(scope, scope_of(basis, latest));
  TRY_AS(filed, statement_at(scope, found.declared.id, *asked.statement));
  TRY_AS(part, part_of(basis, *asked.statement));
  if (asked.on.empty()) plain.on = format_date(filed.valid_at);
  plain.period = filed.period;
  const auto about = scope.inquiry.about(filed.about);
  plain.division =
      about.type == "office" || !about.division ? std::string() : about.division->str();
  TRY_AS(then, find_report(basis, plain));
  if (about.type == "office") then.what.office = filed.about;
  // Of its own day: as it was just before the statement, which itself moves cases on.
  if (asked.on.empty()) then.what.before = filed.when;
  TRY_AS(now, make_report(basis, then));
  Compared out{.filed = filed,
               .part = part,
               .now = now,
               .differences = state::differences(part, now),
               .digest_right = part.digest && *part.digest == event::digest_of(part)};
  return out;
}

static ReportNow as_filed(const Compared& compared) {
  ReportNow out = compared.now;
  out.rows.clear();
  for (const event::StatementPart::Row& row : compared.part.rows) {
    state::ReportRow& made = out.rows.emplace_back();
    made.subject = row.subject;
    for (const std::string& cell : row.cells) made.cells.push_back(state::said_cell(cell));
  }
  out.groups.clear();
  for (std::size_t i = 0; i < out.header.size(); ++i)
    out.header[i].cell =
        state::said_cell(i < compared.part.header.size() ? compared.part.header[i] : "");
  return out;
}

static std::string digest_text(const Compared& compared) {
  if (!compared.part.digest) return "无 none";
  return to_hex(compared.part.digest->view()) +
         (compared.digest_right ? "" : " 与内容不符 NOT that of its rows");
}

static std::string title_at(const std::vector<programme::Label>& titles, std::size_t column) {
  return column < titles.size() ? label(titles[column], "") : std::to_string(column + 1);
}

static std::string difference_text(const Words& words, const Compared& compared,
                                   const state::StatementDifference& one) {
  using Kind = state::StatementDifference::Kind;
  const std::string changed = ": " + one.filed + " → " + one.now;
  switch (one.kind) {
    case Kind::Header: {
      std::vector<programme::Label> titles;
      for (const auto& heading : compared.now.header) titles.push_back(heading.title);
      return "~ " + title_at(titles, one.column) + changed;
    }
    case Kind::Added: return "+ " + joined(one.cells, " | ");
    case Kind::Gone: return "- " + joined(one.cells, " | ");
    case Kind::Changed:
      return "~ " + words.subject(one.subject) + ", " + title_at(compared.now.titles, one.column) +
             changed;
  }
  return {};
}

static Json difference_json(const state::StatementDifference& one) {
  using Kind = state::StatementDifference::Kind;
  Json out = Json::object();
  switch (one.kind) {
    case Kind::Header: out["kind"] = "header"; break;
    case Kind::Added: out["kind"] = "added"; break;
    case Kind::Gone: out["kind"] = "gone"; break;
    case Kind::Changed: out["kind"] = "changed"; break;
  }
  if (!one.subject.is_zero()) out["subject"] = to_hex(one.subject.view());
  if (one.kind == Kind::Added || one.kind == Kind::Gone) {
    out["cells"] = one.cells;
    return out;
  }
  out["column"] = one.column;
  out["filed"] = one.filed;
  out["now"] = one.now;
  return out;
}

static Json statement_json(const Words& words, const state::StatementView& one) {
  Json out{{"of", one.of},
           {"period", one.period},
           {"about", words.subject_json(one.about)},
           {"valid_at", format_date(one.valid_at)},
           {"log_size", one.log_size},
           {"supplement", one.supplement},
           {"rows", one.rows},
           {"by", json_of(one.by)}};
  if (one.received_by_county) {
    out["index"] = one.index;
    out["received"] = format_time(one.received);
  }
  if (one.due) {
    out["due"] = format_date(*one.due);
    out["late"] = one.late;
  }
  return out;
}

static std::string in_time(const state::StatementView& one) {
  if (!one.received_by_county) return "未发送 unsent";
  if (!one.due) return "—";
  return one.late ? "逾期 late" : "按时 in time";
}

static Result<std::string> answer_compared(const Basis& basis, const Asked& asked) {
  TRY_AS(compared, compare(basis, asked));
  Asked on_day = asked;
  on_day.on = format_date(compared.now.valid_at);
  on_day.period.clear();
  TRY_AS(scope, scope_of(basis, on_day));
  const Words words(basis, scope);
  const ReportNow filed = as_filed(compared);
  if (asked.csv) return report_csv(filed);
  if (asked.json) {
    Json out{{"basis", words.basis_json()},
             {"statement", statement_json(words, compared.filed)},
             {"filed", report_json(words, filed)},
             {"now", report_json(words, compared.now)},
             {"differences", Json::array()}};
    if (compared.part.digest) {
      out["statement"]["digest"] = to_hex(compared.part.digest->view());
      out["statement"]["digest_right"] = compared.digest_right;
    }
    for (const auto& one : compared.differences) out["differences"].push_back(difference_json(one));
    return print(out);
  }
  const state::StatementView& one = compared.filed;
  const std::string count = std::to_string(compared.differences.size());
  std::string out = "所报 filed: 第 " + std::to_string(one.index) + " 条, " + day(one.received) +
                    " 收到 received, " + in_time(one) + ", 由 by " + words.whom(one.by) + "\n";
  if (one.supplement > 0) out += "补报 supplement " + std::to_string(one.supplement) + "\n";
  if (!compared.part.signer.empty() || !compared.part.post.empty())
    out += "签字 signed by: " + joined({compared.part.signer, compared.part.post}) + "\n";
  out += "已知至 known at " + std::to_string(one.log_size) + ", 摘要 digest " +
         digest_text(compared) + "\n" + report_text(words, filed) + "与现在的差异 " + count +
         " 处 · differences with what it gives now: " + count + "\n";
  for (const auto& difference : compared.differences)
    out += "  " + difference_text(words, compared, difference) + "\n";
  return out;
}

Result<std::string> answer_report(const Basis& basis, const Asked& asked) {
  if (asked.csv && asked.json)
    return bad("--csv 与 --json 只能用一个", "--csv and --json exclude each other");
  if (asked.report.empty()) return list_reports(basis, asked);
  if (asked.statement) return answer_compared(basis, asked);
  TRY_AS(found, find_report(basis, asked));
  TRY_AS(made, make_report(basis, found));
  if (asked.csv) return report_csv(made);
  const Words words(basis, found.scope);
  if (!asked.json) return report_text(words, made);
  Json out{{"basis", words.basis_json()}, {"report", report_json(words, made)}};
  return print(out);
}

Result<std::string> answer_statements(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  std::string of;
  if (!asked.report.empty()) {
    TRY_AS(view, declared(scope.inquiry, asked.report));
    of = view.id;
  }
  std::optional<SubjectId> office;
  if (!asked.office.empty()) {
    office = state::office_subject(scope.inquiry, asked.office);
    if (!office)
      return bad("登记册里没有单位 " + asked.office,
                 "no office \"" + asked.office + "\" is registered here");
  }
  std::vector<state::StatementView> all = state::statements(scope.inquiry, scope.prefixes);
  std::erase_if(all, [&](const state::StatementView& one) {
    return (!of.empty() && one.of != of) || (office && one.about != *office);
  });
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"statements", Json::array()}};
    for (const auto& one : all) out["statements"].push_back(statement_json(words, one));
    return print(out);
  }
  const std::string count = std::to_string(all.size());
  std::string out = "报送 " + count + " 份 · statements: " + count + "   (" + words.basis_text() +
                    ")\n" + words.partial_text();
  terminal::Table table({"序号 Entry", "报表 Report", "期 Period", "单位 Whose", "收到 Received",
                         "截止 Due", "", "行 Rows", "由 By"});
  for (const state::StatementView& one : all)
    table.add(
        {one.received_by_county ? std::to_string(one.index) : "—",
         one.of + (one.supplement > 0 ? " 补报 supplement " + std::to_string(one.supplement) : ""),
         one.period, words.subject(one.about),
         one.received_by_county ? format_time(one.received).substr(0, 16) : "—",
         one.due ? format_date(*one.due) : "—", in_time(one), std::to_string(one.rows),
         words.whom(one.by)});
  if (table.size() > 0) out += table.text();
  return out;
}
}  // namespace cunji::commands
