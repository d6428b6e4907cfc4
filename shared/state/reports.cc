#include "shared/state/reports.h"

#include <algorithm>
#include <map>

#include "shared/programme/periods.h"
#include "shared/state/duties.h"
#include "shared/state/duty_status.h"
#include "shared/state/report_cells.h"

namespace cunji::state {
namespace pg = programme;

namespace {
Whom whom_of(const Symbols& words, const pg::Actor& actor) {
  return {.role = words.word(actor.role),
          .office = words.word(actor.office),
          .level = words.word(actor.level),
          .relation = words.word(actor.relation)};
}

// Of whom definitions expect a statement of the report.
std::vector<Whom> filers_of(const World& world, const pg::Catalogue& catalogue, Symbol report) {
  const Symbols& words = world.values().words;
  std::vector<Whom> out;
  const auto add = [&](const pg::Actor& actor) {
    Whom whom = whom_of(words, actor);
    const bool known = std::any_of(out.begin(), out.end(), [&](const Whom& each) {
      return each.role == whom.role && each.office == whom.office && each.level == whom.level &&
             each.relation == whom.relation;
    });
    if (!known) out.push_back(std::move(whom));
  };
  for (const auto& [id, duty] : catalogue.duties.all())
    for (const pg::Duty::By& by : duty->fulfilled_by)
      if (by.statement == report) add(duty->who);
  for (const auto& [id, procedure] : catalogue.procedures.all())
    for (const pg::Stage& stage : procedure->stages)
      if (stage.statement == report)
        for (const pg::Actor& actor : stage.by) add(actor);
  return out;
}

// A fact that names an office: whose rows they are.
bool names_office(const World& world, const pg::Catalogue& catalogue, Symbol fact) {
  const pg::Fact* declared = catalogue.facts.find(fact);
  return declared != nullptr && declared->type == pg::Type::Subject &&
         world.values().words.word(declared->subject_type) == "office";
}

class Maker {
 public:
  Maker(const Inquiry& inquiry, const World& world, const pg::Report& declared,
        const ReportAsked& asked)
      : inquiry_(inquiry),
        world_(world),
        day_(asked.in_period.value_or(inquiry.on())),
        catalogue_(world.catalogue(inquiry.on())),
        declared_(declared),
        asked_(asked),
        cells_(world, inquiry.on(), asked, declared.mask || asked.mask) {}

  ReportNow make() {
    const Symbols& words = world_.values().words;
    out_.id = words.word(declared_.id);
    out_.label = declared_.label;
    out_.layout = declared_.layout;
    out_.period = pg::key_of(declared_.period, day_);
    out_.valid_at = inquiry_.on();
    out_.about = asked_.office.value_or(asked_.about);
    out_.note = declared_.note;
    for (const Symbol signer : declared_.signers) out_.signers.push_back(words.word(signer));
    const std::uint32_t about = world_.values().subjects.find(out_.about);
    for (const pg::Report::Column& each : declared_.header)
      out_.header.push_back({each.title, cells_.cell(each, about)});
    switch (declared_.layout) {
      case pg::Layout::None:
      case pg::Layout::List:
      case pg::Layout::Card: make_list(); break;
      case pg::Layout::Matrix: make_matrix(); break;
      case pg::Layout::Board: make_board(); break;
    }
    return std::move(out_);
  }

 private:
  bool is_there(std::uint32_t subject) const {
    const auto made = world_.facts().made_at(subject);
    return made && *made < cells_.at(subject).until;
  }

  // Of the rows' type, within what is asked for, for which the condition holds.
  std::vector<std::uint32_t> population() const {
    const std::string& type = world_.values().words.word(declared_.rows);
    std::vector<std::uint32_t> all;
    if (type == "household") {
      for (const std::string& prefix : asked_.prefixes)
        for (const auto& [division, id] : world_.facts().households(prefix, day_))
          all.push_back(world_.values().subjects.find(id));
    } else {
      const bool division = type == "county" || type == "town" || type == "village";
      for (const std::uint32_t subject : world_.all_of(declared_.rows)) {
        if (!division && !is_there(subject)) continue;
        if (cells_.is_held(cells_.division_of(subject))) all.push_back(subject);
      }
    }
    std::erase_if(all, [&](std::uint32_t subject) {
      if (asked_.one && world_.values().subjects[subject] != *asked_.one) return true;
      if (asked_.office && !is_of(*asked_.office, subject)) return true;
      return declared_.where.is_set() &&
             world_.holds(declared_.where, cells_.at(subject)) != Truth::Yes;
    });
    return all;
  }

  bool is_of(const SubjectId& office, std::uint32_t subject) const {
    const std::uint32_t number = world_.values().subjects.find(office);
    if (subject == number) return true;
    const Symbol fact = declared_.group_by.empty() ? kNoSymbol : declared_.group_by.front();
    if (!names_office(world_, catalogue_, fact)) return false;
    pg::Value value;
    value.from = pg::Value::From::Fact;
    value.id = fact;
    return world_.read(value, cells_.at(subject)).val == subject_val(number);
  }

  struct Line {
    std::vector<SortKey> keys{};
    DivisionCode division{};
    SortKey number{};  // Of the household.
    ReportRow row{};
  };

  void make_list() {
    for (const Symbol by : declared_.group_by) out_.groups.push_back(cells_.label_of(by));
    for (const pg::Report::Column& column : declared_.columns) out_.titles.push_back(column.title);
    std::vector<Line> lines;
    for (const std::uint32_t subject : population()) {
      Line line;
      line.row.subject = world_.values().subjects[subject];
      line.division = cells_.division_of(subject).value_or(DivisionCode{});
      std::string text;
      for (const Symbol by : declared_.group_by) {
        line.keys.push_back(cells_.key(by, subject, text));
        line.row.group.push_back(text);
      }
      const Symbol number = world_.values().words.find("number");
      line.number = cells_.key(number, subject, text);
      for (const Symbol by : declared_.sort) line.keys.push_back(cells_.key(by, subject, text));
      for (const pg::Report::Column& column : declared_.columns)
        line.row.cells.push_back(cells_.cell(column, subject));
      lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
      return std::tie(a.keys, a.division, a.number, a.row.subject) <
             std::tie(b.keys, b.division, b.number, b.row.subject);
    });
    for (Line& line : lines) out_.rows.push_back(std::move(line.row));
  }

  // By group: how many had one code of the table before the period, and which they have now.
  void make_matrix() {
    const pg::Table* table =
        declared_.of.empty() ? nullptr : catalogue_.tables.find(declared_.of.front());
    const pg::Fact* fact = table == nullptr ? nullptr : catalogue_.facts.find(table->writes);
    if (fact == nullptr) return;
    const Date first = pg::span_of(declared_.period, day_).first;
    const At before =
        At::end_of_day(kNoNumber, Date{std::chrono::sys_days{first} - std::chrono::days{1}});
    std::vector<Symbol> codes;
    for (const pg::Table::Row& row : table->rows) codes.push_back(row.value);
    codes.push_back(table->otherwise);
    const auto place_of = [&](const Val& val) {
      return static_cast<std::size_t>(
          std::find(codes.begin(), codes.end(), val.is_set() ? val.word() : kNoSymbol) -
          codes.begin());
    };
    std::erase(codes, kNoSymbol);
    std::vector<Symbol> known;  // Each once, in the order of the table.
    for (const Symbol code : codes)
      if (std::find(known.begin(), known.end(), code) == known.end()) known.push_back(code);
    codes = known;
    // By group: from (its number: not there before), to.
    struct Group {
      SubjectId subject{};
      std::string name{};
      std::vector<std::vector<std::int64_t>> counts{};
    };
    std::map<SortKey, Group> groups;
    const Symbol by = declared_.group_by.empty() ? kNoSymbol : declared_.group_by.front();
    for (const std::uint32_t subject : population()) {
      std::string name;
      const SortKey key = by == kNoSymbol ? SortKey{} : cells_.key(by, subject, name);
      Group& group = groups[key];
      group.name = name;
      if (by != kNoSymbol) {
        const std::uint32_t owner = world_.owner_of(by, subject, cells_.at(subject));
        if (owner != kNoNumber) group.subject = world_.values().subjects[owner];
      }
      group.counts.resize(codes.size() + 1, std::vector<std::int64_t>(codes.size()));
      At then = before;
      then.subject = subject;
      const auto made = world_.facts().made_at(subject);
      const bool was = made && *made < before.until;
      const std::size_t from = was ? place_of(world_.fact(*fact, subject, then).val) : codes.size();
      const std::size_t to = place_of(world_.fact(*fact, subject, cells_.at(subject)).val);
      if (to < codes.size()) ++group.counts[std::min(from, codes.size())][to];
    }
    const auto label = [&](Symbol code) {
      if (const pg::Codes* list = catalogue_.codes.find(fact->codes)) {
        for (const pg::Codes::Code& each : list->codes)
          if (each.id == code) return each.label;
      }
      return pg::Label{world_.values().words.word(code), world_.values().words.word(code)};
    };
    if (by != kNoSymbol) out_.groups.push_back(cells_.label_of(by));
    out_.titles.push_back({"由", "from"});
    for (const Symbol code : codes)
      out_.titles.push_back({"至" + label(code).zh, "to " + label(code).en});
    for (const auto& [key, group] : groups) {
      for (std::size_t from = 0; from < group.counts.size(); ++from) {
        const auto& counts = group.counts[from];
        if (std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n == 0; }))
          continue;
        ReportRow row{.subject = group.subject};
        if (by != kNoSymbol) row.group.push_back(group.name);
        row.cells.push_back(said_cell(from < codes.size() ? label(codes[from]).zh : "新增"));
        for (const std::int64_t count : counts)
          row.cells.push_back(said_cell(std::to_string(count)));
        out_.rows.push_back(std::move(row));
      }
    }
  }

  // --- BOARD: what was due in the period, or is at hand, by division: done, late, missing, open.
  struct Item {
    SortKey group{};
    std::size_t of = 0, stage = 0;
    std::string due{};
    auto operator<=>(const Item&) const = default;
  };
  struct Work {
    SubjectId subject{};
    std::string group{}, label{};
    StatusCounts counts{};
  };

  // The towns of a county, the villages of a town; the rows' own type, where that is one of them.
  SubjectId group_of(const DivisionCode& division) const {
    const std::string& type = world_.values().words.word(declared_.rows);
    const std::size_t asked = asked_.prefixes.empty() ? 6 : asked_.prefixes.front().size();
    std::size_t digits = type == "town" ? 9 : type == "village" ? 12 : asked >= 9 ? 12 : 9;
    if (level_of(division) == "county") digits = 6;
    std::string code = division.str().substr(0, digits);
    code.resize(DivisionCode::kSize, '0');
    return inquiry_.division_subject(DivisionCode::parse(code).value());
  }

  Work& work(const DivisionCode& division, std::size_t of, std::size_t stage, std::string due) {
    const SubjectId subject = group_of(division);
    Item item{.of = of, .stage = stage, .due = std::move(due)};
    const std::uint32_t number = world_.values().subjects.find(subject);
    const auto code = number == kNoNumber ? std::nullopt : world_.facts().division_of(number);
    item.group = {.missing = false, .text = code.value_or(division).str()};
    Work& out = board_[item];
    out.subject = subject;
    out.group = number == kNoNumber ? item.group.text : cells_.name_of(number);
    return out;
  }

  static DutyStatus status_of(const StageView& stage, Date on) {
    if (stage.reached)
      return stage.late_own + stage.late_inherited > 0 ? DutyStatus::Late : DutyStatus::Done;
    return stage.due && *stage.due < on ? DutyStatus::Missing : DutyStatus::Open;
  }

  // Whether a board of a period has what was due then, or done then where it has no due day.
  bool is_of_period(const std::optional<Date>& due, const std::optional<TimePoint>& done) const {
    if (declared_.period == pg::Period::None) return true;
    const pg::Span span = pg::span_of(declared_.period, day_);
    if (!due && !done) return false;  // Whoever likes, whenever.
    const Date day = due ? *due : date_of(*done);
    return !(day < span.first) && !(span.last < day);
  }

  void add_cases(const std::vector<CaseView>& cases) {
    for (const CaseView& one : cases) {
      const Symbol procedure = world_.values().words.find(one.procedure);
      const auto of = std::find(declared_.of.begin(), declared_.of.end(), procedure);
      const pg::Procedure* now = catalogue_.procedures.find(procedure);
      if (of == declared_.of.end() || now == nullptr) continue;
      if (!cells_.is_held(one.division == DivisionCode{} ? std::nullopt
                                                         : std::optional(one.division)))
        continue;
      for (const StageView& stage : one.stages) {
        const bool over = !stage.reached && (one.closed || stage.withdrawn);
        if (over || !is_of_period(stage.due, stage.reached)) continue;
        const std::size_t place = now->place_of(world_.values().words.find(stage.stage));
        const DivisionCode division = one.division == DivisionCode{} ? county() : one.division;
        Work& out = work(division, static_cast<std::size_t>(of - declared_.of.begin()), place,
                         stage.due ? format_date(*stage.due) : std::string());
        out.label = one.label.zh + "：" + stage.label.zh;
        out.counts.add(status_of(stage, inquiry_.on()));
      }
    }
  }

  DivisionCode county() const {
    std::string code = asked_.prefixes.empty() ? std::string() : asked_.prefixes.front();
    code.resize(CountyCode::kSize, '0');
    code.resize(DivisionCode::kSize, '0');
    return DivisionCode::parse(code).value();
  }

  void add_duty(const pg::Duty& duty, std::size_t of) {
    for (const std::uint32_t subject : world_.all_of(duty.each)) {
      const auto division = cells_.division_of(subject);
      if (!cells_.is_held(division)) continue;
      const auto run = Duties(world_).of(duty, subject, day_);
      if (!run || !is_of_period(run->due, std::nullopt)) continue;
      Work& out = work(division.value_or(county()), of, 0,
                       run->due ? format_date(*run->due) : std::string());
      out.label = duty.label.zh;
      out.counts.add(run->status);
    }
  }

  void make_board() {
    for (std::size_t of = 0; of < declared_.of.size(); ++of)
      if (const pg::Duty* duty = catalogue_.duties.find(declared_.of[of])) add_duty(*duty, of);
    std::vector<std::string> prefixes = asked_.prefixes;
    for (const std::string& prefix : prefixes) add_cases(inquiry_.cases_in(prefix));
    out_.groups.push_back({"区划", "division"});
    out_.titles = {{"事项", "item"}, {"截止", "due"},         {"应办", "all"},
                   {"已办", "done"}, {"迟办", "late"},        {"未办", "missing"},
                   {"待办", "open"}, {"存疑", "contradicted"}};
    for (const auto& [item, work] : board_) {
      const StatusCounts& n = work.counts;
      const std::uint64_t all = n.done + n.late + n.missing + n.open + n.contradicted;
      ReportRow row{.subject = work.subject, .group = {work.group}};
      row.cells = {said_cell(work.label),
                   item.due.empty() ? empty_cell(ReportCell::Kind::Missing) : said_cell(item.due)};
      for (const std::uint64_t count : {all, n.done, n.late, n.missing, n.open, n.contradicted})
        row.cells.push_back(said_cell(std::to_string(count)));
      out_.rows.push_back(std::move(row));
    }
  }

  const Inquiry& inquiry_;
  const World& world_;
  const Date day_;  // Of the period.
  const pg::Catalogue& catalogue_;
  const pg::Report& declared_;
  const ReportAsked& asked_;
  const ReportCells cells_;
  ReportNow out_{};
  std::map<Item, Work> board_;
};

std::string programme_of(const World& world, const pg::Catalogue& catalogue,
                         const pg::Report& report) {
  for (const auto& definition : catalogue.definitions())
    for (const pg::Report& each : definition->reports)
      if (&each == &report) return world.values().words.word(definition->programme);
  return {};
}
}  // namespace

std::optional<SubjectId> office_subject(const Inquiry& inquiry, const std::string& code) {
  const World world = inquiry.world();
  const Symbols& words = world.values().words;
  const pg::Fact* fact = world.catalogue(inquiry.on()).facts.find(words.find("office_code"));
  const Symbol wanted = words.find(code);
  if (fact == nullptr || wanted == kNoSymbol) return std::nullopt;
  for (const std::uint32_t office : world.all_of(words.find("office"))) {
    const Val val = world.fact(*fact, office, At::end_of_day(office, inquiry.on())).val;
    if (val.is_set() && val.word() == wanted) return world.values().subjects[office];
  }
  return std::nullopt;
}

std::vector<ReportView> reports_declared(const Inquiry& inquiry) {
  std::vector<ReportView> out;
  const World world = inquiry.world();
  const Symbols& words = world.values().words;
  const pg::Catalogue& catalogue = world.catalogue(inquiry.on());
  for (const auto& [id, report] : catalogue.reports.all()) {
    ReportView view{.id = words.word(id),
                    .programme = programme_of(world, catalogue, *report),
                    .label = report->label,
                    .layout = report->layout,
                    .period = report->period,
                    .rows = words.word(report->rows),
                    .filers = filers_of(world, catalogue, id)};
    for (const pg::Actor& reader : report->readers) view.readers.push_back(whom_of(words, reader));
    view.by_office =
        view.rows == "office" ||
        (!report->group_by.empty() && names_office(world, catalogue, report->group_by.front()));
    out.push_back(std::move(view));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return out;
}

std::optional<ReportNow> report(const Inquiry& inquiry, const ReportAsked& asked) {
  const World world = inquiry.world();
  const pg::Catalogue& catalogue = world.catalogue(inquiry.on());
  const pg::Report* declared = catalogue.reports.find(world.values().words.find(asked.id));
  if (declared == nullptr) return std::nullopt;
  ReportNow out = Maker(inquiry, world, *declared, asked).make();
  out.programme = programme_of(world, catalogue, *declared);
  return out;
}
}  // namespace cunji::state
