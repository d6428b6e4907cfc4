// What a form may be answered with, by the definitions that come with the program: each answer that
// must not pass, and that the fold says the same of it.
#include "shared/state/form_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "tests/support/shipped.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class FormDeskTest : public testing::Test {
 protected:
  FormDeskTest() {
    publish_shipped(log);
    desk = &log.desk("desk");
    log.set_now(local("2022-02-01T09:00"));
    log.say(*desk, registers(house(1), village(1), household_part({"out_of_poverty"})));
    coordinator = &log.signer("c1");
    event::CredentialPart said = log.credential_for(*coordinator, {village(1).str()});
    said.kinds = {1, 2, 3, 4, 16, 17, 48};
    log.issue(log.root(), said);
    log.set_now(local("2022-02-05T09:00"));
  }
  State fold() {
    State out(programmes::all_calculations());
    for (const event::LoggedEvent& logged : log.entries()) out.apply(logged);
    return out;
  }
  FormDesk at(const char* role = "coordinator", const char* office = "",
              const char* on = "2022-02-05") {
    return FormDesk(states.emplace_back(fold()), day(on), {.role = role, .office = office});
  }
  // One part of a visit to the house, as it would come from a device.
  void records(const Filled& filled, Kind kind = Kind::Visit) {
    const auto dot = filled.form.find('.');
    event::PartFrame frame{.programme = filled.form.substr(0, dot),
                           .form = filled.form.substr(dot + 1)};
    std::vector<Bytes> parts;
    if (kind == Kind::Visit) parts.push_back(event::encode_part(visit));
    parts.push_back(event::encode_part(event::AnswersPart{.answers = filled.answers}, frame));
    log.pass(std::chrono::minutes{1});
    log.say(*coordinator, {.kind = kind,
                           .division = village(1),
                           .subject = filled.subject,
                           .parts = std::move(parts)});
  }
  Filled sheet(std::int64_t wage = 1'200'000) {
    Filled out{.form = "monitoring.income_sheet", .subject = house(1)};
    out.answer("basis", event::code_value("last_12_months"));
    out.answer("members", event::integer_value(4));
    for (const char* field : {"production", "production_cost", "property", "transfer", "medical",
                              "school", "disaster", "accident"})
      out.answer(field, event::integer_value(0));
    out.answer("wage", event::integer_value(wage));
    return out;
  }
  Filled door(const char* outcome) {
    Filled out{.form = "register.visit", .subject = house(1)};
    out.answer("outcome", event::code_value(outcome));
    return out;
  }
  static std::vector<std::string> texts(const std::vector<Fault>& faults) {
    std::vector<std::string> out;
    for (const Fault& each : faults)
      out.push_back(std::string(name_of(each.kind)) + " " + each.field);
    return out;
  }
  using Texts = std::vector<std::string>;

  CountyLog log;
  std::list<State> states;  // Of the desks.
  event::VisitPart visit{.outcome = VisitOutcome::Met};
  Signer *desk, *coordinator;
};

TEST_F(FormDeskTest, AVisitIsLedByItsOutcome) {
  const auto visible = [&](const char* outcome) {
    std::vector<std::string> out;
    const auto form = at().look(door(outcome));
    for (const FieldNow& field : form->fields)
      if (field.visible) out.push_back(field.key);
    return out;
  };
  EXPECT_EQ(visible("met"), (Texts{"outcome", "place", "met_at", "who_was_met", "purpose",
                                   "changes_found", "refused", "remark"}));
  EXPECT_EQ(visible("nobody_home"),
            (Texts{"outcome", "place", "purpose", "away_until", "away_contact", "remark"}));
  EXPECT_EQ(visible("moved"),
            (Texts{"outcome", "place", "purpose", "changes_found", "moved_to", "remark"}));
  const auto form = at().look(door("met"));
  EXPECT_EQ(form->label.zh, "入户走访");
  const FieldNow& outcome = form->fields[0];
  EXPECT_TRUE(outcome.required);
  ASSERT_EQ(outcome.choices.size(), 7u);
  EXPECT_EQ(outcome.choices[1].code, "nobody_home");
  EXPECT_EQ(outcome.choices[1].label.zh, "家中无人");
  EXPECT_EQ(texts(at().faults(door("met"))), Texts{});
}

TEST_F(FormDeskTest, WhatDoesNotFitIsRefusedWithItsFieldNamed) {
  const auto with = [&](const char* field, const event::Value& value) {
    Filled out = door("met");
    out.answer(field, value);
    return texts(at().faults(out));
  };
  EXPECT_EQ(with("outcome", event::code_value("asleep")), (Texts{"code outcome"}));
  EXPECT_EQ(with("outcome", event::text_value("met")), (Texts{"type outcome"}));
  EXPECT_EQ(with("moved_to", event::text_value("县城")), (Texts{"invisible moved_to"}));
  EXPECT_EQ(with("colour", event::text_value("red")), (Texts{"unknown_field colour"}));
  EXPECT_EQ(with("met_at", event::code_value("on_the_bus")), Texts{}) << "the county may add";
  EXPECT_EQ(with("met_at", event::code_value("公交车上")), (Texts{"code met_at"})) << "no code";
  EXPECT_EQ(with("refused", event::codes_value({"signature", "tea"})), (Texts{"code refused"}));
  EXPECT_EQ(with("remark", event::text_value(std::string(16'385, 'x'))),
            (Texts{"too_long remark"}));
  EXPECT_EQ(with("remark", event::text_value(std::string(16'384, 'x'))), Texts{});
  EXPECT_EQ(texts(at().faults({.form = "register.visit", .subject = house(1)})),
            (Texts{"required outcome"}));
  EXPECT_EQ(texts(at().faults({.form = "register.dance", .subject = house(1)})),
            (Texts{"no_form "}));
  Filled away = door("away");
  event::Value no_day = event::text_value("2022-02-30");
  no_day.type = event::Value::Type::Date;
  away.answer("away_until", no_day);
  EXPECT_EQ(texts(at().faults(away)), (Texts{"type away_until"}));
  const Fault fault = at().faults(away).front();
  EXPECT_EQ(fault.label.zh, "外出至");
  EXPECT_NE(fault.what.zh.find("日期"), std::string::npos);
}

TEST_F(FormDeskTest, AnAnswerOutOfRangeIsRefusedHereAndHasNoEffectInTheFold) {
  records({.form = "monitoring.self_declaration",
           .subject = house(1),
           .answers = {{"declared_on", event::date_value(day("2022-02-05"))},
                       {"risk", event::code_value("illness")}}},
          Kind::Application);
  const auto faults = at().faults(sheet(-1));
  EXPECT_EQ(texts(faults), (Texts{"range wage"}));
  EXPECT_EQ(faults.front().what.zh, "应不小于 0.00 元");
  EXPECT_EQ(faults.front().what.en, "it must be at least 0.00 元");
  records(sheet(-1));
  const State refused = fold();
  const Inquiry inquiry(refused, day("2022-02-05"));
  EXPECT_FALSE(inquiry.fact(house(1), "income_wage"));
  ASSERT_EQ(inquiry.listed(house(1)).size(), 1u);
  EXPECT_EQ(inquiry.listed(house(1))[0].why, "blocked");
  EXPECT_EQ(texts(at().faults(sheet(0))), Texts{});
  records(sheet(0));
  const State taken = fold();
  EXPECT_TRUE(Inquiry(taken, day("2022-02-05")).fact(house(1), "income_wage"));
}

TEST_F(FormDeskTest, ChecksNeedAReasonOrStop) {
  Filled attempt{.form = "register.visit_attempt", .subject = house(1)};
  attempt.evidence = {"photo"};
  attempt.answer("outcome", event::code_value("met"));
  EXPECT_EQ(texts(at().faults(attempt)), (Texts{"check "}));
  EXPECT_EQ(at().faults(attempt).front().what.zh, "见到人请记为走访");
  Filled vote{.form = "register.vote", .subject = house(1), .evidence = {"minutes", "photo"}};
  vote.answer("purpose", event::code_value("admit"));
  vote.answer("held_on", event::date_value(day("2022-02-06")));
  vote.answer("representatives", event::integer_value(10));
  vote.answer("present", event::integer_value(12));
  vote.answer("agreed", event::integer_value(13));
  vote.answer("outcome", event::code_value("agreed"));
  EXPECT_EQ(texts(at().faults(vote)), (Texts{"range held_on", "range agreed", "check "}));
  EXPECT_EQ(at().faults(vote)[0].what.en, "it must be not after 2022-02-05");
  EXPECT_EQ(at().faults(vote)[2].force, programme::Force::Reason);
  vote.answer("held_on", event::date_value(day("2022-02-05")));
  vote.answer("agreed", event::integer_value(12));
  EXPECT_EQ(texts(at().faults(vote)), (Texts{"check "}));
  vote.answer("reason", event::text_value("补选代表"));
  EXPECT_EQ(texts(at().faults(vote)), Texts{});
}

TEST_F(FormDeskTest, OnlyWhomAFormNamesMayRecordIt) {
  EXPECT_EQ(texts(at("bank").faults(door("met"))), (Texts{"not_allowed "}));
  EXPECT_NE(at("bank").faults(door("met"))[0].what.en.find("village_role"), std::string::npos);
  EXPECT_EQ(texts(at("county_desk", "rr_bureau").faults(door("met"))), Texts{});
  EXPECT_EQ(texts(at("county_desk", "rr_bureau").faults(sheet())), (Texts{"not_allowed "}));
  Filled for_other = door("met");
  for_other.acted_by = event::Actor{.office = "", .role = "inspector"};
  EXPECT_EQ(texts(at("town_desk").faults(for_other)), Texts{}) << "recorders act for each other";
  for_other.acted_by->role = "bank";
  EXPECT_EQ(texts(at("town_desk").faults(for_other)), (Texts{"not_allowed acted_by"}));
  Filled together = door("met");
  together.participants = {{.office = "", .role = "helper"}, {.office = "", .role = "bank"}};
  EXPECT_EQ(texts(at().faults(together)), (Texts{"not_allowed participants.2"}));
  const auto forms = at().forms();
  const auto has = [&](const char* id) {
    return std::any_of(forms.begin(), forms.end(),
                       [&](const FormNow& form) { return form.id == id; });
  };
  EXPECT_TRUE(has("monitoring.lead_verification"));
  EXPECT_FALSE(has("monitoring.town_review"));
  EXPECT_EQ(at().form_named("lead_verification"), "monitoring.lead_verification");
  EXPECT_EQ(at().form_named("verification"), std::nullopt);
}

// GEN-14: evidence is asked for where a rule needs it, and nowhere else; a refusal is an answer.
TEST_F(FormDeskTest, EvidenceIsNeededWhereARuleSaysSo) {
  Filled lead{.form = "monitoring.lead_verification", .subject = house(1)};
  lead.answer("visited_on", event::date_value(day("2022-02-05")));
  lead.answer("outcome", event::code_value("meets_conditions"));
  lead.answer("screener", event::text_value("张三"));
  EXPECT_EQ(texts(at().faults(lead)), (Texts{"evidence household_signature", "evidence photo"}));
  lead.evidence = {"photo"};
  EXPECT_EQ(texts(at().faults(lead)), (Texts{"evidence household_signature"}));
  EXPECT_TRUE(at().faults(lead).front().stops());
  lead.refused = {"photo"};
  EXPECT_EQ(texts(at().faults(lead)), (Texts{"evidence household_signature"}));
  lead.refused = {"signature"};
  EXPECT_EQ(texts(at().faults(lead)), Texts{});
  lead.refused = {};
  lead.evidence = {"photo", "household_signature"};
  EXPECT_EQ(texts(at().faults(lead)), Texts{});
  lead.evidence.push_back("minutes");
  EXPECT_EQ(texts(at().faults(lead)), (Texts{"evidence minutes"})) << "none asks for it";
  EXPECT_TRUE(at().look(door("met"))->evidence.empty()) << "the check-in alone needs nothing";
}

TEST_F(FormDeskTest, AFormIsAboutASubjectOfItsType) {
  const SubjectId person = subject("person 1");
  log.say(*desk, {.kind = Kind::Registration,
                  .division = village(1),
                  .subject = person,
                  .parts = {event::encode_part(event::RegistrationPart{
                      .type = event::SubjectType::Person, .create = true})}});
  Filled to = door("met");
  to.subject = person;
  EXPECT_EQ(texts(at().faults(to)), Texts{}) << "a person lies under a household";
  Filled info{.form = "village_coordinators.task_published", .subject = house(1)};
  info.answer("title", event::text_value("摸排"));
  EXPECT_EQ(texts(at("county_desk", "rr_bureau").faults(info)).front(), "subject subject");
  Filled change{.form = "village_coordinators.member_change", .subject = house(1)};
  change.answer("change", event::code_value("left"));
  change.answer("source", event::code_value("paper"));
  change.answer("on", event::date_value(day("2022-02-01")));
  EXPECT_EQ(texts(at().faults(change)), (Texts{"check "})) << "who is it?";
  change.answer("person", event::subject_value(house(1)));
  EXPECT_EQ(texts(at().faults(change)), (Texts{"subject person"}));
  EXPECT_TRUE(at().faults(change)[0].stops());
  change.answer("person", event::subject_value(subject("a stranger")));
  EXPECT_EQ(texts(at().faults(change)), (Texts{"subject person"}));
  EXPECT_FALSE(at().faults(change)[0].stops()) << "a device holds a part of the county only";
  change.answer("person", event::subject_value(person));
  EXPECT_EQ(texts(at().faults(change)), Texts{});
}

TEST_F(FormDeskTest, RowsAreJudgedCellByCell) {
  Filled list{.form = "register.representatives", .subject = house(1)};
  list.answer("total", event::integer_value(2));
  list.answer("members", event::rows_value({{{"name", event::text_value("甲")}},
                                            {{"until", event::text_value("soon")},
                                             {"age", event::integer_value(40)}}}));
  const auto faults = texts(at().faults(list));
  EXPECT_EQ(faults, (Texts{"type members.2.until", "unknown_field members.2.age",
                           "required members.2.name"}));
  list.answer("members", event::rows_value({{{"name", event::text_value("甲")}}}));
  EXPECT_EQ(texts(at().faults(list)), Texts{});
}

TEST_F(FormDeskTest, WhatIsKnownIsFilledInBeforehandAndWhatIsFrozenStays) {
  Filled first = sheet();
  at().prefill(first);
  records(first);
  Filled next{.form = "monitoring.income_sheet", .subject = house(1)};
  const FormDesk later = at("coordinator", "", "2022-03-05");
  later.prefill(next);
  ASSERT_NE(next.answer("basis"), nullptr);
  EXPECT_EQ(next.answer("basis")->text, "last_12_months") << "a word of the definition";
  ASSERT_NE(next.answer("members_before"), nullptr);
  EXPECT_EQ(next.answer("members_before")->integer, 4) << "a fact";
  EXPECT_EQ(next.answer("wage"), nullptr) << "nobody said so today";
  for (const event::Answer& each : sheet().answers)
    if (next.answer(each.field) == nullptr) next.answer(each.field, each.value);
  EXPECT_EQ(texts(later.faults(next)), Texts{});
  next.answer("members_before", event::integer_value(5));
  EXPECT_EQ(texts(later.faults(next)), (Texts{"frozen members_before"}));
  Filled declared{.form = "monitoring.self_declaration", .subject = house(1)};
  later.prefill(declared);
  EXPECT_EQ(declared.answer("declared_on")->text, "2022-03-05") << "today";
  EXPECT_EQ(declared.answer("at_village_on")->text, "2022-03-05") << "another field";
}

TEST_F(FormDeskTest, NothingChangedIsOneAnswer) {
  Filled again{.form = "monitoring.income_sheet", .subject = house(1)};
  EXPECT_FALSE(at().repeat(again)) << "there is no last time";
  EXPECT_TRUE(again.answers.empty());
  records(sheet(5'000'00));
  const FormDesk later = at("coordinator", "", "2022-03-05");
  EXPECT_EQ(later.look(again)->last_on, day("2022-02-05"));
  ASSERT_TRUE(later.repeat(again));
  EXPECT_EQ(again.answer("wage")->integer, 5'000'00);
  EXPECT_EQ(texts(later.faults(again)), Texts{});
}

TEST_F(FormDeskTest, AVisitHasThePartsThatAreDueInTheHouse) {
  const auto due = [&](const char* role, const char* on) {
    std::vector<std::string> out;
    for (const PartDue& each : at(role, "", on).due_at(house(1))) out.push_back(each.form);
    return out;
  };
  // An out-of-poverty house, with nothing open.
  EXPECT_EQ(due("coordinator", "2022-02-05"),
            (Texts{"village_coordinators.household_info", "village_coordinators.policy_followed"}));
  records({.form = "monitoring.self_declaration",
           .subject = house(1),
           .answers = {{"declared_on", event::date_value(day("2022-02-05"))},
                       {"risk", event::code_value("illness")}}},
          Kind::Application);
  const auto all = at().due_at(house(1));
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].form, "monitoring.lead_verification");
  EXPECT_EQ(all[0].why, PartDue::Why::Case);
  EXPECT_EQ(all[0].because.en.empty(), false);
  EXPECT_EQ(all[0].subject, house(1));
  EXPECT_EQ(due("bank", "2022-02-05"), Texts{});
  EXPECT_TRUE(at().due_at(house(2)).empty()) << "a house that nobody knows";
}

TEST_F(FormDeskTest, ASecondOfItsPeriodIsRefused) {
  Filled key{.form = "monitoring.key_household_listed", .subject = house(1)};
  const auto form = at().look(key);
  ASSERT_TRUE(form);
  for (const FieldNow& field : form->fields) {
    if (!field.required || field.prefill) continue;
    if (field.type == programme::Type::Text) key.answer(field.key, event::text_value("大病"));
    if (field.type == programme::Type::Code)
      key.answer(field.key, event::code_value(field.choices.front().code));
    if (field.type == programme::Type::CodeSet)
      key.answer(field.key, event::codes_value({field.choices.front().code}));
  }
  at().prefill(key);
  EXPECT_EQ(texts(at().faults(key)), Texts{});
  records(key, Kind::Survey);
  EXPECT_EQ(texts(at("coordinator", "", "2022-03-05").faults(key)), (Texts{"second "}));
  EXPECT_EQ(texts(at("coordinator", "", "2023-03-05").faults(key)), Texts{}) << "another year";
}

TEST_F(FormDeskTest, WhatIsTypedIsNoPartOfTheState) {
  const FormDesk asked = at();
  const Digest before = states.back().digest();
  Filled filled = sheet();
  filled.answer("remark", event::text_value("nobody ever wrote this"));
  filled.acted_by = event::Actor{.person = PersonId{{7}}, .role = "unheard_of"};
  EXPECT_FALSE(asked.faults(filled).empty());
  EXPECT_EQ(states.back().digest(), before);
  records(sheet());
  State& state = states.back();
  state.apply(log.entries().back());
  EXPECT_EQ(state.digest(), fold().digest());
  EXPECT_TRUE(asked.look(sheet())->last_on) << "it looks at the state as it is";
}

TEST_F(FormDeskTest, TheVisitAndItsFormAreOneVisit) {
  Filled frame = door("met");
  frame.answer("remark", event::text_value("好"));
  EXPECT_EQ(visit_of(frame)->outcome, VisitOutcome::Met);
  EXPECT_EQ(visit_of(frame)->remark, "好");
  EXPECT_FALSE(visit_of({.form = "register.visit"}));
  records(frame);
  const State state = fold();
  const Inquiry inquiry(state, day("2022-02-05"));
  ASSERT_EQ(inquiry.visits(house(1)).size(), 1u);
  EXPECT_EQ(inquiry.visits(house(1))[0].outcome, VisitOutcome::Met);
  EXPECT_TRUE(inquiry.fact(house(1), "last_visit_on")) << "what the form says of it has effect";
  visit.outcome = VisitOutcome::NobodyHome;
  records(door("nobody_home"));
  const State after = fold();
  EXPECT_EQ(Inquiry(after, day("2022-02-05")).visits(house(1)).size(), 2u);
}
}  // namespace cunji::state
