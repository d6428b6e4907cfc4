#include "shared/sync/rescue.h"

#include <map>
#include <set>

#include "shared/crypto/box.h"
#include "shared/crypto/hash.h"
#include "shared/event/limits.h"
#include "shared/sync/blob.h"

namespace cunji::sync {
// Without photos the file is one of the first version, which older servers take too.
static constexpr std::string_view kFileLabel = "cunji/rescue/v1\n";
static constexpr std::string_view kFileLabelWithBlobs = "cunji/rescue/v2\n";
static constexpr std::string_view kFileLabelOfAny = "cunji/rescue/v";
static_assert(kFileLabel.size() == kFileLabelWithBlobs.size());
static constexpr std::string_view kKeysLabel = "cunji/outbox keys/v1\n";
static constexpr std::size_t kKeysBytes = kKeysLabel.size() + 2 * crypto::SealKey::Raw::kSize;
static constexpr std::size_t kSealedKeysBytes = kKeysBytes + crypto::kSealOverheadBytes;
static constexpr std::size_t kSealedDigestBytes = Digest::kSize + crypto::kSealedOverheadBytes;
// What follows the head: events, then blobs, then the end with their numbers, so that a cut file is
// noticed.
static constexpr std::uint8_t kEnd = 0, kEvent = 1, kBlob = 2;

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

Bytes blob_chunk_context(const Digest& digest, std::uint32_t number) {
  return ByteWriter().raw(digest.view()).u32(number).take();
}

std::size_t sealed_chunks_bytes(std::uint32_t size) {
  return std::size_t{size} + chunks_of(size) * crypto::kSealedOverheadBytes;
}
std::size_t encoded_bytes(const SealedEvent& sealed) {
  return 1 + event::kSignedHeaderBytes + 4 + sealed.body.size();
}
std::size_t encoded_bytes(const SealedBlob& sealed) {
  return 1 + Digest::kSize + kSealedDigestBytes + 4 + sealed.chunks.size();
}

Result<Bytes> encode_rescue(const Rescue& rescue) {
  std::size_t bytes = 0;
  for (const SealedEvent& sealed : rescue.events) bytes += encoded_bytes(sealed);
  for (const SealedBlob& sealed : rescue.blobs) bytes += encoded_bytes(sealed);
  if (bytes > kRescueRecordsBytesMax)
    return Error{Errc::Limit, "rescue: too many events for one file"};
  const bool with_blobs = !rescue.blobs.empty();
  ByteWriter out(bytes + 1'024);
  out.raw(with_blobs ? kFileLabelWithBlobs : kFileLabel);
  out.raw(rescue.county.view()).raw(rescue.to.view()).raw(rescue.sealed_keys);
  for (const SealedEvent& sealed : rescue.events) {
    out.u8(kEvent).raw(sealed.event.encode());
    out.u32(static_cast<std::uint32_t>(sealed.body.size())).raw(sealed.body);
  }
  for (const SealedBlob& sealed : rescue.blobs)
    out.u8(kBlob).raw(sealed.id.view()).raw(sealed.digest).u32(sealed.size).raw(sealed.chunks);
  out.u8(kEnd).u64(rescue.events.size());
  if (with_blobs) out.u64(rescue.blobs.size());
  return out.take();
}

static Error malformed() { return {Errc::Malformed, "rescue: the file is damaged, or was cut"}; }

static Result<SealedEvent> read_event(ByteReader& in, CountyCode county) {
  const BytesView signed_bytes = in.raw(event::kSignedHeaderBytes);
  const std::uint32_t size = in.u32();
  if (size > event::kEncodedBodyBytesMax + crypto::kSealedOverheadBytes) return malformed();
  const BytesView body = in.raw(size);
  if (!in.ok()) return malformed();
  TRY_AS(signed_event, event::SignedEvent::decode(signed_bytes));
  if (signed_event.header().county != county)
    return Error{Errc::Malformed, "rescue: event of another county"};
  return SealedEvent{std::move(signed_event), Bytes(body)};
}

static Result<SealedBlob> read_blob(ByteReader& in) {
  SealedBlob out;
  out.id = in.fixed<Digest>();
  out.digest = in.raw(kSealedDigestBytes);
  out.size = in.u32();
  if (!in.ok() || out.size == 0 || out.size > event::kBlobBytesMax) return malformed();
  out.chunks = in.raw(sealed_chunks_bytes(out.size));
  if (!in.ok()) return malformed();
  return out;
}

Result<Rescue> decode_rescue(BytesView file) {
  if (file.size() > kRescueBytesMax) return Error{Errc::Limit, "rescue: file is too large"};
  if (!file.starts_with(kFileLabelOfAny)) return Error{Errc::Malformed, "not a rescue file"};
  const bool with_blobs = file.starts_with(kFileLabelWithBlobs);
  if (!with_blobs && !file.starts_with(kFileLabel))
    return Error{Errc::Malformed, "rescue: damaged, or written by a newer version of this program"};
  ByteReader in(file.substr(kFileLabel.size()));
  Rescue out;
  const auto county = CountyCode::parse(in.raw(CountyCode::kSize));
  out.to = in.fixed<crypto::BoxPublic>();
  out.sealed_keys = in.raw(kSealedKeysBytes);
  if (!in.ok() || !county) return malformed();
  out.county = *county;
  std::set<Digest> ids;
  for (;;) {
    const std::uint8_t tag = in.u8();
    if (!in.ok()) return malformed();
    if (tag == kEnd) break;
    if (tag == kEvent && out.blobs.empty()) {
      TRY_AS(event, read_event(in, out.county));
      out.events.push_back(std::move(event));
    } else if (tag == kBlob && with_blobs) {
      TRY_AS(blob, read_blob(in));
      if (!ids.insert(blob.id).second) return malformed();
      out.blobs.push_back(std::move(blob));
    } else {
      return malformed();
    }
  }
  const std::uint64_t events = in.u64();
  const std::uint64_t blobs = with_blobs ? in.u64() : 0;
  if (!in.at_end() || events != out.events.size() || blobs != out.blobs.size()) return malformed();
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

Result<RescuedBlob> open_rescued(const SealedBlob& sealed, const OutboxKeys& keys) {
  const Error forged{Errc::Forged, "rescue: a photo is damaged"};
  const auto named = keys.blobs.open(sealed.digest, sealed.id.view());
  const auto digest = named ? Digest::from(*named) : Result<Digest>(named.error());
  if (!digest || sealed.chunks.size() != sealed_chunks_bytes(sealed.size)) return forged;
  RescuedBlob out{.digest = *digest, .bytes = {}};
  ByteReader in(sealed.chunks);
  for (std::uint32_t i = 0; i < chunks_of(sealed.size); ++i) {
    const BytesView chunk = in.raw(chunk_bytes(sealed.size, i) + crypto::kSealedOverheadBytes);
    const auto opened = keys.blobs.open(chunk, blob_chunk_context(out.digest, i));
    if (!opened) return forged;
    out.bytes += *opened;
  }
  if (crypto::sha256(out.bytes) != out.digest) return forged;
  return out;
}
}  // namespace cunji::sync
