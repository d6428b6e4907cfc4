#include "shared/sync/bundle.h"

#include <map>

#include "protocol/sync.pb.h"
#include "shared/crypto/box.h"
#include "shared/sync/batch.h"
#include "shared/sync/limits.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static constexpr std::uint32_t kBundleVersion = 1;
static constexpr std::string_view kBoxLabel = "cunji/box/v1\n";

std::vector<Digest> newest_of(std::span<const event::Event> events) {
  std::map<PublicKey, const event::SignedEvent*> newest;
  for (const event::Event& event : events) {
    const event::SignedEvent*& held = newest[event.signed_event.header().author];
    if (held == nullptr || held->header().sequence < event.signed_event.header().sequence)
      held = &event.signed_event;
  }
  std::vector<Digest> out;
  for (const auto& [key, event] : newest) out.push_back(event->digest());
  return out;
}

Result<Bytes> write_bundle(CountyCode county, const crypto::BoxPublic& to,
                           std::span<const event::Event> events, Entropy& entropy) {
  proto::Bundle bundle;
  bundle.set_version(kBundleVersion);
  bundle.set_county(county.str());
  bundle.set_to(to.str());
  const auto newest = newest_of(events);
  if (newest.size() > kBundleChainsMax)
    return Error{Errc::Limit, "bundle: events of too many keys for one file"};
  for (const Digest& digest : newest) bundle.add_newest(digest.str());
  while (!events.empty()) {
    BatchFill fill(kBatchEventsMax);
    std::size_t taken = 0;
    while (taken < events.size() && fill.take(events[taken].body)) ++taken;
    TRY_AS(sealed, crypto::seal_box(to, encode_batch(events.first(taken)), entropy));
    bundle.add_sealed(std::move(sealed));
    events = events.subspan(taken);
    if (static_cast<std::size_t>(bundle.sealed_size()) > kBundleBatchesMax ||
        bundle.ByteSizeLong() > kBundleBytesMax)
      return Error{Errc::Limit, "bundle: too many events for one file"};
  }
  return bundle.SerializeAsString();
}

Result<SealedBundle> read_bundle(BytesView file) {
  if (file.size() > kBundleBytesMax) return Error{Errc::Limit, "bundle: file is too large"};
  static constexpr FieldLimit kLimits[] = {{proto::Bundle::kSealedFieldNumber, kBundleBatchesMax},
                                           {proto::Bundle::kNewestFieldNumber, kBundleChainsMax}};
  TRY(check_counts(file, kLimits));
  proto::Bundle bundle;
  if (!bundle.ParseFromArray(file.data(), static_cast<int>(file.size())))
    return Error{Errc::Malformed, "bundle: no message"};
  if (bundle.version() != kBundleVersion)
    return Error{Errc::Malformed, "bundle: version " + std::to_string(bundle.version())};
  SealedBundle out;
  TRY_AS(county, CountyCode::parse(bundle.county()));
  out.county = county;
  TRY_AS(to, crypto::BoxPublic::from(bundle.to()));
  out.to = to;
  for (std::string& sealed : *bundle.mutable_sealed()) {
    if (sealed.size() > kFrameBytesMax) return Error{Errc::Limit, "bundle: batch is too large"};
    out.sealed.push_back(std::move(sealed));
  }
  for (const std::string& digest : bundle.newest()) {
    TRY_AS(newest, Digest::from(digest));
    out.newest.push_back(newest);
  }
  return out;
}

Result<std::vector<event::Event>> open_bundle(const SealedBundle& bundle, std::size_t index,
                                              const crypto::BoxPair& reader) {
  CHECK(index < bundle.sealed.size());
  TRY_AS(batch, crypto::open_box(reader, bundle.sealed[index]));
  TRY_AS(events, decode_batch(batch));
  for (const event::Event& event : events) {
    if (event.signed_event.header().county != bundle.county)
      return Error{Errc::Malformed, "bundle: event of another county"};
  }
  return std::move(events);
}

Result<std::vector<event::Event>> open_whole_bundle(const SealedBundle& bundle,
                                                    const crypto::BoxPair& reader) {
  std::vector<event::Event> out;
  for (std::size_t i = 0; i < bundle.sealed.size(); ++i) {
    TRY_AS(events, open_bundle(bundle, i, reader));
    for (event::Event& event : events) out.push_back(std::move(event));
  }
  if (!bundle.newest.empty() && bundle.newest != newest_of(out))
    return Error{Errc::Forged, "bundle: it holds other events than it says"};
  return out;
}

static Bytes box_signing_input(CountyCode county, const crypto::BoxPublic& box) {
  return ByteWriter().raw(kBoxLabel).raw(county.view()).raw(box.view()).take();
}

Bytes sign_box_key(const crypto::KeyPair& node, CountyCode county, const crypto::BoxPublic& box) {
  const Signature signature = node.sign(box_signing_input(county, box));
  return ByteWriter().raw(node.public_key().view()).raw(box.view()).raw(signature.view()).take();
}

Result<NodeBox> open_box_key(BytesView statement, CountyCode county) {
  ByteReader in(statement);
  NodeBox out;
  out.node = in.fixed<PublicKey>();
  out.box = in.fixed<crypto::BoxPublic>();
  const auto signature = in.fixed<Signature>();
  if (!in.at_end()) return Error{Errc::Malformed, "a box key: it was not copied whole"};
  if (!crypto::verify(out.node, box_signing_input(county, out.box), signature))
    return Error{Errc::Forged, "a box key: its device did not sign it for this county"};
  return out;
}
}  // namespace cunji::sync
