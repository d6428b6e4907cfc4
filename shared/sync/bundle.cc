#include "shared/sync/bundle.h"

#include "protocol/sync.pb.h"
#include "shared/crypto/box.h"
#include "shared/sync/batch.h"
#include "shared/sync/limits.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static constexpr std::uint32_t kBundleVersion = 1;

Result<Bytes> write_bundle(CountyCode county, const crypto::BoxPublic& to,
                           std::span<const event::Event> events, Entropy& entropy) {
  proto::Bundle bundle;
  bundle.set_version(kBundleVersion);
  bundle.set_county(county.str());
  bundle.set_to(to.str());
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
  static constexpr FieldLimit kLimits[] = {{proto::Bundle::kSealedFieldNumber, kBundleBatchesMax}};
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
}  // namespace cunji::sync
