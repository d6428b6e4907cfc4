#include "shared/log/consistency.h"

#include "shared/log/merkle.h"

namespace cunji::log {
static Error refuse(const std::string& why) {
  return Error{Errc::Corrupt, "the log was changed or rolled back: refuse to sign: " + why};
}

Result<void> check_consistent(const HashReader& hashes, const LogHead& head,
                              const Checkpoint& published) {
  if (published.size > head.size)
    return refuse("it has " + std::to_string(head.size) + " entries, its published checkpoint " +
                  std::to_string(published.size));
  TRY_AS(root, root_at(hashes, published.size));
  if (root != published.root)
    return refuse("its first " + std::to_string(published.size) +
                  " entries are not those of its published checkpoint");
  return {};
}
}  // namespace cunji::log
