// GEN-15 and the readers of parts, by role and office.
#include "server/api/masking.h"

#include <gtest/gtest.h>

#include "protocol/event.pb.h"
#include "shared/event/kinds.h"

namespace cunji::server {
static const Rights kCoordinator = rights_of("coordinator", ""),
                    kDoctor = rights_of("village_doctor", ""), kTeacher = rights_of("teacher", ""),
                    kTown = rights_of("town_desk", ""), kBank = rights_of("county_desk", "bank"),
                    kHealth = rights_of("county_desk", "health"),
                    kHousing = rights_of("county_desk", "housing"),
                    kRegistrar = rights_of("registrar", "");

TEST(Rights, OnlyReadersHaveAny) {
  for (const char* role : {"root", "system", "", "mayor"}) EXPECT_TRUE(rights_of(role, "").none());
  for (const char* role : {"coordinator", "helper", "grid_member", "first_secretary", "town_desk"})
    EXPECT_FALSE(rights_of(role, "").none()) << role;
}

TEST(Masking, EachKindIsSeenByWhoNeedsIt) {
  struct Case {
    Sensitive what;
    std::vector<Rights> see, do_not;
  };
  const Case cases[] = {
      {Sensitive::Identity, {kTown, kBank, kHealth, kRegistrar}, {kCoordinator, kDoctor, kTeacher}},
      {Sensitive::BankAccount, {kTown, kBank}, {kCoordinator, kDoctor, kHealth, kRegistrar}},
      {Sensitive::Illness, {kDoctor, kHealth, kTown}, {kCoordinator, kTeacher, kBank, kHousing}},
      {Sensitive::Telephone, {kTown, kHousing, kRegistrar}, {kCoordinator, kDoctor, kTeacher}}};
  for (const Case& c : cases) {
    for (const Rights& rights : c.see) EXPECT_TRUE(sees(rights, c.what));
    for (const Rights& rights : c.do_not) EXPECT_FALSE(sees(rights, c.what));
    EXPECT_FALSE(sees({}, c.what));
  }
}

TEST(Masking, FactsAreToldByName) {
  for (const char* name : {"identity_hash", "id_number", "bank_account", "household_card",
                           "illness", "chronic_card_on", "disability", "telephone", "head_phone"})
    EXPECT_FALSE(is_shown(kCoordinator, name)) << name;
  for (const char* name : {"name", "head_name", "household_category", "birth_date", "hamlet"})
    EXPECT_TRUE(is_shown({}, name)) << name;
}

TEST(Masking, NumbersInTextsAreToldByTheirLength) {
  struct Case {
    const char *text, *shown;
  };
  // None of these is anybody's: the identity numbers' check characters are wrong.
  for (const Case& c : {Case{"电话13800000001。", "电话*******0001。"},
                        Case{"411323190001010000", "******************"},
                        Case{"41132319000101000X在", "******************在"},
                        Case{"411323190001010", "***************"},
                        Case{"卡 6200000000000000012", "卡 ***************0012"},
                        Case{"411323101200 2022-02-10 6900元", "411323101200 2022-02-10 6900元"}})
    EXPECT_EQ(masked_text(kCoordinator, c.text), c.shown);
  EXPECT_EQ(masked_text(kTown, "13800000001 411323190001010000"), "13800000001 411323190001010000");
}

TEST(Masking, APartIsMaskedWholly) {
  proto::Part part;
  auto& facts = *part.mutable_registration()->mutable_facts();
  for (const char* name : {"head_name", "id_number", "illness"}) {
    proto::Fact& fact = *facts.Add();
    fact.set_name(name);
    fact.mutable_value()->set_text("值");
  }
  facts[2].mutable_value()->mutable_codes()->add_codes("tuberculosis");
  proto::Part same = part;
  EXPECT_FALSE(mask(kTown, same));
  EXPECT_EQ(same.SerializeAsString(), part.SerializeAsString());
  EXPECT_TRUE(mask(kCoordinator, part));
  EXPECT_EQ(part.registration().facts(0).value().text(), "值");
  EXPECT_EQ(part.registration().facts(1).value().text(), "***");
  EXPECT_EQ(part.DebugString().find("tuberculosis"), std::string::npos);

  proto::Part answers;
  proto::Answer& answer = *answers.mutable_answers()->add_answers();
  answer.set_field("contact_phone");
  answer.mutable_value()->set_integer(13'800'000'001);
  EXPECT_TRUE(mask(kTeacher, answers));
  EXPECT_EQ(answers.answers().answers(0).value().text(), "***");
  proto::Part visit;
  visit.mutable_visit()->add_who_was_met("13800000001");
  EXPECT_TRUE(mask(kDoctor, visit));
  EXPECT_EQ(visit.visit().who_was_met(0), "*******0001");
}

TEST(Readers, PartsAreReadByWhoseBusinessTheyAre) {
  const auto answers_of = [](const char* programme) {
    return event::Part{.frame = {.programme = programme}, .content = event::AnswersPart{}};
  };
  const auto survey = static_cast<std::uint16_t>(event::Kind::Survey);
  const auto payment = static_cast<std::uint16_t>(event::Kind::Payment);
  const event::Part visit{.frame = {}, .content = event::VisitPart{}};
  EXPECT_TRUE(may_read(kCoordinator, 1, visit));
  EXPECT_TRUE(may_read(kDoctor, 1, visit));
  EXPECT_FALSE(may_read(kRegistrar, 1, visit));
  EXPECT_FALSE(may_read({}, 1, visit));
  EXPECT_TRUE(may_read(kDoctor, survey, answers_of("health")));
  EXPECT_FALSE(may_read(kCoordinator, survey, answers_of("health")));
  EXPECT_FALSE(may_read(kHousing, survey, answers_of("health")));
  EXPECT_TRUE(may_read(kTeacher, survey, answers_of("education")));
  EXPECT_FALSE(may_read(kTeacher, survey, answers_of("housing")));
  EXPECT_TRUE(may_read(kCoordinator, survey, answers_of("housing")));
  EXPECT_FALSE(may_read(kCoordinator, payment, answers_of("housing"))) << "desks only";
  EXPECT_TRUE(may_read(kBank, payment, answers_of("housing")));
  EXPECT_FALSE(may_read(kTown, survey, event::Part{})) << "nobody knows whose it is";
  EXPECT_TRUE(may_read({}, static_cast<std::uint16_t>(event::Kind::Credential), event::Part{}));
}
}  // namespace cunji::server
