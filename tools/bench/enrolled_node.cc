#include "tools/bench/enrolled_node.h"

#include <deque>
#include <filesystem>
#include <fstream>

#include "tools/bench/measure.h"

namespace cunji::bench {
// RFC 6455: two bytes, two or eight more for the length, and four of mask from client to server.
static std::uint64_t websocket_bytes(std::size_t message, bool from_client) {
  const std::uint64_t length = message < 126 ? 0 : message < 65'536 ? 2 : 8;
  return message + 2 + length + (from_client ? 4 : 0);
}

// Its key lies beside it and seals its store, too, as no real node's does: what a PIN costs (half a
// second, by design) is no part of any figure.
Result<void> EnrolledNode::open_node(const std::string& folder) {
  std::ifstream in(folder + "/seed", std::ios::binary);
  Bytes bytes(crypto::Seed::kSize, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  TRY_AS(seed, crypto::Seed::from(in ? bytes : Bytes{}));
  TRY(keys_.keep(crypto::KeyPair::from_seed(seed)));
  const crypto::SealKey seal_key(crypto::SealKey::Raw{seed.bytes});
  TRY_AS(store, store::NodeStore::open(folder + "/node.sqlite", seal_key, entropy_));
  TRY_AS(node, fieldnode::Node::open(std::move(store), keys_, entropy_));
  node_ = std::move(node);
  return {};
}

Result<std::unique_ptr<EnrolledNode>> EnrolledNode::open(const std::string& folder) {
  auto out = std::make_unique<EnrolledNode>();
  TRY(out->open_node(folder));
  return out;
}

Result<std::unique_ptr<EnrolledNode>> EnrolledNode::make_empty(const std::string& folder,
                                                               County& county,
                                                               std::vector<std::string> divisions) {
  auto out = std::make_unique<EnrolledNode>();
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const crypto::KeyPair key = crypto::KeyPair::generate(out->entropy_);
  std::ofstream(folder + "/seed", std::ios::binary) << key.seed().view();
  TRY(out->open_node(folder));
  TRY_AS(offer, out->node_->enrol(county.root_digest(), Bytes(32, 'c')));
  TRY(county.enrol_request(offer.request, std::move(divisions), county.head().received));
  TRY(county.publish());
  TRY_AS(source, CountySource::open(county));
  // The first session learns of the county, the next one of its governance and so of our scope.
  for (int i = 0; i < 2; ++i) {
    TRY(out->synchronise(*source));
    TRY_AS(wider, out->node_->widen(wall_clock()));
    if (wider && i > 0) return out;
  }
  return Error{Errc::Conflict, "the made-up node is given no division"};
}

Result<std::unique_ptr<EnrolledNode>> EnrolledNode::make(const std::string& folder, County& county,
                                                         std::vector<std::string> divisions) {
  TRY_AS(out, make_empty(folder, county, std::move(divisions)));
  TRY_AS(source, CountySource::open(county));
  TRY(out->synchronise(*source));
  return std::move(out);
}

Result<Traffic> EnrolledNode::synchronise(const CountySource& county, int polls) {
  sync::NodeSession::Options options;
  options.stay = polls > 0;
  TRY_AS(node_side, node_->start_session(options, wall_clock()));
  sync::ServerSession server_side(county.system_key(), county, entropy_, wall_clock());
  Traffic traffic;
  std::deque<Bytes> up, down;
  const auto send_up = [&](std::vector<Bytes> messages) {
    for (Bytes& message : messages) {
      traffic.up_bytes += websocket_bytes(message.size(), true);
      ++traffic.up_messages;
      up.push_back(std::move(message));
    }
  };
  const auto send_down = [&](std::vector<Bytes> messages) {
    for (Bytes& message : messages) {
      traffic.down_bytes += websocket_bytes(message.size(), false);
      ++traffic.down_messages;
      down.push_back(std::move(message));
    }
  };
  send_down(server_side.open().send);
  bool level = false;
  for (int polled = 0;;) {
    if (!down.empty()) {
      TRY_AS(output, node_side.on_message(down.front(), wall_clock()));
      down.pop_front();
      level = output.level;
      TRY_AS(send, node_->take(std::move(output)));
      send_up(std::move(send));
    } else if (!up.empty()) {
      TRY_AS(output, server_side.on_message(up.front(), wall_clock()));
      up.pop_front();
      if (output.pushed) return Error{Errc::Protocol, "the made-up node had something to push"};
      send_down(std::move(output.send));
    } else if (!level) {
      return Error{Errc::Protocol, "the session stands still"};
    } else if (polled++ < polls) {
      if (polled == 1) traffic = {};
      TRY_AS(output, node_side.poll(wall_clock()));
      level = output.level;
      TRY_AS(send, node_->take(std::move(output)));
      send_up(std::move(send));
    } else {
      return traffic;
    }
  }
}
}  // namespace cunji::bench
