// What is left of a photo's file, and what it said of place and time. Files are made by hand.
#include "fieldnode/photo.h"

#include <gtest/gtest.h>

#include "fieldnode/exif.h"

namespace cunji::fieldnode {
namespace {
constexpr char kSecret[] = "where and when, and whose camera";

Bytes segment(std::uint8_t marker, BytesView content) {
  return ByteWriter()
      .u8(0xff)
      .u8(marker)
      .u16(static_cast<std::uint16_t>(content.size() + 2))
      .raw(content)
      .take();
}

// Builds a TIFF block of directories, in either byte order.
class TiffWriter {
 public:
  explicit TiffWriter(bool little) : little_(little) {
    out_ = little ? Bytes("II\x2a\0", 4) : Bytes("MM\0\x2a", 4);
    number(8, 4);
  }
  struct Field {
    std::uint16_t tag = 0, type = 0;
    std::uint32_t count = 0;
    std::vector<std::uint32_t> value{};  // One short or long; or rationals, above and below.
    Bytes text{};
  };
  // Its values follow behind the directory. Gives where it begins.
  std::uint32_t directory(const std::vector<Field>& fields) {
    const auto begin = static_cast<std::uint32_t>(out_.size());
    std::uint32_t values_at = begin + 2 + 12 * static_cast<std::uint32_t>(fields.size()) + 4;
    number(static_cast<std::uint32_t>(fields.size()), 2);
    for (const Field& field : fields) {
      number(field.tag, 2);
      number(field.type, 2);
      number(field.count, 4);
      if (field.type == 3) {
        number(field.value[0], 2);
        number(0, 2);
      } else if (field.type == 4) {
        number(field.value[0], 4);
      } else if (field.text.size() <= 4 && field.type == 2) {
        out_ += field.text + Bytes(4 - field.text.size(), '\0');
      } else {
        number(values_at, 4);
        values_at += static_cast<std::uint32_t>(field.type == 2 ? field.text.size()
                                                                : 4 * field.value.size());
      }
    }
    number(0, 4);
    for (const Field& field : fields) {
      if (field.type == 2 && field.text.size() > 4) out_ += field.text;
      if (field.type == 5)
        for (const std::uint32_t each : field.value) number(each, 4);
    }
    return begin;
  }
  void point_to(std::uint32_t first) { put(4, first); }
  const Bytes& bytes() const { return out_; }

 private:
  void number(std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      out_ += static_cast<char>(value >> 8 * (little_ ? i : size - 1 - i));
  }
  void put(std::size_t at, std::uint32_t value) {
    const Bytes before = out_.substr(0, at), after = out_.substr(at + 4);
    out_ = before;
    number(value, 4);
    out_ += after;
  }
  bool little_;
  Bytes out_;
};

Bytes text(std::string_view of) { return Bytes(of) + '\0'; }

Bytes camera_exif(bool little, const std::string& zone = "", std::uint16_t orientation = 6) {
  TiffWriter tiff(little);
  std::vector<TiffWriter::Field> taken = {{0x9003, 2, 20, {}, text("2022:02:10 09:41:07")}};
  if (!zone.empty()) taken.push_back({0x9011, 2, 7, {}, text(zone)});
  const std::uint32_t exif = tiff.directory(taken);
  const std::uint32_t gps = tiff.directory({{1, 2, 2, {}, text("S")},
                                            {2, 5, 3, {33, 1, 30, 1, 3'600, 100}},  // 33° 30' 36"
                                            {3, 2, 2, {}, text("E")},
                                            {4, 5, 3, {111, 1, 6, 1, 0, 1}},
                                            {0x1f, 5, 1, {125, 10}}});
  tiff.point_to(tiff.directory({{0x0110, 2, sizeof kSecret, {}, Bytes(kSecret, sizeof kSecret)},
                                {0x0112, 3, 1, {orientation}},
                                {0x8769, 4, 1, {exif}},
                                {0x8825, 4, 1, {gps}}}));
  return tiff.bytes();
}

const Bytes kBegin = "\xff\xd8";
const Bytes kJfif = segment(0xe0, BytesView("JFIF\0\1\2\0\0\1\0\1\0\0", 14));
Bytes picture() {
  return segment(0xdb, Bytes(65, 'q')) + segment(0xda, "scan header") +
         Bytes("coded\xff\0bytes\xff\xd3more", 18) + segment(0xc4, "tables") +
         segment(0xda, "second scan") + "x\xff\xff\xd9";
}
Bytes exif_segment(BytesView tiff) { return segment(0xe1, Bytes("Exif\0\0", 6) + Bytes(tiff)); }

TEST(Exif, SaysPlaceTimeAndOrientation) {
  for (const bool little : {true, false}) {
    const ExifSaid said = read_exif(camera_exif(little));
    EXPECT_EQ(said.orientation, 6);
    ASSERT_TRUE(said.taken_at);
    EXPECT_EQ(to_millis(*said.taken_at), 1'644'457'267'000u) << "UTC+8 where no zone is named";
    ASSERT_TRUE(said.place);
    EXPECT_EQ(said.place->latitude_e7, -335'100'000);
    EXPECT_EQ(said.place->longitude_e7, 1'111'000'000);
    EXPECT_EQ(said.place->accuracy_m, 13u);
  }
  EXPECT_EQ(to_millis(*read_exif(camera_exif(true, "+00:00")).taken_at), 1'644'486'067'000u);
  EXPECT_EQ(to_millis(*read_exif(camera_exif(true, "-05:30")).taken_at), 1'644'505'867'000u);
}

TEST(Exif, WhatDoesNotReadWellIsLeftOut) {
  const Bytes whole = camera_exif(false);
  for (std::size_t n = 0; n < whole.size(); ++n) read_exif(BytesView(whole).substr(0, n));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    for (const char flip : {'\1', '\x7f', '\xff'}) {
      Bytes damaged = whole;
      damaged[n] = static_cast<char>(damaged[n] ^ flip);
      const ExifSaid said = read_exif(damaged);
      EXPECT_TRUE(said.orientation >= 1 && said.orientation <= 8);
      if (said.place) {
        EXPECT_LE(std::abs(said.place->latitude_e7), 900'000'000);
        EXPECT_LE(std::abs(std::int64_t{said.place->longitude_e7}), 1'800'000'000);
      }
    }
  }
  EXPECT_FALSE(read_exif("").taken_at);
  EXPECT_EQ(read_exif(orientation_exif(3)).orientation, 3);
  EXPECT_FALSE(read_exif(orientation_exif(3)).place);
}

TEST(Photo, OfAJpegOnlyThePictureIsLeft) {
  const Bytes thumbnail = segment(0xe0, Bytes("JFIF\0\1\2\0\0\1\0\1\1\1", 14) + "rgb");
  const Bytes file = kBegin + thumbnail + exif_segment(camera_exif(true)) +
                     segment(0xe1, Bytes("http://ns.adobe.com/xap/1.0/") + kSecret) +
                     segment(0xe2, Bytes("MPF") + kSecret) + segment(0xfe, kSecret) +
                     segment(0xee, "Adobe color") + picture() + kBegin + kSecret + "\xff\xd9";
  const auto photo = strip_photo(file);
  ASSERT_TRUE(photo) << photo.error().what;
  EXPECT_EQ(photo->media_type, "image/jpeg");
  EXPECT_EQ(photo->bytes, kBegin + kJfif + exif_segment(orientation_exif(6)) +
                              segment(0xee, "Adobe color") + picture());
  EXPECT_EQ(photo->bytes.find(kSecret), Bytes::npos);
  ASSERT_TRUE(photo->taken_at && photo->place);
  const auto again = strip_photo(photo->bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes, photo->bytes) << "nothing is left to be taken out";
  EXPECT_FALSE(again->taken_at || again->place);
  EXPECT_EQ(strip_photo(kBegin + exif_segment(camera_exif(true, "", 1)) + picture())->bytes,
            kBegin + picture())
      << "an upright one needs no word about it";
}

TEST(Photo, BrokenMetadataIsRemovedAllTheSame) {
  for (const Bytes& metadata :
       {exif_segment("MM\xff\xff"), exif_segment(""), segment(0xe1, "Exif"),
        exif_segment(camera_exif(false).substr(0, 60)), segment(0xe1, "")}) {
    const auto photo = strip_photo(kBegin + metadata + picture());
    ASSERT_TRUE(photo) << photo.error().what;
    EXPECT_FALSE(photo->place);
    EXPECT_EQ(photo->bytes.find("camera"), Bytes::npos);
    EXPECT_TRUE(photo->bytes.ends_with(picture()));
  }
}

Bytes png_chunk(const Bytes& type, const Bytes& content, std::uint32_t crc) {
  return ByteWriter()
      .u32(static_cast<std::uint32_t>(content.size()))
      .raw(type)
      .raw(content)
      .u32(crc)
      .take();
}
// Checksums as zlib gives them.
const Bytes kSignature("\x89PNG\r\n\x1a\n", 8);
const Bytes kIhdr = png_chunk("IHDR", Bytes("\0\0\0\1\0\0\0\1\x08\0\0\0\0", 13), 0x3a7e9b55);
const Bytes kIdat = png_chunk("IDAT", Bytes("x\x9c\x63\x68\0\0\0\x82\0\x81", 10), 0x77cd72b6);
const Bytes kIend = png_chunk("IEND", "", 0xae426082);

TEST(Photo, OfAPngOnlyThePictureIsLeft) {
  const Bytes file = kSignature + kIhdr + png_chunk("tEXt", kSecret, 1) +
                     png_chunk("eXIf", camera_exif(false, "", 1), 2) +
                     png_chunk("tIME", "1234567", 3) + kIdat + kIend + kSecret;
  const auto photo = strip_photo(file);
  ASSERT_TRUE(photo) << photo.error().what;
  EXPECT_EQ(photo->media_type, "image/png");
  EXPECT_EQ(photo->bytes, kSignature + kIhdr + kIdat + kIend);
  EXPECT_TRUE(photo->taken_at && photo->place);
  const auto turned =
      strip_photo(kSignature + kIhdr + png_chunk("eXIf", camera_exif(false), 2) + kIdat + kIend);
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->bytes.size(), photo->bytes.size() + 12 + orientation_exif(6).size());
  EXPECT_EQ(strip_photo(turned->bytes)->bytes, turned->bytes);
}

TEST(Photo, FilesThatAreNoneAreRefused) {
  const Bytes jpeg = kBegin + kJfif + picture(), png = kSignature + kIhdr + kIdat + kIend;
  Bytes wrong_sum = png, no_marker = jpeg;
  wrong_sum[20] = static_cast<char>(wrong_sum[20] ^ 1);
  no_marker[2 + kJfif.size()] = 'x';
  for (const Bytes& file : {Bytes(), Bytes("GIF89a"), Bytes("%PDF-1.7"), wrong_sum, no_marker}) {
    const auto photo = strip_photo(file);
    ASSERT_FALSE(photo);
    EXPECT_EQ(photo.error().code, Errc::Malformed);
  }
  for (const Bytes& whole : {jpeg, png}) {
    for (std::size_t n = 0; n < whole.size(); ++n)
      EXPECT_FALSE(strip_photo(BytesView(whole).substr(0, n))) << "cut at " << n;
  }
  const Bytes large = kBegin + segment(0xda, "") + Bytes(event::kBlobBytesMax, 'x') + "\xff\xd9";
  EXPECT_EQ(strip_photo(large).error().code, Errc::Limit);
  EXPECT_EQ(strip_photo(jpeg + Bytes(kPhotoFileBytesMax, 'x')).error().code, Errc::Limit);
  const Bytes previewed = kBegin + segment(0xe2, Bytes(60'000, 'p')) +
                          large.substr(2, event::kBlobBytesMax - 40'000) + "\xff\xd9";
  EXPECT_TRUE(strip_photo(previewed)) << "small enough without its preview";
}
}  // namespace
}  // namespace cunji::fieldnode
