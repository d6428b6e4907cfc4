#pragma once
// What people see in a terminal: a progress bar on long work, a QR code.
#include <cstdint>
#include <string>

namespace cunji::server {
bool is_terminal(int descriptor);

// One line on standard error, drawn again in place, in a terminal only.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label) : label_(std::move(label)) {}
  ~ProgressBar();
  void show(std::uint64_t done, std::uint64_t total);

 private:
  std::string label_;
  int shown_permille_ = -1;
};

// The text as a QR code of half blocks, light modules drawn, so that it reads on a dark terminal.
// Empty when the text is too long for one.
std::string qr_blocks(const std::string& text);
}  // namespace cunji::server
