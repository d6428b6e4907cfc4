#include "shared/base/result.h"

namespace cunji {
const char* name_of(Errc code) {
  switch (code) {
    case Errc::Unknown: return "unknown";
    case Errc::Io: return "io";
    case Errc::Corrupt: return "corrupt";
    case Errc::Malformed: return "malformed";
    case Errc::Forged: return "forged";
    case Errc::Conflict: return "conflict";
    case Errc::Limit: return "limit";
    case Errc::Timeout: return "timeout";
    case Errc::Protocol: return "protocol";
  }
  return "unknown";
}
}  // namespace cunji
