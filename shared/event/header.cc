#include "shared/event/header.h"

#include "shared/event/kinds.h"

namespace cunji::event {
HeaderBytes encode(const Header& header) {
  const Bytes out = ByteWriter(kHeaderBytes)
                        .u8(kSuiteEd25519)
                        .raw(header.county.view())
                        .raw(header.author.view())
                        .u64(header.sequence)
                        .raw(header.previous.view())
                        .u64(header.seen.size)
                        .raw(header.seen.digest.view())
                        .u64(to_millis(header.recorded))
                        .raw(header.division.view())
                        .raw(header.subject.view())
                        .u16(header.kind)
                        .u32(header.body_length)
                        .raw(header.commitment.view())
                        .take();
  return HeaderBytes::from(out).value();
}

static Error malformed(const char* field) {
  return {Errc::Malformed, std::string("event header: ") + field};
}

// What a header may say, beyond the form of its fields.
static Result<void> check(const Header& header) {
  const auto founding = static_cast<std::uint16_t>(Kind::Founding);
  if (header.sequence == 0 || header.sequence > kSequenceMax) return malformed("sequence");
  if (header.seen.size > kSequenceMax) return malformed("seen size");
  if ((header.seen.size == 0) != (header.kind == founding)) return malformed("seen size");
  if (header.seen.size == 0 && !header.seen.digest.is_zero()) return malformed("seen digest");
  if (!header.county.contains(header.division)) return malformed("division outside the county");
  if (is_governance(header.kind) && header.division != header.county.division())
    return malformed("division of a governance event");
  if (header.kind == 0) return malformed("kind");
  if (header.body_length == 0 || header.body_length > kBodyBytesMax ||
      header.body_length % kPartPaddingBytes != 0)
    return malformed("body length");
  return {};
}

Result<Header> decode_header(BytesView bytes) {
  if (bytes.size() != kHeaderBytes) return malformed("size");
  ByteReader in(bytes);
  Header out;
  if (in.u8() != kSuiteEd25519) return malformed("suite");
  const auto county = CountyCode::parse(in.raw(CountyCode::kSize));
  if (!county) return malformed("county");
  out.county = *county;
  out.author = in.fixed<PublicKey>();
  out.sequence = in.u64();
  out.previous = in.fixed<Digest>();
  out.seen.size = in.u64();
  out.seen.digest = in.fixed<Digest>();
  const std::uint64_t recorded = in.u64();
  if (recorded > kTimeMillisMax) return malformed("recorded");
  out.recorded = from_millis(recorded);
  const auto division = DivisionCode::parse(in.raw(DivisionCode::kSize));
  if (!division) return malformed("division");
  out.division = *division;
  out.subject = in.fixed<SubjectId>();
  out.kind = in.u16();
  out.body_length = in.u32();
  out.commitment = in.fixed<Digest>();
  CHECK(in.at_end());
  TRY(check(out));
  return out;
}
}  // namespace cunji::event
