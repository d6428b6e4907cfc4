#include "tools/bench/made_up.h"

namespace cunji::bench {
using event::Kind;

namespace {
constexpr const char* kMeasuredPhrases[] = {
    "家中老人身体尚可", "儿子在郑州务工", "香菇长势良好",       "房屋漏雨，已报村里",
    "孩子放假在家",     "猕猴桃已收完",   "低保金已到账",       "愿意参加技能培训",
    "慢病药已领取",     "屋后护坡有裂缝", "已提醒缴纳医疗保险", "养了三头牛",
    "饮水正常",         "女儿考上高中",   "想申请小额贷款",     "下月去县医院复查",
    "公益岗位工资已发", "收成比去年好",   "电表已更换",         "邻居代为签字，本人外出"};
constexpr const char* kTrainingPhrases[] = {
    "家里人都在",     "外出打工，过年回来", "收入稳定",       "生活正常，无新情况",
    "需要再次走访",   "老人住院，已出院",   "孩子上学正常",   "政策已宣传",
    "住房安全",       "饮水安全",           "产业补贴已申请", "医疗保险已缴",
    "养老金按时发放", "家庭成员有变化",     "已告知村干部",   "有返贫风险，已上报"};
constexpr const char* kWhoWasMet[] = {"head", "spouse", "son", "daughter", "parent", "neighbour"};
constexpr const char* kPurposes[] = {"monthly", "monthly", "monthly", "policy", "check"};
constexpr const char* kSurnames[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"};
constexpr const char* kGivenNames[] = {"桂兰", "志强", "秀英", "建国", "玉梅",
                                       "国强", "春花", "海涛", "凤霞", "永平"};
constexpr const char* kCategories[] = {"out_of_poverty", "monitored", "low_income", "general"};

event::PartFrame frame_of(const char* programme, const char* form) {
  event::PartFrame out;
  out.programme = programme;
  out.form = form;
  out.form_version = 1;
  return out;
}

event::Draft draft(const DivisionCode& village, const SubjectId& subject, Kind kind, TimePoint at,
                   std::vector<Bytes> parts) {
  return {.division = village,
          .subject = subject,
          .kind = kind,
          .recorded = at,
          .parts = std::move(parts)};
}
}  // namespace

Bytes made_up_photo(std::uint64_t number) {
  constexpr std::size_t kPhotoBytes = 200'000;
  crypto::SeededEntropy chance(number, "photo");
  std::vector<std::uint8_t> noise(kPhotoBytes);
  chance.fill(noise);
  return Bytes(noise.begin(), noise.end());
}

DivisionCode village_code(CountyCode county, unsigned number) {
  CHECK(number < 1'000);
  const std::string digits = std::to_string(1'000 + number).substr(1);
  return DivisionCode::parse(county.str() + "101" + digits).value();
}

Village::Village(DivisionCode code, std::size_t households, std::uint64_t seed, Phrases phrases)
    : code_(code), chance_(seed, "village"), phrases_(phrases) {
  for (std::size_t i = 0; i < households; ++i) households_.push_back(make_household());
}

Household Village::make_household() {
  Household out;
  out.id = chance_.next<SubjectId>();
  out.number = std::to_string(10'000 + households_.size()).substr(1);
  out.head_name = one_of(kSurnames) + one_of(kGivenNames);
  out.home = {.latitude_e7 = 333'000'000 + static_cast<std::int32_t>(chance_.below(200'000)),
              .longitude_e7 = 1'114'800'000 + static_cast<std::int32_t>(chance_.below(200'000)),
              .accuracy_m = 5,
              .mock_location = false};
  return out;
}

std::string Village::one_of(std::span<const char* const> choices) {
  return choices[chance_.below(choices.size())];
}

// Three in ten say something more than the boxes of the form: one to three phrases.
std::string Village::remark() {
  std::string out;
  if (chance_.below(10) >= 3) return out;
  for (std::uint64_t left = 1 + chance_.below(3); left > 0; --left) {
    if (!out.empty()) out += "；";
    out += phrases_ == Phrases::Measured ? one_of(kMeasuredPhrases) : one_of(kTrainingPhrases);
  }
  return out;
}

// Some ten metres about the door, as a phone has it.
event::Place Village::place_near(const event::Place& home) {
  event::Place out = home;
  out.latitude_e7 += static_cast<std::int32_t>(chance_.below(2'000)) - 1'000;
  out.longitude_e7 += static_cast<std::int32_t>(chance_.below(2'000)) - 1'000;
  out.accuracy_m = 3 + static_cast<std::uint32_t>(chance_.below(20));
  return out;
}

std::vector<event::Draft> Village::registrations(TimePoint at) const {
  std::vector<event::Draft> out;
  for (std::size_t i = 0; i < households_.size(); ++i) {
    const Household& household = households_[i];
    const event::RegistrationPart part{
        .type = event::SubjectType::Household,
        .create = true,
        .facts = {{.name = "number", .key = {}, .value = event::text_value(household.number)},
                  {.name = "head_name", .key = {}, .value = event::text_value(household.head_name)},
                  {.name = "household_category",
                   .key = {},
                   .value = event::codes_value({kCategories[i % std::size(kCategories)]})},
                  {.name = "home_place", .key = {}, .value = event::place_value(household.home)}},
        .source = "import"};
    out.push_back(draft(code_, household.id, Kind::Registration, at,
                        {event::encode_part(part, frame_of("register", "household"))}));
  }
  return out;
}

event::Draft Village::next(TimePoint& at) {
  at += std::chrono::minutes{15} + Duration{chance_.below(1'800'000)};
  return draft_about(households_[chance_.below(households_.size())], at);
}

event::Draft Village::next_about_a_new_one(TimePoint& at) {
  at += std::chrono::minutes{15} + Duration{chance_.below(1'800'000)};
  return draft_about(make_household(), at);
}

event::Draft Village::draft_about(const Household& household, TimePoint at) {
  const std::uint64_t draw = chance_.below(100);
  if (draw < 75) return visit(household, at);
  return draw < 88 ? presence(household, at) : changed_facts(household, at);
}

// One visit in six brings the answers to a form of another programme along (D17).
event::Draft Village::visit(const Household& household, TimePoint at) {
  event::VisitPart met{.outcome = event::VisitOutcome::Met,
                       .place = place_near(household.home),
                       .purpose = one_of(kPurposes),
                       .who_was_met = {one_of(kWhoWasMet)},
                       .changes_found = chance_.below(8) == 0,
                       .remark = remark()};
  std::vector<Bytes> parts{event::encode_part(met, frame_of("village_coordinators", "visit"))};
  if (chance_.below(6) == 0) {
    const auto fen = [this] { return static_cast<std::int64_t>(chance_.below(30'000) * 100); };
    const event::AnswersPart answers{
        {{.field = "wage_income", .value = event::integer_value(fen())},
         {.field = "production_income", .value = event::integer_value(fen())},
         {.field = "rigid_expense", .value = event::integer_value(fen())},
         {.field = "house_safe", .value = event::yes_value(chance_.below(20) != 0)},
         {.field = "water_safe", .value = event::code_value("safe")},
         {.field = "note", .value = event::text_value(remark())}}};
    parts.push_back(event::encode_part(answers, frame_of("monitoring", "income_check")));
  }
  return draft(code_, household.id, Kind::Visit, at, std::move(parts));
}

event::Draft Village::presence(const Household& household, TimePoint at) {
  const event::CheckInPart part{.outcome = chance_.below(2) == 0 ? event::VisitOutcome::NobodyHome
                                                                 : event::VisitOutcome::Away,
                                .place = place_near(household.home),
                                .remark = remark()};
  return draft(code_, household.id, Kind::CheckIn, at,
               {event::encode_part(part, frame_of("village_coordinators", "check_in"))});
}

event::Draft Village::changed_facts(const Household& household, TimePoint at) {
  const event::RegistrationPart part{
      .type = event::SubjectType::Household,
      .create = false,
      .facts = {{.name = "household_size",
                 .key = {},
                 .value = event::integer_value(static_cast<std::int64_t>(1 + chance_.below(7)))},
                {.name = "presence",
                 .key = {},
                 .value = event::code_value(chance_.below(3) == 0 ? "away" : "home")}},
      .source = "visit"};
  return draft(code_, household.id, Kind::Registration, at,
               {event::encode_part(part, frame_of("register", "household"))});
}
}  // namespace cunji::bench
