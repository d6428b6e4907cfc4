#include "shared/programmes/exact.h"

namespace cunji::programmes {
using programme::Amount;

Exact::Exact(const Amount& amount)
    : kind_(amount.has_number()                  ? Kind::Number
            : amount.kind == Amount::Kind::Unset ? Kind::Unset
                                                 : Kind::Missing),
      number_(amount.has_number() ? amount.number : 0) {}

Amount Exact::amount() const { return {.kind = kind_, .number = number_}; }

// `overflows` says so, after putting the result into its last argument.
template <class Operation>
Exact Exact::apply(Exact a, Exact b, Operation overflows) {
  if (a.kind_ == Kind::Missing || b.kind_ == Kind::Missing) return missing();
  if (!a.is_known() || !b.is_known()) return Exact(Kind::Unset);
  std::int64_t out = 0;
  return overflows(a.number_, b.number_, out) ? missing() : Exact(out);
}

Exact operator+(Exact a, Exact b) {
  return Exact::apply(a, b, [](std::int64_t x, std::int64_t y, std::int64_t& out) {
    return __builtin_add_overflow(x, y, &out);
  });
}
Exact operator-(Exact a, Exact b) {
  return Exact::apply(a, b, [](std::int64_t x, std::int64_t y, std::int64_t& out) {
    return __builtin_sub_overflow(x, y, &out);
  });
}
Exact operator*(Exact a, Exact b) {
  return Exact::apply(a, b, [](std::int64_t x, std::int64_t y, std::int64_t& out) {
    return __builtin_mul_overflow(x, y, &out);
  });
}

Exact half_up(Exact dividend, Exact divisor) {
  return Exact::apply(dividend, divisor, [](std::int64_t x, std::int64_t y, std::int64_t& out) {
    if (y <= 0) return true;
    std::int64_t rest = x % y;
    out = x / y;
    if (rest < 0) {  // The whole below: with a divisor of 1 there is no rest, so this fits.
      rest += y;
      --out;
    }
    if (rest >= y - rest) ++out;
    return false;
  });
}

Amount is_less(Exact a, Exact b) {
  const Exact less = Exact::apply(a, b, [](std::int64_t x, std::int64_t y, std::int64_t& out) {
    out = x < y ? 1 : 0;
    return false;
  });
  return less.is_known() ? programme::yes(less.number_ != 0) : less.amount();
}
}  // namespace cunji::programmes
