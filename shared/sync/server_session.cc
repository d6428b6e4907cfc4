#include "shared/sync/server_session.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/hash.h"
#include "shared/log/proof.h"
#include "shared/sync/batch.h"
#include "shared/sync/blob_intake.h"
#include "shared/sync/handshake.h"
#include "shared/sync/level.h"
#include "shared/sync/limits.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static constexpr std::size_t kCodeIdBytes = 8;

static Error protocol_error(const char* what) { return {Errc::Protocol, what}; }

template <class Message>
static Result<Message> parse(BytesView bytes, const char* what) {
  Message out;
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{Errc::Malformed, std::string(what) + " is no message"};
  return out;
}

struct ServerSession::State {
  enum class Phase { New, AwaitHello, Open, Over };
  struct InFlight {
    std::uint64_t id = 0;
    std::size_t events = 0;
  };
  struct Waiting {
    std::uint64_t size = 0;
    TimePoint since{};
  };

  State(const crypto::KeyPair& k, const ServerSource& s, Entropy& e, TimePoint now)
      : system_key(k), source(s), entropy(e), started(now) {}

  Result<Output> on_hello(BytesView message, TimePoint now);
  Result<Output> on_frame(BytesView message, TimePoint now);
  Result<void> take_poll(const proto::Poll& poll, TimePoint now, Output& out);
  Result<void> take_push(const proto::Push& push, Output& out);
  Result<void> take_want(const proto::Want& want, TimePoint now, Output& out);
  Result<void> take_enrol(const proto::EnrolAsk& ask, Output& out);
  Result<void> take_offer(const Offer& offer);
  Result<Level> make_level(TimePoint now);
  Result<void> add_chains(Level& level);
  Result<void> add_divisions(const std::vector<const credential::Grant*>& standing, Level& level);
  Result<void> add_covered(const std::vector<const credential::Grant*>& standing, Level& level);
  Result<void> answer_poll(TimePoint now, Output& out);
  Result<void> feed(const Cursor& after, std::size_t entries_max, Output& out);
  Result<std::vector<PublicKey>> held_by_node(const std::vector<event::LoggedEvent>& entries);
  bool may_read(const DivisionCode& division,
                const std::vector<const credential::Grant*>& standing) const;
  bool known() const { return source.governance().find(*key) != nullptr; }
  void refuse(proto::RefusalCode code, std::string reason, Output& out);
  void send(const proto::ServerFrame& frame, Output& out);
  // Ends the session on an error.
  Result<Output> ended(Result<Output> result) {
    if (!result) phase = Phase::Over;
    return result;
  }

  const crypto::KeyPair& system_key;
  const ServerSource& source;
  Entropy& entropy;
  TimePoint started;
  Phase phase = Phase::New;
  Bytes hello;
  std::optional<PublicKey> key;
  std::optional<crypto::Channel> channel;
  Digest transcript;

  std::map<PublicKey, ChainPosition> offered;  // What the node said it holds of its own chains,
  std::map<PublicKey, ChainPosition> told;     // and what we said that the log holds.
  std::set<DivisionCode> wanted;
  std::map<DivisionCode, std::uint64_t> told_divisions;  // Next index of the heads we named.
  std::set<DivisionCode> covered;                        // Named by us, and not offered since.
  // The log's size and the prefixes that were looked through last: equal ones give nothing new.
  std::pair<std::uint64_t, std::vector<std::string>> looked_through;
  std::uint64_t trusted_size = 0;
  std::uint64_t level_size = 0;  // Of the checkpoint in the newest Level: feeds are proven by it.
  std::uint64_t last_push = 0;
  std::deque<InFlight> in_flight;
  bool enrolling = false;
  std::optional<Waiting> waiting;
  BlobIntake blobs;
};

ServerSession::ServerSession(const crypto::KeyPair& system_key, const ServerSource& source,
                             Entropy& entropy, TimePoint now)
    : state_(std::make_unique<State>(system_key, source, entropy, now)) {}
ServerSession::~ServerSession() = default;
ServerSession::ServerSession(ServerSession&&) noexcept = default;

const PublicKey* ServerSession::key() const { return state_->key ? &*state_->key : nullptr; }

ServerSession::Output ServerSession::open() {
  State& s = *state_;
  CHECK(s.phase == State::Phase::New);
  proto::ServerHello hello;
  hello.add_versions(kSessionVersion);
  hello.set_nonce(s.entropy.next<Nonce>().str());
  to_proto(s.source.founding(), *hello.mutable_founding());
  to_proto(s.source.system_credential(), *hello.mutable_system());
  hello.set_tls_statement(Bytes(s.source.tls_statement()));
  s.hello = hello.SerializeAsString();
  CHECK(s.hello.size() <= kSmallFrameBytesMax);
  s.phase = State::Phase::AwaitHello;
  Output out;
  out.send.push_back(s.hello);
  return out;
}

Result<ServerSession::Output> ServerSession::on_message(BytesView message, TimePoint now) {
  State& s = *state_;
  switch (s.phase) {
    case State::Phase::AwaitHello: return s.ended(s.on_hello(message, now));
    case State::Phase::Open: return s.ended(s.on_frame(message, now));
    default: return s.ended(protocol_error("the session is not open"));
  }
}

Result<ServerSession::Output> ServerSession::on_tick(TimePoint now) {
  State& s = *state_;
  const bool shaking = s.phase == State::Phase::New || s.phase == State::Phase::AwaitHello;
  if (shaking && now - s.started > kHandshakeTimeout)
    return s.ended(Error{Errc::Timeout, "the handshake takes too long"});
  return s.waiting ? on_checkpoint(now) : Result<Output>(Output{});
}

Result<ServerSession::Output> ServerSession::on_checkpoint(TimePoint now) {
  State& s = *state_;
  Output out;
  if (s.phase != State::Phase::Open || !s.waiting) return out;
  const bool due =
      s.source.checkpoint().size >= s.waiting->size || now - s.waiting->since >= kPollWait;
  if (!due) {
    out.waits_for_size = s.waiting->size;
    return out;
  }
  const auto answered = s.answer_poll(now, out);
  return answered ? Result<Output>(std::move(out)) : s.ended(answered.error());
}

Result<ServerSession::Output> ServerSession::on_results(std::uint64_t push_id,
                                                        std::vector<EventOutcome> results,
                                                        TimePoint) {
  State& s = *state_;
  if (s.phase != State::Phase::Open) return protocol_error("the session is over");
  const auto push = std::find_if(s.in_flight.begin(), s.in_flight.end(),
                                 [&](const State::InFlight& each) { return each.id == push_id; });
  CHECK(push != s.in_flight.end() && push->events == results.size());
  s.in_flight.erase(push);
  proto::ServerFrame frame;
  proto::Ack& ack = *frame.mutable_ack();
  ack.set_push_id(push_id);
  for (const EventOutcome& result : results) {
    proto::EventResult& out = *ack.add_results();
    out.set_key(result.key.str());
    out.set_sequence(result.sequence);
    switch (result.status) {
      case EventOutcome::Status::Logged:
        out.set_status(proto::EventResult::STATUS_LOGGED);
        out.set_index(result.index);
        out.set_received(to_millis(result.received));
        out.set_verdict(static_cast<std::uint32_t>(result.verdict));
        break;
      case EventOutcome::Status::Parked: out.set_status(proto::EventResult::STATUS_PARKED); break;
      case EventOutcome::Status::Refused:
        out.set_status(proto::EventResult::STATUS_REFUSED);
        CHECK(proto::RefusalCode_IsValid(result.refusal) && result.refusal != 0);
        out.mutable_refusal()->set_code(static_cast<proto::RefusalCode>(result.refusal));
        out.mutable_refusal()->set_reason(reason_line(result.reason));
        break;
    }
  }
  Output out;
  s.send(frame, out);
  return out;
}

Result<ServerSession::Output> ServerSession::on_enrolment(Result<EnrolmentOutcome> outcome,
                                                          TimePoint) {
  State& s = *state_;
  if (s.phase != State::Phase::Open) return protocol_error("the session is over");
  CHECK(s.enrolling);
  s.enrolling = false;
  proto::ServerFrame frame;
  proto::EnrolAnswer& answer = *frame.mutable_enrol();
  if (!outcome) {
    const Error& error = outcome.error();
    answer.mutable_refusal()->set_code(error.code == Errc::Limit ? proto::REFUSAL_CODE_LATER
                                                                 : proto::REFUSAL_CODE_CODE);
    answer.mutable_refusal()->set_reason(reason_line(error.what));
  } else {
    answer.set_waits(outcome->waits);
    answer.set_role(outcome->role);
    CHECK(outcome->divisions.size() <= kScopeDivisionsMax);
    for (const std::string& prefix : outcome->divisions) answer.add_divisions(prefix);
    if (outcome->credential) to_proto(*outcome->credential, *answer.mutable_credential());
  }
  Output out;
  s.send(frame, out);
  return out;
}

Result<ServerSession::Output> ServerSession::on_blob_answers(
    const std::vector<BlobAnswer>& answers) {
  State& s = *state_;
  if (s.phase != State::Phase::Open) return protocol_error("the session is over");
  proto::ServerFrame frame;
  s.blobs.answer_offer(answers, *frame.mutable_blob_answer());
  Output out;
  s.send(frame, out);
  return out;
}

Result<ServerSession::Output> ServerSession::on_chunk_answer(const BlobAnswer& answer) {
  State& s = *state_;
  if (s.phase != State::Phase::Open) return protocol_error("the session is over");
  proto::ServerFrame frame;
  s.blobs.answer_chunk(answer, *frame.mutable_chunk_ack());
  Output out;
  s.send(frame, out);
  return out;
}

void ServerSession::State::send(const proto::ServerFrame& frame, Output& out) {
  out.send.push_back(channel->seal(frame.SerializeAsString()));
  CHECK(out.send.back().size() <= kFrameBytesMax);
}

void ServerSession::State::refuse(proto::RefusalCode code, std::string reason, Output& out) {
  proto::ServerFrame frame;
  frame.mutable_refusal()->set_code(code);
  frame.mutable_refusal()->set_reason(std::move(reason));
  send(frame, out);
}

// Who the node is, proven by its signature over both nonces and both ephemeral keys' messages.
Result<ServerSession::Output> ServerSession::State::on_hello(BytesView message, TimePoint now) {
  if (message.size() > kSmallFrameBytesMax) return Error{Errc::Limit, "node hello is too large"};
  TRY_AS(signed_hello, parse<proto::NodeHello>(message, "node hello"));
  TRY_AS(content, parse<proto::NodeHelloContent>(signed_hello.content(), "node hello"));
  if (content.version() != kSessionVersion)
    return protocol_error("the node speaks another version of the protocol");
  TRY(Nonce::from(content.nonce()));
  TRY_AS(node_key, PublicKey::from(content.key()));
  TRY_AS(peer, crypto::BoxPublic::from(content.ephemeral()));
  TRY_AS(signature, Signature::from(signed_hello.signature()));
  TRY_AS(offer, from_proto(content.offer()));
  if (!crypto::verify(node_key, node_signing_input(hello, signed_hello.content()), signature))
    return Error{Errc::Forged, "node hello: signature"};
  key = node_key;
  TRY(take_offer(offer));

  const crypto::BoxPair ephemeral = crypto::generate_box_pair(entropy);
  proto::ServerAnswerContent answer;
  answer.set_ephemeral(ephemeral.public_key.str());
  answer.set_enrolled(!source.governance().standing(*key, now).empty());
  TRY_AS(level, make_level(now));
  to_proto(level, *answer.mutable_level());
  proto::ServerAnswer signed_answer;
  signed_answer.set_content(answer.SerializeAsString());
  const Bytes input = server_signing_input(hello, signed_hello.content(), signed_answer.content());
  signed_answer.set_signature(system_key.sign(input).str());
  Output out;
  out.send.push_back(signed_answer.SerializeAsString());
  CHECK(out.send.back().size() <= kSmallFrameBytesMax);
  transcript = transcript_of(hello, message, out.send.back());
  TRY_AS(agreed,
         crypto::Channel::agree(crypto::Channel::Role::Server, ephemeral, peer, transcript));
  channel = std::move(agreed);
  phase = Phase::Open;
  return out;
}

Result<ServerSession::Output> ServerSession::State::on_frame(BytesView message, TimePoint now) {
  if (message.size() > kFrameBytesMax) return Error{Errc::Limit, "frame is too large"};
  TRY_AS(opened, channel->open(message));
  TRY_AS(frame, only_field(opened));
  if (frame.field != proto::NodeFrame::kPush && frame.content.size() > kSmallFrameBytesMax)
    return Error{Errc::Limit, "frame is too large"};
  Output out;
  switch (frame.field) {
    case proto::NodeFrame::kPoll: {
      TRY_AS(poll, parse<proto::Poll>(frame.content, "poll"));
      TRY(take_poll(poll, now, out));
      break;
    }
    case proto::NodeFrame::kPush: {
      TRY_AS(push, parse<proto::Push>(frame.content, "push"));
      TRY(take_push(push, out));
      break;
    }
    case proto::NodeFrame::kWant: {
      TRY_AS(want, parse<proto::Want>(frame.content, "want"));
      TRY(take_want(want, now, out));
      break;
    }
    case proto::NodeFrame::kEnrol: {
      TRY_AS(ask, parse<proto::EnrolAsk>(frame.content, "enrolment"));
      TRY(take_enrol(ask, out));
      break;
    }
    case proto::NodeFrame::kBlobOffer: {
      static constexpr FieldLimit kLimits[] = {
          {proto::BlobOffer::kBlobsFieldNumber, kOfferBlobsMax}};
      TRY(check_counts(frame.content, kLimits));
      TRY_AS(offer, parse<proto::BlobOffer>(frame.content, "blob offer"));
      if (!known()) {
        refuse(proto::REFUSAL_CODE_NOT_ENROLLED, "the county does not know this key yet", out);
        break;
      }
      TRY_AS(names, blobs.on_offer(offer));
      out.blob_offer = std::move(names);
      break;
    }
    case proto::NodeFrame::kBlobChunk: {
      TRY_AS(said, parse<proto::BlobChunk>(frame.content, "chunk"));
      TRY_AS(chunk, blobs.on_chunk(said));
      out.blob_chunk = std::move(chunk);
      break;
    }
    default: return protocol_error("unknown frame");
  }
  return out;
}

Result<void> ServerSession::State::take_offer(const Offer& offer) {
  for (const ChainPosition& chain : offer.chains) {
    offered[chain.key] = chain;
    told.erase(chain.key);  // An offer is always answered.
  }
  for (const Cursor& cursor : offer.cursors) {
    wanted.insert(cursor.division);
    told_divisions.erase(cursor.division);
    covered.erase(cursor.division);
  }
  if (offered.size() > kOfferChainsMax || wanted.size() > kOfferDivisionsMax)
    return Error{Errc::Limit, "too many chains or divisions in one session"};
  trusted_size = offer.trusted_size;
  return {};
}

Result<void> ServerSession::State::take_poll(const proto::Poll& poll, TimePoint now, Output& out) {
  if (waiting) return protocol_error("a poll while another waits");
  TRY_AS(offer, from_proto(poll.offer()));
  if (!known()) {
    refuse(proto::REFUSAL_CODE_NOT_ENROLLED, "the county does not know this key yet", out);
    return {};
  }
  TRY(take_offer(offer));
  if (poll.wait_for_size() > source.checkpoint().size) {
    waiting = Waiting{poll.wait_for_size(), now};
    out.waits_for_size = poll.wait_for_size();
    return {};
  }
  return answer_poll(now, out);
}

Result<void> ServerSession::State::answer_poll(TimePoint now, Output& out) {
  waiting.reset();
  TRY_AS(level, make_level(now));
  proto::ServerFrame frame;
  to_proto(level, *frame.mutable_level());
  send(frame, out);
  return {};
}

Result<Level> ServerSession::State::make_level(TimePoint now) {
  Level out;
  const log::Checkpoint& checkpoint = source.checkpoint();
  out.note = source.note();
  out.now = now;
  level_size = checkpoint.size;
  // Of equal sizes there is nothing to prove; a larger one than ours is the node's to be alarmed
  // by.
  if (trusted_size > 0 && trusted_size < checkpoint.size) {
    TRY_AS(proof, log::prove_consistency(source.log(), trusted_size, checkpoint.size));
    out.consistency = std::move(proof);
  }
  TRY(add_chains(out));
  // A key without standing hears why: what it may read is the county's governance.
  if (known()) {
    const auto standing = source.governance().standing(*key, now);
    TRY(add_divisions(standing, out));
    TRY(add_covered(standing, out));
  }
  return out;
}

// Only what is new since the last Level of the session: an idle poll stays small.
Result<void> ServerSession::State::add_chains(Level& level) {
  for (const auto& [chain, position] : offered) {
    TRY_AS(head, source.log().chain_head(chain));
    ChainPosition held{.key = chain, .sequence = 0, .digest = {}};
    if (head && head->sequence > 0) {
      held.sequence = head->sequence;
      held.digest = head->digest;
    }
    const auto [at, added] = told.try_emplace(chain, held);
    if (!added && at->second == held) continue;
    at->second = held;
    level.chains.push_back(held);
  }
  return {};
}

Result<void> ServerSession::State::add_divisions(
    const std::vector<const credential::Grant*>& standing, Level& level) {
  for (const DivisionCode& division : wanted) {
    if (!may_read(division, standing)) continue;
    TRY_AS(head, source.log().division_head(division));
    Level::Division named{.head = {.division = division, .next_index = 0, .leaf = {}}};
    if (head) {
      named.head.next_index = head->index + 1;
      named.head.leaf = head->leaf;
      named.entries = head->count;
    }
    const auto [at, added] = told_divisions.try_emplace(division, named.head.next_index);
    if (!added && at->second == named.head.next_index) continue;
    at->second = named.head.next_index;
    level.divisions.push_back(named);
  }
  return {};
}

// What may_read() gives beyond the offer, in order of code; beyond the limit nothing more is named.
// A key without standing is told none, nor is one whose scope is assigned subjects.
Result<void> ServerSession::State::add_covered(
    const std::vector<const credential::Grant*>& standing, Level& level) {
  std::vector<std::string> prefixes;
  for (const credential::Grant* grant : standing) {
    if (!grant->scope.assigned.empty()) continue;
    const std::vector<std::string>& divisions = grant->scope.divisions;
    prefixes.insert(prefixes.end(), divisions.begin(), divisions.end());
  }
  TRY_AS(log_head, source.log().head());
  std::pair look{log_head.size, std::move(prefixes)};
  if (look == looked_through) return {};
  looked_through = std::move(look);
  for (const std::string& prefix : looked_through.second) {
    TRY_AS(found, source.log().divisions(prefix));
    for (const auto& [division, head] : found) {
      if (wanted.contains(division) || covered.contains(division)) continue;
      if (wanted.size() + covered.size() >= kOfferDivisionsMax) return {};
      covered.insert(division);
      level.covered.push_back(division);
    }
  }
  return {};
}

// The county's governance is for every key that it knows, a frozen or ended one too. Assigned scope
// is by subject, not by division: it gives no village.
bool ServerSession::State::may_read(const DivisionCode& division,
                                    const std::vector<const credential::Grant*>& standing) const {
  if (division == source.founding().entry.event.header().county.division()) return true;
  return std::any_of(standing.begin(), standing.end(), [&](const credential::Grant* grant) {
    return grant->scope.assigned.empty() && grant->scope.covers(division);
  });
}

Result<void> ServerSession::State::take_push(const proto::Push& push, Output& out) {
  if (push.id() <= last_push) return protocol_error("push out of order");
  last_push = push.id();
  if (!known()) {
    refuse(proto::REFUSAL_CODE_NOT_ENROLLED, "the county does not know this key yet", out);
    return {};
  }
  if (in_flight.size() >= kPushesInFlightMax)
    return Error{Errc::Limit, "too many pushes without acknowledgement"};
  TRY_AS(events, decode_batch(push.batch()));
  in_flight.push_back({push.id(), events.size()});
  out.pushed = PushedBatch{push.id(), std::move(events)};
  return {};
}

Result<void> ServerSession::State::take_want(const proto::Want& want, TimePoint now, Output& out) {
  TRY_AS(after, from_proto(want.after()));
  if (want.entries_max() == 0) return protocol_error("want of no entries");
  if (!known()) {
    refuse(proto::REFUSAL_CODE_NOT_ENROLLED, "the county does not know this key yet", out);
    return {};
  }
  if (!may_read(after.division, source.governance().standing(*key, now))) {
    refuse(proto::REFUSAL_CODE_SCOPE,
           "division " + after.division.str() + " is outside the key's scope", out);
    return {};
  }
  if (after.next_index > level_size) return protocol_error("want beyond the checkpoint");
  return feed(after, std::min<std::size_t>(want.entries_max(), kBatchEventsMax), out);
}

Result<void> ServerSession::State::feed(const Cursor& after, std::size_t entries_max, Output& out) {
  std::vector<event::LoggedEvent> entries;
  BatchFill fill(entries_max);
  bool more = false, at_end = false;
  std::uint64_t from = after.next_index;
  while (!more && !at_end) {
    TRY_AS(read, source.log().division_entries(after.division, from, kReadEventsMax));
    at_end = read.size() < kReadEventsMax;
    for (event::LoggedEvent& entry : read) {
      // Logged, but not yet in the checkpoint that the node was shown: it could not be proven.
      at_end = at_end || entry.index >= level_size;
      if (entry.index >= level_size) break;
      more = !fill.take(entry.body);
      if (more) break;
      from = entry.index + 1;
      entries.push_back(std::move(entry));
    }
  }
  proto::ServerFrame frame;
  proto::Feed& feed = *frame.mutable_feed();
  feed.set_division(after.division.str());
  if (!entries.empty()) {
    TRY_AS(held, held_by_node(entries));
    TRY_AS(proof, log::prove_inclusion(source.log(), entries.back().index, level_size));
    feed.set_batch(encode_feed(entries, held, after.next_index));
    for (const Digest& hash : proof) feed.add_inclusion(hash.str());
    feed.set_proven_size(level_size);
    feed.set_more(more);
  }
  send(frame, out);
  return {};
}

// The authors among `entries` whose content the node has shown to hold: it offered the chain up to
// there with the digest that is logged. A clone's or a restored node's events are sent whole.
Result<std::vector<PublicKey>> ServerSession::State::held_by_node(
    const std::vector<event::LoggedEvent>& entries) {
  std::map<PublicKey, std::uint64_t> newest;
  for (const event::LoggedEvent& entry : entries) {
    const event::Header& header = entry.entry.event.header();
    if (offered.contains(header.author)) newest[header.author] = header.sequence;
  }
  std::vector<PublicKey> out;
  for (const auto& [author, sequence] : newest) {
    const ChainPosition& position = offered.at(author);
    if (position.sequence < sequence) continue;
    TRY_AS(index, source.log().index_of(author, position.sequence));
    if (!index) continue;
    TRY_AS(logged, source.log().at(*index));
    if (logged && logged->entry.event.digest() == position.digest) out.push_back(author);
  }
  return out;
}

Result<void> ServerSession::State::take_enrol(const proto::EnrolAsk& ask, Output& out) {
  if (enrolling) return protocol_error("enrolment is asked for already");
  if (ask.request().size() != event::kEnrolmentRequestBytes)
    return Error{Errc::Malformed, "enrolment: request"};
  if (ask.code_id().size() != kCodeIdBytes || ask.mac().size() != Digest::kSize)
    return Error{Errc::Malformed, "enrolment: code"};
  enrolling = true;
  out.enrol = EnrolmentAsk{.request = ask.request(),
                           .code_id = ask.code_id(),
                           .mac = ask.mac(),
                           .transcript = transcript};
  return {};
}
}  // namespace cunji::sync
