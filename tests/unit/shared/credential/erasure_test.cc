// Which erasures take effect, when, and what they reach (D20); above all which do not.
#include "shared/credential/erasure.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/county_log.h"

namespace cunji::credential {
using event::EndorsementPurpose;
using event::ErasurePart;
using event::PartSet;
using testing_support::CountyLog;
using testing_support::Kind;
using testing_support::Signer;
using testing_support::the_county;
using testing_support::village;

static constexpr Duration kMinute = std::chrono::minutes{1};

// A county with a visit of two parts and two registrars who may erase.
class ErasureTest : public ::testing::Test {
 protected:
  Signer& eraser(const std::string& name, std::vector<std::string> divisions = {"411323"}) {
    Signer& out = log.signer(name);
    event::CredentialPart said = log.credential_for(out, std::move(divisions));
    said.role = "registrar";
    said.kinds = {49, 68};
    log.issue(log.root(), said);
    return out;
  }
  event::ErasedEvent named(const event::LoggedEvent& logged, PartSet parts = PartSet().set()) {
    return {.event = logged.entry.event.digest(),
            .index = logged.index,
            .division = logged.entry.event.header().division,
            .parts = parts};
  }
  Digest erase(Signer& by, std::vector<event::ErasedEvent> events) {
    return log.say(by, Kind::Erasure, ErasurePart{.events = std::move(events), .basis = "PIPL 47"});
  }
  Digest second_of(Signer& by, const Digest& erasure) {
    return log.endorse(by, erasure, EndorsementPurpose::SecondPerson);
  }
  // What is erased of the visit after so long.
  PartSet erased(Duration after, const event::LoggedEvent* of = nullptr) const {
    const event::LoggedEvent& logged = of == nullptr ? visit : *of;
    return log.governance().erased_parts(logged.index, logged.entry.event, log.now() + after);
  }

  CountyLog log{2};
  Signer& one = eraser("one");
  Signer& two = eraser("two");
  Signer& coordinator = log.coordinator("a", {village(1).str()});
  event::LoggedEvent visit = [this] {
    log.say(coordinator, {.kind = Kind::Visit, .division = village(1), .parts = {"x", "y"}});
    return log.newest();
  }();
  static constexpr Duration kDelay = kErasureDelay;
};

TEST_F(ErasureTest, TakesEffectSevenDaysAfterTheSecondPerson) {
  const Digest erasure = erase(one, {named(visit)});
  EXPECT_EQ(log.verdict(), event::Verdict::Accepted);
  log.pass(std::chrono::days{30});
  EXPECT_TRUE(erased(kDelay).none()) << "one person only";
  second_of(two, erasure);
  EXPECT_TRUE(erased(kDelay - Duration{1}).none()) << "six days, 23:59:59.999";
  EXPECT_TRUE(erased(kDelay).all());
  const auto& all = log.governance().erasures();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].event, erasure);
  EXPECT_EQ(all[0].author, one.id());
  EXPECT_EQ(all[0].second, two.id());
  EXPECT_EQ(all[0].due, log.now() + kDelay);
  EXPECT_EQ(all[0].basis, "PIPL 47");
}

TEST_F(ErasureTest, InACountyOfOnePersonSevenDaysAfterItself) {
  CountyLog small(1);
  Signer& desk = small.signer("desk");
  event::CredentialPart said = small.credential_for(desk, {"411323"});
  said.kinds = {1, 68};
  small.issue(small.root(), said);
  small.say(desk, {.kind = Kind::Visit, .division = village(1), .parts = {"x"}});
  const event::LoggedEvent visited = small.newest();
  small.say(desk, Kind::Erasure, ErasurePart{.events = {named(visited)}, .basis = "b"});
  const auto at = [&](Duration after) {
    return small.governance().erased_parts(visited.index, visited.entry.event, small.now() + after);
  };
  EXPECT_TRUE(at(kDelay - Duration{1}).none());
  EXPECT_TRUE(at(kDelay).all());
}

TEST_F(ErasureTest, TheRootNeedsASecondPersonToo) {
  const Digest erasure = erase(log.root(), {named(visit)});
  EXPECT_TRUE(erased(kDelay).none());
  second_of(two, erasure);
  EXPECT_TRUE(erased(kDelay).all());
}

TEST_F(ErasureTest, WhoDoesNotCountAsTheSecondPerson) {
  struct Case {
    const char* name;
    std::function<void(const Digest&)> second;
  };
  const Case cases[] = {
      {"the same person", [&](const Digest& e) { second_of(one, e); }},
      {"the same person with another key",
       [&](const Digest& e) {
         Signer& again = log.signer("one again");
         event::CredentialPart said = log.credential_for(again, {"411323"});
         said.person = log.governance().find(one.id())->grants[0].person;
         said.kinds = {49, 68};
         log.issue(log.root(), said);
         second_of(again, e);
       }},
      {"a desk without erasures among its kinds",
       [&](const Digest& e) { second_of(log.desk("desk"), e); }},
      {"somebody of another village",
       [&](const Digest& e) { second_of(eraser("far", {"411323000", "411323002"}), e); }},
      {"somebody whose credential has ended",
       [&](const Digest& e) {
         log.say(log.root(), Kind::Revocation,
                 event::RevocationPart{.key = two.id(), .reason = event::RevocationReason::Ended});
         second_of(two, e);
       }},
      {"an endorsement of another purpose",
       [&](const Digest& e) { log.endorse(two, e, EndorsementPurpose::Effect); }},
      {"an endorsement before the erasure", [&](const Digest& e) { static_cast<void>(e); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    c.second(erase(one, {named(visit)}));
    EXPECT_TRUE(erased(kDelay).none());
  }
}

TEST_F(ErasureTest, WhatItDoesNotReach) {
  log.say(coordinator, {.kind = Kind::Visit, .division = village(1), .parts = {"z"}});
  const event::LoggedEvent other = log.newest();
  const event::LoggedEvent credential = log.entries()[1];
  log.endorse(two, visit.entry.event.digest(), EndorsementPurpose::Effect);
  const event::LoggedEvent endorsement = log.newest();
  struct Case {
    const char* name;
    event::ErasedEvent said;
    const event::LoggedEvent* of;
  };
  event::ErasedEvent wrong_digest = named(visit), wrong_index = named(visit),
                     wrong_division = named(visit), later = named(visit);
  wrong_digest.event = other.entry.event.digest();
  wrong_index.index = other.index;
  wrong_division.division = village(2);
  later.index = log.size() + 10;
  const Case cases[] = {
      {"another event at that place", wrong_digest, &visit},
      {"the event at another place", wrong_index, &visit},
      {"that place by another event", wrong_index, &other},
      {"under another division", wrong_division, &visit},
      {"an index not logged yet", later, &visit},
      {"a governance event", named(credential), &credential},
      {"an endorsement in the county's division", named(endorsement), &endorsement},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    second_of(two, erase(one, {c.said}));
    EXPECT_FALSE(log.governance().erasures().back().withdrawn_at);
    EXPECT_TRUE(log.governance().erasures().back().due);
    EXPECT_TRUE(erased(kDelay, c.of).none());
  }
  // An erasure cannot name what comes after it, however well it guesses.
  Signer& next = log.coordinator("b", {village(1).str()});
  const event::Event coming = log.fork(next, {.division = village(1), .parts = {"w"}});
  const std::uint64_t index = log.size() + 2;
  second_of(two, erase(one, {{.event = coming.signed_event.digest(),
                              .index = index,
                              .division = village(1),
                              .parts = PartSet().set()}}));
  log.log(coming);
  ASSERT_EQ(log.newest().index, index);
  const event::LoggedEvent guessed = log.newest();
  EXPECT_TRUE(erased(kDelay, &guessed).none());
}

TEST_F(ErasureTest, ReachesThePartsItNames) {
  second_of(two, erase(one, {named(visit, PartSet().set(1))}));
  EXPECT_EQ(erased(kDelay), PartSet().set(1));
  second_of(two, erase(one, {named(visit, PartSet().set(1).set(7))}));  // Twice, and beyond.
  EXPECT_EQ(erased(kDelay), PartSet().set(1).set(7));
  const auto of =
      log.governance().erasures_of(visit.index, visit.entry.event.digest(), 1, village(1));
  ASSERT_EQ(of.size(), 2u);
  EXPECT_LT(of[0].erasure->index, of[1].erasure->index);
}

TEST_F(ErasureTest, OneWhoseScopeLacksADivisionHasNoEffectAtAll) {
  log.say(coordinator, {.kind = Kind::Visit, .division = village(1), .parts = {"z"}});
  const event::LoggedEvent other = log.newest();
  Signer& town = eraser("town", {"411323000", village(2).str()});
  const std::size_t before = log.governance().erasures().size();
  erase(town, {named(other),
               {.event = visit.entry.event.digest(),
                .index = visit.index,
                .division = village(2),
                .parts = PartSet().set()}});
  EXPECT_EQ(log.verdict(), event::Verdict::Accepted)
      << "governance stands in the county's division";
  EXPECT_EQ(log.governance().erasures().size(), before);
  erase(coordinator, {named(visit)});
  EXPECT_EQ(log.verdict(), event::Verdict::OutsideDivision);
  erase(log.desk("desk"), {named(visit)});
  EXPECT_EQ(log.verdict(), event::Verdict::OutsideKind);
  EXPECT_EQ(log.governance().erasures().size(), before);
}

TEST_F(ErasureTest, IsCalledOffByEitherPersonUntilItIsInEffect) {
  struct Case {
    const char* name;
    Duration after;
    bool called_off;
  };
  for (const Case& c :
       {Case{"at once", Duration{0}, true}, Case{"in the last minute", kDelay - kMinute, true},
        Case{"too late", kDelay, false}}) {
    SCOPED_TRACE(c.name);
    const Digest erasure = erase(one, {named(visit)});
    second_of(two, erasure);
    log.pass(c.after);
    log.say(two, Kind::Erasure, ErasurePart{.withdraws = erasure});
    EXPECT_EQ(log.governance().erasures().back().withdrawn_at.has_value(), c.called_off);
    EXPECT_EQ(erased(2 * kDelay).any(), !c.called_off);
  }
  const Digest waiting = erase(one, {named(visit)});
  log.say(log.desk("desk"), Kind::Erasure, ErasurePart{.withdraws = waiting});
  EXPECT_FALSE(log.governance().erasures().back().withdrawn_at) << "not theirs to say";
  log.say(one, Kind::Erasure, ErasurePart{.withdraws = waiting});
  second_of(two, waiting);
  EXPECT_FALSE(log.governance().erasures().back().due) << "called off before its second person";
}

TEST_F(ErasureTest, AStolenKeysErasureIsCalledOffWithIt) {
  for (const bool of_second : {false, true}) {
    for (const bool vouched : {false, true}) {
      SCOPED_TRACE(of_second * 2 + vouched);
      Signer& a = eraser("a" + std::to_string(of_second * 2 + vouched));
      Signer& b = eraser("b" + std::to_string(of_second * 2 + vouched));
      second_of(b, erase(a, {named(visit)}));
      const Signer& stolen = of_second ? b : a;
      log.say(log.root(), Kind::Revocation,
              event::RevocationPart{.key = stolen.id(),
                                    .reason = event::RevocationReason::Compromised,
                                    .last_vouched_sequence = vouched ? 1u : 0u});
      EXPECT_EQ(log.governance().erasures().back().withdrawn_at.has_value(), !vouched);
    }
  }
}
}  // namespace cunji::credential
