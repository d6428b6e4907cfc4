#include "shared/event/kinds.h"

#include <algorithm>

namespace cunji::event {
static constexpr KindInfo kKinds[] = {
    {Kind::Visit, "visit", "入户走访", "visit", false},
    {Kind::CheckIn, "check_in", "入户打卡", "check-in", false},
    {Kind::Application, "application", "申请", "application", false},
    {Kind::Survey, "survey", "调查", "survey", false},
    {Kind::Registration, "registration", "登记", "registration", false},
    {Kind::Assignment, "assignment", "分派", "assignment", false},
    {Kind::Alert, "alert", "行业预警", "alert", false},
    {Kind::Step, "step", "办理环节", "step", false},
    {Kind::Notice, "notice", "公示", "notice", false},
    {Kind::Payment, "payment", "发放", "payment", false},
    {Kind::Score, "score", "评分", "score", false},
    {Kind::Correction, "correction", "更正", "correction", false},
    {Kind::Endorsement, "endorsement", "确认", "endorsement", false},
    {Kind::Receipt, "receipt", "接收回执", "receipt", false},
    {Kind::Founding, "founding", "建账", "founding", true},
    {Kind::Credential, "credential", "授权", "credential", true},
    {Kind::Revocation, "revocation", "撤销授权", "revocation", true},
    {Kind::Definition, "definition", "政策定义", "definition", true},
    {Kind::Erasure, "erasure", "删除", "erasure", true},
    {Kind::Incident, "incident", "异常事件", "incident", true},
    {Kind::Anchor, "anchor", "时间锚", "anchor", true},
};

std::span<const KindInfo> all_kinds() { return kKinds; }

std::optional<KindInfo> info_of(std::uint16_t kind) {
  for (const KindInfo& info : kKinds) {
    if (static_cast<std::uint16_t>(info.kind) == kind) return info;
  }
  return std::nullopt;
}

std::optional<Kind> kind_named(std::string_view name) {
  for (const KindInfo& info : kKinds) {
    if (info.name == name) return info.kind;
  }
  return std::nullopt;
}

bool is_governance(std::uint16_t kind) {
  const auto info = info_of(kind);
  return info && info->governance;
}
}  // namespace cunji::event
