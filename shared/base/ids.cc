#include "shared/base/ids.h"

namespace cunji {
bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<DivisionCode> DivisionCode::parse(std::string_view text) {
  if (text.size() != kSize || !is_digits(text))
    return Error{Errc::Malformed, "a division code is twelve digits"};
  DivisionCode out;
  std::copy(text.begin(), text.end(), out.digits_.begin());
  return out;
}

Result<CountyCode> CountyCode::parse(std::string_view text) {
  if (text.size() != kSize || !is_digits(text))
    return Error{Errc::Malformed, "a county code is six digits"};
  CountyCode out;
  std::copy(text.begin(), text.end(), out.digits_.begin());
  return out;
}

DivisionCode CountyCode::division() const { return DivisionCode::parse(str() + "000000").value(); }
}  // namespace cunji
