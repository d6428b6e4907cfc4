// Checkpoint notes: what is written, and how strictly they are read.
#include "shared/log/checkpoint.h"

#include <gtest/gtest.h>

#include <functional>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::log {
static constexpr const char* kOrigin = "example/411323/1";
static const std::string kDash = "\xe2\x80\x94 ";

static crypto::KeyPair key_of(std::uint64_t seed) {
  crypto::SeededEntropy entropy(seed, "log key");
  return crypto::KeyPair::generate(entropy);
}
static Checkpoint some_checkpoint() {
  return {.origin = kOrigin, .size = 123, .root = crypto::sha256("root")};
}
// A signature line as its signer would write it.
static std::string line(std::string_view name, const crypto::KeyPair& key, std::string_view text) {
  const Bytes bytes =
      ByteWriter().u32(key_id(name, key.public_key())).raw(key.sign(text).view()).take();
  return kDash + std::string(name) + " " + to_base64(bytes) + "\n";
}

TEST(Checkpoint, TextIsThreeLines) {
  EXPECT_EQ(text_of(some_checkpoint()),
            "example/411323/1\n123\n" + to_base64(crypto::sha256("root").view()) + "\n");
  EXPECT_EQ(seen_of(some_checkpoint()).size, 123u);
  EXPECT_EQ(seen_of(some_checkpoint()).digest, crypto::sha256(text_of(some_checkpoint())));
}

TEST(Checkpoint, KeyNamesAreThoseOfSignedNote) {
  // From golang.org/x/mod/sumdb/note's documentation.
  const auto key = PublicKey::from(
      from_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").value().substr(1));
  EXPECT_EQ(verifier_key("PeterNeumann", *key),
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  EXPECT_EQ(key_id("PeterNeumann", *key), 0xc74f20a3u);
}

TEST(Checkpoint, OpensWhatTheLogKeySigned) {
  const auto key = key_of(1), witness = key_of(2);
  const Checkpoint checkpoint = some_checkpoint();
  const std::string note = sign_checkpoint(checkpoint, key), text = text_of(checkpoint);
  EXPECT_EQ(note, text + "\n" + line(kOrigin, key, text));
  EXPECT_EQ(open_checkpoint(note, kOrigin, key.public_key()).value(), checkpoint);
  // Witnesses, before and after, are let be, and so is another key of the same name.
  const std::string others =
      line("witness.example/w", witness, text) + line(kOrigin, witness, text);
  EXPECT_EQ(open_checkpoint(note + others, kOrigin, key.public_key()).value(), checkpoint);
  EXPECT_EQ(
      open_checkpoint(text + "\n" + others + line(kOrigin, key, text), kOrigin, key.public_key())
          .value(),
      checkpoint);
}

TEST(Checkpoint, SizeZeroIsACheckpointToo) {
  const auto key = key_of(1);
  const Checkpoint empty{.origin = kOrigin, .size = 0, .root = crypto::sha256(BytesView{})};
  EXPECT_EQ(open_checkpoint(sign_checkpoint(empty, key), kOrigin, key.public_key()).value(), empty);
}

TEST(Checkpoint, RefusesNotesOfAnotherForm) {
  const auto key = key_of(1);
  const std::string root = to_base64(crypto::sha256("root").view());
  const auto noted = [&](const std::string& text) {
    return text + "\n" + line(kOrigin, key, text);
  };
  const std::string good_text = text_of(some_checkpoint()), good = noted(good_text);
  const std::string origin = std::string(kOrigin) + "\n";
  const std::string signature = line(kOrigin, key, good_text);
  const std::string bare = signature.substr(0, signature.size() - 1);
  struct Case {
    const char* name;
    std::string note;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"no signature", good_text + "\n"},
      {"no blank line", good_text + signature},
      {"text only", good_text},
      {"other origin", noted("example/411323/2\n123\n" + root + "\n")},
      {"origin with more", noted("example/411323/1 \n123\n" + root + "\n")},
      {"leading zero", noted(origin + "0123\n" + root + "\n")},
      {"sign", noted(origin + "+123\n" + root + "\n")},
      {"negative", noted(origin + "-1\n" + root + "\n")},
      {"hexadecimal", noted(origin + "0x7b\n" + root + "\n")},
      {"no size", noted(origin + "\n" + root + "\n")},
      {"space", noted(origin + "123 \n" + root + "\n")},
      {"size beyond 64 bits", noted(origin + "18446744073709551616\n" + root + "\n")},
      {"size beyond any log", noted(origin + "9007199254740992\n" + root + "\n")},
      {"short root", noted(origin + "123\n" + to_base64(Bytes(31, 'x')) + "\n")},
      {"long root", noted(origin + "123\n" + to_base64(Bytes(33, 'x')) + "\n")},
      {"root not padded", noted(origin + "123\n" + root.substr(0, 43) + "\n")},
      {"root in URL alphabet", noted(origin + "123\n" + std::string(42, 'A') + "_=\n")},
      {"two lines", noted(origin + "123\n")},
      {"extension line", noted(good_text + "more\n")},
      {"carriage returns", noted(std::string(kOrigin) + "\r\n123\r\n" + root + "\r\n")},
      {"last line open", good_text + "\n" + bare},
      {"blank signature line", good + "\n"},
      {"garbage after", good + "garbage\n"},
      {"hyphen for dash", good_text + "\n- " + signature.substr(kDash.size())},
      {"no space before base64", good_text + "\n" + kDash + kOrigin + "\n"},
      {"two spaces", good_text + "\n" + kDash + kOrigin + "  " + "AAAAAAAA\n"},
      {"bad base64", good_text + "\n" + kDash + kOrigin + " ???\n"},
      {"key id only", good_text + "\n" + kDash + kOrigin + " AAAAAA==\n"},
      {"name with plus", good + kDash + "a+b AAAAAAAA\n"},
      {"too large", good_text + "\n" + std::string(kNoteBytesMax, 'x')},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto result = open_checkpoint(c.note, kOrigin, key.public_key());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Malformed) << result.error().what;
  }
}

TEST(Checkpoint, RefusesNotesThatTheLogKeyDidNotSign) {
  const auto key = key_of(1), other = key_of(2);
  const std::string text = text_of(some_checkpoint());
  const Bytes id = ByteWriter().u32(key_id(kOrigin, key.public_key())).take();
  Checkpoint larger = some_checkpoint();
  ++larger.size;
  const std::string good_line = line(kOrigin, key, text);
  const std::string wrong_line =
      kDash + kOrigin + " " + to_base64(id + Bytes(other.sign(text).view())) + "\n";
  struct Case {
    const char* name;
    std::string note;
  };
  const Case cases[] = {
      {"another key", sign_checkpoint(some_checkpoint(), other)},
      {"another's signature under its id", text + "\n" + wrong_line},
      {"good line, then a bad one of the same key", text + "\n" + good_line + wrong_line},
      {"signature of another text", text_of(larger) + "\n" + good_line},
      {"signature too short",
       text + "\n" + kDash + kOrigin + " " + to_base64(id + Bytes(63, 'x')) + "\n"},
      {"signature too long", text + "\n" + kDash + kOrigin + " " +
                                 to_base64(id + Bytes(key.sign(text).view()) + "x") + "\n"},
      {"witness only", text + "\n" + line("witness.example/w", other, text)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto result = open_checkpoint(c.note, kOrigin, key.public_key());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Forged) << result.error().what;
  }
}

TEST(Checkpoint, OriginsThatCannotNameAKeyAreRefused) {
  EXPECT_TRUE(check_origin("村记/411323/1"));
  for (const std::string& origin : {std::string(), std::string("a b"), std::string("a+b"),
                                    std::string("a\nb"), std::string(kOriginBytesMax + 1, 'x')})
    EXPECT_EQ(check_origin(origin).error().code, Errc::Malformed) << origin;
}
}  // namespace cunji::log
