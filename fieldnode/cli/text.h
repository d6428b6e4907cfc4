#pragma once
// What people see in a terminal: Chinese first, English second; tables whose columns line up with
// wide characters; a progress bar. Words and layout only, no rule of the domain.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace cunji::fieldnode::cli {
// Columns that a UTF-8 text takes in a terminal: two for CJK and other wide characters, none for
// combining ones. Broken UTF-8 counts a column a byte.
std::size_t display_width(std::string_view text);
// `text` cut to at most `columns` columns, with "…" where something is missing.
std::string fit(std::string_view text, std::size_t columns);

// Rows under headings, as wide as they need, two blanks between columns.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::size_t size() const { return rows_.size() - 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

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
