#include "tools/demo_county/county.h"

#include <array>
#include <map>
#include <string_view>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::demo {
static std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back().push_back(c);
    }
  }
  return out;
}

static Result<std::vector<Division>> read_divisions(const std::string& csv) {
  std::vector<Division> out;
  const std::vector<std::string> lines = split(csv, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = split(lines[i], ',');
    const auto code = DivisionCode::parse(fields[0]);
    if (fields.size() != 4 || !code)
      return Error{Errc::Malformed, "divisions, line " + std::to_string(i + 1)};
    out.push_back({*code, fields[1], fields[2], fields[3]});
  }
  if (out.empty()) return Error{Errc::Malformed, "divisions: no row"};
  return out;
}

static std::string made_up_name(crypto::SeededEntropy& entropy) {
  static constexpr std::array kFamily{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周",
                                      "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "高"};
  static constexpr std::array kGiven{"建", "国", "秀", "英", "兰", "芳", "志", "强", "玉", "梅",
                                     "春", "林", "海", "军", "福", "安", "明", "德", "桂", "荣"};
  std::string out = kFamily[entropy.below(kFamily.size())];
  out += kGiven[entropy.below(kGiven.size())];
  if (entropy.below(3) != 0) out += kGiven[entropy.below(kGiven.size())];
  return out;
}

// Three quarters out of poverty, one in eight monitored, the rest general households.
static std::string made_up_category(crypto::SeededEntropy& entropy) {
  const std::uint64_t draw = entropy.below(16);
  if (draw < 12) return "out_of_poverty";
  return draw < 14 ? "monitored" : "";
}

static std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

static Household make_household(std::string number, crypto::SeededEntropy& entropy) {
  static constexpr std::array kRelations{"head", "spouse", "son"};
  Household out{.id = entropy.next<SubjectId>(),
                .number = std::move(number),
                .head_name = made_up_name(entropy),
                .category = made_up_category(entropy),
                .persons = {}};
  if (out.category == "monitored") out.baseline = Baseline::Monitored;
  if (out.category == "out_of_poverty" && entropy.below(20) == 0)
    out.baseline = Baseline::Eliminated;
  const std::size_t persons = 1 + entropy.below(kRelations.size());
  for (std::size_t i = 0; i < persons; ++i)
    out.persons.push_back(
        {entropy.next<SubjectId>(), i == 0 ? out.head_name : made_up_name(entropy), kRelations[i]});
  return out;
}

static Village make_village(const Division& division, crypto::SeededEntropy& entropy,
                            std::uint64_t households) {
  Village out{
      division, entropy.next<SubjectId>(), made_up_name(entropy), 20 + entropy.below(30), {}};
  const std::uint64_t count = households - households / 4 + entropy.below(households / 2 + 1);
  for (std::uint64_t i = 1; i <= count; ++i)
    out.households.push_back(make_household(division.code.str() + padded(i, 4), entropy));
  return out;
}

static std::vector<Office> make_offices(crypto::SeededEntropy& entropy) {
  static constexpr std::pair<const char*, const char*> kOffices[] = {
      {"rr_bureau", "县乡村振兴局"},
      {"medical_insurance", "县医保局"},
      {"civil_affairs", "县民政局"},
      {"tax", "县税务局"},
      {"finance", "县财政局"},
      {"natural_resources", "县自然资源局"},
      {"market_regulation", "县市场监管局"}};
  std::vector<Office> out;
  for (const auto& [code, name] : kOffices) out.push_back({entropy.next<SubjectId>(), code, name});
  return out;
}

Result<MadeUpCounty> make_county(const std::string& divisions_csv, std::uint64_t seed,
                                 std::uint64_t households_a_village) {
  TRY_AS(divisions, read_divisions(divisions_csv));
  crypto::SeededEntropy entropy(seed, "county");
  MadeUpCounty out{divisions, {}, make_offices(entropy)};
  for (const Division& division : divisions) {
    if (division.level == "village")
      out.villages.push_back(make_village(division, entropy, households_a_village));
  }
  return out;
}

static std::string subject_of(const DivisionCode& code) {
  return to_hex(crypto::sha256({"division", code.view()}).view().substr(0, SubjectId::kSize));
}

// The names made up here hold nothing that JSON would have to escape.
static std::string subject_line(const char* type, const DivisionCode& division,
                                const std::string& id, const std::string& facts) {
  return std::string(R"({"register":")") + type + R"(","division":")" + division.str() +
         R"(","id":")" + id + R"(","facts":{)" + facts + "}}\n";
}

static std::string text_fact(const char* name, const std::string& text) {
  return std::string("\"") + name + "\":\"" + text + "\"";
}

static std::string division_line(const Division& d, std::uint64_t representatives) {
  std::string facts = text_fact("name", d.name) + R"(,"level":{"code":")" + d.level + "\"}," +
                      text_fact("parent", d.parent);
  if (representatives != 0)
    facts += R"(,"representatives_total":)" + std::to_string(representatives);
  return subject_line("division", d.code, subject_of(d.code), facts);
}

static std::string assigned(const char* relation, const DivisionCode& division,
                            const SubjectId& from, const std::string& to) {
  return std::string(R"({"assign":")") + relation + R"(","division":")" + division.str() +
         R"(","from":")" + to_hex(from.view()) + "\"" +
         (to.empty() ? "" : R"(,"to":")" + to + "\"") + R"(,"since":"2022-01-01"})" + "\n";
}

static std::string coordinator_lines(const Village& v) {
  return subject_line("person", v.division.code, to_hex(v.coordinator.view()),
                      text_fact("name", v.coordinator_name)) +
         assigned("coordinator_of", v.division.code, v.coordinator, {});
}

static std::string household_lines(const Village& v, const Household& h) {
  const DivisionCode& division = v.division.code;
  const std::string id = to_hex(h.id.view());
  const std::string codes = h.category.empty() ? "" : "\"" + h.category + "\"";
  std::string out =
      subject_line("household", division, id,
                   text_fact("number", h.number) + "," + text_fact("head_name", h.head_name) +
                       R"(,"household_category":{"codes":[)" + codes + "]}");
  for (const Person& person : h.persons) {
    out += subject_line("person", division, to_hex(person.id.view()),
                        text_fact("name", person.name) + R"(,"relation_to_head":{"code":")" +
                            person.relation + "\"}");
    out += assigned("member_of", division, person.id, id);
  }
  return out;
}

std::string register_lines(const MadeUpCounty& county) {
  std::string out;
  std::map<DivisionCode, std::uint64_t> representatives;
  for (const Village& village : county.villages)
    representatives[village.division.code] = village.representatives;
  for (const Division& division : county.divisions)
    out += division_line(division, representatives[division.code]);
  for (const Office& office : county.offices)
    out += subject_line("office", county.divisions.front().code, to_hex(office.id.view()),
                        R"("office_code":{"code":")" + office.code + "\"}," +
                            text_fact("office_name", office.name));
  for (const Village& village : county.villages) {
    out += coordinator_lines(village);
    for (const Household& household : village.households)
      out += household_lines(village, household);
  }
  return out;
}
}  // namespace cunji::demo
