#include "shared/event/enrolment.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
class EnrolmentTest : public ::testing::Test {
 protected:
  crypto::KeyPair key_ = key_of(1), old_key_ = key_of(2);
  EnrolmentRequest plain_{.root_digest = crypto::sha256("root"),
                          .key = key_.public_key(),
                          .predecessor = {},
                          .predecessor_digest = {},
                          .nonce = Salt::from("0123456789abcdef").value()};
  EnrolmentRequest succession_{.root_digest = crypto::sha256("root"),
                               .key = key_.public_key(),
                               .predecessor = old_key_.public_key(),
                               .predecessor_sequence = 12,
                               .predecessor_digest = crypto::sha256("twelfth"),
                               .nonce = Salt::from("0123456789abcdef").value()};
};

TEST_F(EnrolmentTest, OpensWhatItSigns) {
  const Bytes bytes = sign_request(plain_, key_);
  EXPECT_EQ(bytes.size(), kEnrolmentRequestBytes);
  EXPECT_EQ(open_request(bytes).value(), plain_);
  EXPECT_FALSE(plain_.succeeds());
  EXPECT_EQ(open_request(sign_request(succession_, key_, &old_key_)).value(), succession_);
  EXPECT_EQ(open_request(sign_request(succession_, key_)).value(), succession_) << "old key gone";
  EXPECT_TRUE(succession_.succeeds());
  EXPECT_EQ(request_digest(bytes), crypto::sha256(bytes));
}

TEST_F(EnrolmentTest, DoesNotOpenOnceAnyByteIsChanged) {
  for (const Bytes& good :
       {sign_request(plain_, key_), sign_request(succession_, key_, &old_key_)}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes changed = good;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(open_request(changed)) << "byte " << i;
    }
  }
}

TEST_F(EnrolmentTest, SaysWhatIsWrong) {
  const Bytes plain = sign_request(plain_, key_);
  EnrolmentRequest half = plain_;
  half.predecessor_sequence = 1;
  EnrolmentRequest half_digest = plain_;
  half_digest.predecessor_digest = crypto::sha256("x");
  EnrolmentRequest far = succession_;
  far.predecessor_sequence = kSequenceMax + 1;
  EnrolmentRequest itself = succession_;
  itself.predecessor = key_.public_key();
  Bytes suite = plain;
  suite[0] = 2;
  Bytes unsigned_ = plain;
  unsigned_.replace(153, 64, 64, '\0');
  Bytes foreign_old = sign_request(succession_, key_);
  foreign_old.replace(217, 64, Bytes(64, '\1'));
  Bytes old_only = plain;
  old_only.replace(217, 64, Bytes(64, '\1'));
  struct Case {
    const char* name;
    Bytes bytes;
    Errc code;
    const char* reason;
  };
  const Case cases[] = {
      {"short", plain.substr(1), Errc::Malformed, "size"},
      {"long", plain + 'x', Errc::Malformed, "size"},
      {"empty", "", Errc::Malformed, "size"},
      {"suite", suite, Errc::Malformed, "suite"},
      {"sequence without predecessor", sign_request(half, key_), Errc::Malformed,
       "half a predecessor"},
      {"digest without predecessor", sign_request(half_digest, key_), Errc::Malformed,
       "half a predecessor"},
      {"old signature without predecessor", old_only, Errc::Malformed, "half a predecessor"},
      {"predecessor's sequence", sign_request(far, key_), Errc::Malformed,
       "predecessor's sequence"},
      {"succeeds itself", sign_request(itself, key_), Errc::Malformed, "succeeds itself"},
      {"not signed", unsigned_, Errc::Forged, "signature of the new key"},
      {"old signature is none", foreign_old, Errc::Forged, "signature of the old key"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto out = open_request(c.bytes);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.code);
    EXPECT_EQ(out.error().what, "enrolment request: " + std::string(c.reason));
  }
}
}  // namespace cunji::event
