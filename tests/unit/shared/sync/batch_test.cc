// The batch format: exact rebuilding, and every way to break it.
#include "shared/sync/batch.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <functional>

#include "protocol/sync.pb.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::sync {
namespace {
using event::Event;
using event::LoggedEvent;
using event::PartState;
using Message = proto::Batch;

CountyCode county() { return CountyCode::parse("411323").value(); }
DivisionCode village(int number) {
  return DivisionCode::parse(std::to_string(411'323'001'200 + number)).value();
}
crypto::KeyPair key_of(std::uint64_t seed) {
  crypto::SeededEntropy entropy(seed, "key");
  return crypto::KeyPair::generate(entropy);
}

// Two keys' chains, several divisions, subjects, times and part sizes.
std::vector<Event> some_events(int count) {
  crypto::SeededEntropy entropy(5, "events");
  std::vector<Event> out;
  for (const std::uint64_t seed : {1u, 2u}) {
    const crypto::KeyPair key = key_of(seed);
    event::ChainHead head{.key = key.public_key(), .digest = crypto::sha256("request")};
    for (int i = 0; i < count; ++i) {
      event::Draft draft{.division = village(i % 3), .subject = {}, .parts = {}};
      draft.subject = SubjectId::from("household 00000" + std::to_string(i % 4)).value();
      draft.recorded = from_millis(1'644'452'100'000 + entropy.below(1'000'000));
      for (int part = 0; part <= i % 3; ++part)
        draft.parts.push_back(Bytes(static_cast<std::size_t>(entropy.below(60)), 'a'));
      const event::Seen seen{7 + entropy.below(2), crypto::sha256("note")};
      out.push_back(event::make_event(key, county(), head, seen, draft, entropy).value());
      head = event::advanced(head, out.back().signed_event, 0);
    }
  }
  return out;
}

// Withholds, erases or loses part `index`.
void take_away(event::Body& body, std::size_t index, PartState state) {
  body.salt.reset();
  body.parts[index].state = state;
  body.parts[index].padded.clear();
  body.parts[index].salt = {};
}

// Every body form in one batch.
std::vector<Event> events_of_all_forms() {
  std::vector<Event> out = some_events(6);
  take_away(out[2].body, 0, PartState::Withheld);
  take_away(out[5].body, 1, PartState::Erased);
  take_away(out[5].body, 2, PartState::Lost);
  out[3].body = {};
  out[8].body.salt.reset();  // All parts present, each with its own salt.
  return out;
}

std::vector<LoggedEvent> as_entries(const std::vector<Event>& events) {
  std::vector<LoggedEvent> out;
  std::uint64_t index = 40;
  for (const Event& event : events) {
    out.push_back(
        {index,
         {from_millis(1'644'460'000'000 + index), event::Verdict::Accepted, {}, event.signed_event},
         event.body});
    index += 1 + index % 3;
  }
  return out;
}

Bytes compressed(const Bytes& raw) {
  Bytes out(ZSTD_compressBound(raw.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 3));
  return out;
}

Bytes altered(const Bytes& batch, const std::function<void(Message&)>& alter) {
  Bytes raw(static_cast<std::size_t>(ZSTD_getFrameContentSize(batch.data(), batch.size())), '\0');
  ZSTD_decompress(raw.data(), raw.size(), batch.data(), batch.size());
  Message message;
  EXPECT_TRUE(message.ParseFromString(raw));
  alter(message);
  return compressed(message.SerializeAsString());
}

void expect_same(const std::vector<Event>& a, const std::vector<Event>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].signed_event.encode(), b[i].signed_event.encode()) << i;
    EXPECT_EQ(event::encode_body(a[i].body), event::encode_body(b[i].body)) << i;
  }
}

TEST(Batch, RebuildsEventsExactly) {
  const std::vector<Event> events = some_events(40);
  const auto decoded = decode_batch(encode_batch(events));
  ASSERT_TRUE(decoded) << decoded.error().what;
  expect_same(*decoded, events);
  for (const Event& event : *decoded) EXPECT_TRUE(event.signed_event.verify());
}

TEST(Batch, CarriesEveryFormOfABody) {
  const std::vector<Event> events = events_of_all_forms();
  const auto decoded = decode_batch(encode_batch(events));
  ASSERT_TRUE(decoded) << decoded.error().what;
  expect_same(*decoded, events);
  for (const Event& event : *decoded) {
    EXPECT_TRUE(event.signed_event.verify());
    EXPECT_TRUE(event::check_body(event.signed_event.header(), event.body));
  }
}

TEST(Batch, LeavesOutWhatCanBeDerived) {
  crypto::SeededEntropy entropy(5, "one coordinator");
  const crypto::KeyPair key = key_of(1);
  event::ChainHead head{.key = key.public_key(), .digest = crypto::sha256("request")};
  std::vector<Event> events;
  for (int i = 0; i < 500; ++i) {
    const auto subject = entropy.next<SubjectId>();
    event::Draft draft{.division = village(1), .subject = subject, .parts = {Bytes(90, 'x')}};
    draft.recorded = from_millis(1'644'452'100'000 + static_cast<std::uint64_t>(i) * 600'000);
    events.push_back(
        event::make_event(key, county(), head, {7, crypto::sha256("note")}, draft, entropy)
            .value());
    head = event::advanced(head, events.back().signed_event, 0);
  }
  // Signature 64, salt 16, subject 16; the rest is a few bytes.
  EXPECT_LT(encode_batch(events).size() / events.size(), 110u);
}

TEST(Feed, RebuildsEntriesExactly) {
  const std::vector<LoggedEvent> entries = as_entries(events_of_all_forms());
  const auto decoded = decode_feed(encode_feed(entries, {}, 33), 33);
  ASSERT_TRUE(decoded) << decoded.error().what;
  ASSERT_EQ(decoded->size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const FedEntry& fed = (*decoded)[i];
    EXPECT_EQ(fed.index, entries[i].index);
    EXPECT_EQ(fed.received, entries[i].entry.received);
    EXPECT_EQ(fed.verdict, entries[i].entry.verdict);
    ASSERT_TRUE(fed.event);
    EXPECT_EQ(fed.event->signed_event.encode(), entries[i].entry.event.encode());
    EXPECT_EQ(event::encode_body(fed.event->body), event::encode_body(entries[i].body));
  }
}

TEST(Feed, LeavesOutTheContentOfTheReceiversOwnEvents) {
  const std::vector<LoggedEvent> entries = as_entries(some_events(5));
  const PublicKey own = key_of(1).public_key();
  const auto decoded = decode_feed(encode_feed(entries, {own}, 0), 0);
  ASSERT_TRUE(decoded) << decoded.error().what;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const event::Header& header = entries[i].entry.event.header();
    EXPECT_EQ((*decoded)[i].key, header.author);
    EXPECT_EQ((*decoded)[i].sequence, header.sequence);
    EXPECT_EQ((*decoded)[i].event.has_value(), header.author != own);
  }
  // Also where nothing else is in the feed.
  const auto only_own = decode_feed(encode_feed({entries.data(), 5}, {own}, 0), 0);
  ASSERT_TRUE(only_own) << only_own.error().what;
  EXPECT_FALSE(only_own->front().event);
}

struct Alteration {
  const char* name;
  std::function<void(Message&)> alter;
  Errc expected = Errc::Malformed;
};

// Removes the last value of a column, or adds one.
template <class Column>
std::function<void(Message&)> shorter(Column column) {
  return [=](Message& m) { (m.*column)()->RemoveLast(); };
}
template <class Column>
std::function<void(Message&)> longer(Column column) {
  return [=](Message& m) { (m.*column)()->Add(0); };
}
template <class Column>
std::function<void(Message&)> fewer_bytes(Column column) {
  return [=](Message& m) { (m.*column)()->pop_back(); };
}
template <class Column>
std::function<void(Message&)> more_bytes(Column column, std::size_t bytes) {
  return [=](Message& m) { (m.*column)()->append(bytes, '\0'); };
}

TEST(Batch, RefusesColumnsThatDoNotFitTogether) {
  using M = Message;
  using Numbers = google::protobuf::RepeatedField<std::uint32_t>* (M::*)();
  const Numbers numbers[] = {
      &M::mutable_seen_index, &M::mutable_division_index, &M::mutable_subject_index,
      &M::mutable_kind,       &M::mutable_body_form,      &M::mutable_part_count,
      &M::mutable_part_state, &M::mutable_part_length,    &M::mutable_body_length};
  struct Text {
    std::string* (M::*column)();
    std::size_t row;
  };
  const Text texts[] = {{&M::mutable_subjects, 7},         {&M::mutable_signatures, 64},
                        {&M::mutable_salts, 16},           {&M::mutable_part_bytes, 1},
                        {&M::mutable_part_salts, 16},      {&M::mutable_commitments, 32},
                        {&M::mutable_body_commitments, 32}};
  std::vector<Alteration> cases;
  for (const Numbers column : numbers) {
    cases.push_back({"a number too few", shorter(column)});
    cases.push_back({"a number too many", longer(column)});
  }
  for (const Text& text : texts) {
    cases.push_back({"a byte too few", fewer_bytes(text.column)});
    cases.push_back({"a row too many", more_bytes(text.column, text.row)});
  }
  cases.push_back({"recorded too short", [](M& m) { m.mutable_recorded()->RemoveLast(); }});
  cases.push_back({"recorded too long", [](M& m) { m.add_recorded(0); }});
  cases.push_back({"run too short", [](M& m) { m.mutable_runs(0)->set_count(5); }});
  cases.push_back({"run too long", [](M& m) { m.mutable_runs(1)->set_count(7); }});
  cases.push_back({"a run missing", [](M& m) { m.mutable_runs()->RemoveLast(); }});
  cases.push_back({"empty run", [](M& m) { m.add_runs()->set_key(Bytes(32, 'k')); }});
  const Bytes batch = encode_batch(events_of_all_forms());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(std::to_string(i) + ": " + cases[i].name);
    const auto decoded = decode_batch(altered(batch, cases[i].alter));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::Malformed) << decoded.error().what;
  }
}

TEST(Batch, RefusesValuesThatMakeNoSense) {
  using M = Message;
  constexpr std::int64_t kLargest = INT64_MAX;
  const Alteration cases[] = {
      {"no events", [](M& m) { m.Clear(); }},
      {"county", [](M& m) { m.set_county("41132"); }},
      {"no county", [](M& m) { m.clear_county(); }},
      {"division of letters", [](M& m) { m.set_divisions(0, "41132300120x"); }},
      {"division of another county", [](M& m) { m.set_divisions(0, "999999001201"); }},
      {"division row", [](M& m) { m.set_division_index(0, 99); }},
      {"seen row", [](M& m) { m.set_seen_index(0, 99); }},
      {"subject row", [](M& m) { m.set_subject_index(0, 99); }},
      {"seen digest", [](M& m) { m.mutable_seen(0)->set_digest("short"); }},
      {"seen size 0", [](M& m) { m.mutable_seen(0)->set_size(0); }},
      {"key", [](M& m) { m.mutable_runs(0)->set_key("short"); }},
      {"previous", [](M& m) { m.mutable_runs(0)->set_previous("short"); }},
      {"no previous", [](M& m) { m.mutable_runs(0)->clear_previous(); }},
      {"sequence 0", [](M& m) { m.mutable_runs(0)->set_first_sequence(0); }},
      {"sequence overflow", [](M& m) { m.mutable_runs(0)->set_first_sequence(UINT64_MAX - 2); }},
      {"kind 0", [](M& m) { m.set_kind(0, 0); }},
      {"kind beyond 16 bits", [](M& m) { m.set_kind(0, 65'537); }},
      {"governance kind in a village", [](M& m) { m.set_kind(0, 65); }},
      {"recorded below 1970", [](M& m) { m.set_recorded(0, -1); }},
      {"recorded overflow up", [](M& m) { m.set_recorded(1, kLargest); }},
      {"recorded overflow down", [](M& m) { m.set_recorded(1, -kLargest - 1); }},
      {"recorded after 9999",
       [](M& m) { m.set_recorded(0, static_cast<std::int64_t>(kTimeMillisMax) + 1); }},
      {"body form", [](M& m) { m.set_body_form(0, 9); }},
      {"known without a feed", [](M& m) { m.set_body_form(0, 3); }},
      {"part state", [](M& m) { m.set_part_state(0, 4); }},
      {"no parts in a whole body", [](M& m) { m.set_part_count(0, 0); }},
      {"too many parts", [](M& m) { m.set_part_count(0, 33); }, Errc::Limit},
      {"part too large", [](M& m) { m.set_part_length(0, event::kPartBytesMax); }, Errc::Limit},
      {"body length 0", [](M& m) { m.set_body_length(0, 0); }},
      {"body length not padded", [](M& m) { m.set_body_length(0, 33); }},
      {"body length too large", [](M& m) { m.set_body_length(0, event::kBodyBytesMax + 16); }},
      {"entry columns", [](M& m) { m.add_verdict(0); }},
      {"too many events", [](M& m) { m.mutable_runs(0)->set_count(1'000); }, Errc::Limit},
      {"count overflow",
       [](M& m) {
         m.mutable_runs(0)->set_count(UINT32_MAX);
         m.mutable_runs(1)->set_count(UINT32_MAX);
       },
       Errc::Limit},
      {"too many runs",
       [](M& m) {
         for (int i = 0; i < 1'001; ++i) m.add_runs();
       },
       Errc::Limit},
      {"too many divisions",
       [](M& m) {
         for (int i = 0; i < 1'001; ++i) m.add_divisions();
       },
       Errc::Limit},
      {"too many seen",
       [](M& m) {
         for (int i = 0; i < 1'001; ++i) m.add_seen();
       },
       Errc::Limit}};
  const Bytes batch = encode_batch(events_of_all_forms());
  for (const Alteration& c : cases) {
    SCOPED_TRACE(c.name);
    const auto decoded = decode_batch(altered(batch, c.alter));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, c.expected) << decoded.error().what;
  }
}

// What still fits together, but is not what the author signed, shows in the signature.
TEST(Batch, AnAlteredFieldBreaksTheSignature) {
  using M = Message;
  const Alteration cases[] = {
      {"seen size", [](M& m) { m.mutable_seen(0)->set_size(99); }},
      {"recorded", [](M& m) { m.set_recorded(0, m.recorded(0) + 1); }},
      {"subject", [](M& m) { (*m.mutable_subjects())[0] ^= 1; }},
      {"kind", [](M& m) { m.set_kind(0, 2); }},
      {"previous", [](M& m) { (*m.mutable_runs(0)->mutable_previous())[0] ^= 1; }},
      {"sequence", [](M& m) { m.mutable_runs(0)->set_first_sequence(7); }},
      {"salt", [](M& m) { (*m.mutable_salts())[0] ^= 1; }},
      {"part", [](M& m) { (*m.mutable_part_bytes())[0] ^= 1; }},
      {"county", [](M& m) {
         m.set_county("411324");
         for (std::string& division : *m.mutable_divisions()) division.replace(0, 6, "411324");
       }}};
  std::vector<Event> events = some_events(6);
  events[0] = events[1];  // Its parts are not empty.
  events.erase(events.begin());
  const Bytes batch = encode_batch(events);
  for (const Alteration& c : cases) {
    SCOPED_TRACE(c.name);
    const auto decoded = decode_batch(altered(batch, c.alter));
    ASSERT_TRUE(decoded) << decoded.error().what;
    bool all = true;
    for (const Event& event : *decoded) all = all && event.signed_event.verify();
    EXPECT_FALSE(all);
  }
}

TEST(Feed, RefusesEntryColumnsThatMakeNoSense) {
  using M = Message;
  const Alteration cases[] = {
      {"index missing", [](M& m) { m.mutable_index_delta()->RemoveLast(); }},
      {"received missing", [](M& m) { m.mutable_received()->RemoveLast(); }},
      {"verdict missing", [](M& m) { m.mutable_verdict()->RemoveLast(); }},
      {"index too many", [](M& m) { m.add_index_delta(1); }},
      {"index not ascending", [](M& m) { m.set_index_delta(1, 0); }},
      {"index overflow", [](M& m) { m.set_index_delta(1, UINT64_MAX); }},
      {"index beyond", [](M& m) { m.set_index_delta(1, event::kSequenceMax); }},
      {"received overflow up", [](M& m) { m.set_received(1, INT64_MAX); }},
      {"received overflow down", [](M& m) { m.set_received(1, INT64_MIN); }},
      {"received before 1970", [](M& m) { m.set_received(0, -5); }},
      {"unknown verdict", [](M& m) { m.set_verdict(0, 5); }},
      {"verdict beyond 16 bits", [](M& m) { m.set_verdict(0, 65'536); }},
      {"part of a run known", [](M& m) { m.set_body_form(0, 3); }},
      {"no events", [](M& m) { m.Clear(); }}};
  const Bytes feed = encode_feed(as_entries(some_events(4)), {}, 10);
  ASSERT_TRUE(decode_feed(feed, 10));
  for (const Alteration& c : cases) {
    SCOPED_TRACE(c.name);
    const auto decoded = decode_feed(altered(feed, c.alter), 10);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::Malformed) << decoded.error().what;
  }
  EXPECT_FALSE(decode_feed(feed, UINT64_MAX)) << "a cursor beyond every log";
}

TEST(Batch, RefusesFramesThatAreNone) {
  const Bytes batch = encode_batch(some_events(3));
  for (std::size_t length = 0; length < batch.size(); ++length)
    EXPECT_FALSE(decode_batch({batch.data(), length})) << "truncated at " << length;
  crypto::SeededEntropy entropy(1, "garbage");
  for (int i = 0; i < 200; ++i) {
    Bytes garbage(static_cast<std::size_t>(entropy.below(300)), '\0');
    entropy.fill({reinterpret_cast<std::uint8_t*>(garbage.data()), garbage.size()});
    EXPECT_FALSE(decode_batch(garbage));
    EXPECT_FALSE(decode_batch(compressed(garbage)));
  }
  EXPECT_FALSE(decode_batch(batch + batch)) << "two frames";
  EXPECT_FALSE(decode_batch(batch + "x"));
}

TEST(Batch, EveryAlteredByteIsAnErrorOrABrokenSignature) {
  const std::vector<Event> events = some_events(2);
  Bytes batch = encode_batch(events);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i] ^= 0x11;
    if (const auto decoded = decode_batch(batch)) {
      bool same = decoded->size() == events.size(), sound = true;
      for (std::size_t k = 0; same && k < events.size(); ++k) {
        same = (*decoded)[k].signed_event == events[k].signed_event;
        sound = sound && (*decoded)[k].signed_event.verify();
      }
      EXPECT_TRUE(same || !sound) << "byte " << i;
    }
    batch[i] ^= 0x11;
  }
}

TEST(Batch, ABombIsRefusedBeforeItGoesOff) {
  const Bytes bomb = compressed(Bytes(kBatchBytesMax + 1, '\0'));
  ASSERT_LT(bomb.size(), 10'000u);
  const auto decoded = decode_batch(bomb);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::Limit);
  // A frame that does not say its size is not even begun.
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  const Bytes raw(1'000, 'x');
  Bytes silent(ZSTD_compressBound(raw.size()), '\0');
  silent.resize(ZSTD_compress2(context, silent.data(), silent.size(), raw.data(), raw.size()));
  ZSTD_freeCCtx(context);
  EXPECT_EQ(decode_batch(silent).error().code, Errc::Malformed);
  EXPECT_EQ(decode_batch(Bytes(kFrameBytesMax + 1, 'x')).error().code, Errc::Limit);
}

// A zstd frame by hand: its header as RFC 8878 has it, then one raw block of `content`.
Bytes frame_by_hand(std::uint8_t descriptor, BytesView header, BytesView content) {
  Bytes out("\x28\xb5\x2f\xfd", 4);
  out += static_cast<char>(descriptor);
  out += header;
  const std::size_t block = content.size() << 3 | 1;  // Raw, and the last one.
  for (int i = 0; i < 3; ++i) out += static_cast<char>(block >> (8 * i) & 0xff);
  return out += content;
}

TEST(Batch, LyingZstdFramesAreRefusedBeforeMemoryIsTaken) {
  const auto raw_of = [](const Bytes& batch) {
    const auto size = ZSTD_getFrameContentSize(batch.data(), batch.size());
    Bytes raw(static_cast<std::size_t>(size), '\0');
    EXPECT_EQ(ZSTD_decompress(raw.data(), raw.size(), batch.data(), batch.size()), raw.size());
    return raw;
  };
  const Bytes raw = raw_of(encode_batch(some_events(1)));
  ASSERT_GT(raw.size(), 256u);
  ASSERT_LT(raw.size(), 65'536u);
  const auto size = [&](int bytes, std::uint64_t said) {
    Bytes out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(said >> (8 * i) & 0xff);
    return out;
  };
  // Content size of four bytes, one segment: taken, so the frames below differ in one thing only.
  ASSERT_TRUE(decode_batch(frame_by_hand(0xa0, size(4, raw.size()), raw)));
  // The same with a window of 4 MiB, exponent 12; then above it, and the largest there is, which
  // zstd takes for no frame.
  EXPECT_TRUE(decode_batch(frame_by_hand(0x80, "\x60" + size(4, raw.size()), raw)));
  for (const char window : {'\x61', '\x68', '\xff'}) {
    SCOPED_TRACE(int{window});
    const auto huge = decode_batch(frame_by_hand(0x80, window + size(4, raw.size()), raw));
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code, window == '\xff' ? Errc::Malformed : Errc::Limit);
  }
  const auto no_size = decode_batch(frame_by_hand(0x00, "\x60", raw));
  ASSERT_FALSE(no_size);
  EXPECT_EQ(no_size.error().code, Errc::Malformed);
  for (const std::size_t lie : {raw.size() - 1, raw.size() + 1, kBatchBytesMax}) {
    const auto lying = decode_batch(frame_by_hand(0xa0, size(4, lie), raw));
    ASSERT_FALSE(lying);
    EXPECT_EQ(lying.error().code, Errc::Malformed);
  }
  const auto bomb = decode_batch(frame_by_hand(0xe0, size(8, std::uint64_t{1} << 50), raw));
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, Errc::Limit);
  EXPECT_FALSE(decode_batch(frame_by_hand(0xa1, 'x' + size(4, raw.size()), raw))) << "dictionary";
}

TEST(BatchFill, ClosesABatchThatAlwaysFitsAFrame) {
  crypto::SeededEntropy entropy(1, "noise");
  const crypto::KeyPair key = key_of(1);
  event::ChainHead head{.key = key.public_key(), .digest = crypto::sha256("request")};
  const auto event_of = [&](std::size_t parts, std::size_t bytes) {
    event::Draft draft{.division = village(1), .subject = entropy.next<SubjectId>(), .parts = {}};
    for (std::size_t i = 0; i < parts; ++i) {
      Bytes part(bytes, '\0');
      entropy.fill({reinterpret_cast<std::uint8_t*>(part.data()), part.size()});
      draft.parts.push_back(std::move(part));
    }
    const event::Seen seen{1 + entropy.below(1'000'000), entropy.next<Digest>()};
    Event out = event::make_event(key, county(), head, seen, draft, entropy).value();
    head = event::advanced(head, out.signed_event, 0);
    return out;
  };
  struct Case {
    const char* name;
    std::size_t parts, bytes;
    bool withheld;
  };
  for (const Case& c : {Case{"small", 1, 100, false}, Case{"many parts withheld", 32, 1, true},
                        Case{"largest", 2, 262'100, false}, Case{"medium", 3, 80'000, false}}) {
    SCOPED_TRACE(c.name);
    BatchFill fill(kBatchEventsMax);
    std::vector<Event> events;
    for (;;) {
      Event event = event_of(c.parts, c.bytes);
      if (c.withheld) {
        for (std::size_t i = 0; i < c.parts; ++i) take_away(event.body, i, PartState::Withheld);
      }
      if (!fill.take(event.body)) break;
      events.push_back(std::move(event));
    }
    ASSERT_FALSE(events.empty());
    EXPECT_LE(events.size(), kBatchEventsMax);
    EXPECT_LT(encode_batch(events).size(), kFrameBytesMax - 4'096);
    EXPECT_LT(encode_feed(as_entries(events), {}, 0).size(), kFrameBytesMax - 4'096);
  }
}
}  // namespace
}  // namespace cunji::sync
