#pragma once
// Makes a county (D19): its keys, the founding event, the credentials of system and registrar, the
// first checkpoint.
#include <string>
#include <vector>

#include "server/app/recovery.h"
#include "shared/base/entropy.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji::server {
struct InitOptions {
  std::string folder;  // Must not exist, or be empty.
  CountyCode county;
  std::string name;  // For people.
  bool test_county = false;
  std::uint32_t persons_required = 2;
  std::string root_key_out;  // Must not exist.
  // Of the recovery key; none: the county has no such key, for ever.
  std::vector<ShareOut> recovery_shares = {};
};
struct InitSummary {
  Digest root_digest;
  std::string origin, verifier_key;
  std::uint64_t size = 0;
};
// The checkpoint file comes last: a folder without one was not finished. Errc::Conflict for a used
// folder or root key file; Errc::Io with path and reason.
Result<InitSummary> init_county(const InitOptions& options, Entropy& entropy, TimePoint now);
}  // namespace cunji::server
