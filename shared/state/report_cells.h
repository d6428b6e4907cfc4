#pragma once
// A report's cells: values of definitions as they are printed (GEN-05, GEN-15).
#include "shared/state/reports.h"
#include "shared/state/world.h"

namespace cunji::state {
// What decides the order of two cells: a number, or a text by its bytes; what is missing comes
// last.
struct SortKey {
  bool missing = true;
  std::int64_t number = 0;
  std::string text{};
  auto operator<=>(const SortKey&) const = default;
};

class ReportCells {
 public:
  // `on`: what has happened by its end, of the period that is asked for.
  ReportCells(const World& world, Date on, const ReportAsked& asked, bool mask)
      : world_(world), asked_(asked), mask_(mask) {
    at_ = At::end_of_day(kNoNumber, on);
    at_.day = asked.in_period.value_or(on);
    if (asked.before && *asked.before < at_.until) at_.until = *asked.before;
  }
  const World& world() const { return world_; }
  At at(std::uint32_t subject) const {
    At out = at_;
    out.subject = subject;
    return out;
  }
  ReportCell cell(const programme::Report::Column& column, std::uint32_t subject) const;
  // "王桂兰", "白羽街道", "0001 王桂兰": what people call a subject.
  std::string name_of(std::uint32_t subject) const;
  // By a fact, a ratio or an aggregate of the row, or a type of what it belongs to: the division's
  // code, or its name. `text` is what a group of it is called.
  SortKey key(Symbol what, std::uint32_t subject, std::string& text) const;
  programme::Label label_of(Symbol what) const;  // Of a fact, aggregate, ratio or type.
  // The division in which it is, or in which its person has a seat.
  std::optional<DivisionCode> division_of(std::uint32_t subject) const;
  bool is_held(const std::optional<DivisionCode>& division) const;

 private:
  ReportCell one(const programme::Value& value, const std::string& format, const At& at) const;
  ReportCell fact_cell(const programme::Value& value, const std::string& format,
                       const At& at) const;
  ReportCell received(const programme::Fact& fact, std::uint32_t owner, Symbol key, const Val& val,
                      const At& at) const;
  std::optional<Date> last_met(std::uint32_t household, const At& at) const;
  ReportCell ratio_cell(Symbol ratio, const At& at) const;
  bool is_elsewhere(const programme::Value& value, std::uint32_t subject) const;
  std::string text_of(const Val& val, programme::Type type, Symbol codes,
                      const std::string& format) const;
  std::string text_of_codes(const programme::Fact& fact, std::uint32_t owner, Symbol key,
                            const At& at) const;
  std::string code_text(Symbol list, Symbol code) const;
  std::string fact_text(const char* fact, std::uint32_t subject) const;
  Symbol key_now(const programme::Fact& fact, const At& at, std::int32_t back = 0) const;

  const World& world_;
  const ReportAsked& asked_;
  bool mask_;
  At at_{};
};

// "95.24": of, over as a percentage, two decimals, half up from the exact terms. `over` above 0;
// nothing where it does not fit.
std::optional<std::string> percentage(std::int64_t of, std::int64_t over);
// "2022年4月" for "yyyy年M月"; without a format "2022-04-18".
std::string format_day(Date day, std::string_view format);
}  // namespace cunji::state
