#include "fieldnode/photo.h"

#include <array>

#include "fieldnode/exif.h"

namespace cunji::fieldnode {
namespace {
constexpr BytesView kExifLabel("Exif\0\0", 6);
constexpr BytesView kPngSignature("\x89PNG\r\n\x1a\n", 8);
const Error kCutShort{Errc::Malformed, "the file ends too early: copy it from the camera again"};

// ---- JPEG (ITU-T T.81, B.1): segments, then for each scan its entropy-coded bytes. ----

constexpr std::uint8_t kEnd = 0xd9, kScan = 0xda, kApp0 = 0xe0, kApp1 = 0xe1, kApp14 = 0xee,
                       kApp15 = 0xef, kComment = 0xfe;

bool has_no_length(std::uint8_t marker) {
  return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

// What decoders need: JFIF's density and Adobe's colour transform, no other application's data.
bool stays(std::uint8_t marker, BytesView content) {
  if (marker == kComment) return false;
  if (marker < kApp0 || marker > kApp15) return true;
  return (marker == kApp0 && content.starts_with(BytesView("JFIF\0", 5))) ||
         (marker == kApp14 && content.starts_with("Adobe"));
}

// A thumbnail inside JFIF's segment is another picture: it goes.
Bytes without_thumbnail(BytesView jfif) {
  Bytes out(jfif.substr(0, 14));
  if (out.size() == 14) out[12] = out[13] = '\0';
  return out;
}

Result<Photo> strip_jpeg(BytesView file) {
  Photo out{.bytes = Bytes(file.substr(0, 2)), .media_type = "image/jpeg"};
  ExifSaid said;
  bool read = false, begun = false;
  const auto put = [&](std::uint8_t marker, BytesView content) {
    out.bytes += static_cast<char>(0xff);
    out.bytes += static_cast<char>(marker);
    out.bytes +=
        ByteWriter().u16(static_cast<std::uint16_t>(content.size() + 2)).raw(content).take();
  };
  const auto begin = [&] {  // Behind JFIF's segment, which stands first, before all others.
    if (!begun && said.orientation != 1)
      put(kApp1, Bytes(kExifLabel) + orientation_exif(said.orientation));
    begun = true;
  };
  for (std::size_t at = 2;;) {
    if (at >= file.size()) return kCutShort;
    if (static_cast<std::uint8_t>(file[at]) != 0xff)
      return Error{Errc::Malformed, "the JPEG file is damaged"};
    while (at < file.size() && static_cast<std::uint8_t>(file[at]) == 0xff) ++at;
    if (at >= file.size()) return kCutShort;
    const auto marker = static_cast<std::uint8_t>(file[at++]);
    if (marker == kEnd) {
      out.bytes += "\xff\xd9";
      break;
    }
    if (has_no_length(marker)) {
      out.bytes += static_cast<char>(0xff);
      out.bytes += static_cast<char>(marker);
      continue;
    }
    if (file.size() - at < 2) return kCutShort;
    const std::size_t length = ByteReader(file.substr(at)).u16();
    if (length < 2) return Error{Errc::Malformed, "the JPEG file is damaged"};
    if (file.size() - at < length) return kCutShort;
    const BytesView content = file.substr(at + 2, length - 2);
    at += length;
    if (marker == kApp1 && content.starts_with(kExifLabel) && !read) {
      said = read_exif(content.substr(kExifLabel.size()));
      read = true;
    }
    if (!stays(marker, content)) continue;
    if (marker != kApp0) begin();
    put(marker, marker == kApp0 ? without_thumbnail(content) : Bytes(content));
    if (marker != kScan) continue;
    const std::size_t scan = at;
    // Up to the next marker that is neither a stuffed zero nor a restart.
    while (at < file.size() &&
           !(static_cast<std::uint8_t>(file[at]) == 0xff && at + 1 < file.size() &&
             file[at + 1] != '\0' && static_cast<std::uint8_t>(file[at + 1]) != 0xff &&
             (static_cast<std::uint8_t>(file[at + 1]) & 0xf8) != 0xd0))
      ++at;
    out.bytes += file.substr(scan, at - scan);
  }
  out.taken_at = said.taken_at;
  out.place = said.place;
  return out;
}

// ---- PNG (ISO/IEC 15948): chunks with checksums. ----

std::uint32_t crc_of(BytesView bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return crc ^ 0xffffffff;
}

bool stays(BytesView type) {
  static constexpr std::array<BytesView, 10> kKept = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS",
                                                      "gAMA", "cHRM", "sRGB", "sBIT", "pHYs"};
  return std::find(kKept.begin(), kKept.end(), type) != kKept.end();
}

Bytes png_chunk(BytesView type, BytesView content) {
  const Bytes named = Bytes(type).append(content);
  return ByteWriter()
      .u32(static_cast<std::uint32_t>(content.size()))
      .raw(named)
      .u32(crc_of(named))
      .take();
}

Result<Photo> strip_png(BytesView file) {
  Photo out{.bytes = Bytes(kPngSignature), .media_type = "image/png"};
  Bytes picture;
  ExifSaid said;
  for (std::size_t at = kPngSignature.size();;) {
    if (file.size() - at < 12) return kCutShort;
    const std::size_t length = ByteReader(file.substr(at)).u32();
    if (file.size() - at - 12 < length) return kCutShort;
    const BytesView type = file.substr(at + 4, 4), content = file.substr(at + 8, length);
    const BytesView whole = file.substr(at, length + 12);
    if (type == "eXIf") said = read_exif(content);
    if (stays(type)) {
      if (crc_of(file.substr(at + 4, length + 4)) != ByteReader(file.substr(at + 8 + length)).u32())
        return Error{Errc::Malformed, "the PNG file is damaged"};
      (type == "IHDR" ? out.bytes : picture) += whole;
    }
    at += length + 12;
    if (type == "IEND") break;
  }
  if (said.orientation != 1) out.bytes += png_chunk("eXIf", orientation_exif(said.orientation));
  out.bytes += picture;
  out.taken_at = said.taken_at;
  out.place = said.place;
  return out;
}
}  // namespace

Result<Photo> strip_photo(BytesView file) {
  const bool jpeg = file.starts_with("\xff\xd8\xff"), png = file.starts_with(kPngSignature);
  if (!jpeg && !png) return Error{Errc::Malformed, "neither a JPEG nor a PNG file"};
  if (file.size() > kPhotoFileBytesMax) return Error{Errc::Limit, "the file is too large"};
  TRY_AS(out, jpeg ? strip_jpeg(file) : strip_png(file));
  if (out.bytes.size() > event::kBlobBytesMax)
    return Error{Errc::Limit, "above " + std::to_string(event::kBlobBytesMax) +
                                  " bytes also without its metadata"};
  return std::move(out);
}
}  // namespace cunji::fieldnode
