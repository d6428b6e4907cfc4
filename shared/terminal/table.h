#pragma once
// Tables whose columns line up in a terminal, with wide characters too.
#include <string>
#include <string_view>
#include <vector>

namespace cunji::terminal {
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
  // In lines of at most `columns`: what does not fit beside the first column stands below, each
  // part beginning with the first column again.
  std::string text(std::size_t columns) const;

 private:
  std::vector<std::size_t> widths() const;
  std::string part(const std::vector<std::size_t>& widths, std::size_t first,
                   std::size_t end) const;

  std::vector<std::vector<std::string>> rows_;
};
}  // namespace cunji::terminal
