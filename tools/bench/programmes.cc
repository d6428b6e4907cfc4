// The fold with the shipped definitions in force, over two years of a county's villages: events a
// second on one core, memory a household, a day's warnings, a household's card.
#include <malloc.h>

#include "shared/programmes/all.h"
#include "shared/state/inquiry.h"
#include "shared/state/register.h"
#include "shared/state/state.h"
#include "shared/store/sqlite_event_log.h"
#include "tools/bench/bare_sqlite.h"
#include "tools/bench/county.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
namespace {
constexpr int kMonths = 24;

// What was allocated and not freed, by the C library's count.
double heap_bytes() { return static_cast<double>(mallinfo2().uordblks); }

event::PartFrame form(const char* programme, const char* id) {
  event::PartFrame out;
  out.programme = programme;
  out.form = id;
  out.form_version = 1;
  return out;
}

// Each house is visited every month, its guarantees are checked each quarter, its income once a
// year; one in fifty gives a lead that the next visit verifies.
std::vector<event::Draft> month_of_work(const Village& village, int month, TimePoint at) {
  using event::code_value;
  using event::integer_value;
  std::vector<event::Draft> out;
  std::size_t number = 0;
  for (const Household& house : village.households()) {
    ++number;
    event::Draft draft{.division = village.code(),
                       .subject = house.id,
                       .kind = event::Kind::Visit,
                       .recorded = at += std::chrono::minutes{20},
                       .parts = {}};
    draft.parts.push_back(event::encode_part(event::VisitPart{.outcome = event::VisitOutcome::Met},
                                             form("register", "visit")));
    const auto add = [&](const char* id, std::vector<event::Answer> answers) {
      draft.parts.push_back(event::encode_part(event::AnswersPart{.answers = std::move(answers)},
                                               form("monitoring", id)));
    };
    const bool has_lead = number % 50 == static_cast<std::size_t>(month) % 50;
    if (month % 3 == 0)
      add("guarantee_check", {{"food", code_value("ok")},
                              {"clothing", code_value("ok")},
                              {"compulsory_education", code_value("ok")},
                              {"basic_medical", code_value("ok")},
                              {"housing", code_value("ok")},
                              {"drinking_water", code_value("ok")}});
    if (month % 12 == static_cast<int>(number % 12))
      add("income_sheet", {{"members", integer_value(4)},
                           {"wage", integer_value(2'000'000)},
                           {"production", integer_value(1'000'000)},
                           {"production_cost", integer_value(200'000)},
                           {"property", integer_value(0)},
                           {"transfer", integer_value(100'000)}});
    if (number % 50 == static_cast<std::size_t>(month + 49) % 50)
      add("lead_verification",
          {{"outcome", code_value("does_not_meet")}, {"screener", event::text_value("张某某")}});
    out.push_back(std::move(draft));
    if (has_lead)
      out.push_back({.division = village.code(),
                     .subject = house.id,
                     .kind = event::Kind::Survey,
                     .recorded = at,
                     .parts = {event::encode_part(
                         event::AnswersPart{.answers = {{"risk", code_value("illness")}}},
                         form("monitoring", "screening_finding"))}});
  }
  return out;
}

// County, town and villages as the register has them, by a desk of the county's: warnings and
// duties are asked of what lies under a division.
Result<void> register_divisions(County& county, unsigned villages, TimePoint at) {
  TRY_AS(desk, county.enrol({county.code().str()}, at));
  const auto division = [&](const DivisionCode& code, const char* level) {
    const event::RegistrationPart part{
        .type = event::SubjectType::Division,
        .create = true,
        .facts = {{.name = "name", .key = {}, .value = event::text_value(code.str())},
                  {.name = "level", .key = {}, .value = event::code_value(level)}},
        .source = "import"};
    return event::Draft{.division = code,
                        .subject = state::subject_of(code),
                        .kind = event::Kind::Registration,
                        .recorded = at,
                        .parts = {event::encode_part(part, form("register", "division"))}};
  };
  std::vector<event::Event> events;
  const auto add = [&](const std::string& code, const char* level) {
    events.push_back(county.sign(*desk, division(DivisionCode::parse(code).value(), level)));
  };
  add(county.code().str() + "000000", "county");
  add(county.code().str() + "101000", "town");
  for (unsigned i = 0; i < villages; ++i) add(village_code(county.code(), i).str(), "village");
  return county.log_events(std::move(events), at);
}

struct Made {
  TimePoint end;
  std::size_t households = 0, evening = 0;  // Entries of the last evening.
};

Result<Made> make_log(const std::string& folder, const Setting& setting) {
  Made out;
  TimePoint at = parse_time("2022-01-03T09:00").value();
  TRY_AS(county, County::make(folder, at, /*seed=*/5));
  TRY(county->publish_definitions(at));
  std::vector<Village> villages;
  std::vector<Author*> authors;
  const unsigned all = setting.brief ? 2U : 300U;
  TRY(register_divisions(*county, all, at));
  for (unsigned i = 0; i < all; ++i) {
    villages.emplace_back(village_code(county->code(), i), 60, i);
    TRY_AS(author, county->enrol({villages.back().code().str()}, at));
    authors.push_back(author);
    out.households += 60;
    std::vector<event::Event> events;
    for (const event::Draft& draft : villages.back().registrations(at))
      events.push_back(county->sign(*author, draft));
    TRY(county->log_events(std::move(events), at));
  }
  const TimePoint begin = at;
  for (int month = 0; month < (setting.brief ? 4 : kMonths); ++month) {
    at = begin + std::chrono::days{30} * month;
    for (std::size_t i = 0; i < villages.size(); ++i) {
      std::vector<event::Event> events;
      for (const event::Draft& draft : month_of_work(villages[i], month, at))
        events.push_back(county->sign(*authors[i], draft));
      TRY(county->log_events(std::move(events), at + std::chrono::days{1}));
    }
  }
  // The last evening is that of the 8th, when the warnings of the monthly visits are at hand: half
  // of the houses were visited before, and every village brings three more.
  at = start_of(Date{(month_of(date_of(at)) + std::chrono::months{1}) / std::chrono::day{8}});
  const int last = setting.brief ? 4 : kMonths;
  for (const bool evening : {false, true}) {
    for (std::size_t i = 0; i < villages.size(); ++i) {
      std::vector<event::Event> events;
      const auto work = month_of_work(villages[i], last, at);
      for (std::size_t n = evening ? 30 : 0; n < (evening ? 33U : 30U); ++n)
        events.push_back(county->sign(*authors[i], work[n]));
      out.evening += evening ? events.size() : 0;
      TRY(county->log_events(std::move(events), at + std::chrono::hours{18}));
    }
  }
  out.end = at;
  return out;
}

template <class Work>
double timed_ms(Work work) {
  const double from = cpu_seconds();
  work();
  return (cpu_seconds() - from) * 1e3;
}

template <class Work>
double best_ms(int rounds, Work work) {
  std::vector<double> out;
  for (int i = 0; i < rounds; ++i) out.push_back(timed_ms(work));
  return median(std::move(out));
}
}  // namespace

Result<Outcome> programmes_job(const Setting& setting) {
  const std::string folder = setting.folder + "/county";
  TRY_AS(made, make_log(folder, setting));
  const std::size_t households = made.households;
  const TimePoint end = made.end;
  const server::Folder files{folder};
  std::vector<double> scanned, folded, judged_first;
  double heap = 0, heap_judged = 0;
  std::optional<state::State> state;
  for (int round = 0; round < (setting.brief ? 1 : 3); ++round) {
    TRY_AS(bare, BareSqlite::open(files.log()));
    double from = cpu_seconds();
    TRY(bare.scan("SELECT place, entry, body FROM entry ORDER BY place"));
    scanned.push_back(cpu_seconds() - from);
    TRY_AS(log, store::open_sqlite_event_log(files.log(), {.vfs = {}, .read_only = true}));
    state.reset();
    const double before = heap_bytes();
    state.emplace(programmes::all_calculations());
    // The last evening's work comes after the day's warnings were judged.
    TRY_AS(head, log->head());
    const std::uint64_t last_day = head.size - made.evening;
    from = cpu_seconds();
    TRY(log->scan_views(0, [&](const event::EntryView& logged) -> Result<bool> {
      if (logged.index == last_day) {
        folded.push_back(cpu_seconds() - from);
        heap = heap_bytes() - before;
        judged_first.push_back(timed_ms([&] { state->judge_warnings(date_of(end)); }));
        heap_judged = heap_bytes() - before - heap;
      }
      state->apply(logged);
      return true;
    }));
  }
  const auto entries = static_cast<double>(state->next_index());
  const state::Inquiry inquiry(*state, date_of(end));
  if (!inquiry.refused_definitions().empty())
    return Error{Errc::Corrupt, inquiry.refused_definitions().front()};
  const auto all = state->households("", date_of(end));
  if (all.size() != households) return Error{Errc::Corrupt, "households are missing"};
  const SubjectId county = inquiry.division_subject(DivisionCode::parse("990001000000").value());
  std::size_t warnings = 0;
  const double scan = timed_ms([&] { warnings = inquiry.warnings(county).size(); });
  const double warned = timed_ms([&] {
    state->judge_warnings(date_of(end));
    warnings = inquiry.warnings(county).size();
  });
  const Date tomorrow = next_day(date_of(end));
  const state::Inquiry next(*state, tomorrow);
  std::size_t warnings_next = 0;
  const double warned_next = timed_ms([&] {
    state->judge_warnings(tomorrow);
    warnings_next = next.warnings(county).size();
  });
  // Of everybody a month is over, and another begins.
  const Date first{(month_of(tomorrow) + std::chrono::months{1}) / std::chrono::day{1}};
  const double warned_first = timed_ms([&] { state->judge_warnings(first); });
  std::size_t duties = 0;
  const double owed = best_ms(3, [&] { duties = inquiry.duties(county, "").size(); });
  const SubjectId house = all[all.size() / 2].id;
  const double card = best_ms(21, [&] {
    (void)inquiry.facts(house);
    (void)inquiry.cases(house);
    (void)inquiry.warnings(house);
  });
  Outcome out;
  out.figures.push_back({.name = "scan, decode, fold with both programmes",
                         .value = entries / median(folded),
                         .unit = "events/s",
                         .yardstick_name = "bare scan of the same rows",
                         .yardstick = entries / median(scanned)});
  out.figures.push_back({.name = "the same, absolute",
                         .value = entries / median(folded),
                         .unit = "events/s",
                         .at_least = 200'000});
  out.figures.push_back({.name = "memory a household with two years of history",
                         .value = heap / static_cast<double>(households),
                         .unit = "bytes",
                         .at_most = 4'096});
  out.figures.push_back({.name = "the county's warnings, with an evening's new entries",
                         .value = warned,
                         .unit = "ms",
                         .at_most = 50});
  out.figures.push_back({.name = "the county's warnings, on the next day without any",
                         .value = warned_next,
                         .unit = "ms",
                         .at_most = 50});
  out.figures.push_back(
      {.name = "the same, on the first of the next month", .value = warned_first, .unit = "ms"});
  out.figures.push_back({.name = "a look at everything instead", .value = scan, .unit = "ms"});
  out.figures.push_back({.name = "all judged for the first time, after a start",
                         .value = median(judged_first),
                         .unit = "ms"});
  out.figures.push_back({.name = "memory of the judged warnings a household",
                         .value = heap_judged / static_cast<double>(households),
                         .unit = "bytes"});
  out.figures.push_back({.name = "the county's duties on a day", .value = owed, .unit = "ms"});
  out.figures.push_back({.name = "a household's card", .value = card, .unit = "ms", .at_most = 2});
  out.notes.push_back(std::to_string(state->next_index()) + " entries, " +
                      std::to_string(households) + " households, " + std::to_string(warnings) +
                      " warnings, " + std::to_string(warnings_next) + " the next day, " +
                      std::to_string(duties) + " duties; CPU time; medians");
  return out;
}
}  // namespace cunji::bench
