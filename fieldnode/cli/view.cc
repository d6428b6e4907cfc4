#include "fieldnode/cli/view.h"

#include "fieldnode/cli/text.h"

namespace cunji::fieldnode::cli {
std::optional<View> view_of(const Context& context) {
  View out{.open = open_node(context), .state = nullptr, .county = {}};
  if (!out.open) return std::nullopt;
  const auto county = out.open->node->county();
  if (!county) {
    fail("尚未登记入册,先运行 enrol", "not enrolled yet: run enrol first");
    return std::nullopt;
  }
  if (out.open->node->revoked()) {
    fail("县里已撤销此密钥,查阅已关闭", "the county has revoked this key: reading is closed");
    return std::nullopt;
  }
  const auto state = out.open->node->shown();
  if (!state) {
    fail(state.error());
    return std::nullopt;
  }
  out.county = *county;
  out.state = *state;
  return out;
}
}  // namespace cunji::fieldnode::cli
