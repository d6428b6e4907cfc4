#include "server/command/terminal.h"

#include <qrencode.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace cunji::server {
bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
  static constexpr int kWidth = 30;
  const int permille = total == 0 ? 1'000 : static_cast<int>(done * 1'000 / total);
  if (!is_terminal(STDERR_FILENO) || permille == shown_permille_) return;
  shown_permille_ = permille;
  const int filled = permille * kWidth / 1'000;
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
  std::fprintf(stderr, "\r%s %s %3d %%  %llu/%llu ", label_.c_str(), bar.c_str(), permille / 10,
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
}

ProgressBar::~ProgressBar() {
  if (shown_permille_ >= 0) std::fputc('\n', stderr);
}

std::string qr_blocks(const std::string& text) {
  static constexpr int kQuiet =
      2;  // Modules of margin; scanners manage with less than the norm's 4.
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
  if (!code) return {};
  const auto light = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || (code->data[y * code->width + x] & 1) == 0;
  };
  std::string out;
  for (int y = -kQuiet; y < code->width + kQuiet; y += 2) {
    for (int x = -kQuiet; x < code->width + kQuiet; ++x) {
      const bool upper = light(x, y), lower = light(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += '\n';
  }
  return out;
}
}  // namespace cunji::server
