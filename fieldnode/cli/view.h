#pragma once
// An opened node with its county and the state that is shown, for commands that only look.
#include <memory>
#include <optional>

#include "fieldnode/cli/context.h"

namespace cunji::fieldnode::cli {
struct View {
  std::unique_ptr<OpenNode> open;
  const state::State* state = nullptr;  // With what is not sent; the node's.
  CountyCode county;
};
// Nothing where there is no node, no county yet, or the key is revoked, which was said then.
std::optional<View> view_of(const Context& context);
}  // namespace cunji::fieldnode::cli
