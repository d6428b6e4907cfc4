#pragma once
// A node's store in memory, and sessions between it and a TestCounty, message by message.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <set>

#include "shared/sync/node_session.h"
#include "tests/unit/shared/sync/county.h"

namespace cunji::sync {
class TestNode : public NodeSource {
 public:
  TestNode(const std::string& name, const TestCounty& county, std::vector<DivisionCode> divisions)
      : key(key_of(name)), pin(county.pin()), entropy(3, name) {
    head = {.key = key.public_key(),
            .digest = event::request_digest(request_of(key, county.root().public_key()))};
    cursors_.push_back({.division = county_code().division()});
    for (const DivisionCode& division : divisions) cursors_.push_back({.division = division});
    seen_ = log::seen_of(county.checkpoint());
  }

  void record(const DivisionCode& division, const std::string& text = "a visit") {
    const auto event = event::make_event(key, county_code(), head, seen_,
                                         {.division = division,
                                          .subject = SubjectId::from("household 000001").value(),
                                          .kind = event::Kind::Visit,
                                          .recorded = start_time(),
                                          .parts = {text}},
                                         entropy);
    ASSERT_TRUE(event);
    head = event::advanced(head, event->signed_event, 0);
    own.push_back(*event);
  }
  void record(const DivisionCode& division, int count) {
    for (int i = 0; i < count; ++i)
      record(division, std::string("visit ").append(std::to_string(i)));
  }

  // What a driver makes durable before it sends.
  void keep(const NodeSession::Output& out) {
    if (out.trusted_note) {
      const PublicKey log_key = out.pin ? *out.pin->log_key : *pin.log_key;
      const std::string origin = out.pin ? out.pin->origin : pin.origin;
      const auto checkpoint = log::open_checkpoint(*out.trusted_note, origin, log_key);
      ASSERT_TRUE(checkpoint);
      trusted_ = *checkpoint;
      trusted_note_ = out.trusted_note;
    }
    if (out.pin) pin = *out.pin;
    for (const EventOutcome& outcome : out.outcomes) outcomes.push_back(outcome);
    for (const FeedCommit& feed : out.feed) {
      for (const event::LoggedEvent& logged : feed.entries)
        EXPECT_TRUE(entries.emplace(logged.index, logged).second) << "fed twice: " << logged.index;
      for (Cursor& cursor : cursors_) {
        if (cursor.division == feed.division) cursor = feed.cursor;
      }
    }
    if (out.chain_trouble) trouble = out.chain_trouble;
    if (out.split_view) split = out.split_view;
    if (out.enrolment) enrolment = out.enrolment;
    if (!out.later.empty()) later = out.later;
    blobs.keep(out.blobs);
    covered.insert(covered.end(), out.covered.begin(), out.covered.end());
    outside.insert(out.outside_scope.begin(), out.outside_scope.end());
    level = out.level;
  }

  Result<std::vector<event::ChainHead>> own_chains() const override {
    if (own.empty()) return std::vector<event::ChainHead>{};
    return std::vector{head};
  }
  Result<std::vector<event::Event>> own_events(const PublicKey& of, std::uint64_t after,
                                               std::size_t events_max) const override {
    std::vector<event::Event> out;
    for (const event::Event& event : own) {
      const event::Header& header = event.signed_event.header();
      if (header.author == of && header.sequence > after && out.size() < events_max)
        out.push_back(event);
    }
    return out;
  }
  Result<std::optional<event::Event>> own_event(const PublicKey& of,
                                                std::uint64_t sequence) const override {
    for (const event::Event& event : own) {
      const event::Header& header = event.signed_event.header();
      if (header.author == of && header.sequence == sequence) return std::optional(event);
    }
    return std::optional<event::Event>{};
  }
  Result<std::optional<std::uint64_t>> first_unanswered(
      const PublicKey& of, std::uint64_t through,
      const std::set<DivisionCode>& fed) const override {
    std::set<std::uint64_t> logged;
    for (const EventOutcome& outcome : outcomes) logged.insert(outcome.sequence);
    for (const event::Event& event : own) {
      const event::Header& header = event.signed_event.header();
      if (header.author == of && header.sequence <= through && !logged.contains(header.sequence) &&
          !fed.contains(header.division))
        return std::optional(header.sequence);
    }
    return std::optional<std::uint64_t>{};
  }
  Result<std::vector<Cursor>> cursors() const override { return cursors_; }
  Result<std::optional<log::Checkpoint>> trusted() const override { return trusted_; }
  Result<std::optional<std::string>> trusted_note() const override { return trusted_note_; }

  void want(const DivisionCode& division) { cursors_.push_back({.division = division}); }
  void trust(const TestCounty& county) {
    trusted_ = county.checkpoint();
    trusted_note_ = county.note();
  }
  std::size_t fed_of(const DivisionCode& division) const {
    std::size_t out = 0;
    for (const auto& [index, logged] : entries) {
      if (logged.entry.event.header().division == division) ++out;
    }
    return out;
  }
  // Entries held of a division, as the county holds them?
  void expect_all_of(const TestCounty& county, const DivisionCode& division) const {
    const auto held = county.log().division_entries(division, 0, 100'000).value();
    for (const event::LoggedEvent& logged : held) {
      const auto at = entries.find(logged.index);
      ASSERT_NE(at, entries.end()) << "entry " << logged.index;
      EXPECT_EQ(at->second.entry.encode(), logged.entry.encode());
      EXPECT_EQ(event::encode_body(at->second.body), event::encode_body(logged.body));
    }
  }

  crypto::KeyPair key;
  CountyPin pin;
  crypto::SeededEntropy entropy;
  event::ChainHead head;
  std::vector<event::Event> own;
  std::vector<EventOutcome> outcomes;
  std::map<std::uint64_t, event::LoggedEvent> entries;
  std::optional<ChainTrouble> trouble;
  std::optional<SplitView> split;
  std::optional<EnrolmentOutcome> enrolment;
  std::string later;
  NodeBlobs blobs;  // Delivered by sessions that are given them (NodeSession::Options).
  std::set<DivisionCode> outside;
  std::vector<DivisionCode> covered;  // Named by the county; want() them to have them.
  std::ptrdiff_t delivered = 0;       // Own events that went to the county without a session.
  bool level = false;

 private:
  std::vector<Cursor> cursors_;
  std::optional<log::Checkpoint> trusted_;
  std::optional<std::string> trusted_note_;
  event::Seen seen_;
};

// One connection. run() delivers messages until nobody has anything to say.
class Connection {
 public:
  Connection(TestNode& node, TestCounty& county, NodeSession::Options options = {})
      : node_side(node.key, node.pin, node, node.entropy, std::move(options), county.now()),
        server_side(county.system_key(), county, server_entropy_, county.now()),
        node_(node),
        county_(county) {
    take(server_side.open());
  }

  // Delivers one message, if there is one; false when nothing is under way or the session ended.
  bool step() {
    if (error) return false;
    if (!to_node.empty()) {
      const Bytes message = next(to_node);
      take(node_side.on_message(message, county_.now()));
    } else if (!to_server.empty()) {
      const Bytes message = next(to_server);
      ++server_messages;
      take(server_side.on_message(message, county_.now()));
    } else if (waits) {
      // Nothing else is under way: the county publishes, as it does every second.
      waits = false;
      if (publishes) county_.publish();
      county_.pass(Duration{1'000});
      take(server_side.on_checkpoint(county_.now()));
    } else {
      return false;
    }
    ++steps;
    return !error;
  }
  // Delivers `messages_max` messages at most, then the line is cut.
  void run(int messages_max = 1'000'000) {
    for (int i = 0; i < messages_max && step();) ++i;
  }
  void poll() { take(node_side.poll(county_.now())); }

  NodeSession node_side;
  ServerSession server_side;
  std::deque<Bytes> to_node, to_server;
  std::size_t bytes = 0;  // On the wire, both ways.
  int steps = 0, server_messages = 0;
  bool waits = false, publishes = true;
  std::optional<Error> error;  // The first, of either side.
  std::function<Result<EnrolmentOutcome>(const ServerSession::EnrolmentAsk&)> on_enrol;
  std::function<void(std::vector<EventOutcome>&)> on_outcomes;  // To tamper with them.

 private:
  Bytes next(std::deque<Bytes>& queue) {
    Bytes out = std::move(queue.front());
    queue.pop_front();
    bytes += out.size();
    return out;
  }
  void take(Result<NodeSession::Output> out) {
    if (!out) {
      error = out.error();
      return;
    }
    node_.keep(*out);
    for (Bytes& message : out->send) to_server.push_back(std::move(message));
  }
  void take(Result<ServerSession::Output> out) {
    if (!out) {
      error = out.error();
      return;
    }
    for (Bytes& message : out->send) to_node.push_back(std::move(message));
    if (out->waits_for_size) waits = true;
    if (out->pushed) {
      auto results = county_.take(out->pushed->events);
      if (on_outcomes) on_outcomes(results);
      take(server_side.on_results(out->pushed->push_id, std::move(results), county_.now()));
    }
    if (out->blob_offer) take(server_side.on_blob_answers(county_.blobs.offered(*out->blob_offer)));
    if (out->blob_chunk) take(server_side.on_chunk_answer(county_.blobs.take(*out->blob_chunk)));
    if (out->enrol) {
      take(server_side.on_enrolment(
          on_enrol ? on_enrol(*out->enrol) : Error{Errc::Conflict, "unknown code"}, county_.now()));
    }
  }

  crypto::SeededEntropy server_entropy_{11, "server"};
  TestNode& node_;
  TestCounty& county_;
};
}  // namespace cunji::sync
