// Warnings over random logs of the shipped programmes: the index gives what a look at everything
// gives, whatever came since and however many days have passed.
#include <gtest/gtest.h>

#include "shared/state/inquiry.h"
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

TEST(WarningsProperty, WhatIsReadIsWhatALookAtEverythingGives) {
  std::size_t warnings = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, kSanitized ? 70 : 160);
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
      }
    };
    std::size_t size = 0;
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
}

TEST(WarningsProperty, ItHasHeldWithoutABreakSince) {
  std::size_t looked = 0;
  for (std::uint64_t seed = 1; seed <= (kSanitized ? 2U : 6U); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, 160);
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
