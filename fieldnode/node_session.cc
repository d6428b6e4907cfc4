// Sessions of a node: what it starts them with, and what of their output becomes durable, in order.
#include <algorithm>

#include "fieldnode/node.h"
#include "shared/sync/limits.h"
#include "shared/sync/tls_statement.h"

namespace cunji::fieldnode {
Result<sync::NodeSession> Node::start_session(sync::NodeSession::Options options, TimePoint now) {
  if (!enrolled_) return Error{Errc::Protocol, "not enrolled: no county is known yet"};
  named_.clear();  // It offers all that is wanted.
  return sync::NodeSession(keys_.back(), pin_, *store_, entropy_, std::move(options), now);
}

Result<std::vector<Bytes>> Node::take(sync::NodeSession::Output output) {
  // The pin first: the note is signed by the log key that it names. A crash after it leaves a node
  // that knows its county and trusts no checkpoint yet; the next session brings one.
  if (output.pin) {
    TRY(keep_pin(*output.pin));
    if (const auto code = county(); code) TRY(store_->want_divisions({code->division()}));
  }
  if (output.enrolment && !output.enrolment->waits) TRY(want_granted(output.enrolment->divisions));
  if (output.trusted_note) {
    if (!pin_.log_key) return Error{Errc::Protocol, "a checkpoint before the county's log key"};
    TRY_AS(checkpoint, log::open_checkpoint(*output.trusted_note, pin_.origin, *pin_.log_key));
    TRY(store_->set_trusted(*output.trusted_note, checkpoint));
  }
  if (!output.outcomes.empty()) {
    TRY(store_->record_outcomes(output.outcomes));
    shown_.reset();
  }
  // An answer that is forgotten in a crash is asked for again.
  if (!output.blobs.empty()) TRY(store_->record_blobs(output.blobs));
  for (const sync::FeedCommit& feed : output.feed) {
    TRY(store_->commit_feed(feed));
    named_.erase(feed.division);
    if (feed.entries.empty()) continue;
    const std::uint64_t lowest = feed.entries.front().index;
    lowest_unfolded_ = std::min(lowest_unfolded_.value_or(lowest), lowest);
    shown_.reset();
  }
  if (output.split_view) TRY(store_->keep_evidence(*output.split_view));
  if (output.chain_trouble) trouble_ = output.chain_trouble;
  if (output.level) {
    TRY(refold());
    // After the credentials that they are judged by. A crash before it forgets nothing: whatever is
    // not offered is named again in the next session.
    TRY(want_covered(output.covered));
    TRY(seal_for_recovery());
    TRY(look_for_freeze());
    TRY(close_if_revoked());
  }
  return std::move(output.send);
}

static constexpr std::string_view kTlsStatement = "tls statement";

Result<bool> Node::knows_tls_key(BytesView server_hello, const Digest& key) {
  TRY_AS(kept, store_->setting(kTlsStatement));
  TRY_AS(newest, sync::newest_tls_statement(server_hello, kept.value_or(Bytes{}), pin_));
  if (!newest) return false;
  if (kept != newest->bytes) TRY(store_->set_setting(kTlsStatement, newest->bytes));
  return newest->statement.names(key);
}

Result<bool> Node::knows_tls_key(const Digest& key) const {
  if (!governance().county()) return false;
  TRY_AS(kept, store_->setting(kTlsStatement));
  if (!kept) return false;
  TRY_AS(statement, sync::open_tls_statement(*kept, governance().county()->root));
  return statement.names(key);
}

bool Node::revoked() const {
  const credential::KeyStatus* status = governance().find(key());
  if (status == nullptr || status->grants.empty()) return false;
  return status->compromised_at ||
         std::all_of(status->grants.begin(), status->grants.end(),
                     [](const credential::Grant& grant) { return grant.ended_at.has_value(); });
}

Result<Signature> Node::prove_reading(std::string_view origin,
                                      const credential::ReadNonce& nonce) const {
  if (revoked()) return Error{Errc::Conflict, "the county has revoked this key: reading is closed"};
  return credential::sign_read_proof(keys_.back(), origin, nonce);
}

Result<bool> Node::may_be_wiped() const {
  if (!revoked()) return false;
  TRY_AS(left, own_lines(/*unsent_only=*/true));
  TRY_AS(photos, store_->blob_counts());
  TRY_AS(counts, store_->counts());
  return left.empty() && photos.waiting == 0 && counts.carried == 0;
}

// Governance stays: it says why. A new credential for this key brings the rest again.
Result<void> Node::close_if_revoked() {
  const auto code = county();
  if (!code || !revoked()) return {};
  TRY(store_->drop_entries());
  forget_fold();
  lowest_unfolded_.reset();
  return refold();
}

// Once the county's key is known, the keys of the outbox lie sealed to it: appending costs nothing
// more. A county without one, or with one that is none, leaves unsent work to the PIN alone.
Result<void> Node::seal_for_recovery() {
  const auto& county = governance().county();
  const auto key = crypto::BoxPublic::from(county ? BytesView(county->recovery_key) : "");
  recoverable_ = false;
  if (!key) return {};
  const auto sealed = store_->seal_outbox_to(*key);
  if (!sealed && sealed.error().code != Errc::Malformed) return sealed.error();
  recoverable_ = sealed.has_value();
  return {};
}

// The county freezes a key that two copies of the device signed with (D4). What it logs of us from
// then on has no effect, so we go on under a new key. The governance entries say it, so a crash
// before succeed() forgets nothing.
Result<void> Node::look_for_freeze() {
  const credential::KeyStatus* status = governance().find(key());
  if (trouble_ || status == nullptr || !status->frozen_at) return {};
  TRY_AS(head, store_->current_chain());
  trouble_ = sync::ChainTrouble{.key = key(),
                                .sequence = head->sequence,
                                .digest = head->digest,
                                .reason = sync::ChainTrouble::Reason::Fork};
  return {};
}

static void want(const DivisionCode& division, std::vector<DivisionCode>& wanted) {
  const bool there = std::find(wanted.begin(), wanted.end(), division) != wanted.end();
  if (!there && wanted.size() < sync::kOfferDivisionsMax) wanted.push_back(division);
}

// A prefix stands for its own division; what lies below it, the county names.
static void want_own(std::string prefix, std::vector<DivisionCode>& wanted) {
  prefix.resize(DivisionCode::kSize, '0');
  if (const auto division = DivisionCode::parse(prefix); division) want(*division, wanted);
}

// As the server tests it. Assigned scope is by subject and gives no division.
static bool covers(const credential::Grant& grant, const DivisionCode& division) {
  return grant.scope.assigned.empty() && grant.scope.covers(division);
}

// As the county has just said, before its log says so: then the first entries come in one session,
// and are folded once.
Result<void> Node::want_granted(const std::vector<std::string>& prefixes) {
  const auto code = county();
  TRY_AS(cursors, store_->cursors());
  if (!code || cursors.size() > 1) return {};
  std::vector<DivisionCode> wanted{code->division()};
  for (const std::string& prefix : prefixes) want_own(prefix, wanted);
  return store_->want_divisions(wanted);
}

// The server's word is not enough: wanted is what a credential covers that is held here. What none
// does is passed over, and no reason to end the session: an honest county may go by a credential
// that is logged and not fed yet, and names it again. Whether the credential's time has come is
// widen()'s to judge.
Result<void> Node::want_covered(const std::vector<DivisionCode>& covered) {
  const credential::KeyStatus* status = governance().find(key());
  if (covered.empty() || status == nullptr || status->frozen_at || status->compromised_at)
    return {};
  TRY_AS(cursors, store_->cursors());
  std::vector<DivisionCode> wanted;
  for (const sync::Cursor& cursor : cursors) wanted.push_back(cursor.division);
  for (const DivisionCode& division : covered) {
    const bool ours = std::any_of(
        status->grants.begin(), status->grants.end(), [&](const credential::Grant& grant) {
          return !grant.pending && !grant.ended_at && covers(grant, division);
        });
    if (ours) want(division, wanted);
  }
  if (wanted.size() == cursors.size()) return {};
  TRY(store_->want_divisions(wanted));
  named_.insert(wanted.begin() + static_cast<std::ptrdiff_t>(cursors.size()), wanted.end());
  return {};
}

Result<bool> Node::widen(TimePoint now) {
  const auto code = county();
  if (!code) return false;
  TRY(refold());
  TRY_AS(cursors, store_->cursors());
  const auto standing = governance().standing(key(), now);
  // Without standing (not approved yet, revoked) what is held stays as it is.
  if (standing.empty() && !cursors.empty()) return false;
  std::vector<DivisionCode> wanted{code->division()};
  for (const credential::Grant* grant : standing) {
    for (const std::string& prefix : grant->scope.divisions) want_own(prefix, wanted);
  }
  // What the county named stays, as long as a credential in force covers it.
  for (const sync::Cursor& cursor : cursors) {
    const bool covered = std::any_of(
        standing.begin(), standing.end(),
        [&](const credential::Grant* grant) { return covers(*grant, cursor.division); });
    if (covered) want(cursor.division, wanted);
  }
  const bool more = std::any_of(wanted.begin(), wanted.end(), [&](const DivisionCode& division) {
    const bool there = std::any_of(cursors.begin(), cursors.end(), [&](const sync::Cursor& each) {
      return each.division == division;
    });
    return !there || named_.contains(division);
  });
  const bool as_it_is =
      std::equal(wanted.begin(), wanted.end(), cursors.begin(), cursors.end(),
                 [](const DivisionCode& a, const sync::Cursor& b) { return a == b.division; });
  if (!as_it_is) TRY(store_->want_divisions(wanted));
  return more;
}
}  // namespace cunji::fieldnode
