#pragma once
// What people see in a terminal: Chinese first, English second; a progress bar. Words and layout
// only, no rule of the domain.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/terminal/table.h"

namespace cunji::fieldnode::cli {
using terminal::display_width;
using terminal::fit;
using terminal::Table;

// "错误:zh · error: en" on standard error; gives the exit code 1.
int fail(std::string_view zh, std::string_view en);
// The same for an error of the library: its kind in Chinese, then its own line.
int fail(const Error& error);
std::string_view label_zh_of(Errc code);

void say(std::string_view line);  // One line on standard output.

// A bar that redraws itself on a terminal; elsewhere a line for every tenth.
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* out);
  ~ProgressBar() { finish(); }
  void show(std::string_view label, std::uint64_t done, std::uint64_t total);
  void finish();  // Ends the line, so that what follows stands below.

 private:
  std::FILE* out_;
  bool terminal_ = false, drawn_ = false;
  int tenth_ = -1;
};
}  // namespace cunji::fieldnode::cli
