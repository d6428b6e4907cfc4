#pragma once
// The event kinds and their numbers (design section 5). Numbers are signed and never change.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cunji::event {
enum class Kind : std::uint16_t {
  Visit = 1,
  CheckIn = 2,
  Application = 3,
  Survey = 4,
  Registration = 16,
  Assignment = 17,
  Alert = 32,
  Step = 33,
  Notice = 34,
  Payment = 35,
  Score = 36,
  Correction = 48,
  Endorsement = 49,
  Receipt = 50,
  Founding = 64,
  Credential = 65,
  Revocation = 66,
  Definition = 67,
  Erasure = 68,
  Incident = 69,
  Anchor = 70,
};

struct KindInfo {
  Kind kind;
  std::string_view name;  // As written in JSON, the command line and domain/: "check_in".
  std::string_view label_zh;
  std::string_view label_en;
  bool governance;  // Stands in the county's own division; its body is public (D2, D6).
};

std::span<const KindInfo> all_kinds();
// Nothing for a kind this code does not know: such events are stored and have no effect.
std::optional<KindInfo> info_of(std::uint16_t kind);
std::optional<Kind> kind_named(std::string_view name);
bool is_governance(std::uint16_t kind);
}  // namespace cunji::event
