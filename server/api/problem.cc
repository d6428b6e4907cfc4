#include "server/api/problem.h"

#include "server/api/limits.h"

namespace cunji::server {
Problem problem_of(const Error& error) {
  if (error.code == Errc::Io)
    return busy("磁盘暂时无法读写", "the disk refuses for now: " + error.what);
  return {.status = 500, .code = "internal", .zh = "服务器内部错误", .en = error.what};
}

Problem bad_parameter(const std::string& name, const std::string& zh, const std::string& en) {
  return {.status = 400,
          .code = "bad_parameter",
          .zh = "参数 " + name + "：" + zh,
          .en = "parameter " + name + ": " + en};
}

Problem not_found(const std::string& zh, const std::string& en) {
  return {.status = 404, .code = "not_found", .zh = zh, .en = en};
}

Problem busy(const std::string& zh, const std::string& en) {
  return {.status = 503, .code = "busy", .zh = zh, .en = en, .retry_after = kRetryAfterSeconds};
}
}  // namespace cunji::server
