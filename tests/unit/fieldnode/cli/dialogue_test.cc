// What a person is asked at a terminal, with lines instead of one.
#include "fieldnode/cli/dialogue.h"

#include <gtest/gtest.h>

#include <list>

#include "tests/support/shipped.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::fieldnode::cli {
using state::house;
using testing_support::village;

class DialogueTest : public testing::Test {
 protected:
  DialogueTest() {
    testing_support::publish_shipped(log);
    log.set_now(testing_support::local("2022-02-01T09:00"));
    log.say(log.desk("desk"),
            state::registers(house(1), village(1), state::household_part({"out_of_poverty"})));
  }
  state::FormDesk desk(const char* role = "coordinator") {
    state::State& out = states.emplace_back();
    for (const event::LoggedEvent& logged : log.entries()) out.apply(logged);
    return state::FormDesk(out, state::day("2022-02-05"), {.role = role});
  }
  // Types the lines one after the other, then Ctrl-D; whether it was confirmed.
  bool fills(Entry& entry, std::vector<std::string> typed, const char* role = "coordinator") {
    std::size_t next = 0;
    said.clear();
    const Lines lines{.ask = [&](const std::string& prompt) -> std::optional<std::string> {
                        said += prompt + "\n";
                        if (next == typed.size()) return std::nullopt;
                        return typed[next++];
                      },
                      .say = [&](const std::string& line) { said += line + "\n"; }};
    const bool visit = entry.own == 0 && state::is_visit_form(entry.parts.front().filled.form);
    const bool done = fill_in(desk(role), entry, lines, visit);
    EXPECT_EQ(next, typed.size()) << "not all was asked for:\n" << said;
    return done;
  }
  Entry entry(const char* form, const char* role = "coordinator") {
    auto out = begin_entry(desk(role), form, house(1), house(1));
    EXPECT_TRUE(out);
    return std::move(*out);
  }
  testing_support::CountyLog log;
  std::list<state::State> states;  // Of the desks.
  std::string said;
};

TEST_F(DialogueTest, AVisitGoesOnWithWhatIsDueInTheHouse) {
  Entry visit = entry("register.visit");
  // Outcome, seven fields of one who was met, who took part, two parts that are due, the summary.
  ASSERT_TRUE(fills(
      visit, {"met", "", "home", "1,2", "", "yes", "", "", "bank", "helper", "", "yes", "s", ""}))
      << said;
  ASSERT_EQ(visit.parts.size(), 2u);
  EXPECT_EQ(visit.parts[0].filled.answer("who_was_met")->codes.size(), 2u);
  EXPECT_TRUE(visit.parts[0].filled.answer("changes_found")->yes);
  ASSERT_EQ(visit.parts[0].filled.participants.size(), 1u) << "a bank takes no part";
  EXPECT_EQ(visit.parts[0].filled.participants[0].role, "helper");
  EXPECT_EQ(visit.parts[1].filled.form, "village_coordinators.household_info");
  EXPECT_TRUE(visit.parts[1].filled.answer("nothing_changed")->yes);
  EXPECT_EQ(visit.parts[1].filled.answer("head_name"), nullptr) << "not asked for then";
  std::vector<Photo> kept;
  const auto parts = encode(desk(), visit, house(1), [&](const Photo& photo) {
    kept.push_back(photo);
    return Result<Digest>(Digest{});
  });
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3u);
  const auto first = event::parse_part(event::pad_part((*parts)[0]).value());
  EXPECT_EQ(std::get<event::VisitPart>(first->content).outcome, event::VisitOutcome::Met);
  const auto frame = event::parse_part(event::pad_part((*parts)[1]).value());
  EXPECT_EQ(frame->frame.form, "visit");
  EXPECT_EQ(std::get<event::AnswersPart>(frame->content).answers.size(), 4u);
}

TEST_F(DialogueTest, WithNobodyMetOnlyWhatGoesWithThatIsAsked) {
  Entry visit = entry("register.visit");
  ASSERT_TRUE(fills(visit, {"2", "", "", "2022-06-30", "", "", ""})) << said;
  EXPECT_EQ(visit.parts.size(), 1u);
  EXPECT_EQ(said.find("本户应填"), std::string::npos);
  EXPECT_EQ(visit.parts[0].filled.answer("away_until")->text, "2022-06-30");
  // A part that was wanted is left out with the person that was not there.
  Entry lead = entry("monitoring.lead_verification");
  ASSERT_TRUE(fills(lead, {"2", "", "", "", "", "", ""})) << said;
  EXPECT_EQ(lead.parts.size(), 1u);
}

TEST_F(DialogueTest, EvidenceIsAskedForAndMayBeRefused) {  // GEN-14
  testing_support::TempDir dir;
  Entry lead = entry("monitoring.lead_verification");
  std::vector<std::string> met = {"met", "", "", "", "", "", "", "", ""};
  std::vector<std::string> typed = met;
  for (const char* line : {"", "", "meets_conditions", "", "张三", ""}) typed.push_back(line);
  std::vector<std::string> without = typed;
  for (const char* line : {"", "/no/such.jpg"}) without.push_back(line);
  EXPECT_FALSE(fills(lead, without)) << "neither given nor refused";
  EXPECT_NE(said.find("household_signature"), std::string::npos) << said;
  lead = entry("monitoring.lead_verification");
  for (const char* line : {"refused", "refused", ""}) typed.push_back(line);
  ASSERT_TRUE(fills(lead, typed)) << said;
  EXPECT_EQ(lead.parts[0].filled.answer("refused")->codes,
            (std::vector<std::string>{"signature", "photo"}));
}

TEST_F(DialogueTest, RowsAreAskedForOneByOne) {
  Entry list = entry("register.representatives");
  ASSERT_TRUE(fills(list, {"0",  "2", "", "+", "甲", "", "soon", "2025-01-01", "+", "",
                           "乙", "",  "", "+", "丙", "", "",     "x",          "",  ""}))
      << said;
  EXPECT_NE(said.find("at least 1"), std::string::npos) << said;
  const auto& rows = list.parts[0].filled.answer("members")->rows;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].size(), 2u);
  EXPECT_EQ(rows[1][0].value.text, "乙");
}

TEST_F(DialogueTest, GivenUpItKeepsWhatWasAnswered) {
  Entry entry = this->entry("monitoring.screening_finding");
  EXPECT_FALSE(fills(entry, {"2022-02-04", ""}));
  const auto json = json_of(desk(), entry);
  EXPECT_EQ(json["answers"]["found_on"], "2022-02-04");
  Entry again = this->entry("monitoring.screening_finding");
  ASSERT_TRUE(take_json(desk(), again, json.dump()));
  ASSERT_TRUE(fills(again, {"", "", "1", "", ""})) << said;
  EXPECT_EQ(again.parts[0].filled.answer("found_on")->text, "2022-02-04");
  EXPECT_TRUE(faults_of(desk(), again).empty());
}

TEST_F(DialogueTest, NothingIsConfirmedThatStandsAgainst) {
  Entry entry = this->entry("register.provisional_decision", "town_desk");
  EXPECT_FALSE(fills(entry, {"merged", "", "", "", "1"}, "town_desk")) << "Enter does nothing here";
  EXPECT_NE(said.find("请选择并入的户"), std::string::npos) << said;
}
}  // namespace cunji::fieldnode::cli
