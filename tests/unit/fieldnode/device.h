#pragma once
// A node on a disk in memory, and sessions between it and a county in memory, for these tests.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "fieldnode/node.h"
#include "shared/event/parts.h"
#include "shared/store/memory_vfs.h"
#include "tests/unit/shared/sync/county.h"

namespace cunji::fieldnode {
inline constexpr char kPath[] = "/node.db";

// Its disk survives reopening; a copy of the disk is a backup, or a clone.
struct Device {
  explicit Device(const std::string& name) : vfs(name), entropy(5, name) { open(); }

  void open() {
    node.reset();
    auto store = store::NodeStore::open(kPath, data_key, entropy, vfs.name());
    ASSERT_TRUE(store) << store.error().what;
    auto opened = Node::open(std::move(*store), keys, entropy);
    ASSERT_TRUE(opened) << opened.error().what;
    node = std::move(*opened);
  }
  // The power fails, and comes back.
  void crash() {
    node.reset();
    vfs.crash();
    open();
  }

  store::MemoryVfs vfs;
  crypto::SeededEntropy entropy;
  crypto::SealKey data_key = crypto::SealKey::generate(entropy);
  MemoryKeyKeeper keys;
  std::unique_ptr<Node> node;
};

inline Bytes visit_part(event::VisitOutcome outcome = event::VisitOutcome::Met,
                        const event::PartFrame& frame = {}) {
  return event::encode_part(event::VisitPart{.outcome = outcome,
                                             .place = {},
                                             .purpose = {},
                                             .who_was_met = {},
                                             .changes_found = false,
                                             .remark = {}},
                            frame);
}
inline SubjectId household(char number) {
  SubjectId out;
  out.bytes.fill(static_cast<std::uint8_t>(number));
  return out;
}
inline RecordDraft visit(char number = 1, TimePoint recorded = sync::start_time()) {
  return {.kind = event::Kind::Visit,
          .division = sync::village(1),
          .subject = household(number),
          .recorded = recorded,
          .parts = {visit_part()}};
}
// A household that must be visited every month.
inline RecordDraft registration(char number, const std::string& name) {
  const event::RegistrationPart part{
      .type = event::SubjectType::Household,
      .create = true,
      .facts = {{.name = "number", .key = {}, .value = event::text_value(std::string("H-") + name)},
                {.name = "head_name", .key = {}, .value = event::text_value(name)},
                {.name = "household_category",
                 .key = {},
                 .value = event::codes_value({"out_of_poverty"})}},
      .source = "visit"};
  event::PartFrame frame;
  frame.programme = "register";
  frame.form = "household";
  frame.occurred = sync::start_time() - std::chrono::hours{24 * 30};  // There on the 1st.
  return {.kind = event::Kind::Registration,
          .division = sync::village(1),
          .subject = household(number),
          .recorded = sync::start_time(),
          .parts = {event::encode_part(part, frame)}};
}

// The county with what these tests do to it.
class County : public sync::TestCounty {
 public:
  // Logs a credential for the node's request, as an office does.
  void approve(const Bytes& request,
               std::vector<std::string> divisions = {sync::village(1).str()}) {
    const auto opened = event::open_request(request);
    ASSERT_TRUE(opened);
    event::CredentialPart part;
    part.key = opened->key;
    part.enrolment_request = request;
    part.enrolment_digest = event::request_digest(request);
    part.person = PersonId::from(part.enrolment_digest.view().substr(0, 16)).value();
    part.role = "coordinator";
    part.kinds = {1, 2, 16, 17, 48, 50};
    part.divisions = std::move(divisions);
    part.valid_from = sync::start_time() - std::chrono::hours{1};
    part.valid_to = sync::start_time() + std::chrono::hours{24 * 365};
    commit(root(), event::Kind::Credential, event::encode_part(part));
    publish();
  }
  Digest root_digest() const { return pin().root_digest; }
  // An erasure of the whole entry, signed by the root: two persons are not required here.
  void order_erasure(const event::LoggedEvent& logged) {
    event::ErasurePart part{.basis = "PIPL 47"};
    part.events.push_back({.event = logged.entry.event.digest(),
                           .index = logged.index,
                           .division = logged.entry.event.header().division,
                           .parts = event::PartSet().set()});
    commit(root(), event::Kind::Erasure, event::encode_part(part));
    publish();
  }
  // What the county's server does when it is due, or a dishonest one whenever it likes.
  void erase(std::uint64_t index) {
    const log::Erasing what{.index = index, .parts = event::PartSet().set()};
    ASSERT_TRUE(log_->erase({&what, 1}));
  }
  // The hourly anchor that tells everybody how late it is.
  void anchor() {
    const event::AnchorPart part{.note = note(), .at = now(), .county_clock = true};
    commit(system_key(), event::Kind::Anchor, event::encode_part(part));
    publish();
  }
};

// One session, message by message; after `messages_max` of them the line is cut.
inline std::optional<Error> synchronise(Node& node, County& county, int messages_max = 100'000,
                                        sync::NodeSession::Options options = {}) {
  static crypto::SeededEntropy server_entropy(11, "server");
  if (!options.enrol) options.blobs = &node.store();
  auto session = node.start_session(options, county.now());
  if (!session) return session.error();
  sync::ServerSession server(county.system_key(), county, server_entropy, county.now());
  std::deque<Bytes> to_node, to_server;
  bool waits = false;
  const auto from_server = [&](sync::ServerSession::Output out) -> std::optional<Error> {
    for (Bytes& message : out.send) to_node.push_back(std::move(message));
    waits = waits || out.waits_for_size;
    if (out.pushed) {
      auto more =
          server.on_results(out.pushed->push_id, county.take(out.pushed->events), county.now());
      if (!more) return more.error();
      for (Bytes& message : more->send) to_node.push_back(std::move(message));
    }
    if (out.blob_offer || out.blob_chunk) {
      auto more = out.blob_offer ? server.on_blob_answers(county.blobs.offered(*out.blob_offer))
                                 : server.on_chunk_answer(county.blobs.take(*out.blob_chunk));
      if (!more) return more.error();
      for (Bytes& message : more->send) to_node.push_back(std::move(message));
    }
    if (out.enrol) {
      sync::EnrolmentOutcome outcome;
      outcome.waits = true;
      auto more = server.on_enrolment(outcome, county.now());
      if (!more) return more.error();
      for (Bytes& message : more->send) to_node.push_back(std::move(message));
    }
    return std::nullopt;
  };
  if (auto error = from_server(server.open())) return error;
  for (int i = 0; i < messages_max; ++i) {
    if (!to_node.empty()) {
      auto out = session->on_message(to_node.front(), county.now());
      to_node.pop_front();
      if (!out) return out.error();
      auto send = node.take(std::move(*out));
      if (!send) return send.error();
      for (Bytes& message : *send) to_server.push_back(std::move(message));
    } else if (!to_server.empty()) {
      auto out = server.on_message(to_server.front(), county.now());
      to_server.pop_front();
      if (!out) return out.error();
      if (auto error = from_server(std::move(*out))) return error;
    } else if (waits) {
      waits = false;
      county.publish();
      auto out = server.on_checkpoint(county.now());
      if (!out) return out.error();
      if (auto error = from_server(std::move(*out))) return error;
    } else {
      break;
    }
  }
  return std::nullopt;
}

// Asks to be enrolled, is approved, and holds everything of its village, or below its prefixes.
inline void enrol(Device& device, County& county,
                  std::vector<std::string> divisions = {sync::village(1).str()}) {
  const auto offer = device.node->enrol(county.root_digest(), Bytes(32, 'c'));
  ASSERT_TRUE(offer) << offer.error().what;
  county.approve(offer->request, std::move(divisions));
  // The first session of all only learns which county it is.
  bool more = true;
  for (int i = 0; i < 2 || more; ++i) {
    ASSERT_LT(i, 4);
    const auto error = synchronise(*device.node, county);
    ASSERT_FALSE(error) << error->what;
    const auto wider = device.node->widen(county.now());
    ASSERT_TRUE(wider);
    more = *wider;
  }
}
}  // namespace cunji::fieldnode
