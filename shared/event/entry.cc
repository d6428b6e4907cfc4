#include "shared/event/entry.h"

#include "shared/crypto/hash.h"

namespace cunji::event {
struct VerdictName {
  Verdict verdict;
  std::string_view name, label_zh;
};
static constexpr VerdictName kVerdicts[] = {
    {Verdict::Accepted, "accepted", "已接受"},
    {Verdict::AcceptedBodyLost, "accepted_body_lost", "已接受，内容丢失"},
    {Verdict::AcceptedChainUnproven, "accepted_chain_unproven", "已接受，链未证实"},
    {Verdict::NoCredential, "no_credential", "无有效授权"},
    {Verdict::OutsideValidity, "outside_validity", "超出有效期"},
    {Verdict::OutsideDivision, "outside_division", "超出区划"},
    {Verdict::OutsideKind, "outside_kind", "超出事项"},
    {Verdict::Revoked, "revoked", "授权已撤销"},
    {Verdict::Frozen, "frozen", "密钥已冻结"},
};

static const VerdictName* find(std::uint16_t number) {
  for (const VerdictName& v : kVerdicts) {
    if (static_cast<std::uint16_t>(v.verdict) == number) return &v;
  }
  return nullptr;
}

std::optional<Verdict> verdict_from(std::uint16_t number) {
  const VerdictName* found = find(number);
  return found == nullptr ? std::nullopt : std::optional(found->verdict);
}
std::string_view name_of(Verdict verdict) {
  return find(static_cast<std::uint16_t>(verdict))->name;
}
std::string_view label_zh_of(Verdict verdict) {
  return find(static_cast<std::uint16_t>(verdict))->label_zh;
}

Bytes Entry::encode() const {
  return ByteWriter(kEntryBytes)
      .u8(kEntryVersion)
      .u64(to_millis(received))
      .u16(static_cast<std::uint16_t>(verdict))
      .raw(division_previous.view())
      .raw(event.header_bytes().view())
      .raw(event.signature().view())
      .take();
}

Digest Entry::leaf_hash() const { return crypto::sha256({BytesView("\0", 1), encode()}); }

Result<Entry> decode_entry(BytesView bytes) {
  if (bytes.size() != kEntryBytes) return Error{Errc::Malformed, "entry: size"};
  ByteReader in(bytes);
  if (in.u8() != kEntryVersion) return Error{Errc::Malformed, "entry: version"};
  const std::uint64_t received = in.u64();
  if (received > kTimeMillisMax) return Error{Errc::Malformed, "entry: received"};
  const VerdictName* verdict = find(in.u16());
  if (verdict == nullptr) return Error{Errc::Malformed, "entry: verdict"};
  const auto division_previous = in.fixed<Digest>();
  TRY_AS(signed_event, SignedEvent::decode(in.raw(kSignedHeaderBytes)));
  return Entry{from_millis(received), verdict->verdict, division_previous, signed_event};
}
}  // namespace cunji::event
