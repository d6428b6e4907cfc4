#include "tools/demo_county/county.h"

#include <array>
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

static Village make_village(const Division& division, crypto::SeededEntropy& entropy,
                            std::uint64_t households) {
  Village out{division, entropy.next<SubjectId>(), made_up_name(entropy), {}};
  const std::uint64_t count = households - households / 4 + entropy.below(households / 2 + 1);
  for (std::uint64_t i = 1; i <= count; ++i) {
    out.households.push_back({entropy.next<SubjectId>(), division.code.str() + padded(i, 4),
                              made_up_name(entropy), made_up_category(entropy)});
  }
  return out;
}

Result<MadeUpCounty> make_county(const std::string& divisions_csv, std::uint64_t seed,
                                 std::uint64_t households_a_village) {
  TRY_AS(divisions, read_divisions(divisions_csv));
  crypto::SeededEntropy entropy(seed, "county");
  MadeUpCounty out{divisions, {}};
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
static std::string division_line(const Division& d) {
  return R"({"register":"division","division":")" + d.code.str() + R"(","id":")" +
         subject_of(d.code) + R"(","facts":{"name":")" + d.name + R"(","level":{"code":")" +
         d.level + R"("},"parent":")" + d.parent + "\"}}\n";
}

static std::string coordinator_lines(const Village& v) {
  const std::string id = to_hex(v.coordinator.view());
  const std::string division = v.division.code.str();
  return R"({"register":"person","division":")" + division + R"(","id":")" + id +
         R"(","facts":{"name":")" + v.coordinator_name + "\"}}\n" +
         R"({"assign":"coordinator_of","division":")" + division + R"(","from":")" + id +
         R"(","since":"2022-01-01"})" + "\n";
}

static std::string household_line(const Village& v, const Household& h) {
  const std::string codes = h.category.empty() ? "" : "\"" + h.category + "\"";
  return R"({"register":"household","division":")" + v.division.code.str() + R"(","id":")" +
         to_hex(h.id.view()) + R"(","facts":{"number":")" + h.number + R"(","head_name":")" +
         h.head_name + R"(","household_category":{"codes":[)" + codes + "]}}}\n";
}

std::string register_lines(const MadeUpCounty& county) {
  std::string out;
  for (const Division& division : county.divisions) out += division_line(division);
  for (const Village& village : county.villages) {
    out += coordinator_lines(village);
    for (const Household& household : village.households) out += household_line(village, household);
  }
  return out;
}
}  // namespace cunji::demo
