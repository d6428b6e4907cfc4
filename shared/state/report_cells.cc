#include "shared/state/report_cells.h"

#include <algorithm>
#include <set>

#include "shared/programme/periods.h"
#include "shared/state/tallies.h"
#include "shared/state/value_text.h"

namespace cunji::state {
namespace pg = programme;
using From = pg::Value::From;

namespace {
constexpr std::string_view kMasked = "***";
// GEN-15: names are shown.
bool is_name(std::string_view fact) { return fact.ends_with("name"); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : "、") + word;
  return out;
}
}  // namespace

ReportCell said_cell(std::string text, std::string unit) {
  return {.kind = ReportCell::Kind::Said, .text = std::move(text), .unit = std::move(unit)};
}
ReportCell empty_cell(ReportCell::Kind kind) {
  switch (kind) {
    case ReportCell::Kind::Said:
    case ReportCell::Kind::Missing: return {.kind = ReportCell::Kind::Missing, .text = "—"};
    case ReportCell::Kind::Unset: return {.kind = kind, .text = "无法判断"};
    case ReportCell::Kind::Elsewhere: return {.kind = kind, .text = "以县里为准"};
  }
  return {};
}

std::optional<std::string> percentage(std::int64_t of, std::int64_t over) {
  std::int64_t scaled = 0, twice = 0;
  if (__builtin_mul_overflow(of, 20'000, &scaled) || __builtin_mul_overflow(over, 2, &twice) ||
      __builtin_add_overflow(scaled, over, &scaled))
    return std::nullopt;
  // Down to the next whole, below zero too.
  return hundredths(scaled / twice - (scaled % twice < 0 ? 1 : 0));
}

std::string format_day(Date day, std::string_view format) {
  if (format.find("yyyy") == std::string_view::npos) return format_date(day);
  const std::string whole = format_date(day);  // 2022-04-08
  const auto plain = [](unsigned number) { return std::to_string(number); };
  std::string out;
  for (std::size_t i = 0; i < format.size();) {
    const std::string_view rest = format.substr(i);
    const auto take = [&](std::string_view token, const std::string& text) {
      if (!rest.starts_with(token)) return false;
      out += text;
      i += token.size();
      return true;
    };
    if (take("yyyy", whole.substr(0, 4)) || take("MM", whole.substr(5, 2)) ||
        take("dd", whole.substr(8, 2)) || take("M", plain(static_cast<unsigned>(day.month()))) ||
        take("d", plain(static_cast<unsigned>(day.day()))))
      continue;
    out += format[i++];
  }
  return out;
}

std::string ReportCells::code_text(Symbol list, Symbol code) const {
  if (const pg::Codes* codes = world_.catalogue(at_.day).codes.find(list)) {
    for (const pg::Codes::Code& each : codes->codes)
      if (each.id == code && !each.label.zh.empty()) return each.label.zh;
  }
  return world_.values().words.word(code);
}

Symbol ReportCells::key_now(const pg::Fact& fact, const At& at, std::int32_t back) const {
  if (fact.keyed_by == pg::Period::None) return kNoSymbol;
  return world_.values().words.find(
      pg::key_of(fact.keyed_by, pg::shifted(fact.keyed_by, at.day, -back)));
}

std::string ReportCells::fact_text(const char* fact, std::uint32_t subject) const {
  const pg::Fact* declared = world_.catalogue(at_.day).facts.find(world_.values().words.find(fact));
  if (declared == nullptr) return {};
  const Val val = world_.fact(*declared, subject, at(subject)).val;
  return val.is_set() ? text_of(val, declared->type, declared->codes, {}) : std::string();
}

std::string ReportCells::name_of(std::uint32_t subject) const {
  const std::string& type = world_.values().words.word(world_.type_of(subject));
  std::string out;
  if (const auto division = world_.facts().division_of(subject)) {
    for (const DivisionView& each : world_.facts().divisions(division->view()))
      if (each.code == *division) out = each.name;
    return out.empty() ? division->str() : out;
  }
  if (type == "person") out = fact_text("name", subject);
  if (type == "office") {
    out = fact_text("office_name", subject);
    if (out.empty()) out = fact_text("office_code", subject);
  }
  if (type == "household") {
    const std::string number = fact_text("number", subject), head = fact_text("head_name", subject);
    out = number.empty() || head.empty() ? number + head : number + " " + head;
  }
  return out.empty() ? to_hex(world_.values().subjects[subject].view()).substr(0, 8) : out;
}

std::string ReportCells::text_of(const Val& val, pg::Type type, Symbol codes,
                                 const std::string& format) const {
  const Symbols& words = world_.values().words;
  if (format.starts_with("yes_no:"))
    return words.word(val.word()) == format.substr(format.find(':') + 1) ? "是" : "否";
  switch (val.kind) {
    case Val::Kind::None: return {};
    case Val::Kind::Text: return words.word(val.word());
    case Val::Kind::Code:
      if (type == pg::Type::YesNo) return words.word(val.word()) == "yes" ? "是" : "否";
      return code_text(codes, val.word());
    case Val::Kind::Yes: return val.number != 0 ? "是" : "否";
    case Val::Kind::Date: return format_day(date_in(val), format);
    case Val::Kind::Subject: return name_of(static_cast<std::uint32_t>(val.number));
    case Val::Kind::Codes: {
      std::vector<std::string> out;
      for (const Symbol code : world_.values().codes_in(val)) out.push_back(code_text(codes, code));
      return joined(out);
    }
    case Val::Kind::Place: {
      const event::Place place = *world_.values().place_in(val);
      // To the fifth decimal, about a metre.
      const auto degrees = [](std::int64_t e7) {
        const std::int64_t size = (e7 < 0 ? -e7 : e7) / 100;
        std::string decimals = std::to_string(size % 100'000);
        decimals.insert(0, 5 - decimals.size(), '0');
        return (e7 < 0 ? "-" : "") + std::to_string(size / 100'000) + "." + decimals;
      };
      return degrees(place.latitude_e7) + "," + degrees(place.longitude_e7);
    }
    case Val::Kind::Integer: break;
  }
  switch (type) {
    case pg::Type::Money:
    case pg::Type::Area:
    case pg::Type::Points: return hundredths(val.number);
    case pg::Type::BasisPoints: return hundredths(val.number) + "%";
    case pg::Type::Instant: return format_time(TimePoint(Duration(val.number))).substr(0, 16);
    case pg::Type::None:
    case pg::Type::Text:
    case pg::Type::YesNo:
    case pg::Type::Integer:
    case pg::Type::Length:
    case pg::Type::Date:
    case pg::Type::Code:
    case pg::Type::CodeSet:
    case pg::Type::Place:
    case pg::Type::Subject:
    case pg::Type::Blob:
    case pg::Type::Signature:
    case pg::Type::Ranking:
    case pg::Type::Rows: break;
  }
  return std::to_string(val.number);
}

// A set that was put together has all codes there ever were; in the order of the list.
std::string ReportCells::text_of_codes(const pg::Fact& fact, std::uint32_t owner, Symbol key,
                                       const At& at) const {
  std::set<Symbol> said;
  for (const FactVersion& version :
       world_.facts().facts().of(owner, fact.id, key).before(at.until).all()) {
    for (const Symbol code : world_.values().codes_in(version.val)) said.insert(code);
  }
  std::vector<std::string> out;
  if (const pg::Codes* codes = world_.catalogue(at.day).codes.find(fact.codes)) {
    for (const pg::Codes::Code& each : codes->codes)
      if (said.erase(each.id) > 0) out.push_back(code_text(fact.codes, each.id));
  }
  std::vector<std::string> others;
  for (const Symbol code : said) others.push_back(world_.values().words.word(code));
  std::sort(others.begin(), others.end());
  out.insert(out.end(), others.begin(), others.end());
  return joined(out);
}

// When the county first had what now holds.
ReportCell ReportCells::received(const pg::Fact& fact, std::uint32_t owner, Symbol key,
                                 const Val& val, const At& at) const {
  std::optional<TimePoint> first;
  bool unsent = false;
  for (const FactVersion& version :
       world_.facts().facts().of(owner, fact.id, key).before(at.until).all()) {
    if (!(version.val == val)) continue;
    const EventRecord& record = world_.events().at(version.when.place);
    if (!record.time.upper) {
      unsent = true;
      continue;
    }
    const TimePoint received = Events::received_of(record);
    first = first ? std::min(*first, received) : received;
  }
  if (first) return said_cell(format_time(*first).substr(0, 16));
  return unsent ? said_cell("未发送") : empty_cell(ReportCell::Kind::Missing);
}

// The day of the newest visit at which somebody was met.
std::optional<Date> ReportCells::last_met(std::uint32_t household, const At& at) const {
  std::optional<Date> out;
  if (household == kNoNumber) return out;
  for (const Occurrence& one : world_.events().occurrences(household))
    if (one.met() && one.when() < at.until) out = date_of(one.occurred);
  return out;
}

ReportCell ReportCells::fact_cell(const pg::Value& value, const std::string& format,
                                  const At& at) const {
  const pg::Catalogue& catalogue = world_.catalogue(at.day);
  const pg::Fact* fact = catalogue.facts.find(value.id);
  if (fact == nullptr) return empty_cell(ReportCell::Kind::Missing);
  const World::Got got = world_.read(value, at);
  if (got.unset) return empty_cell(ReportCell::Kind::Unset);
  const std::uint32_t owner = world_.owner_of(fact->subject, at.subject, at);
  const std::string& name = world_.values().words.word(fact->id);
  if (!got.val.is_set()) {
    // A visit says so itself (D17), without a form that writes the fact.
    const auto visited = name == "last_visit_on" ? last_met(owner, at) : std::nullopt;
    if (visited) return said_cell(format_day(*visited, format));
    // Divisions are registered with a name, before any definition is in force; offices by a code.
    const bool named = name == "village_name" || name == "town_name" || name == "office_name";
    if (!named || owner == kNoNumber) return empty_cell(ReportCell::Kind::Missing);
    return said_cell(name_of(owner));
  }
  if (mask_ && fact->personal && !is_name(name)) return said_cell(std::string(kMasked));
  const Symbol key = key_now(*fact, at, value.period_back);
  if (format == "received") return received(*fact, owner, key, got.val, at);
  const bool gathered = fact->merge == pg::Merge::Set && !fact->derived;
  std::string text = gathered ? text_of_codes(*fact, owner, key, at)
                              : text_of(got.val, fact->type, fact->codes, format);
  if (const pg::Table* table = catalogue.table_of(fact->id);
      table != nullptr && format == "reason") {
    At there = at;
    there.subject = owner;
    if (const auto derived = world_.judge(*table, there);
        derived.label != nullptr && derived.label->zh != text)
      text += "（" + derived.label->zh + "）";
  }
  return said_cell(std::move(text), fact->unit);
}

ReportCell ReportCells::ratio_cell(Symbol ratio, const At& at) const {
  const auto terms = world_.terms(ratio, at);
  if (!terms) return empty_cell(ReportCell::Kind::Missing);
  if (terms->unset) return empty_cell(ReportCell::Kind::Unset);
  if (terms->over <= 0) return empty_cell(ReportCell::Kind::Missing);
  const auto text = percentage(terms->plus, terms->over);
  return text ? said_cell(*text + "%") : empty_cell(ReportCell::Kind::Missing);
}

bool ReportCells::is_held(const std::optional<DivisionCode>& division) const {
  return std::any_of(asked_.prefixes.begin(), asked_.prefixes.end(), [&](const auto& prefix) {
    if (!division) return prefix.size() <= CountyCode::kSize;
    return prefix_of(*division).starts_with(prefix);
  });
}

// What is made of more than a device holds (S7, X24).
bool ReportCells::is_elsewhere(const pg::Value& value, std::uint32_t subject) const {
  if (!asked_.partial) return false;
  const pg::Catalogue& catalogue = world_.catalogue(at_.day);
  const auto beyond = [&](Symbol id) {
    const pg::Aggregate* aggregate = catalogue.aggregates.find(id);
    if (aggregate == nullptr) return false;
    if (aggregate->scope == pg::Scope::County && !is_held(std::nullopt)) return true;
    std::uint32_t unit = kNoNumber;
    for (const Symbol type : aggregate->on)
      if (unit == kNoNumber) unit = world_.owner_of(type, subject, at(subject));
    return unit != kNoNumber && !is_held(world_.division_of(unit, at_.day));
  };
  switch (value.from) {
    case From::Aggregate: return beyond(value.id);
    case From::Ratio: {
      const pg::Ratio* ratio = catalogue.ratios.find(value.id);
      if (ratio == nullptr) return false;
      return std::any_of(ratio->plus.begin(), ratio->plus.end(), beyond) ||
             std::any_of(ratio->over.begin(), ratio->over.end(), beyond) ||
             std::any_of(ratio->over_minus.begin(), ratio->over_minus.end(), beyond);
    }
    case From::Fact:
    case From::Calculation: {
      const pg::Calculation* calculation = value.from == From::Fact
                                               ? catalogue.calculation_of(value.id)
                                               : catalogue.calculations.find(value.id);
      return calculation != nullptr && calculation->scope == pg::Scope::County &&
             !is_held(std::nullopt);
    }
    case From::None:
    case From::Field:
    case From::Parameter:
    case From::Stage:
    case From::NamedDay:
    case From::Number:
    case From::Today:
    case From::Text:
    case From::Arrived:
    case From::Opened:
    case From::Elapsed: return false;
  }
  return false;
}

ReportCell ReportCells::one(const pg::Value& value, const std::string& format, const At& at) const {
  if (is_elsewhere(value, at.subject)) return empty_cell(ReportCell::Kind::Elsewhere);
  const bool whole = value.part == pg::Value::Part::Whole && value.at.empty();
  if (value.from == From::Fact && whole) return fact_cell(value, format, at);
  if (value.from == From::Ratio && whole) return ratio_cell(value.id, at);
  const World::Got got = world_.read(value, at);
  if (got.unset) return empty_cell(ReportCell::Kind::Unset);
  if (!got.val.is_set()) return empty_cell(ReportCell::Kind::Missing);
  const pg::Catalogue& catalogue = world_.catalogue(at.day);
  pg::Type type = pg::Type::None;
  Symbol codes = kNoSymbol;
  std::string unit;
  Symbol named = value.from == From::Fact ? value.id : kNoSymbol;
  if (value.from == From::Aggregate) {
    const pg::Aggregate* aggregate = catalogue.aggregates.find(value.id);
    const bool amounts = aggregate != nullptr && aggregate->op != pg::Op::Count &&
                         aggregate->op != pg::Op::Distinct && aggregate->op != pg::Op::None;
    if (amounts && aggregate->of.from == From::Fact) named = aggregate->of.id;
  }
  if (const pg::Parameter* parameter =
          value.from == From::Parameter ? catalogue.parameters.find(value.id) : nullptr) {
    unit = parameter->unit;
    if (unit == "fen") type = pg::Type::Money;
  }
  if (const pg::Fact* fact = catalogue.facts.find(named); fact != nullptr && whole) {
    type = fact->type;
    codes = fact->codes;
    unit = fact->unit;
  }
  return said_cell(text_of(got.val, type, codes, format), unit);
}

ReportCell ReportCells::cell(const pg::Report::Column& column, std::uint32_t subject) const {
  // A place to sign.
  if (!column.value.is_set()) return said_cell("");
  const At here = at(subject);
  if (column.value.via == kNoSymbol) return one(column.value, column.format, here);
  // Of several at the other end, each.
  pg::Value direct = column.value;
  direct.via = kNoSymbol;
  std::vector<std::string> texts;
  ReportCell out = empty_cell(ReportCell::Kind::Missing);
  for (const std::uint32_t end : world_.go(column.value.via, here)) {
    ReportCell cell = one(direct, column.format, at(end));
    if (cell.kind == ReportCell::Kind::Missing) continue;
    if (std::find(texts.begin(), texts.end(), cell.text) == texts.end()) texts.push_back(cell.text);
    out = std::move(cell);
  }
  if (texts.size() > 1) {
    std::sort(texts.begin(), texts.end());
    out.text = joined(texts);
  }
  return out;
}

pg::Label ReportCells::label_of(Symbol what) const {
  const pg::Catalogue& catalogue = world_.catalogue(at_.day);
  const std::string& name = world_.values().words.word(what);
  if (name == "town") return {"乡镇", "town"};
  if (name == "village") return {"村", "village"};
  if (name == "household") return {"农户", "household"};
  if (const pg::SubjectType* type = catalogue.subjects.find(what)) return type->label;
  if (const pg::Fact* fact = catalogue.facts.find(what)) return fact->label;
  if (const pg::Aggregate* aggregate = catalogue.aggregates.find(what)) return aggregate->label;
  if (const pg::Ratio* ratio = catalogue.ratios.find(what)) return ratio->label;
  return {name, name};
}

SortKey ReportCells::key(Symbol what, std::uint32_t subject, std::string& text) const {
  SortKey out;
  const pg::Catalogue& catalogue = world_.catalogue(at_.day);
  const std::string& name = world_.values().words.word(what);
  text = empty_cell(ReportCell::Kind::Missing).text;
  const pg::Fact* fact = catalogue.facts.find(what);
  const bool by_division = name == "village_name" || name == "town_name";
  if (fact == nullptr || by_division) {
    const Symbol type = by_division ? fact->subject : what;
    const bool is_type = world_.catalogue(at_.day).subjects.find(type) != nullptr || by_division ||
                         name == "town" || name == "village" || name == "household" ||
                         name == "county";
    if (is_type) {
      const std::uint32_t owner = world_.owner_of(type, subject, at(subject));
      if (owner == kNoNumber) return out;
      text = name_of(owner);
      const auto division = world_.facts().division_of(owner);
      out.text = division ? division->str() : text;
      out.missing = false;
      return out;
    }
  }
  pg::Value value;
  value.from = fact != nullptr                              ? From::Fact
               : catalogue.ratios.find(what) != nullptr     ? From::Ratio
               : catalogue.aggregates.find(what) != nullptr ? From::Aggregate
                                                            : From::None;
  if (value.from == From::None) return out;
  value.id = what;
  const ReportCell cell = one(value, {}, at(subject));
  if (cell.kind != ReportCell::Kind::Said) return out;
  text = cell.text;
  out.missing = false;
  const Val val = world_.read(value, at(subject)).val;
  if (val.kind == Val::Kind::Integer || val.kind == Val::Kind::Date || val.kind == Val::Kind::Yes) {
    out.number = val.number;
    return out;
  }
  out.text = cell.text;
  // House 9 stands before house 10.
  if (name == "number") out.number = static_cast<std::int64_t>(cell.text.size());
  const pg::Codes* codes = fact == nullptr ? nullptr : catalogue.codes.find(fact->codes);
  if (codes == nullptr || val.kind != Val::Kind::Code) return out;
  // In the order in which the list has them.
  const auto found = std::find_if(codes->codes.begin(), codes->codes.end(),
                                  [&](const auto& each) { return each.id == val.word(); });
  out.number = found - codes->codes.begin();
  return out;
}

std::optional<DivisionCode> ReportCells::division_of(std::uint32_t subject) const {
  if (const auto division = world_.division_of(subject, at_.day)) return division;
  // Whoever lives in no house of the register, and what belongs to him, is where he has a seat.
  constexpr int kStepsMax = 12;
  for (int steps = 0; subject != kNoNumber && steps < kStepsMax; ++steps) {
    if (world_.values().words.word(world_.type_of(subject)) == "person") break;
    subject = world_.parent_of(subject, at_.day);
  }
  if (subject == kNoNumber) return std::nullopt;
  std::optional<DivisionCode> out;
  for (const auto& [id, relation] : world_.catalogue(at_.day).relations.all()) {
    if (!relation->seat) continue;
    for (const std::uint32_t to : world_.facts().linked(id, subject, /*forward=*/true, at_.day)) {
      const auto division = world_.facts().division_of(to);
      if (division && (!out || *division < *out)) out = division;
    }
  }
  return out;
}

std::vector<std::vector<Shown>> shown_beside(const Inquiry& inquiry,
                                             const std::vector<WarningNow>& warnings,
                                             const ReportAsked& held) {
  std::vector<std::vector<Shown>> out;
  Tallies tallies;  // Many may show the same counts.
  tallies.go_on(inquiry.on());
  World world = inquiry.world();
  world.set_tallies(&tallies);
  const ReportCells cells(world, inquiry.on(), held, held.mask);
  for (const WarningNow& warning : warnings) {
    std::vector<Shown>& made = out.emplace_back();
    const Symbol id = world.values().words.find(warning.id);
    const pg::Warning* declared = world.catalogue(inquiry.on()).warnings.find(id);
    if (declared == nullptr) continue;
    for (const pg::Value& value : declared->show)
      made.push_back(
          {cells.label_of(value.id), cells.cell({.title = {}, .value = value, .format = {}},
                                                world.values().subjects.find(warning.subject))});
  }
  return out;
}
}  // namespace cunji::state
