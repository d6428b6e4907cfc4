#pragma once
// Whole numbers for calculations: what is missing, UNSET or no longer fits into 64 bits stays so
// through a whole formula, and comes out of it as such. Nothing is ever rounded but where it says
// so.
#include <cstdint>

#include "shared/programme/calculation.h"

namespace cunji::programmes {
class Exact {
 public:
  Exact(std::int64_t number) : kind_(Kind::Number), number_(number) {}
  // Of anything but a number: missing, or UNSET where it is that.
  explicit Exact(const programme::Amount& amount);
  static Exact missing() { return Exact(Kind::Missing); }

  bool is_known() const { return kind_ == Kind::Number; }
  std::int64_t number() const { return number_; }  // 0 unless it is known.
  programme::Amount amount() const;

  // Missing beats UNSET: a parameter is not asked for where there is nothing to judge yet.
  friend Exact operator+(Exact a, Exact b);
  friend Exact operator-(Exact a, Exact b);
  friend Exact operator*(Exact a, Exact b);
  // To the nearest whole, a half upwards (GEN-05); missing unless the divisor is above 0.
  friend Exact half_up(Exact dividend, Exact divisor);
  // A yes or a no.
  friend programme::Amount is_less(Exact a, Exact b);

 private:
  using Kind = programme::Amount::Kind;
  explicit Exact(Kind kind) : kind_(kind) {}
  template <class Operation>
  static Exact apply(Exact a, Exact b, Operation overflows);

  Kind kind_;  // Number, Missing or Unset.
  std::int64_t number_ = 0;
};
}  // namespace cunji::programmes
