#include "shared/sync/level_check.h"

namespace cunji::sync {
Result<Advance> check_checkpoint(const std::string& note, const log::Proof& consistency,
                                 const std::optional<Trusted>& trusted, const std::string& origin,
                                 const PublicKey& log_key) {
  TRY_AS(shown, log::open_checkpoint(note, origin, log_key));
  // Every log has its founding entry; an empty tree would vouch for nothing.
  if (shown.size == 0) return Error{Errc::Malformed, "checkpoint of an empty log"};
  Advance out{.shown = {shown, note}, .split_view = std::nullopt};
  if (!trusted) return out;
  const log::Checkpoint& old = trusted->checkpoint;
  const auto split = [&](const std::string& reason) {
    out.split_view = SplitView{trusted->note, note, reason};
    return out;
  };
  const std::string sizes = std::to_string(old.size) + " → " + std::to_string(shown.size);
  if (shown.size < old.size) return split("the log has become smaller: " + sizes);
  if (!log::verify_consistency(old.size, old.root, shown.size, shown.root, consistency))
    return split("the log shown does not continue the one trusted: " + sizes);
  return out;
}
}  // namespace cunji::sync
