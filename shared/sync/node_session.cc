#include "shared/sync/node_session.h"

#include <algorithm>
#include <map>
#include <set>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/hash.h"
#include "shared/event/kinds.h"
#include "shared/sync/blob_outbox.h"
#include "shared/sync/handshake.h"
#include "shared/sync/inbox.h"
#include "shared/sync/level_check.h"
#include "shared/sync/limits.h"
#include "shared/sync/outbox.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static constexpr BytesView kCodeIdLabel = "cunji/enrol-code-id\n";
static constexpr std::size_t kCodeIdBytes = 8;

static Error protocol_error(const std::string& what) { return {Errc::Protocol, what}; }

template <class Message>
static Result<Message> parse(BytesView bytes, const char* what) {
  Message out;
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{Errc::Malformed, std::string(what) + " is no message"};
  return out;
}

struct NodeSession::State {
  enum class Phase { AwaitHello, AwaitAnswer, Open, Over };

  State(const crypto::KeyPair& k, CountyPin p, const NodeSource& s, Entropy& e, Options o,
        TimePoint now)
      : key(k),
        pin(std::move(p)),
        source(s),
        entropy(e),
        options(std::move(o)),
        outbox(s, k.public_key(), options.batch_events_max),
        inbox(s, options.feed_entries_max, options.verify_all),
        blobs(options.blobs),
        heard(now) {}

  Result<Output> on_hello(BytesView message);
  Result<Output> on_answer(BytesView message);
  Result<Output> on_frame(BytesView message);
  Result<void> dispatch(const OnlyField& frame, Output& out);
  Result<void> take_level(const proto::Level& message, Output& out);
  Result<void> take_ack(const proto::Ack& ack, Output& out);
  Result<void> take_feed(const proto::Feed& feed, Output& out);
  Result<void> take_refusal(const proto::Refusal& refusal, Output& out);
  Result<void> take_enrolment(const proto::EnrolAnswer& answer, Output& out);
  Result<Offer> make_offer();
  Result<void> send_poll(Output& out);
  void ask_enrolment(Output& out);
  Result<void> go_on(Output& out);
  Result<void> end_round(Output& out);
  Result<void> send_blobs(Output& out);
  void take_blobs(BlobOutbox::Answered answered, Output& out);
  void send(const proto::NodeFrame& frame, Output& out);
  bool owed() const;
  void count();

  crypto::KeyPair key;
  CountyPin pin;
  const NodeSource& source;
  Entropy& entropy;
  Options options;
  Outbox outbox;
  Inbox inbox;
  BlobOutbox blobs;
  Progress progress;

  Phase phase = Phase::AwaitHello;
  TimePoint heard;  // When the server was last heard, or first owed something.
  Bytes server_hello, node_content, node_hello;
  crypto::BoxPair ephemeral;
  std::optional<CountyIdentity> county;
  std::optional<crypto::Channel> channel;
  Digest transcript;
  std::optional<Trusted> trusted;

  bool enrolled = false;
  bool polling = false;               // A poll is not answered yet.
  bool enrolling = false;             // An EnrolAsk is not.
  bool events_level = false;          // Until the next poll: only blobs are left.
  std::vector<DivisionCode> covered;  // Named since the last round ended.
  bool starts_round = true;           // The next Level's heads are what this round is to reach.
  std::uint64_t needed = 0;           // The log size whose checkpoint proves all of this round.
  int waits = 0;                      // Polls for it so far.
  std::map<DivisionCode, std::uint64_t> acknowledged;  // Newest own entry of each division.
  bool asked_again = false;  // For the heads of those that seem to be held back.
};

NodeSession::NodeSession(const crypto::KeyPair& key, CountyPin pin, const NodeSource& source,
                         Entropy& entropy, Options options, TimePoint now)
    : state_(
          std::make_unique<State>(key, std::move(pin), source, entropy, std::move(options), now)) {
  state_->needed = state_->options.size_min;
}
NodeSession::~NodeSession() = default;
NodeSession::NodeSession(NodeSession&&) noexcept = default;

Result<NodeSession::Output> NodeSession::on_message(BytesView message, TimePoint now) {
  State& s = *state_;
  s.heard = now;
  const auto take = [&]() -> Result<Output> {
    if (message.size() > kFrameBytesMax) return Error{Errc::Limit, "message is too large"};
    switch (s.phase) {
      case State::Phase::AwaitHello: return s.on_hello(message);
      case State::Phase::AwaitAnswer: return s.on_answer(message);
      case State::Phase::Open: return s.on_frame(message);
      case State::Phase::Over: break;
    }
    return protocol_error("the session is over");
  };
  auto out = take();
  if (!out) s.phase = State::Phase::Over;
  s.count();
  return out;
}

Result<NodeSession::Output> NodeSession::on_tick(TimePoint now) {
  State& s = *state_;
  const bool owed = s.owed() || s.blobs.under_way();
  if (!owed || now - s.heard <= kReplyTimeout) return Output{};
  s.phase = State::Phase::Over;
  return Error{Errc::Timeout, "the server does not answer"};
}

Result<NodeSession::Output> NodeSession::poll(TimePoint now) {
  State& s = *state_;
  if (s.phase != State::Phase::Open || !s.options.stay)
    return protocol_error("the session is over");
  if (s.owed()) return Output{};
  if (!s.blobs.under_way()) s.heard = now;
  s.starts_round = true;
  s.events_level = false;
  s.waits = 0;
  s.outbox.retry_put_off();
  Output out;
  const auto sent = s.send_poll(out);
  s.count();
  if (sent) return out;
  s.phase = State::Phase::Over;
  return sent.error();
}

const NodeSession::Progress& NodeSession::progress() const { return state_->progress; }
bool NodeSession::enrolled() const { return state_->enrolled; }
bool NodeSession::sending_blobs() const {
  return state_->phase == State::Phase::Open && state_->events_level && !state_->blobs.finished();
}

bool NodeSession::State::owed() const {
  switch (phase) {
    case Phase::AwaitHello:
    case Phase::AwaitAnswer: return true;
    case Phase::Open: return polling || enrolling || outbox.under_way() || inbox.under_way();
    case Phase::Over: break;
  }
  return false;
}

void NodeSession::State::count() {
  progress.pushed = outbox.pushed();
  progress.to_push = progress.pushed + outbox.left();
  progress.fetched = inbox.fetched();
  progress.to_fetch = progress.fetched + inbox.left();
  progress.blob_bytes_sent = blobs.sent_bytes();
  progress.blob_bytes_to_send = progress.blob_bytes_sent + blobs.left_bytes();
}

void NodeSession::State::send(const proto::NodeFrame& frame, Output& out) {
  out.send.push_back(channel->seal(frame.SerializeAsString()));
  CHECK(out.send.back().size() <= kFrameBytesMax);
}

Result<Offer> NodeSession::State::make_offer() {
  Offer out;
  out.trusted_size = trusted ? trusted->checkpoint.size : 0;
  if (options.enrol) return out;
  TRY_AS(chains, outbox.offer());
  out.chains = std::move(chains);
  TRY_AS(cursors, inbox.offer());
  out.cursors = std::move(cursors);
  return out;
}

// The server speaks first: who it is. We answer with who we are and what we have.
Result<NodeSession::Output> NodeSession::State::on_hello(BytesView message) {
  if (message.size() > kSmallFrameBytesMax) return Error{Errc::Limit, "server hello is too large"};
  TRY_AS(hello, parse<proto::ServerHello>(message, "server hello"));
  const auto& versions = hello.versions();
  if (std::find(versions.begin(), versions.end(), kSessionVersion) == versions.end())
    return protocol_error("the server does not speak version 1 of the protocol");
  TRY(Nonce::from(hello.nonce()));
  TRY_AS(identity, check_county(hello, pin));
  county = identity;
  TRY_AS(checkpoint, source.trusted());
  if (checkpoint && checkpoint->size > 0) {
    TRY_AS(note, source.trusted_note());
    trusted = Trusted{*checkpoint, note.value_or(log::text_of(*checkpoint))};
  }

  ephemeral = crypto::generate_box_pair(entropy);
  TRY_AS(offer, make_offer());
  proto::NodeHelloContent content;
  content.set_version(kSessionVersion);
  content.set_nonce(entropy.next<Nonce>().str());
  content.set_key(key.public_key().str());
  content.set_ephemeral(ephemeral.public_key.str());
  to_proto(offer, *content.mutable_offer());
  node_content = content.SerializeAsString();
  server_hello = Bytes(message);
  proto::NodeHello signed_hello;
  signed_hello.set_content(node_content);
  signed_hello.set_signature(key.sign(node_signing_input(server_hello, node_content)).str());
  node_hello = signed_hello.SerializeAsString();
  phase = Phase::AwaitAnswer;
  Output out;
  out.send.push_back(node_hello);
  return out;
}

Result<NodeSession::Output> NodeSession::State::on_answer(BytesView message) {
  if (message.size() > kSmallFrameBytesMax) return Error{Errc::Limit, "server answer is too large"};
  TRY_AS(answer, parse<proto::ServerAnswer>(message, "server answer"));
  TRY_AS(signature, Signature::from(answer.signature()));
  const Bytes input = server_signing_input(server_hello, node_content, answer.content());
  if (!crypto::verify(county->system_key, input, signature))
    return Error{Errc::Forged, "server answer: signature of the system key"};
  TRY_AS(content, parse<proto::ServerAnswerContent>(answer.content(), "server answer"));
  TRY_AS(peer, crypto::BoxPublic::from(content.ephemeral()));
  transcript = transcript_of(server_hello, node_hello, message);
  TRY_AS(agreed, crypto::Channel::agree(crypto::Channel::Role::Node, ephemeral, peer, transcript));
  channel = std::move(agreed);
  ephemeral = {};
  enrolled = content.enrolled();
  phase = Phase::Open;

  Output out;
  const bool first_contact = !pin.log_key || pin.origin.empty();
  TRY(take_level(content.level(), out));
  if (phase == Phase::Over) return out;
  if (first_contact) {
    pin.log_key = county->log_key;
    pin.origin = county->origin;
    out.pin = pin;
  }
  if (options.enrol) {
    ask_enrolment(out);
  } else {
    TRY(go_on(out));
  }
  return out;
}

Result<void> NodeSession::State::take_level(const proto::Level& message, Output& out) {
  TRY_AS(level, from_proto(message));
  TRY_AS(advance,
         check_checkpoint(level.note, level.consistency, trusted, county->origin, county->log_key));
  if (advance.split_view) {
    out.split_view = std::move(advance.split_view);
    phase = Phase::Over;
    return {};
  }
  if (!trusted || trusted->checkpoint.size != advance.shown.checkpoint.size)
    out.trusted_note = level.note;
  trusted = std::move(advance.shown);
  if (options.enrol) return {};
  std::set<DivisionCode> fed;
  for (const Level::Division& division : level.divisions) fed.insert(division.head.division);
  TRY_AS(trouble, outbox.on_level(level.chains, fed));
  if (trouble) out.chain_trouble = trouble;
  TRY_AS(outside, inbox.on_level(level.divisions));
  if (enrolled) out.outside_scope = std::move(outside);
  TRY(inbox.on_covered(level.covered, county->county));
  covered.insert(covered.end(), level.covered.begin(), level.covered.end());
  // Later Levels of a round may name newer heads: those are the next round's, or a busy division
  // would keep us here for ever.
  if (starts_round) needed = std::max(needed, inbox.heads_size());
  starts_round = false;
  return {};
}

Result<NodeSession::Output> NodeSession::State::on_frame(BytesView message) {
  TRY_AS(opened, channel->open(message));
  TRY_AS(frame, only_field(opened));
  Output out;
  TRY(dispatch(frame, out));
  if (phase == Phase::Open) TRY(go_on(out));
  return out;
}

Result<void> NodeSession::State::dispatch(const OnlyField& frame, Output& out) {
  const bool small =
      frame.field != proto::ServerFrame::kAck && frame.field != proto::ServerFrame::kFeed;
  if (small && frame.content.size() > kSmallFrameBytesMax)
    return Error{Errc::Limit, "frame is too large"};
  switch (frame.field) {
    case proto::ServerFrame::kLevel: {
      if (!polling) return protocol_error("level that was not asked for");
      polling = false;
      TRY_AS(level, parse<proto::Level>(frame.content, "level"));
      return take_level(level, out);
    }
    case proto::ServerFrame::kAck: {
      static constexpr FieldLimit kLimits[] = {{proto::Ack::kResultsFieldNumber, kBatchEventsMax}};
      TRY(check_counts(frame.content, kLimits));
      TRY_AS(ack, parse<proto::Ack>(frame.content, "acknowledgement"));
      return take_ack(ack, out);
    }
    case proto::ServerFrame::kFeed: {
      static constexpr FieldLimit kLimits[] = {
          {proto::Feed::kInclusionFieldNumber, log::kProofHashesMax}};
      TRY(check_counts(frame.content, kLimits));
      TRY_AS(feed, parse<proto::Feed>(frame.content, "feed"));
      return take_feed(feed, out);
    }
    case proto::ServerFrame::kEnrol: {
      TRY_AS(answer, parse<proto::EnrolAnswer>(frame.content, "enrolment answer"));
      return take_enrolment(answer, out);
    }
    case proto::ServerFrame::kBlobAnswer: {
      static constexpr FieldLimit kLimits[] = {
          {proto::BlobAnswer::kBlobsFieldNumber, kOfferBlobsMax}};
      TRY(check_counts(frame.content, kLimits));
      TRY_AS(answer, parse<proto::BlobAnswer>(frame.content, "blob answer"));
      TRY_AS(answered, blobs.on_answer(answer));
      take_blobs(std::move(answered), out);
      return {};
    }
    case proto::ServerFrame::kChunkAck: {
      TRY_AS(ack, parse<proto::ChunkAck>(frame.content, "chunk acknowledgement"));
      TRY_AS(answered, blobs.on_ack(ack));
      take_blobs(std::move(answered), out);
      return {};
    }
    case proto::ServerFrame::kRefusal: {
      TRY_AS(refusal, parse<proto::Refusal>(frame.content, "refusal"));
      return take_refusal(refusal, out);
    }
    default: return protocol_error("unknown frame");
  }
}

Result<void> NodeSession::State::take_ack(const proto::Ack& ack, Output& out) {
  TRY_AS(acked, outbox.on_ack(ack));
  out.outcomes = std::move(acked.outcomes);
  out.later = std::move(acked.later);
  if (acked.trouble) out.chain_trouble = acked.trouble;
  for (const auto& [division, index] : acked.logged) {
    std::uint64_t& newest = acknowledged[division];
    newest = std::max(newest, index);
    needed = std::max(needed, index + 1);
  }
  return {};
}

Result<void> NodeSession::State::take_feed(const proto::Feed& feed, Output& out) {
  TRY_AS(verdict, inbox.on_feed(feed, county->county, trusted->checkpoint));
  if (verdict.own_missing) {
    TRY_AS(trouble, outbox.give_up(*verdict.own_missing));
    if (trouble) out.chain_trouble = trouble;
  } else if (!verdict.commit.entries.empty()) {
    out.feed.push_back(std::move(verdict.commit));
  }
  return {};
}

Result<void> NodeSession::State::take_refusal(const proto::Refusal& refusal, Output& out) {
  if (refusal.code() == proto::REFUSAL_CODE_SCOPE) {
    TRY_AS(division, inbox.on_refusal());
    out.outside_scope.push_back(division);
    return {};
  }
  const bool asked = owed() || blobs.under_way();
  if (refusal.code() == proto::REFUSAL_CODE_NOT_ENROLLED && !enrolled && asked) {
    outbox.drop_all();
    blobs.give_up();
    polling = false;
    return {};
  }
  return protocol_error("the server refuses: " + reason_line(refusal.reason()));
}

void NodeSession::State::ask_enrolment(Output& out) {
  const EnrolmentOffer& offer = *options.enrol;
  proto::NodeFrame frame;
  proto::EnrolAsk& ask = *frame.mutable_enrol();
  ask.set_request(offer.request);
  ask.set_code_id(crypto::sha256({kCodeIdLabel, offer.code_key}).str().substr(0, kCodeIdBytes));
  ask.set_mac(crypto::hmac_sha256(offer.code_key, {offer.request, transcript.view()}).str());
  enrolling = true;
  send(frame, out);
}

Result<void> NodeSession::State::take_enrolment(const proto::EnrolAnswer& answer, Output& out) {
  if (!enrolling) return protocol_error("enrolment answer that was not asked for");
  enrolling = false;
  if (answer.has_refusal())
    return protocol_error("enrolment refused: " + reason_line(answer.refusal().reason()));
  if (static_cast<std::size_t>(answer.divisions_size()) > kScopeDivisionsMax)
    return Error{Errc::Limit, "enrolment answer: too many divisions"};
  EnrolmentOutcome outcome{.waits = answer.waits(),
                           .role = reason_line(answer.role()),
                           .divisions = {},
                           .credential = std::nullopt};
  for (const std::string& prefix : answer.divisions()) {
    if (!is_digits(prefix) || prefix.size() > DivisionCode::kSize)
      return Error{Errc::Malformed, "enrolment answer: division"};
    outcome.divisions.push_back(prefix);
  }
  if (answer.has_credential()) {
    TRY_AS(credential, from_proto(answer.credential()));
    const event::SignedEvent& event = credential.entry.event;
    const bool is_one =
        event.header().kind == static_cast<std::uint16_t>(event::Kind::Credential) &&
        event.header().county == county->county && event.verify();
    if (!is_one) return Error{Errc::Forged, "enrolment answer: not a credential"};
    outcome.credential = std::move(credential);
  }
  out.enrolment = std::move(outcome);
  out.level = true;
  phase = Phase::Over;
  return {};
}

Result<void> NodeSession::State::send_poll(Output& out) {
  proto::NodeFrame frame;
  proto::Poll& poll = *frame.mutable_poll();
  TRY_AS(offer, make_offer());
  to_proto(offer, *poll.mutable_offer());
  if (enrolled && needed > trusted->checkpoint.size) poll.set_wait_for_size(needed);
  polling = true;
  send(frame, out);
  return {};
}

// Sends whatever can be sent now; when nothing is under way any more, ends the round.
Result<void> NodeSession::State::go_on(Output& out) {
  // A key without standing may be unknown to the county: then one push is enough to learn so.
  const std::size_t in_flight_max = enrolled ? kPushesInFlightMax : 1;
  while (!polling) {
    TRY_AS(push, outbox.next(in_flight_max, out.chain_trouble));
    if (!push) break;
    proto::NodeFrame frame;
    frame.mutable_push()->set_id(push->id);
    frame.mutable_push()->set_batch(std::move(push->batch));
    send(frame, out);
  }
  while (!polling) {
    const auto want = inbox.next(trusted->checkpoint.size);
    if (!want) break;
    proto::NodeFrame frame;
    to_proto(want->after, *frame.mutable_want()->mutable_after());
    frame.mutable_want()->set_entries_max(static_cast<std::uint32_t>(want->entries_max));
    send(frame, out);
  }
  if (!owed() && !events_level) TRY(end_round(out));
  if (phase == Phase::Open && events_level) TRY(send_blobs(out));
  return {};
}

// Chunks go only while events are level, so that whatever is to be pushed or fetched comes first.
Result<void> NodeSession::State::send_blobs(Output& out) {
  BlobOutbox::Answered answered;
  for (;;) {
    proto::NodeFrame frame;
    TRY_AS(more, blobs.next(frame, answered));
    if (!more) break;
    send(frame, out);
  }
  take_blobs(std::move(answered), out);
  if (!blobs.finished()) return {};
  out.level = true;
  if (!options.stay) phase = Phase::Over;
  return {};
}

void NodeSession::State::take_blobs(BlobOutbox::Answered answered, Output& out) {
  for (BlobOutcome& outcome : answered.outcomes) out.blobs.push_back(std::move(outcome));
  if (!answered.later.empty()) out.later = std::move(answered.later);
}

Result<void> NodeSession::State::end_round(Output& out) {
  const bool unproven = enrolled && needed > trusted->checkpoint.size;
  if (unproven && ++waits > kWaitPollsMax)
    return Error{Errc::Timeout,
                 "the county logs, but publishes no checkpoint of size " + std::to_string(needed)};
  if (unproven || outbox.needs_level()) return send_poll(out);
  bool ask_again = false;
  for (const auto& [division, index] : acknowledged)
    ask_again = (!asked_again && inbox.must_ask_again(division, index)) || ask_again;
  if (ask_again) {
    asked_again = true;
    return send_poll(out);
  }
  for (const auto& [division, index] : acknowledged) TRY(inbox.check_holds(division, index));
  asked_again = false;
  acknowledged.clear();
  needed = 0;
  out.covered = std::exchange(covered, {});
  out.level = true;
  events_level = true;
  blobs.start_round();
  return {};
}
}  // namespace cunji::sync
