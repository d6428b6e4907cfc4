#include <zstd.h>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/hash.h"
#include "shared/sync/batch.h"
#include "shared/sync/handshake.h"
#include "tests/vectors/generators.h"

namespace cunji::vectors {
// RFC 8878: magic, a header that says the size in four bytes, raw blocks of up to 128 KiB.
Bytes stored_zstd_frame(BytesView raw) {
  Bytes out("\x28\xb5\x2f\xfd\xa0", 5);
  const auto little = [&out](std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(v >> (8 * i)));
  };
  little(raw.size(), 4);
  do {
    const BytesView block = raw.substr(0, 131'072);
    raw.remove_prefix(block.size());
    little(block.size() << 3 | (raw.empty() ? 1U : 0U), 3);
    out.append(block);
  } while (!raw.empty());
  return out;
}

static Bytes decompressed(BytesView bytes) {
  Bytes out(static_cast<std::size_t>(ZSTD_getFrameContentSize(bytes.data(), bytes.size())), '\0');
  CHECK(ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) == out.size());
  return out;
}

static void put(const event::LoggedEvent& logged, proto::LoggedEvent& out) {
  out.set_index(logged.index);
  out.set_entry(logged.entry.encode());
  out.set_body(event::encode_body(logged.body));
}

Json session_vectors(const SmallCounty& county) {
  crypto::SeededEntropy entropy(1, "session vectors");
  const crypto::BoxPair node = crypto::generate_box_pair(entropy);
  const crypto::BoxPair server = crypto::generate_box_pair(entropy);
  const crypto::KeyPair node_key = key_named("coordinator"), system_key = key_named("system");

  proto::ServerHello hello;
  hello.add_versions(1);
  hello.set_nonce(crypto::sha256("server's nonce").str());
  put(county.entries()[0], *hello.mutable_founding());
  put(county.entries()[1], *hello.mutable_system());
  const Bytes hello_bytes = hello.SerializeAsString();

  proto::NodeHelloContent content;
  content.set_version(1);
  content.set_nonce(crypto::sha256("node's nonce").str());
  content.set_key(node_key.public_key().str());
  content.set_ephemeral(node.public_key.str());
  const Bytes content_bytes = content.SerializeAsString();
  const Bytes node_input = sync::node_signing_input(hello_bytes, content_bytes);
  proto::NodeHello node_hello;
  node_hello.set_content(content_bytes);
  node_hello.set_signature(node_key.sign(node_input).str());
  const Bytes node_hello_bytes = node_hello.SerializeAsString();

  proto::ServerAnswerContent answered;
  answered.set_ephemeral(server.public_key.str());
  answered.set_enrolled(true);
  answered.mutable_level()->set_note(county.note(5));
  answered.mutable_level()->set_now(kStart + 5 * kHour);
  const Bytes answered_bytes = answered.SerializeAsString();
  const Bytes server_input = sync::server_signing_input(hello_bytes, content_bytes, answered_bytes);
  proto::ServerAnswer answer;
  answer.set_content(answered_bytes);
  answer.set_signature(system_key.sign(server_input).str());
  const Bytes answer_bytes = answer.SerializeAsString();

  const Digest transcript = sync::transcript_of(hello_bytes, node_hello_bytes, answer_bytes);
  auto node_end =
      crypto::Channel::agree(crypto::Channel::Role::Node, node, server.public_key, transcript)
          .value();
  auto server_end =
      crypto::Channel::agree(crypto::Channel::Role::Server, server, node.public_key, transcript)
          .value();
  Json frames = Json::array();
  for (const char* text : {"first frame", ""}) {
    frames.push_back(
        {{"from", "node"}, {"frame", hex(text)}, {"sealed", hex(node_end.seal(text))}});
    frames.push_back(
        {{"from", "server"}, {"frame", hex(text)}, {"sealed", hex(server_end.seal(text))}});
  }
  return {{"about", "One handshake, byte by byte, and the first sealed frames each way."},
          {"node_key_seed", hex(node_key.seed().view())},
          {"system_key_seed", hex(system_key.seed().view())},
          {"node_ephemeral_secret", hex(node.secret_key.view())},
          {"server_ephemeral_secret", hex(server.secret_key.view())},
          {"server_hello", hex(hello_bytes)},
          {"node_content", hex(content_bytes)},
          {"node_signing_input", hex(node_input)},
          {"node_hello", hex(node_hello_bytes)},
          {"answer_content", hex(answered_bytes)},
          {"server_signing_input", hex(server_input)},
          {"server_answer", hex(answer_bytes)},
          {"transcript", hex(transcript.view())},
          {"frames", frames}};
}

static Json refused_batches(const Bytes& raw) {
  Json out = Json::array();
  const auto add = [&](const std::string& name, const Bytes& bytes) {
    Json one = {{"name", name}, {"bytes", hex(bytes)}};
    one.update(error_of(sync::decode_batch(bytes)));
    out.push_back(one);
  };
  const auto changed = [&](const std::string& name, auto change) {
    proto::Batch batch;
    CHECK(batch.ParseFromString(raw));
    change(batch);
    add(name, stored_zstd_frame(batch.SerializeAsString()));
  };
  Bytes bomb("\x28\xb5\x2f\xfd\xa0\xff\xff\xff\x7f", 9);  // Says that it holds 2 GiB.
  add("empty", "");
  add("not compressed", raw.substr(0, 64));
  add("says to become 2 GiB", bomb + Bytes("\1\0\0", 3));
  add("cut", stored_zstd_frame(raw.substr(0, 200)).substr(0, 100));
  add("no message", stored_zstd_frame("\xff\xff\xff\xff"));
  add("no event", stored_zstd_frame(""));
  changed("run of more events than there are",
          [](proto::Batch& b) { b.mutable_runs(0)->set_count(9); });
  changed("run of no event", [](proto::Batch& b) { b.mutable_runs(0)->set_count(0); });
  changed("key too short", [](proto::Batch& b) { b.mutable_runs(0)->set_key("short"); });
  changed("county", [](proto::Batch& b) { b.set_county("41132x"); });
  changed("row beyond a table", [](proto::Batch& b) { b.set_seen_index(0, 99); });
  changed("signature cut", [](proto::Batch& b) { b.mutable_signatures()->pop_back(); });
  changed("a column too long", [](proto::Batch& b) { b.add_kind(1); });
  changed("part length beyond the bytes", [](proto::Batch& b) { b.set_part_length(0, 100'000); });
  changed("unknown body form", [](proto::Batch& b) { b.set_body_form(0, 9); });
  changed("entry columns", [](proto::Batch& b) { b.add_verdict(0); });
  return out;
}

Json batch_vectors(const SmallCounty& county) {
  std::vector<event::Event> events;
  std::vector<event::LoggedEvent> feed;
  for (const event::LoggedEvent& logged : county.entries()) {
    const event::Header& header = logged.entry.event.header();
    if (header.author == key_named("coordinator").public_key() && header.sequence <= 3)
      events.push_back({logged.entry.event, logged.body});
    if (header.division == village(1)) feed.push_back(logged);
  }
  event::Event partial = events.back();  // A part that was damaged, and a body that is gone.
  partial.body.salt.reset();
  partial.body.parts[0] = {.state = event::PartState::Lost,
                           .salt = {},
                           .padded = {},
                           .commitment = partial.body.parts[0].commitment};
  events.back() = partial;
  events[1].body = {};
  const auto column_bytes = [](const Bytes& batch) {
    const Bytes raw = decompressed(batch);
    return Json{{"message", hex(raw)}, {"bytes", hex(stored_zstd_frame(raw))}};
  };
  Json up = column_bytes(sync::encode_batch(events)), down, event_list = Json::array(),
       entry_list = Json::array();
  for (const event::Event& event : events)
    event_list.push_back({{"signed_event", hex(event.signed_event.encode())},
                          {"body", hex(event::encode_body(event.body))}});
  up["events"] = event_list;
  const std::vector<PublicKey> known = {key_named("desk").public_key()};
  down = column_bytes(sync::encode_feed(feed, known, 0));
  down["next_index"] = 0;
  for (const event::LoggedEvent& logged : feed) {
    const event::Header& header = logged.entry.event.header();
    Json one = {{"index", logged.index},
                {"received", to_millis(logged.entry.received)},
                {"verdict", static_cast<int>(logged.entry.verdict)},
                {"key", hex(header.author.view())},
                {"sequence", header.sequence}};
    if (header.author != known[0]) {
      one["signed_event"] = hex(logged.entry.event.encode());
      one["body"] = hex(event::encode_body(logged.body));
    }
    entry_list.push_back(one);
  }
  down["entries"] = entry_list;
  return {{"about",
           "A batch of events and a division's feed: the Batch message, and it in a zstd frame. "
           "Compressed bytes differ between zstd versions; what they hold does not."},
          {"batch", up},
          {"feed", down},
          {"refused", refused_batches(from_hex(text_of(up["message"])).value())}};
}
}  // namespace cunji::vectors
