// Blobs in whole sessions: after events and never in their way, each chunk once over any number of
// cuts; and what either side refuses from the other.
#include "shared/sync/blob_outbox.h"
#include "tests/unit/shared/sync/raw.h"

namespace cunji::sync {
namespace {
using Status = BlobOutcome::Status;

Bytes made_up(std::size_t size, char seed) {
  Bytes out(size, seed);
  for (std::size_t i = 0; i < size; i += 97) out[i] = static_cast<char>(i / 97);
  return out;
}

struct Pair {
  explicit Pair(int events = 0) {
    county.enrol(node.key, {village(1).str()});
    county.publish();
    node.record(village(1), events);
  }
  BlobName photo(std::size_t size, char seed = 'p', bool named = true) {
    const BlobName name = node.blobs.add(made_up(size, seed));
    if (named) county.blobs.named.insert(name);
    return name;
  }
  NodeSession::Options options(bool stay = false) const {
    NodeSession::Options out;
    out.stay = stay;
    out.blobs = &node.blobs;
    return out;
  }
  Status told(const BlobName& name) const { return node.blobs.told.at(name.digest).status; }
  TestCounty county;
  TestNode node{"first", county, {village(1)}};
};

TEST(BlobSession, ChunkSetsTravelAsBits) {
  ChunkSet set(9 * kBlobChunkBytes + 1);
  EXPECT_EQ(set.chunks(), 10u);
  set.add(0);
  set.add(9);
  EXPECT_EQ(set.encode(), Bytes("\x01\x02"));
  EXPECT_EQ(set.missing(), 8u);
  const auto back = ChunkSet::decode(9 * kBlobChunkBytes + 1, set.encode());
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->has(9) && !back->has(8));
  for (const BytesView bad : {BytesView("\x01"), BytesView("\x01\x02\x03"), BytesView("\x01\x04")})
    EXPECT_FALSE(ChunkSet::decode(9 * kBlobChunkBytes + 1, bad));
  EXPECT_EQ(chunk_bytes(9 * kBlobChunkBytes + 1, 9), 1u);
  EXPECT_EQ(chunk_bytes(9 * kBlobChunkBytes, 8), kBlobChunkBytes);
  EXPECT_EQ(chunks_of(event::kBlobBytesMax), kBlobChunksMax);
}

TEST(BlobSession, DeliversAfterTheEventsAndSaysSo) {
  Pair pair(700);
  std::vector<BlobName> names;
  for (std::size_t i = 0; i < 70; ++i)
    names.push_back(pair.photo(1'000 + 16'000 * (i % 3), static_cast<char>(i)));
  bool pushed_all = false;
  Connection line(pair.node, pair.county, pair.options());
  while (line.step()) {
    pushed_all = pushed_all || pair.node.outcomes.size() == 700;
    if (pair.county.blobs.chunks > 0) {
      ASSERT_TRUE(pushed_all) << "a chunk before the events";
    }
  }
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.county.blobs.whole.size(), 70u);
  for (const BlobName& name : names) EXPECT_EQ(pair.told(name), Status::Held);
  const NodeSession::Progress& progress = line.node_side.progress();
  EXPECT_EQ(progress.blob_bytes_sent, progress.blob_bytes_to_send);
  EXPECT_GT(progress.blob_bytes_sent, 1'000'000u);
  EXPECT_FALSE(line.node_side.on_message("more", pair.county.now())) << "the session has ended";
}

TEST(BlobSession, ALevelNodeWithoutBlobsSaysNothingOfThem) {
  Pair pair(3);
  Connection(pair.node, pair.county, pair.options()).run();
  Connection line(pair.node, pair.county, pair.options());
  line.run();
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(line.steps, 3) << "hello, hello, answer";
}

TEST(BlobSession, EachChunkTravelsOnceWhereverTheLineIsCut) {
  const auto prepared = [] {
    auto pair = std::make_unique<Pair>(2);
    pair->photo(5 * kBlobChunkBytes + 3, 'a');
    pair->photo(10, 'b');
    pair->photo(3 * kBlobChunkBytes, 'c');
    return pair;
  };
  const auto whole = prepared();
  Connection all(whole->node, whole->county, whole->options());
  all.run();
  ASSERT_EQ(whole->county.blobs.whole.size(), 3u);
  const int chunks = whole->county.blobs.chunks;
  EXPECT_EQ(chunks, 10);
  for (int cut = 1; cut <= all.steps; ++cut) {
    SCOPED_TRACE(cut);
    const auto pair = prepared();
    for (int sessions = 0; !pair->node.level || pair->node.blobs.told.size() < 3; ++sessions) {
      ASSERT_LT(sessions, 40);
      Connection line(pair->node, pair->county, pair->options());
      line.run(sessions == 0 ? cut : 12);  // Enough for a little progress each time.
      ASSERT_FALSE(line.error) << line.error->what;
    }
    EXPECT_EQ(pair->county.blobs.whole, whole->county.blobs.whole);
    EXPECT_EQ(pair->county.blobs.chunks, chunks) << "the county refuses to take one twice";
  }
}

TEST(BlobSession, NewEventsGoBetweenChunks) {
  Pair pair;
  const BlobName large = pair.photo(event::kBlobBytesMax);
  Connection line(pair.node, pair.county, pair.options(/*stay=*/true));
  while (pair.county.blobs.chunks < 10 && line.step()) {
  }
  ASSERT_TRUE(line.node_side.sending_blobs());
  ASSERT_EQ(pair.county.blobs.whole.count(large.digest), 0u);
  pair.node.record(village(1), 3);
  line.poll();
  EXPECT_FALSE(line.node_side.sending_blobs());
  const int before = pair.county.blobs.chunks;
  while (pair.node.outcomes.size() < 3 && line.step()) {
  }
  ASSERT_EQ(pair.node.outcomes.size(), 3u) << "the events are logged";
  EXPECT_LE(pair.county.blobs.chunks, before + static_cast<int>(kChunksInFlightMax))
      << "only what was under way";
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_EQ(pair.county.blobs.whole.count(large.digest), 1u);
  EXPECT_EQ(pair.county.blobs.chunks, static_cast<int>(kBlobChunksMax));
  pair.node.expect_all_of(pair.county, village(1));
}

TEST(BlobSession, BlobsOfLaterEventsFollowInTheSameSession) {
  Pair pair;
  Connection line(pair.node, pair.county, pair.options(/*stay=*/true));
  line.run();
  ASSERT_TRUE(pair.node.level);
  const BlobName photo = pair.photo(40'000);
  pair.node.record(village(1), 1);
  line.poll();
  line.run();
  EXPECT_EQ(pair.told(photo), Status::Held);
  line.bytes = 0;
  line.poll();
  line.run();
  line.poll();
  line.bytes = 0;
  line.run();
  EXPECT_LE(line.bytes, 600u) << "idle again";
}

TEST(BlobSession, WhatIsUnwantedOrPutOffKeepsNothingElseBack) {
  Pair pair;
  const BlobName unnamed = pair.photo(100, 'u', /*named=*/false), held = pair.photo(200, 'h'),
                 damaged = pair.photo(3 * kBlobChunkBytes, 'd'), fine = pair.photo(300, 'f');
  pair.county.blobs.whole[held.digest] = "";
  pair.node.blobs.damaged.insert({damaged.digest, 1});
  Connection line(pair.node, pair.county, pair.options());
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_EQ(pair.told(unnamed), Status::Unwanted);
  EXPECT_EQ(pair.told(held), Status::Held);
  EXPECT_EQ(pair.told(damaged), Status::Lost);
  EXPECT_EQ(pair.told(fine), Status::Held);
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.county.blobs.whole.count(damaged.digest), 0u);
}

TEST(BlobSession, AFullDiskAtTheCountyIsTriedAgainInAnotherSession) {
  Pair pair;
  const BlobName photo = pair.photo(5 * kBlobChunkBytes);
  pair.county.blobs.later = 2;
  Connection line(pair.node, pair.county, pair.options(/*stay=*/true));
  line.run();
  EXPECT_TRUE(pair.node.level) << "not for ever in this one";
  EXPECT_EQ(pair.node.later, "the disk is full");
  EXPECT_TRUE(pair.node.blobs.told.empty());
  EXPECT_LE(pair.county.blobs.chunks, 4);
  pair.county.blobs.later = 0;
  Connection(pair.node, pair.county, pair.options()).run();
  EXPECT_EQ(pair.told(photo), Status::Held);
}

TEST(BlobSession, BytesThatAreNotTheirDigestAreThrownAwayAndTold) {
  Pair pair;
  const BlobName photo = pair.photo(2 * kBlobChunkBytes);
  pair.county.blobs.offered({photo});
  pair.county.blobs.partials.at(photo.digest).held.add(0);  // The county's disk has it wrong.
  Connection line(pair.node, pair.county, pair.options());
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_EQ(pair.node.later, "other bytes");
  EXPECT_TRUE(pair.node.blobs.told.empty()) << "the node's copy stays";
  Connection(pair.node, pair.county, pair.options()).run();
  EXPECT_EQ(pair.told(photo), Status::Held);
}

TEST(BlobSession, AnUnknownKeyDeliversNone) {
  TestCounty county;
  TestNode node("stranger", county, {village(1)});
  node.blobs.add("a photo");
  NodeSession::Options options;
  options.blobs = &node.blobs;
  Connection line(node, county, options);
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(node.level);
  EXPECT_TRUE(node.blobs.told.empty());
}

// ---- A county's server opposite a hostile node ----

struct OpenNode {
  OpenNode() {
    county.enrol(key_of("device"), {village(1).str()});
    county.publish();
    node.emplace("device", county);
    node->open(county);
  }
  Result<ServerSession::Output> offer(std::vector<BlobName> names) {
    proto::NodeFrame frame;
    for (const BlobName& name : names) {
      auto& blob = *frame.mutable_blob_offer()->add_blobs();
      blob.set_digest(name.digest.str());
      blob.set_size(name.size);
    }
    return node->say(frame, county.now());
  }
  Result<ServerSession::Output> chunk(const Bytes& digest, std::uint32_t number, Bytes content) {
    proto::NodeFrame frame;
    frame.mutable_blob_chunk()->set_digest(digest);
    frame.mutable_blob_chunk()->set_number(number);
    frame.mutable_blob_chunk()->set_content(std::move(content));
    return node->say(frame, county.now());
  }
  // Offered and wanted.
  void want(const BlobName& name) {
    const auto out = offer({name});
    ASSERT_TRUE(out) << out.error().what;
    ASSERT_TRUE(out->blob_offer);
    const auto answered = node->session.on_blob_answers(
        {{.standing = BlobStanding::Wanted, .held = ChunkSet(name.size)}});
    ASSERT_TRUE(answered);
    const proto::ServerFrame frame = node->read(answered->send.front());
    EXPECT_EQ(frame.blob_answer().blobs(0).standing(), proto::BLOB_STANDING_WANTED);
  }
  TestCounty county;
  std::optional<RawNode> node;
};
const BlobName kThree{.digest = crypto::sha256("three chunks"), .size = 2 * kBlobChunkBytes + 5};

TEST(HostileNode, OffersOfBlobsOutOfFormEndTheSession) {
  std::vector<BlobName> many;
  for (std::size_t i = 0; i <= kOfferBlobsMax; ++i)
    many.push_back({.digest = crypto::sha256(std::to_string(i)), .size = 1});
  struct Case {
    const char* name;
    std::vector<BlobName> names;
    Errc expected;
  };
  const Case cases[] = {{"none", {}, Errc::Malformed},
                        {"too many", many, Errc::Limit},
                        {"one twice", {kThree, kThree}, Errc::Malformed},
                        {"of no bytes", {{.digest = kThree.digest, .size = 0}}, Errc::Malformed},
                        {"above 2 MiB",
                         {{.digest = kThree.digest, .size = event::kBlobBytesMax + 1}},
                         Errc::Malformed}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    OpenNode open;
    const auto out = open.offer(c.names);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  OpenNode open;
  proto::NodeFrame frame;
  frame.mutable_blob_offer()->add_blobs()->set_digest("short");
  EXPECT_EQ(open.node->say(frame, open.county.now()).error().code, Errc::Malformed);
}

TEST(HostileNode, ChunksOutOfPlaceEndTheSession) {
  struct Case {
    const char* name;
    std::function<Result<ServerSession::Output>(OpenNode&)> say;
    Errc expected;
  };
  const Bytes digest = kThree.digest.str(), full(kBlobChunkBytes, 'x');
  const Case cases[] = {
      {"of a blob never offered",
       [&](OpenNode& o) { return o.chunk(crypto::sha256("other").str(), 0, full); },
       Errc::Protocol},
      {"beyond the last", [&](OpenNode& o) { return o.chunk(digest, 3, full); }, Errc::Malformed},
      {"far beyond", [&](OpenNode& o) { return o.chunk(digest, UINT32_MAX, full); },
       Errc::Malformed},
      {"too short", [&](OpenNode& o) { return o.chunk(digest, 0, "x"); }, Errc::Malformed},
      {"a last one too long", [&](OpenNode& o) { return o.chunk(digest, 2, full); },
       Errc::Malformed},
      {"no digest", [&](OpenNode& o) { return o.chunk("", 0, full); }, Errc::Malformed},
      {"three under way",
       [&](OpenNode& o) {
         for (std::uint32_t i = 0; i < kChunksInFlightMax; ++i)
           EXPECT_TRUE(o.chunk(digest, i, full));
         return o.chunk(digest, 0, full);
       },
       Errc::Limit},
      {"an offer meanwhile",
       [&](OpenNode& o) {
         EXPECT_TRUE(o.chunk(digest, 0, full));
         return o.offer({kThree});
       },
       Errc::Protocol}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    OpenNode open;
    open.want(kThree);
    const auto out = c.say(open);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  OpenNode twice;
  ASSERT_TRUE(twice.offer({kThree}));
  EXPECT_EQ(twice.offer({kThree}).error().code, Errc::Protocol) << "before it was answered";
  OpenNode unwanted;
  ASSERT_TRUE(unwanted.offer({kThree}));
  ASSERT_TRUE(unwanted.node->session.on_blob_answers({{.standing = BlobStanding::Unwanted}}));
  EXPECT_EQ(unwanted.chunk(digest, 0, full).error().code, Errc::Protocol);
}

TEST(HostileNode, ChunksOfAFinishedBlobAreAnsweredInOrder) {
  OpenNode open;
  open.want(kThree);
  const Bytes full(kBlobChunkBytes, 'x');
  for (std::uint32_t number = 0; number < 2; ++number) {
    const auto out = open.chunk(kThree.digest.str(), number, full);
    ASSERT_TRUE(out && out->blob_chunk);
    EXPECT_EQ(out->blob_chunk->number, number);
    EXPECT_EQ(out->blob_chunk->blob, kThree);
  }
  for (std::uint32_t number = 0; number < 2; ++number) {
    const auto out = open.node->session.on_chunk_answer({.standing = BlobStanding::Held});
    ASSERT_TRUE(out);
    const proto::ServerFrame frame = open.node->read(out->send.front());
    EXPECT_EQ(frame.chunk_ack().number(), number);
    EXPECT_EQ(frame.chunk_ack().standing(), proto::BLOB_STANDING_HELD);
  }
}

// ---- A node opposite a hostile server ----

struct AskedNode {
  AskedNode() {
    county.enrol(node.key, {village(1).str()});
    county.publish();
    photo = node.blobs.add(made_up(3 * kBlobChunkBytes, 'p'));
    NodeSession::Options options;
    options.blobs = &node.blobs;
    session.emplace(node.key, node.pin, node, node.entropy, options, county.now());
    raw.emplace(county);
    raw->name_divisions = false;
    const Bytes hello = session->on_message(raw->hello(), county.now())->send.front();
    const auto out = session->on_message(raw->answer(hello), county.now());
    CHECK(out && out->send.size() == 1);
    const auto opened = raw->channel->open(out->send.front());
    CHECK(opened && frame.ParseFromString(*opened) && frame.has_blob_offer());
  }
  Result<NodeSession::Output> say(const proto::ServerFrame& said) {
    return session->on_message(raw->seal(said), county.now());
  }
  Result<NodeSession::Output> answer(proto::BlobStanding standing, const Bytes& held,
                                     int count = 1) {
    proto::ServerFrame said;
    said.mutable_blob_answer();
    for (int i = 0; i < count; ++i) {
      auto& state = *said.mutable_blob_answer()->add_blobs();
      state.set_standing(standing);
      state.set_held(held);
    }
    return say(said);
  }
  Result<NodeSession::Output> ack(const Digest& digest, std::uint32_t number,
                                  proto::BlobStanding standing) {
    proto::ServerFrame said;
    said.mutable_chunk_ack()->set_digest(digest.str());
    said.mutable_chunk_ack()->set_number(number);
    said.mutable_chunk_ack()->set_standing(standing);
    return say(said);
  }
  TestCounty county;
  TestNode node{"first", county, {village(1)}};
  BlobName photo;
  std::optional<NodeSession> session;
  std::optional<RawServer> raw;
  proto::NodeFrame frame;
};

TEST(HostileServer, AnswersAboutBlobsThatFitNothingEndTheSession) {
  struct Case {
    const char* name;
    std::function<Result<NodeSession::Output>(AskedNode&)> say;
    Errc expected = Errc::Protocol;
  };
  const auto wanted = proto::BLOB_STANDING_WANTED;
  const Case cases[] = {
      {"for two blobs", [&](AskedNode& n) { return n.answer(wanted, Bytes(1, '\0'), 2); }},
      {"for none", [&](AskedNode& n) { return n.answer(wanted, "", 0); }},
      {"without a standing",
       [&](AskedNode& n) { return n.answer(proto::BLOB_STANDING_UNSPECIFIED, ""); }},
      {"with an unknown standing",
       [&](AskedNode& n) { return n.answer(static_cast<proto::BlobStanding>(9), ""); }},
      {"with a long bitmap", [&](AskedNode& n) { return n.answer(wanted, Bytes(2, '\0')); },
       Errc::Malformed},
      {"with a chunk too many", [&](AskedNode& n) { return n.answer(wanted, "\x08"); },
       Errc::Malformed},
      {"wanted with nothing missing", [&](AskedNode& n) { return n.answer(wanted, "\x07"); }},
      {"for more than can be asked", [&](AskedNode& n) { return n.answer(wanted, "", 65); },
       Errc::Limit},
      {"an acknowledgement of nothing",
       [&](AskedNode& n) { return n.ack(n.photo.digest, 0, wanted); }},
      {"an acknowledgement out of order",
       [&](AskedNode& n) {
         EXPECT_TRUE(n.answer(wanted, Bytes(1, '\0')));
         return n.ack(n.photo.digest, 1, wanted);
       }},
      {"an acknowledgement of another blob",
       [&](AskedNode& n) {
         EXPECT_TRUE(n.answer(wanted, Bytes(1, '\0')));
         return n.ack(crypto::sha256("other"), 0, wanted);
       }},
      {"an answer nobody asked for", [&](AskedNode& n) {
         EXPECT_TRUE(n.answer(proto::BLOB_STANDING_LATER, ""));
         return n.answer(wanted, Bytes(1, '\0'));
       }}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    AskedNode node;
    const auto out = c.say(node);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
}

TEST(HostileServer, ABlobThatIsNeverFinishedIsLeft) {
  AskedNode node;
  const auto wanted = proto::BLOB_STANDING_WANTED;
  auto out = node.answer(wanted, "\x01");
  ASSERT_TRUE(out);
  EXPECT_EQ(out->send.size(), 2u) << "the two chunks it lacks";
  ASSERT_TRUE(node.ack(node.photo.digest, 1, wanted));
  out = node.ack(node.photo.digest, 2, wanted);
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->level);
  EXPECT_TRUE(out->blobs.empty()) << "nothing says that the county has it";
  EXPECT_FALSE(out->later.empty());
}

TEST(HostileServer, SilenceAboutBlobsTimesOut) {
  AskedNode node;
  EXPECT_TRUE(node.session->on_tick(node.county.now() + kReplyTimeout));
  EXPECT_EQ(node.session->on_tick(node.county.now() + kReplyTimeout + Duration{1}).error().code,
            Errc::Timeout);
}
}  // namespace
}  // namespace cunji::sync
