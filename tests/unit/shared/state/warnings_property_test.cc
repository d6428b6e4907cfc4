// Warnings over random logs of the shipped programmes: the index gives what a look at everything
// gives, whatever came since and however many days have passed.
#include <gtest/gtest.h>

#include "shared/state/inquiry.h"
#include "shared/state/tallies.h"
#include "tests/support/sanitized.h"
#include "tests/unit/shared/state/published.h"
#include "tests/unit/shared/state/random_cases.h"

namespace cunji::state {
namespace {
using testing_support::kSanitized;
constexpr std::uint64_t kSeeds = kSanitized ? 2 : 10;

std::vector<std::string> lines(const State& state, const SubjectId& under, Date on) {
  std::vector<std::string> out;
  for (const WarningNow& each : Inquiry(state, on).warnings(under))
    out.push_back(each.id + " " + to_hex(each.subject.view()).substr(0, 8) + " " +
                  format_date(each.since) + " " + format_date(each.level_since) +
                  (each.cannot_be_judged ? " ?" : ""));
  return out;
}

std::vector<SubjectId> scopes(const RandomCases& random) {
  std::vector<SubjectId> out = random.subjects;
  const std::string county = the_county().str();
  out.push_back(subject_of(DivisionCode::parse(county + "000000").value()));
  out.push_back(subject_of(DivisionCode::parse(village(1).str().substr(0, 9) + "000").value()));
  return out;
}
}  // namespace

// What is counted under a village and a town, each also as a sum, of which nothing is kept, and
// what is said where the two differ.
Bytes counted_twice() {
  struct Counted {
    const char* name;
    const char* says;
  };
  static constexpr Counted kAll[] = {
      {"sized", R"(over: "household" where { value { fact: "household_size" } known: true })"},
      {"key", R"(over: "household" period: MONTH population_at: START
        where { case { procedure: "key_household" open: true } })"},
      {"owed", R"(over: "household" period: MONTH population_at: END
        where { duty: "monthly_visit" duty_state: "missing" })"},
      {"pending", R"(over: "lead" where { value { fact: "lead_outcome" } known: false })"},
      {"dated", R"(over: "lead" period: MONTH dated_by { fact: "lead_at_village_on" })"},
      {"begun", R"(over: "measure" period: YEAR)"},
  };
  std::string out = R"(programme: "twice" document: "19" prefix: "TLY" version: 1
    effective_from: "2022-01-01" label { zh: "两次计数" en: "counted twice" }
    reads: ["household_size", "lead_outcome", "lead_at_village_on"] )";
  const auto add = [&](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) out += part;
  };
  int number = 0;
  for (const std::string level : {"village", "town"}) {
    for (const auto& [name, says] : kAll) {
      const std::string id = level + "_" + name;
      const std::string label = R"( label { zh: "计数" en: "counted" } )";
      add({"aggregate { id: \"", id, "\" on: \"", level, "\" op: COUNT scope: \"subject\"", label,
           says, " }\n"});
      add({"aggregate { id: \"", id, "_plain\" on: \"", level,
           "\" op: SUM of { number: 1 } scope: \"subject\"", label, says, " }\n"});
      const auto warn = [&](const std::string& when) {
        const std::string warning = "TLY-W" + std::to_string(10 + ++number);
        add({"warning { id: \"", warning, "\" each: \"", level, "\" rule: \"TLY-R01\"", label,
             "when { ", when, " } at { tell { role: \"town\" } } }\n"});
      };
      const std::string counted = "value { aggregate: \"" + id + "\" } is ";
      warn("any { " + counted + "{ above { aggregate: \"" + id + "_plain\" } } } any { " + counted +
           "{ below { aggregate: \"" + id + "_plain\" } } }");
      warn(counted + "{ at_least { number: 1 } }");
    }
  }
  const auto definition = programme::TextDefinition::parse("test", out);
  if (!definition) throw std::runtime_error(definition.error().what);
  return definition->encoded();
}

// Nobody is warned that the two differ.
void expect_equal_counts(const std::vector<std::string>& lines, std::set<std::string>& counted) {
  for (const std::string& line : lines) {
    if (!line.starts_with("TLY-W")) continue;
    const std::string id = line.substr(0, 7);
    counted.insert(id);
    EXPECT_EQ((id[6] - '0') % 2, 0) << line;
  }
}

TEST(WarningsProperty, WhatIsReadIsWhatALookAtEverythingGives) {
  std::size_t warnings = 0;
  std::set<std::string> counted;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, kSanitized ? 70 : 160, /*fields_only=*/false, /*order=*/0,
                             counted_twice());
    const std::vector<SubjectId> all = scopes(random);
    State judged(programmes::all_calculations()), plain(programmes::all_calculations());
    crypto::SeededEntropy chance(seed, "days");
    std::optional<Date> on;
    const auto look = [&](Date day, std::size_t size) {
      if (!on || *on < day || chance.below(20) == 0) on = day;  // Now and then back in time.
      judged.judge_warnings(*on);
      for (const SubjectId& under : all) {
        const auto read = lines(judged, under, *on);
        ASSERT_EQ(read, lines(plain, under, *on))
            << "at size " << size << " on " << format_date(*on) << " under "
            << to_hex(under.view());
        warnings += read.size();
        expect_equal_counts(read, counted);
      }
    };
    std::size_t size = 0;
    EXPECT_EQ(Inquiry(fold(random.log.entries()), day("2022-12-01")).refused_definitions(),
              std::vector<std::string>{});
    for (const event::LoggedEvent& logged : random.log.entries()) {
      judged.apply(logged);
      plain.apply(logged);
      if (++size % 3 != 0) continue;
      const Date today = date_of(logged.entry.received);
      ASSERT_NO_FATAL_FAILURE(look(today, size));
      if (chance.below(4) != 0) continue;
      Date later = today;
      for (std::uint64_t days = 1 + chance.below(9); days > 0; --days) later = next_day(later);
      ASSERT_NO_FATAL_FAILURE(look(later, size));
    }
    for (const char* later : {"2022-09-30", "2022-10-01", "2022-10-11", "2023-01-01", "2024-01-01"})
      ASSERT_NO_FATAL_FAILURE(look(day(later), size));
  }
  EXPECT_GT(warnings, kSeeds * (kSanitized ? 100 : 1'000));
  EXPECT_GE(counted.size(), kSanitized ? 10U : 12U) << "what is counted, by village and by town";
}

TEST(WarningsProperty, ItHasHeldWithoutABreakSince) {
  std::size_t looked = 0;
  for (std::uint64_t seed = 1; seed <= (kSanitized ? 2U : 6U); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // Each day is looked at anew: what is counted twice, in one log alone.
    const RandomCases random(seed, 160, /*fields_only=*/false, /*order=*/0,
                             seed == 1 && !kSanitized ? counted_twice() : Bytes());
    State state(programmes::all_calculations());
    for (const event::LoggedEvent& logged : random.log.entries()) state.apply(logged);
    const Date on = day("2022-11-30");
    for (const WarningNow& now : Inquiry(state, on).warnings(scopes(random).end()[-2])) {
      if (now.level_since != now.since) continue;  // A later step says nothing of the days before.
      const auto holds = [&](Date day) {
        const auto then = Inquiry(state, day).warnings(now.subject);
        return std::any_of(then.begin(), then.end(), [&](const WarningNow& each) {
          return each.id == now.id && each.subject == now.subject;
        });
      };
      ++looked;
      for (Date each = now.since; each <= on; each = next_day(each))
        ASSERT_TRUE(holds(each)) << now.id << " on " << format_date(each);
      const Date before{std::chrono::sys_days{now.since} - std::chrono::days{1}};
      EXPECT_FALSE(holds(before)) << now.id << " since " << format_date(now.since);
    }
  }
  EXPECT_GT(looked, kSanitized ? 5U : 20U);
}

TEST(Tallies, AreWhatACountInFullGivesOnEveryDay) {
  std::size_t counted = 0, kept = 0;
  for (std::uint64_t seed = 1; seed <= (kSanitized ? 1U : 4U); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, 160, /*fields_only=*/false, /*order=*/0, counted_twice());
    const State state = fold(random.log.entries());
    const Date on = day("2022-11-30");
    const World plain = Inquiry(state, on).world();
    Tallies tallies;
    tallies.go_on(on);
    World world = plain;
    world.set_tallies(&tallies);
    std::vector<SubjectId> units = {subject_of(village(1)), subject_of(village(2))};
    const std::vector<SubjectId> above = scopes(random);
    units.insert(units.end(), above.end() - 2, above.end());
    for (Date each = on; each > day("2022-01-01");
         each = Date{std::chrono::sys_days{each} - std::chrono::days{kSanitized ? 5 : 1}}) {
      for (const auto& [id, aggregate] : plain.catalogue(each).aggregates.all()) {
        programme::Value value;
        value.from = programme::Value::From::Aggregate;
        value.id = id;
        for (const SubjectId& unit : units) {
          const At at = At::end_of_day(plain.values().subjects.find(unit), each);
          const World::Got expected = plain.read(value, at), got = world.read(value, at);
          ASSERT_EQ(got.val, expected.val) << plain.values().words.word(id) << " on "
                                           << format_date(each) << " " << to_hex(unit.view());
          ASSERT_EQ(got.unset, expected.unset) << plain.values().words.word(id);
          counted += expected.val.kind == Val::Kind::Integer && expected.val.number > 0 ? 1U : 0U;
        }
        kept += tallies.of(plain, *aggregate, village(1), each) ? 1U : 0U;
      }
    }
  }
  EXPECT_GT(counted, kSanitized ? 500U : 10'000U);
  EXPECT_GT(kept, kSanitized ? 500U : 10'000U);
}

constexpr std::string_view kByTheCounty = R"(
programme: "homes" document: "08" prefix: "MON" version: 1 effective_from: "2022-01-01" label { zh: "住房" en: "homes" }
fact { id: "flooded" subject: "county" type: YES_NO label { zh: "受淹" en: "flooded" } }
form { id: "flood" kind: "visit" subject: "county" recorder { role: "coordinator" } reader { role: "town" }
  label { zh: "水情" en: "flood" } field { key: "flooded" type: YES_NO fact: "flooded" label { zh: "受淹" en: "flooded" } } }
aggregate { id: "wet" on: "town" over: "household" op: COUNT scope: "subject" label { zh: "受淹户" en: "flooded homes" }
  where { value { fact: "flooded" } in: "yes" } }
warning { id: "MON-W10d" each: "town" rule: "MON-R38" label { zh: "受淹" en: "floods" }
  when { value { aggregate: "wet" } is { at_least { number: 1 } } } at { level: "info" tell { role: "coordinator" } } }
)";

TEST(Tallies, OfATownTurnWithWhatIsSaidOfTheCounty) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  Signer& coordinator = log.coordinator("coordinator", {"411323"});
  publish(log, kByTheCounty);
  const DivisionCode county = the_county().division();
  const DivisionCode town = DivisionCode::parse(village(1).str().substr(0, 9) + "000").value();
  for (const auto& [division, level] :
       {std::pair(county, "county"), std::pair(town, "town"), std::pair(village(1), "village")}) {
    event::RegistrationPart said{.type = event::SubjectType::Division, .create = true};
    said.facts = {{"level", "", event::code_value(level)}};
    log.say(desk, registers(subject_of(division), division, said));
  }
  log.say(desk, registers(house(1), village(1), household_part({"general"})));
  State state = fold(log.entries());
  const Date on = day("2022-12-31");
  const auto comes = [&](bool flooded) {
    log.pass(std::chrono::hours{1});
    const event::AnswersPart said{.answers = {{"flooded", event::yes_value(flooded)}}};
    log.say(coordinator,
            {.kind = Kind::Visit,
             .division = county,
             .subject = subject_of(county),
             .parts = {event::encode_part(said, {.programme = "homes", .form = "flood"})}});
    state.apply(log.entries().back());
    state.judge_warnings(on);
    return lines(state, subject_of(town), on).size();
  };
  EXPECT_EQ(comes(false), 0U);
  EXPECT_EQ(comes(true), 1U);
  EXPECT_EQ(comes(false), 0U);
}

constexpr std::string_view kOfTheHousehold = R"(
programme: "homes" document: "08" prefix: "MON" version: 1 effective_from: "2022-01-01" label { zh: "住房" en: "homes" }
fact { id: "roof_leaks" subject: "household" type: YES_NO label { zh: "漏雨" en: "the roof leaks" } }
warning { id: "MON-W10d" each: "person" rule: "MON-R38" label { zh: "住房漏雨" en: "a leaking roof" }
  when { value { fact: "roof_leaks" } in: "yes" } at { level: "info" tell { role: "coordinator" } } }
)";

TEST(WarningIndex, APersonIsWarnedOfWhatChangesAtHome) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  publish(log, kOfTheHousehold);
  const SubjectId person = subject("member");
  registers_person(log, desk, person, {});
  log.say(
      desk,
      {.kind = Kind::Assignment,
       .division = village(1),
       .parts = {event::encode_part(event::AssignmentPart{
           .relation = "member_of", .from = person, .to = house(1), .since = day("2022-01-01")})}});
  State state = fold(log.entries());
  const Date on = day("2022-12-31");
  const auto comes = [&](bool leaks) {
    event::RegistrationPart said = household_part({"general"});
    said.facts.push_back({"roof_leaks", "", event::yes_value(leaks)});
    log.pass(std::chrono::hours{1});
    log.say(desk, registers(house(1), village(1), said));
    state.apply(log.entries().back());
    state.judge_warnings(on);
    return lines(state, person, on).size();
  };
  EXPECT_EQ(comes(false), 0U);
  EXPECT_EQ(comes(true), 1U);
  EXPECT_EQ(comes(false), 0U);
}
}  // namespace cunji::state
