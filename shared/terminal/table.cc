#include "shared/terminal/table.h"

#include <algorithm>

namespace cunji::terminal {
namespace {
struct Range {
  char32_t first, last;
};
// East Asian Width W and F (Unicode 15, UAX #11), by blocks: enough for names and labels.
constexpr Range kWide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF}, {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},  {0xFE30, 0xFE6F}, {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
constexpr Range kCombining[] = {{0x0300, 0x036F}, {0x200B, 0x200F}, {0xFE00, 0xFE0F}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

struct Character {
  std::size_t bytes = 1, columns = 1;
};

// The character at the beginning of `text`, which is not empty.
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {};
  char32_t c = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    c = c << 6 | (next & 0x3FU);
  }
  return {bytes, within(kCombining, c) ? 0U : within(kWide, c) ? 2U : 1U};
}
}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character c = first_of(text);
    columns += c.columns;
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  std::size_t used = 1;  // The ellipsis.
  while (!text.empty()) {
    const Character c = first_of(text);
    if (used + c.columns > columns) break;
    out += text.substr(0, c.bytes);
    used += c.columns;
    text.remove_prefix(c.bytes);
  }
  return out + "…";
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> out;
  for (const auto& row : rows_) {
    out.resize(std::max(out.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) out[i] = std::max(out[i], display_width(row[i]));
  }
  return out;
}

// The first column, and those from `first` to `end`.
std::string Table::part(const std::vector<std::size_t>& widths, std::size_t first,
                        std::size_t end) const {
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < end && i < row.size(); ++i) {
      if (i > 0 && i < first) continue;
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string Table::text() const {
  const std::vector<std::size_t> widths = this->widths();
  return part(widths, 1, widths.size());
}

std::string Table::text(std::size_t columns) const {
  const std::vector<std::size_t> widths = this->widths();
  std::string out;
  std::size_t first = 1;
  do {
    std::size_t end = first, used = widths.empty() ? 0 : widths[0];
    // One column at least, however wide.
    while (end < widths.size() && (end == first || used + 2 + widths[end] <= columns))
      used += 2 + widths[end++];
    if (!out.empty()) out += "\n";
    out += part(widths, first, end);
    first = end;
  } while (first < widths.size());
  return out;
}
}  // namespace cunji::terminal
