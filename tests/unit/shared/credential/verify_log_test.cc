// A whole log verified; and each rule of it broken on purpose by whoever holds the log key.
#include "shared/credential/verify_log.h"

#include <gtest/gtest.h>

#include <functional>

#include "shared/crypto/hash.h"
#include "shared/event/kinds.h"
#include "shared/log/merkle.h"
#include "tests/vectors/county.h"

namespace cunji::credential {
using event::Verdict;

class VerifyLogTest : public ::testing::Test {
 protected:
  using Entries = std::vector<event::LoggedEvent>;
  // A county that rewrites its log and signs the new tree: only what the entries say can tell.
  LogReport rewritten(const std::function<void(Entries&)>& change, bool relink = true) const {
    Entries entries = county_.entries();
    change(entries);
    std::map<DivisionCode, Digest> leaves;
    log::Frontier tree;
    std::vector<log::Subtree> completed;
    LogVerifier verifier;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      event::LoggedEvent& logged = entries[i];
      Digest& link = leaves[logged.entry.event.header().division];
      if (relink) {
        logged.index = i;
        logged.entry.division_previous = link;
      }
      link = logged.entry.leaf_hash();
      tree.append(link, completed);
      if (!verifier.take(logged)) break;
    }
    const log::Checkpoint checkpoint{
        .origin = vectors::SmallCounty::origin(), .size = tree.size(), .root = tree.root()};
    return verifier.finish(log::sign_checkpoint(checkpoint, vectors::key_named("log")), {});
  }
  static Digest root_digest() {
    return crypto::sha256(vectors::key_named("root").public_key().view());
  }
  vectors::SmallCounty county_ = vectors::SmallCounty::told();
  std::uint64_t size_ = county_.entries().size();
};

TEST_F(VerifyLogTest, AnHonestLogIsInOrder) {
  std::uint64_t shown = 0;
  const auto report = verify_log(county_.log(), county_.note(size_), {root_digest()},
                                 [&](std::uint64_t done, std::uint64_t) { shown = done; });
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->in_order()) << report->finding->reason;
  EXPECT_EQ(report->entries, size_);
  EXPECT_EQ(shown, size_);
  EXPECT_EQ(report->checkpoint, county_.checkpoint(size_));
  EXPECT_EQ(report->root_digest, root_digest());
  EXPECT_EQ(report->bodies_lost, 1U);
  EXPECT_EQ(report->bodies_whole, size_ - 1);
  EXPECT_EQ(report->parts_erased, 0U);
  EXPECT_EQ(report->verdicts.at(Verdict::OutsideValidity), 1U);
  EXPECT_TRUE(rewritten([](Entries&) {}).in_order()) << "the test's own rewriting changes nothing";
}

TEST_F(VerifyLogTest, FindsABodyThatWasTakenAwayWithoutAnErasure) {
  county_ = vectors::SmallCounty::told_with_erasure();
  size_ = county_.entries().size();
  const auto whole = verify_log(county_.log(), county_.note(size_), {root_digest()});
  ASSERT_TRUE(whole->in_order()) << whole->finding->reason;
  EXPECT_EQ(whole->parts_erased, 1U);
  EXPECT_EQ(whole->bodies_whole, size_ - 2);
  const auto erase = [](event::LoggedEvent& logged) {
    event::erase_parts(logged.body, event::PartSet().set());
  };
  struct Case {
    const char* name;
    std::function<void(Entries&)> change;
    std::uint64_t index;
  };
  const Case cases[] = {
      {"nobody named it", [&](Entries& e) { erase(e[6]); }, 6},
      {"the erasure has no second person", [&](Entries& e) { e.erase(e.end() - 2, e.end()); }, 26},
      {"the erasure is not there", [&](Entries& e) { e.erase(e.end() - 3, e.end()); }, 26},
  };
  for (const Case& c : cases) {
    const LogReport report = rewritten(c.change);
    ASSERT_TRUE(report.finding) << c.name;
    EXPECT_EQ(report.finding->index, c.index) << c.name;
    EXPECT_EQ(report.finding->reason, "a part of it is erased, and no erasure names it");
  }
  EXPECT_FALSE(rewritten([&](Entries& e) { erase(e[5]); }).in_order()) << "a governance body";
}

TEST_F(VerifyLogTest, LooksAtTheCheckpointsEntriesOnly) {
  const auto report = verify_log(county_.log(), county_.note(9), {});
  ASSERT_TRUE(report->in_order()) << report->finding->reason;
  EXPECT_EQ(report->entries, 9U);
}

TEST_F(VerifyLogTest, FindsWhatACountyCannotRewrite) {
  const event::SignedEvent foreign = [] {  // By a key that no credential names.
    event::Header header = vectors::SmallCounty::told().entries()[6].entry.event.header();
    header.author = vectors::key_named("stranger").public_key();
    return event::SignedEvent::sign(header, vectors::key_named("stranger"));
  }();
  const auto altered = [](event::LoggedEvent& logged, std::size_t at) {
    Bytes bytes = logged.entry.event.encode();
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    logged.entry.event = event::SignedEvent::decode(bytes).value();
  };
  struct Case {
    const char* name;
    std::function<void(Entries&)> change;
    std::uint64_t index;
    const char* reason;
  };
  const Case cases[] = {
      {"no founding event", [](Entries& e) { e.erase(e.begin()); }, 0,
       "the first entry is not a founding event"},
      {"founding body lost", [](Entries& e) { e[0].body = {}; }, 0,
       "the founding event does not say what the county's log is"},
      {"an event left out", [](Entries& e) { e.erase(e.begin() + 6); }, 6,
       "an event of its chain before it is missing"},
      {"an anchor left out, so that nobody saw this log's checkpoints",
       [](Entries& e) { e.erase(e.begin() + 4); }, 12,
       "its verdict is accepted, recomputed revoked"},
      {"a credential left out", [](Entries& e) { e.erase(e.begin() + 22); }, 22,
       "no credential before it names its key"},
      {"exchanged, with their times", [](Entries& e) { std::swap(e[6], e[7]); }, 6,
       "an event of its chain before it is missing"},
      {"exchanged between chains", [](Entries& e) { std::swap(e[11], e[12]); }, 12,
       "received before the entry before it"},
      {"logged twice", [](Entries& e) { e.insert(e.begin() + 7, e[6]); }, 7,
       "its sequence is in the log already"},
      {"a stranger's event", [&](Entries& e) { e[6].entry.event = foreign; }, 6,
       "no credential before it names its key"},
      {"recorded altered", [&](Entries& e) { altered(e[6], 126); }, 6,
       "its signature does not verify"},
      {"signature altered", [&](Entries& e) { altered(e[6], 200); }, 6,
       "its signature does not verify"},
      {"previous altered", [&](Entries& e) { altered(e[7], 50); }, 7,
       "it does not name the digest of the event before"},
      {"first previous altered", [&](Entries& e) { altered(e[6], 50); }, 6,
       "it does not begin at its key's enrolment request"},
      {"body altered", [](Entries& e) { e[6].body.parts[0].padded[0] ^= 1; }, 6,
       "part 1: does not match its commitment"},
      {"received set back", [](Entries& e) { e[6].entry.received = from_millis(vectors::kStart); },
       6, "received before the entry before it"},
      {"made accepted", [](Entries& e) { e[7].entry.verdict = Verdict::Accepted; }, 7,
       "its verdict is accepted, recomputed outside_division"},
      {"made disputed", [](Entries& e) { e[6].entry.verdict = Verdict::Revoked; }, 6,
       "its verdict is revoked, recomputed accepted"},
      {"received moved beyond the validity",
       [](Entries& e) {
         for (std::size_t i = 26; i < e.size(); ++i)
           e[i].entry.received += std::chrono::hours{24 * 30};
       },
       26, "its verdict is accepted, recomputed outside_validity"},
      {"a body called lost", [](Entries& e) { e[6].entry.verdict = Verdict::AcceptedBodyLost; }, 6,
       "its verdict is accepted_body_lost, recomputed accepted"},
      {"a lost revocation",
       [](Entries& e) {
         e[12].body = {};
         e[12].entry.verdict = Verdict::AcceptedBodyLost;
       },
       14, "its verdict is revoked, recomputed accepted"},
      {"chain unproven", [](Entries& e) { e[6].entry.verdict = Verdict::AcceptedChainUnproven; }, 6,
       "its verdict is accepted_chain_unproven, recomputed accepted"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const LogReport report = rewritten(c.change);
    ASSERT_FALSE(report.in_order());
    EXPECT_EQ(report.finding->index, c.index);
    EXPECT_EQ(report.finding->reason, c.reason);
    EXPECT_EQ(report.entries, c.index) << "counted up to the finding";
  }
}

TEST_F(VerifyLogTest, FindsBrokenLinksAndIndexes) {
  const auto links = rewritten(
      [](Entries& e) { e[8].entry.division_previous = e[6].entry.division_previous; }, false);
  ASSERT_FALSE(links.in_order());
  EXPECT_EQ(links.finding->index, 8U);
  EXPECT_EQ(links.finding->reason,
            "the division link does not lead to the division's entry before");
  const auto gap = rewritten([](Entries& e) { e.erase(e.begin() + 8); }, false);
  EXPECT_EQ(gap.finding->reason, "entries are missing");
}

TEST_F(VerifyLogTest, FindsANoteThatIsNotTheLogs) {
  const log::Checkpoint other_root{.origin = vectors::SmallCounty::origin(),
                                   .size = size_,
                                   .root = county_.checkpoint(size_ - 1).root};
  log::Checkpoint larger = county_.checkpoint(size_);
  larger.size += 1;
  struct Case {
    const char* name;
    std::string note;
    const char* reason;
  };
  const Case cases[] = {
      {"none", "", "checkpoint: no signatures"},
      {"another root", log::sign_checkpoint(other_root, vectors::key_named("log")),
       "the tree's root is not the checkpoint's"},
      {"larger", log::sign_checkpoint(larger, vectors::key_named("log")),
       "the checkpoint is of 30 entries, there are 29"},
      {"by another key",
       log::sign_checkpoint(county_.checkpoint(size_), vectors::key_named("root")),
       "checkpoint: not signed by the log key"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto report = verify_log(county_.log(), c.note, {});
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->in_order());
    if (!c.note.empty()) {
      EXPECT_EQ(report->finding->reason, c.reason);
    }
  }
}

TEST_F(VerifyLogTest, FindsAnotherCountysRoot) {
  const auto report = verify_log(county_.log(), county_.note(size_), {Digest{}});
  ASSERT_FALSE(report->in_order());
  EXPECT_EQ(report->finding->reason, "the founding event is not signed by the expected root key");
}

TEST_F(VerifyLogTest, AnExportWithoutBodiesIsVerifiedButForThem) {
  const auto written = [&](bool bodies) {
    Bytes out;
    const auto sink = [&](BytesView more) -> Result<void> {
      out.append(more);
      return {};
    };
    EXPECT_TRUE(
        log::write_export(county_.log(), county_.note(size_), size_, {.bodies = bodies}, sink));
    return out;
  };
  const auto report = verify_export(log::source_of(written(false)), {root_digest()});
  ASSERT_TRUE(report->in_order()) << report->finding->reason;
  EXPECT_GT(report->bodies_left_out, 0U);
  EXPECT_EQ(report->bodies_left_out + report->bodies_whole, size_);
  EXPECT_EQ(report->bodies_lost, 0U) << "whether it is lost can't be seen; the verdict says so";
  EXPECT_TRUE(verify_export(log::source_of(written(true)), {root_digest()})->in_order());
}

TEST_F(VerifyLogTest, APublicBodyMayNotBeLeftOut) {
  LogVerifier verifier;
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(verifier.take(county_.entries()[i]));
  event::LoggedEvent logged = county_.entries()[5];
  logged.body = {};
  EXPECT_FALSE(verifier.take(logged, /*body_included=*/false));
  EXPECT_FALSE(verifier.take(county_.entries()[5])) << "a finding is final";
  EXPECT_EQ(verifier.finish(county_.note(5), {}).finding->reason,
            "its body, which is public, is left out");
}

TEST_F(VerifyLogTest, ReadingThatFailsIsAnErrorAndNoFinding) {
  const auto report = verify_export(
      [](std::span<char>) -> Result<std::size_t> { return Error{Errc::Io, "stick pulled out"}; });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::Io);
}
}  // namespace cunji::credential
