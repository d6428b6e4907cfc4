#include "fieldnode/node.h"

#include <algorithm>

#include "shared/event/enrolment.h"
#include "shared/event/parts.h"

namespace cunji::fieldnode {
// Events read from the store at a time: some hundred kilobytes.
static constexpr std::size_t kPageEvents = 500;
static constexpr std::string_view kErasedSetting = "erased";  // Digests of erasures.

std::string Node::request_setting(const PublicKey& key) { return "request/" + to_hex(key.view()); }

Node::Node(std::unique_ptr<store::NodeStore> store, KeyKeeper& keys, Entropy& entropy)
    : store_(std::move(store)), keeper_(keys), entropy_(entropy) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(std::unique_ptr<store::NodeStore> store, KeyKeeper& keys,
                                         Entropy& entropy) {
  std::unique_ptr<Node> node(new Node(std::move(store), keys, entropy));
  TRY(node->load());
  return node;
}

static Bytes encode_pin(const sync::CountyPin& pin) {
  return ByteWriter()
      .raw(pin.root_digest.view())
      .u8(pin.log_key ? 1 : 0)
      .raw(pin.log_key.value_or(PublicKey{}).view())
      .raw(pin.origin)
      .take();
}

static Result<sync::CountyPin> decode_pin(BytesView bytes) {
  ByteReader in(bytes);
  sync::CountyPin out;
  out.root_digest = in.fixed<Digest>();
  const bool has_log_key = in.u8() == 1;
  const auto log_key = in.fixed<PublicKey>();
  if (!in.ok()) return Error{Errc::Corrupt, "the node's store: what it knows of its county"};
  if (has_log_key) out.log_key = log_key;
  out.origin = in.raw(in.left());
  return out;
}

Result<void> Node::load() {
  TRY_AS(keys, keeper_.keys());
  keys_ = std::move(keys);
  TRY_AS(chain, store_->current_chain());
  if (keys_.empty()) {
    if (chain) return Error{Errc::Corrupt, "the node's key is missing, its store is not"};
    const crypto::KeyPair key = crypto::KeyPair::generate(entropy_);
    TRY(keeper_.keep(key));
    keys_.push_back(key);
  }
  enrolled_ = chain.has_value();
  if (chain) {
    const auto is_current = [&](const auto& key) { return key.public_key() == chain->key; };
    const auto current = std::find_if(keys_.begin(), keys_.end(), is_current);
    if (current == keys_.end())
      return Error{Errc::Corrupt, "the store's chain is of a key that this node does not have"};
    // Keys after it were made just before a crash, and never used.
    keys_.erase(current + 1, keys_.end());
  }
  TRY_AS(pin, store_->setting("pin"));
  if (pin) {
    TRY_AS(decoded, decode_pin(*pin));
    pin_ = decoded;
  }
  TRY(load_erased());
  TRY(refold());
  TRY(seal_for_recovery());
  if (!enrolled_) return {};
  TRY(check_own_chain());
  TRY(look_for_freeze());
  return close_if_revoked();  // A crash came between hearing of it and doing it.
}

// Whether the own chain still is one, from its request to its head. What is broken here was broken
// on this device (a damaged row, a restored file): the county is told by a succession (D4).
Result<void> Node::check_own_chain() {
  TRY_AS(request, store_->setting(request_setting(key())));
  TRY_AS(head, store_->current_chain());
  if (!request) return Error{Errc::Corrupt, "the node's enrolment request is missing"};
  event::ChainHead sound{.key = key(), .digest = event::request_digest(*request)};
  while (sound.sequence < head->sequence) {
    auto page = store_->own_history(key(), sound.sequence, kPageEvents);
    // A row that does not decode hides its page: come as near to it as single rows allow.
    if (!page) page = store_->own_history(key(), sound.sequence, 1);
    const std::uint64_t before = sound.sequence;
    if (page) {
      for (const store::OwnEvent& own : *page) {
        const event::SignedEvent& event = own.event.signed_event;
        if (event.header().author != key() ||
            event::link_of(sound, event) != event::ChainLink::Next)
          break;
        sound = event::advanced(sound, event, event.header().seen.size);
      }
    }
    if (sound.sequence == before) break;
  }
  if (sound.sequence == head->sequence && sound.digest == head->digest) return {};
  trouble_ = sync::ChainTrouble{.key = key(),
                                .sequence = sound.sequence,
                                .digest = sound.digest,
                                .reason = sync::ChainTrouble::Reason::Broken};
  return {};
}

const PublicKey& Node::key() const { return keys_.back().public_key(); }

std::optional<CountyCode> Node::county() const {
  // The origin is "<name>/<county>/<generation>" (design section 4).
  const std::size_t end = pin_.origin.rfind('/');
  if (end == std::string::npos || end == 0) return std::nullopt;
  const std::size_t begin = pin_.origin.rfind('/', end - 1);
  if (begin == std::string::npos) return std::nullopt;
  const auto code =
      CountyCode::parse(std::string_view(pin_.origin).substr(begin + 1, end - begin - 1));
  if (!code) return std::nullopt;
  return *code;
}

Result<void> Node::keep_pin(const sync::CountyPin& pin) {
  TRY(store_->set_setting("pin", encode_pin(pin)));
  pin_ = pin;
  return {};
}

// Request, pin, then chain: a crash between leaves a node that is not enrolled, and asks again.
Result<void> Node::begin(const crypto::KeyPair& key, const event::EnrolmentRequest& request,
                         const crypto::KeyPair* old_key) {
  const Bytes signed_request = event::sign_request(request, key, old_key);
  TRY(store_->set_setting(request_setting(key.public_key()), signed_request));
  TRY(store_->begin_chain(key.public_key(), signed_request));
  enrolled_ = true;
  return {};
}

Result<sync::EnrolmentOffer> Node::enrol(const Digest& root_digest, BytesView code_key) {
  if (enrolled_ && pin_.root_digest != root_digest) {
    // A wrong fingerprint costs nothing as long as nothing stands on it.
    TRY_AS(head, store_->current_chain());
    TRY_AS(trusted, store_->trusted());
    if (head->sequence != 0 || trusted)
      return Error{Errc::Conflict, "this node belongs to another county: use another folder"};
    const crypto::KeyPair fresh = crypto::KeyPair::generate(entropy_);
    TRY(keeper_.keep(fresh));
    keys_.push_back(fresh);
    enrolled_ = false;
  }
  if (!enrolled_) {
    TRY(keep_pin({.root_digest = root_digest, .log_key = {}, .origin = {}}));
    TRY(begin(keys_.back(),
              {.root_digest = root_digest,
               .key = key(),
               .predecessor = {},
               .predecessor_digest = {},
               .nonce = entropy_.next<Salt>()},
              nullptr));
  }
  TRY_AS(request, store_->setting(request_setting(key())));
  if (!request) return Error{Errc::Corrupt, "the node's enrolment request is missing"};
  return sync::EnrolmentOffer{.request = *request, .code_key = Bytes(code_key)};
}

Result<std::optional<event::Seen>> Node::seen() const {
  TRY_AS(trusted, store_->trusted());
  if (!trusted) return std::optional<event::Seen>{};
  return std::optional(log::seen_of(*trusted));
}

// A part must be one that the fold reads, and of its event's kind: an event whose parts nobody can
// read would be logged for ever, and count for nothing.
static Result<event::PartFrame> check_part(event::Kind kind, const Bytes& bytes,
                                           std::size_t number) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::Malformed, "part " + std::to_string(number) + ": " + why};
  };
  TRY_AS(padded, event::pad_part(bytes));
  const auto part = event::parse_part(padded);
  if (!part) return refuse(part.error().what);
  const event::PartContent& content = part->content;
  if (std::holds_alternative<std::monostate>(content)) return refuse("says nothing");
  const bool form =
      std::holds_alternative<event::AnswersPart>(content) && !part->frame.form.empty();
  const bool first = number == 1;  // Of a visit or correction; further parts are forms of any kind.
  const bool fits =
      (kind != event::Kind::Visit || !first || std::holds_alternative<event::VisitPart>(content)) &&
      (kind != event::Kind::CheckIn || !first ||
       std::holds_alternative<event::CheckInPart>(content)) &&
      (kind != event::Kind::Registration || form ||
       std::holds_alternative<event::RegistrationPart>(content)) &&
      (kind != event::Kind::Assignment || form ||
       std::holds_alternative<event::AssignmentPart>(content)) &&
      (kind != event::Kind::Correction || !first ||
       std::holds_alternative<event::CorrectionPart>(content)) &&
      (kind != event::Kind::Receipt || std::holds_alternative<event::ReceiptPart>(content));
  if (!fits) return refuse("does not fit the event's kind");
  return part->frame;
}

Result<Recorded> Node::record(const RecordDraft& draft) {
  if (!enrolled_ || !county()) return Error{Errc::Protocol, "not enrolled: no county is known yet"};
  if (trouble_)
    return Error{Errc::Conflict, "the chain of this key has ended: go on with a new key first"};
  for (std::size_t i = 0; i < draft.parts.size(); ++i) {
    TRY_AS(frame, check_part(draft.kind, draft.parts[i], i + 1));
    for (const event::Attachment& photo : frame.attachments) {
      TRY_AS(held, store_->has_blob(photo.digest, photo.size));
      if (!held)
        return Error{Errc::Malformed,
                     "part " + std::to_string(i + 1) + " names a photo that is not here"};
    }
  }
  // What a succession has still to record comes first: its plan counts sequences.
  TRY_AS(plans, resume_plans());
  if (!plans.empty()) TRY(carry_out(plans.back(), draft.recorded));
  TRY_AS(head, store_->current_chain());
  return append(draft, *head);
}

Result<Recorded> Node::append(const RecordDraft& draft, const event::ChainHead& head) {
  TRY_AS(seen_now, seen());
  if (!seen_now) return Error{Errc::Protocol, "no contact with the county yet"};
  TRY_AS(event, event::make_event(keys_.back(), *county(), head, *seen_now,
                                  {.division = draft.division,
                                   .subject = draft.subject,
                                   .kind = draft.kind,
                                   .recorded = draft.recorded,
                                   .parts = draft.parts},
                                  entropy_));
  // The server's checks, on what will be stored: a bad key or a bit flipped in memory is found now
  // and not at the county (D7).
  TRY_AS(stored, event::SignedEvent::decode(event.signed_event.encode()));
  if (!stored.verify()) return Error{Errc::Forged, "the new event does not verify"};
  TRY(event::check_body(stored.header(), event.body));
  TRY(store_->append_own(event));
  if (shown_) shown_->apply_pending(event);  // It comes last, as it would in shown().
  TRY(refold());
  return Recorded{.sequence = stored.header().sequence,
                  .digest = stored.digest(),
                  .expected = expected_verdict(stored, head)};
}

std::optional<event::Verdict> Node::expected_verdict(const event::SignedEvent& event,
                                                     const event::ChainHead& head) const {
  if (governance().find(key()) == nullptr) return std::nullopt;
  const std::uint64_t seen_size = std::max(head.seen_size_max, event.header().seen.size);
  const std::uint64_t next = std::max(seen_size, folded_.next_index());
  return governance().judge(next, event.header(), event.header().recorded, seen_size,
                            /*body_lost=*/false);
}

// Entries come division by division, the fold takes them in log order: where a division arrives
// later than another that is further on, the fold is made again.
Result<void> Node::refold() {
  const bool first = !newest_folded_;
  if (!first && !lowest_unfolded_) return {};
  std::uint64_t from = first ? 0 : *newest_folded_ + 1;
  if (!first && *lowest_unfolded_ < from) {
    forget_fold();
    from = 0;
  }
  TRY(fold_from(from));
  TRY_AS(erased, erase_due());
  if (erased) {
    forget_fold();
    TRY(fold_from(0));
  }
  lowest_unfolded_.reset();
  shown_.reset();
  return {};
}

void Node::forget_fold() {
  folded_ = state::State(programmes::all_calculations());
  newest_folded_.reset();
}

Result<void> Node::fold_from(std::uint64_t from) {
  return store_->scan_views(from, [&](const event::EntryView& logged) -> Result<bool> {
    folded_.apply(logged);
    newest_folded_ = logged.index;
    county_time_ = logged.entry.received;
    return true;
  });
}

// Whether anything was deleted. In effect is what the county's newest time known here says, never
// this device's clock (D20): who does not connect hears of no erasure either. The own chains are
// gone through once for each erasure; entries each time, since a slow server may still feed them
// whole.
Result<bool> Node::erase_due() {
  std::vector<store::NodeStore::Erasing> now, before;
  std::vector<Digest> done;
  for (const credential::Erasure& erasure : governance().erasures()) {
    if (!erasure.in_effect(county_time_)) continue;
    const bool is_new = !erased_.contains(erasure.event);
    if (is_new) done.push_back(erasure.event);
    for (const event::ErasedEvent& each : erasure.events)
      if (each.index < erasure.index) (is_new ? now : before).push_back(each);
  }
  bool erased = false;
  if (!before.empty()) {
    TRY_AS(again, store_->erase(before, /*own_too=*/false));
    erased = again;
  }
  if (done.empty()) return erased;
  TRY_AS(first, store_->erase(now));
  erased_.insert(done.begin(), done.end());
  Bytes all;
  for (const Digest& each : erased_) all += each.view();
  TRY(store_->set_setting(kErasedSetting, all));
  return erased || first;
}

Result<void> Node::load_erased() {
  TRY_AS(all, store_->setting(kErasedSetting));
  if (!all) return {};
  ByteReader in(*all);
  while (in.ok() && !in.at_end()) erased_.insert(in.fixed<Digest>());
  if (!in.ok()) return Error{Errc::Corrupt, "the node's store: what it erased"};
  return {};
}

Result<const state::State*> Node::folded() {
  TRY(refold());
  return &folded_;
}

Result<const state::State*> Node::shown() {
  TRY(refold());
  if (revoked()) return Error{Errc::Conflict, "the county has revoked this key: reading is closed"};
  if (!shown_) {
    TRY_AS(pending, store_->own_pending());
    if (pending.empty()) return &folded_;
    TRY_AS(again, re_recorded());
    state::State with_own = folded_;
    for (const event::Event& event : pending) {
      const event::Header& header = event.signed_event.header();
      // What a newer key has recorded again would show twice.
      if (!again.contains({header.author, header.sequence})) with_own.apply_pending(event);
    }
    shown_ = std::move(with_own);
  }
  return &*shown_;
}

Result<std::vector<OwnLine>> Node::own_lines(bool unsent_only) const {
  TRY_AS(again, re_recorded());
  std::vector<OwnLine> out;
  for (const crypto::KeyPair& pair : keys_) {
    std::uint64_t after = 0;
    while (true) {
      TRY_AS(page, store_->own_history(pair.public_key(), after, kPageEvents));
      if (page.empty()) break;
      for (store::OwnEvent& own : page) {
        after = own.event.signed_event.header().sequence;
        OwnLine line{.own = std::move(own),
                     .current_key = pair.public_key() == key(),
                     .re_recorded = again.contains({pair.public_key(), after})};
        const bool unsent =
            line.own.standing != store::OwnEvent::Standing::Logged && !line.re_recorded;
        if (unsent || !unsent_only) out.push_back(std::move(line));
      }
    }
  }
  return out;
}

// Another device's receipt that names the event.
std::optional<Receipted> Node::receipt_of(const event::SignedEvent& event) const {
  for (const state::ReceiptView& each : folded_.receipts_of(event.digest())) {
    if (std::any_of(keys_.begin(), keys_.end(),
                    [&](const auto& pair) { return pair.public_key() == each.by; }))
      continue;
    Receipted out{.by = each.by,
                  .role = {},
                  .office = {},
                  .through = event.header().sequence,
                  .received = each.received};
    const auto known = governance().keys().find(each.by);
    if (known != governance().keys().end() && !known->second.grants.empty()) {
      out.role = known->second.grants.back().role;
      out.office = known->second.grants.back().office;
    }
    return out;
  }
  return std::nullopt;
}

Result<Status> Node::status(TimePoint now) {
  TRY(refold());
  Status out;
  out.enrolled = enrolled_;
  out.contacted = county().has_value();
  out.revoked = revoked();
  out.recoverable = recoverable_;
  out.key = key();
  out.keys = static_cast<std::uint32_t>(keys_.size());
  out.root_digest = pin_.root_digest;
  out.origin = pin_.origin;
  if (governance().county()) out.county_name = governance().county()->name;
  std::optional<PersonId> person;
  for (const credential::Grant* grant : governance().standing(key(), now)) {
    out.approved = true;
    out.role = grant->role;
    out.office = grant->office;
    person = grant->person;
    out.divisions.insert(out.divisions.end(), grant->scope.divisions.begin(),
                         grant->scope.divisions.end());
  }
  for (const auto& [other, known] : governance().keys()) {
    const bool mine = std::any_of(keys_.begin(), keys_.end(),
                                  [&](const auto& pair) { return pair.public_key() == other; });
    const bool same_person =
        person && std::any_of(known.grants.begin(), known.grants.end(),
                              [&](const auto& grant) { return grant.person == *person; });
    if (same_person && !mine) out.unknown_keys.push_back(other);
  }
  TRY_AS(handed, handed_over());
  TRY_AS(lines, own_lines(/*unsent_only=*/false));
  using Standing = store::OwnEvent::Standing;
  for (const OwnLine& line : lines) {
    ++out.own;
    const event::SignedEvent& own = line.own.event.signed_event;
    const bool is_handed_over =
        handed && own.header().author == handed->key && own.header().sequence <= handed->through;
    if (is_handed_over)
      if (auto receipt = receipt_of(own)) out.receipted = std::move(receipt);
    if (line.re_recorded) continue;
    const Standing standing = line.own.standing;
    if (standing == Standing::Parked) ++out.parked;
    if (standing == Standing::Refused) ++out.refused;
    if (standing == Standing::Logged && !event::is_accepted(line.own.verdict)) ++out.disputed;
    if (standing == Standing::Logged || standing == Standing::Refused) continue;
    ++out.unsent;  // A parked event is not the county's yet: it is offered again.
    if (is_handed_over) ++out.in_bundles;
    const TimePoint recorded = own.header().recorded;
    if (!out.oldest_unsent || recorded < *out.oldest_unsent) out.oldest_unsent = recorded;
  }
  TRY_AS(due, resumable());
  out.resume_due = due.size();
  TRY_AS(counts, store_->counts());
  out.entries = counts.entries;
  TRY_AS(photos, store_->blob_counts());
  out.photos = photos;
  out.carried = counts.carried;
  TRY_AS(trusted, store_->trusted());
  if (trusted) out.trusted_size = trusted->size;
  TRY_AS(evidence, store_->evidence());
  out.split_views = evidence.size();
  return out;
}
}  // namespace cunji::fieldnode
