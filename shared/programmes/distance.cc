#include "shared/programmes/distance.h"

namespace cunji::programmes {
namespace {
// Fixed point: 2^60 is one. A product of two needs 128 bits.
using Wide = __int128;
constexpr int kBits = 60;
constexpr std::int64_t kOne = std::int64_t{1} << kBits;
std::int64_t times(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>((Wide{a} * b) >> kBits);
}

constexpr std::int64_t kPi = 3'622'009'729'038'561'421;
std::int64_t radians(std::int64_t degrees_e7) {
  return static_cast<std::int64_t>(Wide{kPi} * degrees_e7 / 1'800'000'000);
}

// The series of the sine (from x) or cosine (from 1), of an angle of at most π.
std::int64_t series(std::int64_t x, std::int64_t term, std::int64_t first) {
  const std::int64_t square_half = static_cast<std::int64_t>((Wide{x} * x) >> (kBits + 4));
  std::int64_t sum = 0;
  for (std::int64_t n = first; term != 0; n += 2) {
    sum += term;
    // x² may exceed what 64 bits hold of it: it is kept divided by sixteen.
    const Wide next = ((Wide{term} * square_half) >> (kBits - 4)) / (n * (n + 1));
    term = -static_cast<std::int64_t>(next);
  }
  return sum;
}
std::int64_t sine(std::int64_t x) { return series(x, x, 2); }
std::int64_t cosine(std::int64_t x) { return series(x, kOne, 1); }

std::int64_t root(Wide square) {
  std::int64_t low = 0, high = std::int64_t{1} << 62;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (Wide{middle} * middle <= square) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// x + x³/6 + 3x⁵/40 + …, of at most √½.
std::int64_t arcsine(std::int64_t x) {
  std::int64_t sum = 0, power = x;
  const std::int64_t square = times(x, x);
  for (std::int64_t n = 1; power != 0; n += 2) {
    sum += power / n;
    power = static_cast<std::int64_t>(Wide{times(power, square)} * n / (n + 1));
  }
  return sum;
}
}  // namespace

// Half the chord between two points of the unit sphere is the sine of half the angle (haversine).
std::int64_t distance_mm(const event::Place& a, const event::Place& b) {
  const std::int64_t north = std::int64_t{a.latitude_e7} - b.latitude_e7;
  std::int64_t east = std::int64_t{a.longitude_e7} - b.longitude_e7;
  if (east > 1'800'000'000) east -= 3'600'000'000;
  if (east < -1'800'000'000) east += 3'600'000'000;
  const std::int64_t both = times(cosine(radians(a.latitude_e7)), cosine(radians(b.latitude_e7)));
  // The mean of both cosines, as the root of their product.
  const std::int64_t narrower = both <= 0 ? 0 : root(Wide{both} << kBits);
  const std::int64_t latitude = sine(radians(north) / 2);
  const std::int64_t longitude = times(sine(radians(east) / 2), narrower);
  const Wide square = Wide{latitude} * latitude + Wide{longitude} * longitude;
  // Of the nearer half of the sphere; on the other one by the cosine, so that the series is short.
  constexpr Wide kSquareOfOne = Wide{kOne} * kOne;
  const bool far = square > kSquareOfOne / 2;
  const Wide rest = square < kSquareOfOne ? kSquareOfOne - square : Wide{0};
  const std::int64_t arc = far ? kPi / 2 - arcsine(root(rest)) : arcsine(root(square));
  constexpr std::int64_t kRadiusMm = 6'371'008'800;
  return static_cast<std::int64_t>((Wide{2} * arc * kRadiusMm) >> kBits);
}
}  // namespace cunji::programmes
