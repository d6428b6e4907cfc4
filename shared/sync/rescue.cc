#include "shared/sync/rescue.h"

#include <map>

#include "shared/crypto/box.h"
#include "shared/event/limits.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
static constexpr std::string_view kFileLabel = "cunji/rescue/v1\n";
static constexpr std::string_view kKeysLabel = "cunji/outbox keys/v1\n";
static constexpr std::size_t kKeysBytes = kKeysLabel.size() + 2 * crypto::SealKey::Raw::kSize;
static constexpr std::size_t kSealedKeysBytes = kKeysBytes + crypto::kSealOverheadBytes;
// What follows the head: an event, or the end with their number, so that a cut file is noticed.
static constexpr std::uint8_t kEnd = 0, kEvent = 1;

Result<Bytes> seal_outbox_keys(const OutboxKeys& keys, const crypto::BoxPublic& recovery,
                               Entropy& entropy) {
  Bytes plain = ByteWriter(kKeysBytes)
                    .raw(kKeysLabel)
                    .raw(keys.bodies.raw().view())
                    .raw(keys.blobs.raw().view())
                    .take();
  auto out = crypto::seal_box(recovery, plain, entropy);
  crypto::wipe(plain);
  return out;
}

Result<OutboxKeys> open_outbox_keys(const crypto::BoxPair& recovery, BytesView sealed) {
  TRY_AS(plain, crypto::open_box(recovery, sealed));
  if (plain.size() != kKeysBytes || !plain.starts_with(kKeysLabel))
    return Error{Errc::Forged, "what the recovery key opens are no outbox keys"};
  ByteReader in(BytesView(plain).substr(kKeysLabel.size()));
  const crypto::SealKey bodies(in.fixed<crypto::SealKey::Raw>());
  const crypto::SealKey blobs(in.fixed<crypto::SealKey::Raw>());
  crypto::wipe(plain);
  return OutboxKeys{bodies, blobs};
}

Bytes own_body_context(const event::Header& header) {
  return ByteWriter().raw(header.author.view()).u64(header.sequence).take();
}

Result<Bytes> encode_rescue(const Rescue& rescue) {
  ByteWriter out;
  out.raw(kFileLabel).raw(rescue.county.view()).raw(rescue.to.view()).raw(rescue.sealed_keys);
  std::size_t bytes = 0;
  for (const SealedEvent& sealed : rescue.events) {
    bytes += 1 + event::kSignedHeaderBytes + 4 + sealed.body.size();
    if (bytes > kRescueBytesMax - 1'024)  // 1,024: more than all the rest.
      return Error{Errc::Limit, "rescue: too many events for one file"};
    out.u8(kEvent).raw(sealed.event.encode());
    out.u32(static_cast<std::uint32_t>(sealed.body.size())).raw(sealed.body);
  }
  return out.u8(kEnd).u64(rescue.events.size()).take();
}

Result<Rescue> decode_rescue(BytesView file) {
  const Error malformed{Errc::Malformed, "rescue: the file is damaged, or was cut"};
  if (file.size() > kRescueBytesMax) return Error{Errc::Limit, "rescue: file is too large"};
  if (!file.starts_with(kFileLabel)) return Error{Errc::Malformed, "not a rescue file"};
  ByteReader in(file.substr(kFileLabel.size()));
  Rescue out;
  const auto county = CountyCode::parse(in.raw(CountyCode::kSize));
  out.to = in.fixed<crypto::BoxPublic>();
  out.sealed_keys = in.raw(kSealedKeysBytes);
  if (!in.ok() || !county) return malformed;
  out.county = *county;
  for (;;) {
    const std::uint8_t tag = in.u8();
    if (!in.ok() || tag > kEvent) return malformed;
    if (tag == kEnd) break;
    const BytesView signed_bytes = in.raw(event::kSignedHeaderBytes);
    const std::uint32_t size = in.u32();
    if (size > event::kEncodedBodyBytesMax + crypto::kSealedOverheadBytes) return malformed;
    const BytesView body = in.raw(size);
    if (!in.ok()) return malformed;
    TRY_AS(signed_event, event::SignedEvent::decode(signed_bytes));
    if (signed_event.header().county != out.county)
      return Error{Errc::Malformed, "rescue: event of another county"};
    out.events.push_back({std::move(signed_event), Bytes(body)});
  }
  const std::uint64_t count = in.u64();
  if (!in.at_end() || count != out.events.size()) return malformed;
  return out;
}

static Error forged(const event::Header& header, const char* what) {
  return {Errc::Forged, "rescue: event " + std::to_string(header.sequence) + " of " +
                            to_hex(header.author.view()).substr(0, 16) + ": " + what};
}

Result<void> check_rescue(const Rescue& rescue) {
  std::map<PublicKey, const event::SignedEvent*> last;
  for (const SealedEvent& sealed : rescue.events) {
    const event::Header& header = sealed.event.header();
    if (!sealed.event.verify()) return forged(header, "its signature does not verify");
    const event::SignedEvent*& before = last[header.author];
    // Between two of them there may be logged ones, which were not written.
    if (before != nullptr && header.sequence <= before->header().sequence)
      return forged(header, "out of order");
    if (before != nullptr && header.sequence == before->header().sequence + 1 &&
        header.previous != before->digest())
      return forged(header, "it does not follow the one before");
    before = &sealed.event;
  }
  return {};
}

Result<event::Event> open_rescued(const SealedEvent& sealed, const OutboxKeys& keys) {
  const event::Header& header = sealed.event.header();
  const auto opened = keys.bodies.open(sealed.body, own_body_context(header));
  if (!opened) return forged(header, "its body does not open");
  auto body = event::decode_body(*opened);
  if (!body || !event::check_body(header, *body)) return forged(header, "its body is another's");
  return event::Event{sealed.event, std::move(*body)};
}
}  // namespace cunji::sync
