#include "shared/sync/level.h"

#include <set>

#include "protocol/sync.pb.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
static void to_proto(const ChainPosition& position, proto::ChainPosition& out) {
  out.set_key(position.key.str());
  out.set_sequence(position.sequence);
  if (position.sequence > 0) out.set_digest(position.digest.str());
}

static Result<ChainPosition> from_proto(const proto::ChainPosition& position) {
  ChainPosition out;
  TRY_AS(key, PublicKey::from(position.key()));
  out.key = key;
  out.sequence = position.sequence();
  if (out.sequence > event::kSequenceMax) return Error{Errc::Malformed, "chain position: sequence"};
  if (out.sequence == 0) {
    if (!position.digest().empty()) return Error{Errc::Malformed, "chain position: digest"};
    return out;
  }
  TRY_AS(digest, Digest::from(position.digest()));
  out.digest = digest;
  return out;
}

void to_proto(const Cursor& cursor, proto::DivisionPosition& out) {
  out.set_division(cursor.division.str());
  out.set_next_index(cursor.next_index);
  if (cursor.next_index > 0) out.set_leaf(cursor.leaf.str());
}

Result<Cursor> from_proto(const proto::DivisionPosition& position) {
  Cursor out;
  TRY_AS(division, DivisionCode::parse(position.division()));
  out.division = division;
  out.next_index = position.next_index();
  if (out.next_index > event::kSequenceMax)
    return Error{Errc::Malformed, "division position: index"};
  if (out.next_index == 0) {
    if (!position.leaf().empty()) return Error{Errc::Malformed, "division position: leaf"};
    return out;
  }
  TRY_AS(leaf, Digest::from(position.leaf()));
  out.leaf = leaf;
  return out;
}

template <class Repeated>
static Result<std::vector<ChainPosition>> chains_from(const Repeated& chains) {
  if (static_cast<std::size_t>(chains.size()) > kOfferChainsMax)
    return Error{Errc::Limit, "too many chains"};
  std::vector<ChainPosition> out;
  std::set<PublicKey> named;
  for (const auto& each : chains) {
    TRY_AS(position, from_proto(each));
    if (!named.insert(position.key).second) return Error{Errc::Malformed, "chain named twice"};
    out.push_back(position);
  }
  return out;
}

template <class Repeated>
static Result<std::vector<Level::Division>> divisions_from(const Repeated& divisions) {
  if (static_cast<std::size_t>(divisions.size()) > kOfferDivisionsMax)
    return Error{Errc::Limit, "too many divisions"};
  std::vector<Level::Division> out;
  std::set<DivisionCode> named;
  for (const auto& each : divisions) {
    TRY_AS(cursor, from_proto(each));
    if (!named.insert(cursor.division).second)
      return Error{Errc::Malformed, "division named twice"};
    out.push_back({cursor, each.entries()});
  }
  return out;
}

template <class Repeated>
static Result<std::vector<DivisionCode>> covered_from(const Repeated& codes) {
  if (static_cast<std::size_t>(codes.size()) > kOfferDivisionsMax)
    return Error{Errc::Limit, "too many divisions covered"};
  std::vector<DivisionCode> out;
  std::set<DivisionCode> named;
  for (const std::string& code : codes) {
    TRY_AS(division, DivisionCode::parse(code));
    if (!named.insert(division).second) return Error{Errc::Malformed, "division covered twice"};
    out.push_back(division);
  }
  return out;
}

void to_proto(const Offer& offer, proto::Offer& out) {
  for (const ChainPosition& each : offer.chains) to_proto(each, *out.add_chains());
  for (const Cursor& each : offer.cursors) to_proto(each, *out.add_cursors());
  out.set_trusted_size(offer.trusted_size);
}

Result<Offer> from_proto(const proto::Offer& offer) {
  Offer out;
  TRY_AS(chains, chains_from(offer.chains()));
  out.chains = std::move(chains);
  TRY_AS(divisions, divisions_from(offer.cursors()));
  for (const Level::Division& each : divisions) out.cursors.push_back(each.head);
  if (offer.trusted_size() > event::kSequenceMax)
    return Error{Errc::Malformed, "offer: trusted size"};
  out.trusted_size = offer.trusted_size();
  return out;
}

void to_proto(const Level& level, proto::Level& out) {
  for (const ChainPosition& each : level.chains) to_proto(each, *out.add_chains());
  for (const Level::Division& each : level.divisions) {
    proto::DivisionPosition& division = *out.add_divisions();
    to_proto(each.head, division);
    division.set_entries(each.entries);
  }
  out.set_note(level.note);
  for (const Digest& hash : level.consistency) out.add_consistency(hash.str());
  out.set_now(to_millis(level.now));
  for (const DivisionCode& division : level.covered) out.add_covered(division.str());
}

Result<Level> from_proto(const proto::Level& level) {
  Level out;
  TRY_AS(chains, chains_from(level.chains()));
  out.chains = std::move(chains);
  TRY_AS(divisions, divisions_from(level.divisions()));
  out.divisions = std::move(divisions);
  if (level.note().size() > log::kNoteBytesMax)
    return Error{Errc::Limit, "level: note is too long"};
  out.note = level.note();
  TRY_AS(consistency, proof_from(level.consistency()));
  out.consistency = std::move(consistency);
  if (level.now() > kTimeMillisMax) return Error{Errc::Malformed, "level: time"};
  out.now = from_millis(level.now());
  TRY_AS(covered, covered_from(level.covered()));
  out.covered = std::move(covered);
  return out;
}
}  // namespace cunji::sync
