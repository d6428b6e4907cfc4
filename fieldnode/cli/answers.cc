#include "fieldnode/cli/answers.h"

#include <algorithm>

#include "fieldnode/cli/record_form.h"
#include "shared/commands/words.h"
#include "shared/state/value_text.h"

namespace cunji::fieldnode::cli {
using Json = nlohmann::ordered_json;
using programme::Type;

namespace {
Error wrong(const char* zh, const char* en, std::string_view text) {
  std::string what(zh);
  what.append(" · it takes ").append(en).append(", not \"").append(text).push_back('"');
  return {Errc::Malformed, what};
}

Result<event::Value> parse_yes(std::string_view text) {
  for (const char* yes : {"yes", "y", "true", "是"})
    if (text == yes) return event::yes_value(true);
  for (const char* no : {"no", "n", "false", "否"})
    if (text == no) return event::yes_value(false);
  return wrong("应填 yes(是)或 no(否)", "yes or no", text);
}

Result<event::Value> rows_from_json(const state::FieldNow& field, const Json& json) {
  if (!json.is_array()) return wrong("应为行的列表", "a list of rows", json.dump());
  std::vector<std::vector<event::Answer>> rows;
  for (const Json& row : json) {
    if (!row.is_object()) return wrong("每行应为对象", "rows like {\"COLUMN\": …}", row.dump());
    auto& made = rows.emplace_back();
    for (const auto& item : row.items()) {
      const std::string& key = item.key();
      const Json& cell = item.value();
      const auto column =
          std::find_if(field.row.begin(), field.row.end(),
                       [&](const state::FieldNow& each) { return each.key == key; });
      // Unknown ones are kept for the desk to name.
      if (column == field.row.end()) {
        made.push_back({key, event::text_value(cell.is_string() ? cell.get<std::string>() : "")});
        continue;
      }
      auto value = value_from_json(*column, cell);
      if (!value)
        return Error{Errc::Malformed,
                     std::to_string(rows.size()) + "." + key + ": " + value.error().what};
      made.push_back({key, std::move(*value)});
    }
  }
  return event::rows_value(std::move(rows));
}
}  // namespace

Result<event::Value> parse_typed(const state::FieldNow& field, std::string_view text) {
  switch (field.type) {
    case Type::YesNo: return parse_yes(text);
    case Type::Money:
    case Type::Points:
    case Type::Area: {
      auto out = parse_hundredths(text);
      return out ? std::move(out)
                 : wrong("应填数,至多两位小数", "a number with up to two decimals", text);
    }
    case Type::Integer:
    case Type::Length:
    case Type::BasisPoints: {
      auto out = parse_whole(text);
      return out ? std::move(out) : wrong("应填整数", "a whole number", text);
    }
    case Type::Date: {
      const auto date = parse_date(text);
      if (!date) return wrong("应填日期,如 2022-02-10", "a day like 2022-02-10", text);
      return event::date_value(*date);
    }
    case Type::Instant: {
      const auto time = parse_time(text);
      if (!time) return wrong("应填时间,如 2022-02-10T08:15", "a time like 2022-02-10T08:15", text);
      return event::integer_value(static_cast<std::int64_t>(to_millis(*time)));
    }
    case Type::Code: return event::code_value(text);
    case Type::CodeSet: {
      std::vector<std::string> codes;
      while (!text.empty()) {
        const std::size_t end = text.find(',');
        if (const auto code = text.substr(0, end); !code.empty()) codes.emplace_back(code);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      }
      return event::codes_value(std::move(codes));
    }
    case Type::Place: {
      const auto place = parse_place(text);
      if (!place) return wrong("应填位置:纬度,经度,精度米", "LATITUDE,LONGITUDE,ACCURACY_M", text);
      return event::place_value(*place);
    }
    case Type::Subject: {
      const auto bytes = from_hex(text);
      if (!bytes || bytes->size() != SubjectId::kSize)
        return wrong("应填 32 位标识", "an id of 32 hexadecimal digits", text);
      return event::subject_value(SubjectId::from(*bytes).value());
    }
    case Type::Rows: {
      const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      return rows_from_json(field, json);
    }
    case Type::Blob:
    case Type::Signature:
    case Type::Ranking:
    case Type::None:
    case Type::Text: break;
  }
  return event::text_value(text);
}

Result<event::Value> value_from_json(const state::FieldNow& field, const Json& json) {
  if (field.type == Type::Rows && json.is_array()) return rows_from_json(field, json);
  if (json.is_string()) return parse_typed(field, json.get<std::string>());
  if (json.is_boolean() || json.is_number()) return parse_typed(field, json.dump());
  if (field.type == Type::CodeSet && json.is_array()) {
    std::vector<std::string> codes;
    for (const Json& code : json) {
      if (!code.is_string()) return wrong("应为代码列表", "a list of codes", json.dump());
      codes.push_back(code);
    }
    return event::codes_value(std::move(codes));
  }
  return wrong("JSON 类型不对", "another type", json.dump());
}

Json json_of(const state::FieldNow& field, const event::Value& value) {
  switch (value.type) {
    case event::Value::Type::Yes: return value.yes;
    case event::Value::Type::Codes: return value.codes;
    case event::Value::Type::Integer:
      if (field.type == Type::Integer || field.type == Type::Length ||
          field.type == Type::BasisPoints)
        return value.integer;
      return state::typed_text(value, field.type);
    case event::Value::Type::Rows: {
      Json out = Json::array();
      for (const auto& row : value.rows) {
        Json made = Json::object();
        for (const event::Answer& cell : row)
          for (const state::FieldNow& column : field.row)
            if (column.key == cell.field) made[cell.field] = json_of(column, cell.value);
        out.push_back(std::move(made));
      }
      return out;
    }
    default: return state::typed_text(value, field.type);
  }
}

std::string shown(const state::FieldNow& field, const event::Value& value) {
  const auto choice = [&](const std::string& code) {
    for (const state::Choice& each : field.choices)
      if (each.code == code) return commands::label(each.label, code);
    return code;
  };
  switch (value.type) {
    case event::Value::Type::Code: return choice(value.text);
    case event::Value::Type::Codes: {
      std::string out;
      for (const std::string& code : value.codes) out += (out.empty() ? "" : "; ") + choice(code);
      return out;
    }
    case event::Value::Type::Yes: return value.yes ? "是 yes" : "否 no";
    case event::Value::Type::Rows: {
      std::string out = std::to_string(value.rows.size()) + " 行 rows";
      for (const auto& row : value.rows) {
        std::string line;
        for (const event::Answer& cell : row)
          for (const state::FieldNow& column : field.row)
            if (column.key == cell.field)
              line += (line.empty() ? " [" : ", ") + shown(column, cell.value);
        out += line.empty() ? " []" : line + "]";
      }
      return out;
    }
    default: {
      const std::string text = state::typed_text(value, field.type);
      return field.unit.empty() ? text : text + " " + field.unit;
    }
  }
}

std::string type_text(const state::FieldNow& field) {
  switch (field.type) {
    case Type::Text: return "文字 text";
    case Type::YesNo: return "是否 yes/no";
    case Type::Integer: return "整数 integer";
    case Type::Money: return "金额 money";
    case Type::Area: return "面积 area";
    case Type::Length: return "毫米 mm";
    case Type::BasisPoints: return "万分数 bp";
    case Type::Points: return "分数 points";
    case Type::Date: return "日期 date";
    case Type::Instant: return "时间 time";
    case Type::Code: return "单选 code";
    case Type::CodeSet: return "多选 codes";
    case Type::Place: return "位置 place";
    case Type::Subject: return "标识 " + (field.subject_type.empty() ? "id" : field.subject_type);
    case Type::Blob: return "照片 photo";
    case Type::Signature: return "签字 signature";
    case Type::Ranking: return "排序 ranking";
    case Type::Rows: return "逐行 rows";
    case Type::None: break;
  }
  return "—";
}

std::string line_of(const state::Fault& fault) {
  std::string out;
  if (!fault.field.empty()) {
    out = fault.label.zh.empty() ? fault.field : fault.label.zh + "(" + fault.field + ")";
    out += ": ";
  }
  out += fault.what.zh + " · " + (fault.field.empty() ? "" : fault.field + ": ") + fault.what.en;
  if (!fault.rule.empty()) out += " (" + fault.rule + ")";
  return out;
}

static const char* name_of(programme::Force force) {
  if (force == programme::Force::Warn) return "warn";
  return force == programme::Force::Reason ? "reason" : "block";
}

Json json_of(const state::Fault& fault) {
  Json out{{"kind", std::string(state::name_of(fault.kind))},
           {"field", fault.field},
           {"what", {{"zh", fault.what.zh}, {"en", fault.what.en}}},
           {"force", name_of(fault.force)}};
  if (!fault.rule.empty()) out["rule"] = fault.rule;
  return out;
}

static const char* name_of(Type type) {
  static constexpr const char* kNames[] = {
      "none",         "text",   "yes_no",    "integer", "money", "area",     "length",
      "basis_points", "points", "date",      "instant", "code",  "code_set", "place",
      "subject",      "blob",   "signature", "ranking", "rows"};
  return kNames[static_cast<std::size_t>(type)];
}

Json json_of(const state::FieldNow& field) {
  Json out{{"field", field.key},
           {"label", {{"zh", field.label.zh}, {"en", field.label.en}}},
           {"type", name_of(field.type)},
           {"visible", field.visible},
           {"required", field.required}};
  if (!field.unit.empty()) out["unit"] = field.unit;
  if (!field.subject_type.empty()) out["subject_type"] = field.subject_type;
  if (field.frozen) out["frozen"] = true;
  if (field.mask) out["mask"] = true;
  if (!field.range.zh.empty()) out["range"] = {{"zh", field.range.zh}, {"en", field.range.en}};
  if (!field.choices.empty()) {
    out["choices"] = Json::array();
    for (const state::Choice& each : field.choices)
      out["choices"].push_back(
          {{"code", each.code}, {"label", {{"zh", each.label.zh}, {"en", each.label.en}}}});
    out["other_codes"] = field.other_codes;
  }
  if (field.prefill) out["prefill"] = json_of(field, *field.prefill);
  if (field.last) out["last"] = json_of(field, *field.last);
  for (const state::FieldNow& column : field.row) out["columns"].push_back(json_of(column));
  return out;
}
}  // namespace cunji::fieldnode::cli
