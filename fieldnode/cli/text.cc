#include "fieldnode/cli/text.h"

#include <unistd.h>

#include <algorithm>

namespace cunji::fieldnode::cli {
std::string_view label_zh_of(Errc code) {
  switch (code) {
    case Errc::Unknown: return "未知错误";
    case Errc::Io: return "读写或网络失败";
    case Errc::Corrupt: return "数据损坏";
    case Errc::Malformed: return "格式不对";
    case Errc::Forged: return "签名、授权码或证明无效";
    case Errc::Conflict: return "与已有内容冲突";
    case Errc::Limit: return "超出限制";
    case Errc::Timeout: return "等待超时";
    case Errc::Protocol: return "对方或次序不符合规程";
  }
  return "未知错误";
}

int fail(std::string_view zh, std::string_view en) {
  const std::string line = "错误:" + std::string(zh) + " · error: " + std::string(en) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return 1;
}

int fail(const Error& error) { return fail(label_zh_of(error.code), error.what); }

void say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

ProgressBar::ProgressBar(std::FILE* out) : out_(out), terminal_(::isatty(::fileno(out)) == 1) {}

void ProgressBar::show(std::string_view label, std::uint64_t done, std::uint64_t total) {
  if (total == 0) return;
  const int tenth = static_cast<int>(std::min(done, total) * 10 / total);
  const std::string count = std::to_string(done) + "/" + std::to_string(total);
  if (!terminal_) {
    if (tenth != tenth_)
      std::fprintf(out_, "%.*s %s\n", static_cast<int>(label.size()), label.data(), count.c_str());
    tenth_ = tenth;
    return;
  }
  constexpr std::size_t kCells = 30;
  const std::size_t full = static_cast<std::size_t>(std::min(done, total) * kCells / total);
  const std::string bar = std::string(full, '#') + std::string(kCells - full, '.');
  std::fprintf(out_, "\r%.*s [%s] %s\x1b[K", static_cast<int>(label.size()), label.data(),
               bar.c_str(), count.c_str());
  std::fflush(out_);
  drawn_ = true;
}

void ProgressBar::finish() {
  if (drawn_) std::fputc('\n', out_);
  drawn_ = false;
}
}  // namespace cunji::fieldnode::cli
