#include "fieldnode/exif.h"

#include <cmath>

#include "shared/base/calendar.h"

namespace cunji::fieldnode {
namespace {
// Tags, EXIF 2.32 tables 3 to 15.
constexpr std::uint16_t kOrientation = 0x0112, kDateTime = 0x0132, kExifIfd = 0x8769,
                        kGpsIfd = 0x8825, kDateTimeOriginal = 0x9003, kOffsetTimeOriginal = 0x9011;
constexpr std::uint16_t kLatitudeRef = 1, kLatitude = 2, kLongitudeRef = 3, kLongitude = 4,
                        kPositioningError = 0x1f;
constexpr std::uint16_t kAscii = 2, kShort = 3, kLong = 4, kRational = 5;
// A directory of a camera has some dozens; more is made up, and would only cost time.
constexpr std::uint32_t kFieldsMax = 512;

// A TIFF block in either byte order; reading outside gives nothing.
class Tiff {
 public:
  explicit Tiff(BytesView bytes) : bytes_(bytes) {
    little_ = bytes.starts_with(BytesView("II\x2a\0", 4));
    sound_ = little_ || bytes.starts_with(BytesView("MM\0\x2a", 4));
  }
  bool sound() const { return sound_; }
  std::optional<std::uint32_t> number(std::uint64_t at, std::size_t size) const {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t from = static_cast<std::size_t>(at) + (little_ ? size - 1 - i : i);
      out = out << 8 | static_cast<std::uint8_t>(bytes_[from]);
    }
    return out;
  }
  struct Field {
    std::uint16_t type = 0;
    std::uint32_t count = 0;
    std::uint64_t at = 0;  // Where its value begins.
  };
  std::optional<Field> find(std::uint64_t directory, std::uint16_t tag) const {
    const auto fields = number(directory, 2);
    if (!fields || *fields > kFieldsMax) return std::nullopt;
    for (std::uint32_t i = 0; i < *fields; ++i) {
      const std::uint64_t at = directory + 2 + std::uint64_t{12} * i;
      const auto found = number(at, 2), type = number(at + 2, 2), count = number(at + 4, 4),
                 value = number(at + 8, 4);
      if (!value) return std::nullopt;
      if (*found != tag) continue;
      const std::uint64_t size = *type == kRational ? 8
                                 : *type == kLong   ? 4
                                 : *type == kShort  ? 2
                                                    : 1;
      return Field{.type = static_cast<std::uint16_t>(*type),
                   .count = *count,
                   .at = size * *count <= 4 ? at + 8 : *value};
    }
    return std::nullopt;
  }
  std::optional<std::uint32_t> short_or_long(std::uint64_t directory, std::uint16_t tag) const {
    const auto field = find(directory, tag);
    if (!field || field->count != 1 || (field->type != kShort && field->type != kLong))
      return std::nullopt;
    return number(field->at, field->type == kShort ? 2 : 4);
  }
  // Without its final zero.
  std::optional<std::string> text(std::uint64_t directory, std::uint16_t tag) const {
    const auto field = find(directory, tag);
    if (!field || field->type != kAscii || field->count == 0 || field->at > bytes_.size() ||
        bytes_.size() - field->at < field->count)
      return std::nullopt;
    std::string out(bytes_.substr(static_cast<std::size_t>(field->at), field->count));
    out.resize(std::min(out.size(), out.find('\0')));
    return out;
  }
  std::optional<double> rational(const Field& field, std::uint32_t index) const {
    if (field.type != kRational || index >= field.count) return std::nullopt;
    const auto above = number(field.at + std::uint64_t{8} * index, 4),
               below = number(field.at + std::uint64_t{8} * index + 4, 4);
    if (!above || !below || *below == 0) return std::nullopt;
    return double{1} * *above / *below;
  }

 private:
  BytesView bytes_;
  bool little_ = false, sound_ = false;
};

std::optional<int> digits(std::string_view text) {
  if (!is_digits(text) || text.size() > 4) return std::nullopt;
  int out = 0;
  for (const char c : text) out = out * 10 + (c - '0');
  return out;
}

// "2022:02:10 09:41:00", "+08:00".
std::optional<TimePoint> time_of(const std::string& text, const std::optional<std::string>& zone) {
  if (text.size() != 19 || text[4] != ':' || text[7] != ':' || text[10] != ' ' || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  const auto date =
      parse_date(text.substr(0, 4) + "-" + text.substr(5, 2) + "-" + text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)),
             second = digits(text.substr(17, 2));
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  Duration offset = kCountyOffset;
  if (zone && zone->size() == 6 && (zone->front() == '+' || zone->front() == '-')) {
    const auto hours = digits(zone->substr(1, 2)), minutes = digits(zone->substr(4, 2));
    if (hours && minutes && *hours <= 14 && *minutes <= 59)
      offset = (zone->front() == '-' ? -1 : 1) * std::chrono::minutes{*hours * 60 + *minutes};
  }
  const TimePoint out = std::chrono::sys_days{*date} + std::chrono::hours{*hour} +
                        std::chrono::minutes{*minute} + std::chrono::seconds{*second} - offset;
  if (out <= TimePoint{} || to_millis(out) > kTimeMillisMax) return std::nullopt;
  return out;
}

std::optional<std::int32_t> degrees_e7(const Tiff& tiff, std::uint64_t gps, std::uint16_t value,
                                       std::uint16_t reference, std::string_view both,
                                       double degrees_max) {
  const auto field = tiff.find(gps, value);
  const auto side = tiff.text(gps, reference);
  if (!field || !side || side->size() != 1 || both.find(side->front()) == both.npos)
    return std::nullopt;
  const auto degrees = tiff.rational(*field, 0), minutes = tiff.rational(*field, 1),
             seconds = tiff.rational(*field, 2);
  // Rounded by the camera, it may be sixty.
  if (!degrees || !minutes || *minutes > 60 || (seconds && *seconds > 60)) return std::nullopt;
  const double out = *degrees + *minutes / 60 + seconds.value_or(0) / 3'600;
  if (out > degrees_max) return std::nullopt;
  const auto scaled = static_cast<std::int32_t>(std::lround(out * 1e7));
  return side->front() == both[1] ? -scaled : scaled;
}

std::optional<event::Place> place_of(const Tiff& tiff, std::uint64_t gps) {
  const auto latitude = degrees_e7(tiff, gps, kLatitude, kLatitudeRef, "NS", 90);
  const auto longitude = degrees_e7(tiff, gps, kLongitude, kLongitudeRef, "EW", 180);
  if (!latitude || !longitude) return std::nullopt;
  event::Place out{.latitude_e7 = *latitude, .longitude_e7 = *longitude};
  const auto field = tiff.find(gps, kPositioningError);
  const auto error = field ? tiff.rational(*field, 0) : std::nullopt;
  if (error && *error <= 1e6) out.accuracy_m = static_cast<std::uint32_t>(std::ceil(*error));
  return out;
}
}  // namespace

ExifSaid read_exif(BytesView bytes) {
  ExifSaid out;
  const Tiff tiff(bytes);
  const auto first = tiff.sound() ? tiff.number(4, 4) : std::nullopt;
  if (!first) return out;
  const auto orientation = tiff.short_or_long(*first, kOrientation);
  if (orientation && *orientation >= 1 && *orientation <= 8)
    out.orientation = static_cast<std::uint16_t>(*orientation);
  auto taken = tiff.text(*first, kDateTime);
  std::optional<std::string> zone;
  if (const auto exif = tiff.short_or_long(*first, kExifIfd)) {
    if (const auto original = tiff.text(*exif, kDateTimeOriginal)) {
      taken = original;
      zone = tiff.text(*exif, kOffsetTimeOriginal);
    }
  }
  if (taken) out.taken_at = time_of(*taken, zone);
  if (const auto gps = tiff.short_or_long(*first, kGpsIfd)) out.place = place_of(tiff, *gps);
  return out;
}

Bytes orientation_exif(std::uint16_t orientation) {
  return ByteWriter()
      .raw(BytesView("MM\0\x2a", 4))
      .u32(8)  // The directory follows,
      .u16(1)  // with one field.
      .u16(kOrientation)
      .u16(kShort)
      .u32(1)
      .u16(orientation)
      .u16(0)
      .u32(0)  // No further directory.
      .take();
}
}  // namespace cunji::fieldnode
