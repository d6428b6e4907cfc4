// A node that holds a part of the log notices any entry of its divisions that the server leaves
// out, reorders, replaces or alters (D6).
#include "tests/unit/shared/sync/cheat.h"

namespace cunji::sync {
namespace {
using Entries = std::vector<event::LoggedEvent>;

// Two coordinators in one village, others between them; a reader of that village.
struct Village {
  Village() {
    for (TestNode* node : {&first, &second, &elsewhere}) county.enrol(node->key, {"411323001"});
    county.enrol(reader.key, {village(1).str()});
    county.publish();
    more(3);
  }
  void more(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      first.record(village(1), 2);
      elsewhere.record(village(2), 1);
      second.record(village(1), 1);
      for (TestNode* node : {&first, &second, &elsewhere}) deliver(*node);
    }
    county.publish();
  }
  void deliver(TestNode& node) {
    std::vector<event::Event> unsent(node.own.begin() + node.delivered, node.own.end());
    for (const EventOutcome& outcome : county.take(unsent))
      ASSERT_EQ(outcome.status, EventOutcome::Status::Logged);
    node.delivered = static_cast<std::ptrdiff_t>(node.own.size());
  }
  // Whatever was kept is what the county logged.
  void expect_only_truth() const {
    for (const auto& [index, logged] : reader.entries) {
      const auto truth = county.honest().at(index).value();
      ASSERT_TRUE(truth);
      EXPECT_EQ(logged.entry.encode(), truth->entry.encode()) << "entry " << index;
      EXPECT_EQ(event::encode_body(logged.body), event::encode_body(truth->body));
    }
  }
  Entries entries_of(const DivisionCode& division) const {
    return county.honest().division_entries(division, 0, 1'000).value();
  }

  CheatingCounty county;
  TestNode first{"first", county, {}}, second{"second", county, {}};
  TestNode elsewhere{"elsewhere", county, {}};
  TestNode reader{"reader", county, {village(1)}};
};

// An event that the author himself might have signed in this one's place.
event::LoggedEvent resigned(const event::LoggedEvent& logged, const crypto::KeyPair& key) {
  const event::Header& header = logged.entry.event.header();
  crypto::SeededEntropy entropy(9, "resigned");
  const event::ChainHead before{
      .key = key.public_key(), .sequence = header.sequence - 1, .digest = header.previous};
  const auto event = event::make_event(key, header.county, before, header.seen,
                                       {.division = header.division,
                                        .subject = header.subject,
                                        .kind = static_cast<event::Kind>(header.kind),
                                        .recorded = header.recorded,
                                        .parts = {"something else"}},
                                       entropy)
                         .value();
  event::LoggedEvent out = logged;
  out.entry.event = event.signed_event;
  out.body = event.body;
  return out;
}

struct Manipulation {
  const char* name;
  // Gives nothing where it would change nothing for entry `i`.
  std::function<std::optional<Tamper>(const Village&, const Entries& truth, std::size_t i)> of;
};

const Manipulation kManipulations[] = {
    {"left out",
     [](const Village&, const Entries& truth, std::size_t i) -> std::optional<Tamper> {
       if (i + 1 == truth.size()) return std::nullopt;  // See the test of the newest entry.
       return [i](Entries& e) { e.erase(e.begin() + static_cast<std::ptrdiff_t>(i)); };
     }},
    {"left out, the rest moved down",
     [](const Village&, const Entries& truth, std::size_t i) -> std::optional<Tamper> {
       if (i + 1 == truth.size()) return std::nullopt;
       return [i](Entries& e) {
         for (std::size_t k = e.size() - 1; k > i; --k) e[k].index = e[k - 1].index;
         e.erase(e.begin() + static_cast<std::ptrdiff_t>(i));
       };
     }},
    {"swapped with the next",
     [](const Village&, const Entries& truth, std::size_t i) -> std::optional<Tamper> {
       if (i + 1 == truth.size()) return std::nullopt;
       return [i](Entries& e) {
         std::swap(e[i], e[i + 1]);
         std::swap(e[i].index, e[i + 1].index);
       };
     }},
    {"shown twice",
     [](const Village&, const Entries& truth, std::size_t i) -> std::optional<Tamper> {
       const bool room = i == 0 ? truth[i].index > 0 : truth[i].index > truth[i - 1].index + 1;
       if (!room) return std::nullopt;
       return [i](Entries& e) {
         e.insert(e.begin() + static_cast<std::ptrdiff_t>(i), e[i]);
         --e[i].index;
       };
     }},
    {"replaced by another event of its author",
     [](const Village& v, const Entries& truth, std::size_t i) -> std::optional<Tamper> {
       const PublicKey author = truth[i].entry.event.header().author;
       for (const crypto::KeyPair* key : {&v.first.key, &v.second.key}) {
         if (key->public_key() == author)
           return [i, key](Entries& e) { e[i] = resigned(e[i], *key); };
       }
       return std::nullopt;
     }},
    {"replaced by an event of another division",
     [](const Village& v, const Entries&, std::size_t i) -> std::optional<Tamper> {
       const event::LoggedEvent other = v.entries_of(village(2)).front();
       return [i, other](Entries& e) {
         e[i].entry.event = other.entry.event;
         e[i].body = other.body;
       };
     }},
    {"received at another time",
     [](const Village&, const Entries&, std::size_t i) -> std::optional<Tamper> {
       return [i](Entries& e) { e[i].entry.received += Duration{1}; };
     }},
    {"with another verdict",
     [](const Village&, const Entries&, std::size_t i) -> std::optional<Tamper> {
       return [i](Entries& e) { e[i].entry.verdict = event::Verdict::NoCredential; };
     }},
    {"without its body",
     [](const Village&, const Entries&, std::size_t i) -> std::optional<Tamper> {
       return [i](Entries& e) { e[i].body = {}; };
     }},
    {"with another body",
     [](const Village&, const Entries&, std::size_t i) -> std::optional<Tamper> {
       return [i](Entries& e) {
         e[i].body = event::make_body({}, {event::pad_part("forged").value()}).value();
       };
     }}};

// `synced`: the reader already holds what there was before; the rest is manipulated.
void check_all(const DivisionCode& division, bool synced, std::size_t feed_entries_max) {
  int checked = 0;
  for (const Manipulation& manipulation : kManipulations) {
    for (std::size_t i = 0;; ++i) {
      Village v;
      std::size_t from = 0;
      if (synced) {
        Connection(v.reader, v.county).run();
        ASSERT_TRUE(v.reader.level);
        from = v.entries_of(division).size();
        v.county.enrol(key_of("late"), {village(1).str()});
        v.county.enrol(key_of("later"), {village(1).str()});
        v.more(2);
      }
      const Entries truth = v.entries_of(division);
      if (from + i >= truth.size()) break;
      const auto tamper = manipulation.of(v, truth, from + i);
      if (!tamper) continue;
      SCOPED_TRACE(std::string(manipulation.name) + ": entry " +
                   std::to_string(truth[from + i].index));
      v.county.tamper(division, *tamper);
      Connection line(v.reader, v.county, {.feed_entries_max = feed_entries_max});
      line.run();
      ASSERT_TRUE(line.error) << "not noticed";
      EXPECT_EQ(line.error->code, Errc::Forged) << line.error->what;
      EXPECT_NE(line.error->what.find(division.view()), std::string::npos) << line.error->what;
      EXPECT_FALSE(v.reader.level);
      v.expect_only_truth();
      ++checked;
    }
  }
  EXPECT_GE(checked, 14) << "two entries at least, seven ways";
}

TEST(Completeness, ANewReplicaNoticesEveryManipulationOfItsVillage) {
  check_all(village(1), false, 1'000);
}
TEST(Completeness, ANewReplicaNoticesItInSmallFeedsToo) { check_all(village(1), false, 2); }
TEST(Completeness, APartialReplicaNoticesEveryManipulationOfWhatFollows) {
  check_all(village(1), true, 1'000);
  check_all(village(1), true, 2);
}
TEST(Completeness, GovernanceIsGuardedTheSameWay) {
  check_all(county_code().division(), false, 1'000);
  check_all(county_code().division(), true, 2);
}

// The newest entry can be kept back for a while, but not for ever: the next one names it.
TEST(Completeness, TheNewestEntryLeftOutIsNoticedWithTheNextOne) {
  Village v;
  const std::uint64_t hidden = v.entries_of(village(1)).back().index;
  v.county.tamper(village(1), [hidden](Entries& entries) {
    std::erase_if(entries, [&](const auto& each) { return each.index == hidden; });
  });
  Connection line(v.reader, v.county);
  line.run();
  ASSERT_FALSE(line.error);
  v.more(1);
  Connection next(v.reader, v.county);
  next.run();
  ASSERT_TRUE(next.error);
  EXPECT_EQ(next.error->code, Errc::Forged);
  v.expect_only_truth();
}

TEST(Completeness, AnOwnEntryKeptBackIsNoticedAtOnce) {
  Village v;
  v.county.tamper(village(1), [&](Entries& entries) {
    std::erase_if(entries, [&](const auto& each) {
      return each.entry.event.header().author == v.reader.key.public_key();
    });
  });
  v.reader.record(village(1), 2);
  Connection line(v.reader, v.county);
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
  EXPECT_NE(line.error->what.find("acknowledged"), std::string::npos) << line.error->what;
  EXPECT_EQ(v.reader.outcomes.size(), 2u) << "the acknowledgements are kept";
}

TEST(Completeness, WhatItsAuthorNeverSignedIsRefusedThoughTheTreeHoldsIt) {
  Village v;
  v.first.record(village(1), 1);
  const event::Event& event = v.first.own.back();
  Bytes bytes = event.signed_event.encode();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  v.county.log_unchecked(event::SignedEvent::decode(bytes).value(), event.body);
  Connection line(v.reader, v.county);
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
  EXPECT_NE(line.error->what.find("signature"), std::string::npos) << line.error->what;
}

TEST(Completeness, ADivisionThatEndsEarlierThanHeldIsNoticed) {
  Village v;
  Connection(v.reader, v.county).run();
  v.county.tamper(village(1), [](Entries& entries) { entries.pop_back(); });
  Connection line(v.reader, v.county);
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
}

TEST(Completeness, ADivisionWithAnotherHeadAtTheSameIndexIsNoticed) {
  Village v;
  Connection(v.reader, v.county).run();
  v.county.tamper(village(1), [](Entries& e) { e.back().entry.received += Duration{1}; });
  Connection line(v.reader, v.county);
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
}
}  // namespace
}  // namespace cunji::sync
