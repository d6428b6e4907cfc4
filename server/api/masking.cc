#include "server/api/masking.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <vector>

#include "protocol/event.pb.h"

namespace cunji::server {
namespace pb = google::protobuf;
namespace {
struct NamePart {
  std::string_view within;  // Part of a name in domain/facts.md or of a form's field.
  Sensitive what;
};
constexpr NamePart kNames[] = {
    {"identity", Sensitive::Identity},
    {"id_number", Sensitive::Identity},
    {"id_card", Sensitive::Identity},
    {"bank", Sensitive::BankAccount},
    {"account_number", Sensitive::BankAccount},
    {"household_card", Sensitive::BankAccount},
    {"illness", Sensitive::Illness},
    {"disease", Sensitive::Illness},
    {"diagnos", Sensitive::Illness},
    {"chronic", Sensitive::Illness},
    {"hospital", Sensitive::Illness},
    {"disab", Sensitive::Illness},
    {"self_paid_medical", Sensitive::Illness},
    {"doctor_contract", Sensitive::Illness},
    {"phone", Sensitive::Telephone},
    {"mobile_number", Sensitive::Telephone},
};
constexpr std::size_t kTelephoneDigits = 11, kOldIdentityDigits = 15, kIdentityDigits = 18;
constexpr std::size_t kAccountDigitsMin = 16, kTailShown = 4;
constexpr std::string_view kMasked = "***";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number standing in a text, as it is shown.
std::string shown_number(const Rights& rights, std::string_view number) {
  const std::size_t size = number.size();
  const bool identity = size == kOldIdentityDigits || size == kIdentityDigits;
  const bool telephone = size == kTelephoneDigits;
  const bool account = size >= kAccountDigitsMin && size != kIdentityDigits;
  if (identity && !sees(rights, Sensitive::Identity)) return std::string(size, '*');
  const bool masked = (telephone && !sees(rights, Sensitive::Telephone)) ||
                      (account && !sees(rights, Sensitive::BankAccount));
  if (!masked) return std::string(number);
  return std::string(size - kTailShown, '*') + std::string(number.substr(size - kTailShown));
}

// All texts of a message and of those within it.
bool mask_texts(const Rights& rights, pb::Message& message) {
  bool changed = false;
  const auto mask_one = [&](const std::string& text, const auto& put) {
    std::string shown = masked_text(rights, text);
    if (shown == text) return;
    put(std::move(shown));
    changed = true;
  };
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    if (field->type() == pb::FieldDescriptor::TYPE_STRING) {
      if (!field->is_repeated())
        mask_one(reflection.GetString(message, field),
                 [&](std::string text) { reflection.SetString(&message, field, std::move(text)); });
      for (int i = 0; i < count; ++i)
        mask_one(reflection.GetRepeatedString(message, field, i), [&](std::string text) {
          reflection.SetRepeatedString(&message, field, i, std::move(text));
        });
    } else if (field->type() == pb::FieldDescriptor::TYPE_MESSAGE) {
      if (!field->is_repeated())
        changed |= mask_texts(rights, *reflection.MutableMessage(&message, field));
      for (int i = 0; i < count; ++i)
        changed |= mask_texts(rights, *reflection.MutableRepeatedMessage(&message, field, i));
    }
  }
  return changed;
}

bool mask_value(const Rights& rights, const std::string& name, proto::Value& value) {
  if (is_shown(rights, name)) return false;
  value.set_text(std::string(kMasked));
  return true;
}
}  // namespace

std::optional<Sensitive> sensitive_by_name(std::string_view name) {
  for (const NamePart& each : kNames) {
    if (name.find(each.within) != std::string_view::npos) return each.what;
  }
  return std::nullopt;
}

bool is_shown(const Rights& rights, std::string_view fact) {
  const auto what = sensitive_by_name(fact);
  return !what || sees(rights, *what);
}

std::string masked_text(const Rights& rights, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      out.push_back(text[i++]);
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    // The check character of an identity number.
    if (end - i == kIdentityDigits - 1 && end < text.size() &&
        (text[end] == 'X' || text[end] == 'x'))
      ++end;
    out += shown_number(rights, text.substr(i, end - i));
    i = end;
  }
  return out;
}

bool mask(const Rights& rights, proto::Part& part) {
  bool changed = false;
  if (part.has_registration()) {
    for (proto::Fact& fact : *part.mutable_registration()->mutable_facts())
      changed |= mask_value(rights, fact.name(), *fact.mutable_value());
  }
  if (part.has_answers()) {
    for (proto::Answer& answer : *part.mutable_answers()->mutable_answers())
      changed |= mask_value(rights, answer.field(), *answer.mutable_value());
  }
  return mask_texts(rights, part) || changed;
}
}  // namespace cunji::server
