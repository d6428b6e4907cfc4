#pragma once
// Bundles (`.cunji` files, design section 4): batches sealed to one reader's box key, carried by
// anyone on a stick or through a chat app. The carrier can neither read nor alter them; the events
// inside are signed as everywhere. Entries do not travel in bundles. In clear stands the digest of
// each chain's newest event, so that whoever takes the bundle over can sign a receipt for what he
// can't read: a digest names nobody, and can't be known before its event exists.
#include <span>
#include <vector>

#include "shared/base/entropy.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/sign.h"
#include "shared/event/event.h"

namespace cunji::sync {
// A bundle as read from a file: who may open it, and its batches, still sealed.
struct SealedBundle {
  CountyCode county;
  crypto::BoxPublic to;
  std::vector<Bytes> sealed;
  std::vector<Digest> newest;  // As it says; open_whole_bundle() finds out.
};

// The digest of the newest of each chain's events, by key.
std::vector<Digest> newest_of(std::span<const event::Event> events);

// Closes batches as a session does. Events as encode_batch takes them, all of `county`. Errc::Limit
// when the file would be larger than kBundleBytesMax, Errc::Malformed for a box key that is none.
Result<Bytes> write_bundle(CountyCode county, const crypto::BoxPublic& to,
                           std::span<const event::Event> events, Entropy& entropy);
// Errc::Malformed for bytes that are no bundle or of another version, Errc::Limit above any limit.
Result<SealedBundle> read_bundle(BytesView file);
// Batch `index` of the bundle: Errc::Forged when it does not open with `reader`, else as
// decode_batch. Every event must be of the bundle's county (Errc::Malformed); signatures are not
// verified here.
Result<std::vector<event::Event>> open_bundle(const SealedBundle& bundle, std::size_t index,
                                              const crypto::BoxPair& reader);
// All events: Errc::Forged also where the bundle names other newest ones than it holds.
Result<std::vector<event::Event>> open_whole_bundle(const SealedBundle& bundle,
                                                    const crypto::BoxPair& reader);

// A node's box key as it shows it to a colleague, so that he can seal a bundle to it: 128 bytes,
// signed by its key (protocol/README.md, "Bundle").
struct NodeBox {
  PublicKey node;
  crypto::BoxPublic box;
};
Bytes sign_box_key(const crypto::KeyPair& node, CountyCode county, const crypto::BoxPublic& box);
// Errc::Malformed for another size, Errc::Forged when the key did not sign it for this county.
Result<NodeBox> open_box_key(BytesView statement, CountyCode county);
}  // namespace cunji::sync
