// What every county log's store must do, whatever it is made of (shared/log/event_log.h).
#include "shared/log/event_log.h"

#include <gtest/gtest.h>

#include "shared/log/proof.h"
#include "tests/conformance/subjects.h"
#include "tests/support/author.h"
#include "tests/unit/shared/log/support.h"

namespace cunji::conformance {
using event::LoggedEvent;
using log::EventLog;
using log::NewEntry;
using testing_support::Author;
using testing_support::division;
using testing_support::entry_of;

// Everything that the contract shows of a log, to compare two moments.
struct Picture {
  log::LogHead head;
  std::vector<Bytes> entries, bodies;
  std::vector<std::pair<DivisionCode, log::DivisionHead>> divisions;
  bool operator==(const Picture&) const = default;
};
static Picture picture_of(const EventLog& log) {
  Picture out{.head = log.head().value(), .entries = {}, .bodies = {}, .divisions = {}};
  const auto done = log.scan(0, [&](const LoggedEvent& logged) -> Result<bool> {
    out.entries.push_back(logged.entry.encode());
    out.bodies.push_back(event::encode_body(logged.body));
    return true;
  });
  EXPECT_TRUE(done);
  out.divisions = log.divisions("").value();
  return out;
}

class EventLogSuite : public ::testing::TestWithParam<Subject> {
 protected:
  // Appends at the log's present size.
  Result<std::vector<LoggedEvent>> append(std::vector<NewEntry> entries) {
    return log_->append(log_->head().value().size, entries);
  }
  void expect_conflict_and_nothing_kept(std::uint64_t size, std::vector<NewEntry> entries) {
    const Picture before = picture_of(*log_);
    const auto result = log_->append(size, entries);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Conflict) << result.error().what;
    EXPECT_EQ(picture_of(*log_), before);
  }
  // Some entries of three authors in three divisions, in batches.
  void fill() {
    std::uint64_t received = 1'000;
    for (std::size_t batch = 1; batch <= 7; ++batch) {
      std::vector<NewEntry> entries;
      for (std::size_t i = 0; i < batch; ++i) {
        const std::size_t n = batch * 3 + i;
        const event::Event event =
            authors_[n % 3].next(division(static_cast<int>(n % 4)), "part " + std::to_string(n));
        received += n % 2;
        entries.push_back(entry_of(event, received));
      }
      ASSERT_TRUE(append(entries));
    }
  }
  std::unique_ptr<Place> place_ = GetParam().make();
  std::unique_ptr<EventLog> log_ = place_->open();
  std::vector<Author> authors_ = {Author(1), Author(2), Author(3)};
};

TEST_P(EventLogSuite, ErasesPartsAndNothingElse) {
  ASSERT_NO_FATAL_FAILURE(fill());
  const Picture before = picture_of(*log_);
  const std::size_t size = before.entries.size();
  const event::PartSet all = event::PartSet().set();
  const log::Erasing beyond[] = {{.index = 2, .parts = all}, {.index = size, .parts = all}};
  const auto refused = log_->erase(beyond);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::Conflict);
  EXPECT_EQ(picture_of(*log_), before) << "all or none";

  const log::Erasing what[] = {{.index = 2, .parts = all},
                               {.index = 5, .parts = event::PartSet().set(3)},  // It has one part.
                               {.index = size - 1, .parts = event::PartSet().set(0)}};
  for (int i = 0; i < 2; ++i) {  // And again, as after a crash.
    ASSERT_TRUE(log_->erase(what));
    const Picture after = picture_of(*log_);
    EXPECT_EQ(after.head, before.head);
    EXPECT_EQ(after.entries, before.entries);
    EXPECT_EQ(after.divisions, before.divisions);
    for (std::size_t index = 0; index < size; ++index) {
      const auto logged = log_->at(index).value().value();
      const bool gone = index == 2 || index == size - 1;
      EXPECT_EQ(event::parts_in(logged.body, event::PartState::Erased).count(), gone ? 1u : 0u);
      EXPECT_TRUE(event::check_body(logged.entry.event.header(), logged.body));
      EXPECT_EQ(event::encode_body(logged.body) == before.bodies[index], !gone) << index;
    }
    if (place_->keeps()) {
      log_.reset();
      log_ = place_->open();
    }
  }
  ASSERT_TRUE(log_->erase({}));
  ASSERT_TRUE(append({entry_of(authors_[0].next(), 1'000'000)})) << "and the log goes on";
}

TEST_P(EventLogSuite, IsEmptyAtFirst) {
  EXPECT_EQ(log_->head().value(), (log::LogHead{0, log::empty_root(), TimePoint{}}));
  EXPECT_FALSE(log_->at(0).value());
  EXPECT_FALSE(log_->chain_head(authors_[0].key()).value());
  EXPECT_FALSE(log_->index_of(authors_[0].key(), 1).value());
  EXPECT_FALSE(log_->division_head(division(1)).value());
  EXPECT_TRUE(log_->division_entries(division(1), 0, 10).value().empty());
  EXPECT_TRUE(log_->divisions("").value().empty());
  EXPECT_EQ(log_->subtree(0, 0).error().code, Errc::Corrupt);
  EXPECT_TRUE(log_->scan(0, [](const LoggedEvent&) -> Result<bool> {
    ADD_FAILURE();
    return true;
  }));
}

TEST_P(EventLogSuite, GivesBackWhatItTook) {
  Author& a = authors_[0];
  const event::Event first = a.next(division(1), "one"), second = a.next(division(2), "two");
  NewEntry judged = entry_of(second, 2'000, 77);
  judged.verdict = event::Verdict::OutsideDivision;
  const auto logged = append({entry_of(first, 1'000), judged});
  ASSERT_TRUE(logged);
  ASSERT_EQ(logged->size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto at = log_->at(i).value();
    ASSERT_TRUE(at);
    EXPECT_EQ(at->index, i);
    EXPECT_EQ((*logged)[i].index, i);
    EXPECT_EQ(at->entry.encode(), (*logged)[i].entry.encode());
    EXPECT_EQ(at->body, i == 0 ? first.body : second.body);
  }
  EXPECT_EQ(log_->at(1).value()->entry.verdict, event::Verdict::OutsideDivision);
  EXPECT_EQ(log_->at(1).value()->entry.received, from_millis(2'000));
  EXPECT_EQ(log_->at(1).value()->entry.event, second.signed_event);
  EXPECT_FALSE(log_->at(2).value());
  EXPECT_EQ(log_->head().value().received, from_millis(2'000));
  const auto head = log_->chain_head(a.key()).value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->sequence, 2u);
  EXPECT_EQ(head->digest, second.signed_event.digest());
  EXPECT_EQ(head->seen_size_max, 77u) << "what this log proved its own, not what the event says";
  EXPECT_EQ(log_->index_of(a.key(), 1).value(), 0u);
  EXPECT_EQ(log_->index_of(a.key(), 2).value(), 1u);
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{3}, event::kSequenceMax})
    EXPECT_FALSE(log_->index_of(a.key(), sequence).value());
}

TEST_P(EventLogSuite, KeepsBodiesThatAreNotWhole) {
  Author& a = authors_[0];
  event::Event partly = a.next();
  partly.body.salt.reset();
  partly.body.parts[0] = {.state = event::PartState::Withheld,
                          .salt = {},
                          .padded = {},
                          .commitment = partly.body.parts[0].commitment};
  const event::Event lost{a.next().signed_event, {}};
  ASSERT_TRUE(append({entry_of(partly), entry_of(lost)}));
  EXPECT_EQ(log_->at(0).value()->body, partly.body);
  EXPECT_EQ(log_->at(1).value()->body, lost.body);
}

TEST_P(EventLogSuite, ViewsShowWhatAScanShows) {
  Author a(7);
  const event::Event whole = a.next();
  event::Event partly = a.next();
  partly.body.salt.reset();
  partly.body.parts[0] = {.state = event::PartState::Erased,
                          .salt = {},
                          .padded = {},
                          .commitment = partly.body.parts[0].commitment};
  const event::Event lost{a.next().signed_event, {}};
  ASSERT_TRUE(append({entry_of(whole), entry_of(partly), entry_of(lost)}));
  std::vector<LoggedEvent> scanned;
  ASSERT_TRUE(log_->scan(1, [&](const LoggedEvent& logged) -> Result<bool> {
    scanned.push_back(logged);
    return true;
  }));
  std::size_t seen = 0;
  ASSERT_TRUE(log_->scan_views(1, [&](const event::EntryView& view) -> Result<bool> {
    const LoggedEvent& logged = scanned.at(seen++);
    EXPECT_EQ(view.index, logged.index);
    EXPECT_EQ(view.entry.encode(), logged.entry.encode());
    EXPECT_EQ(view.body.size(), logged.body.parts.size());
    for (std::size_t i = 0; i < view.body.size(); ++i) {
      EXPECT_EQ(view.body[i].state, logged.body.parts[i].state);
      EXPECT_EQ(view.body[i].padded, logged.body.parts[i].padded);
    }
    return true;
  }));
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(log_->scan_views(0,
                             [](const event::EntryView&) -> Result<bool> {
                               return Error{Errc::Protocol, "stop"};
                             })
                .error()
                .code,
            Errc::Protocol);
}

TEST_P(EventLogSuite, OrderIsGaplessAndTheTreeIsThatOfItsEntries) {
  fill();
  std::vector<Digest> leaves;
  std::uint64_t next = 0;
  ASSERT_TRUE(log_->scan(0, [&](const LoggedEvent& logged) -> Result<bool> {
    EXPECT_EQ(logged.index, next++);
    leaves.push_back(logged.entry.leaf_hash());
    return true;
  }));
  const log::LogHead head = log_->head().value();
  ASSERT_EQ(head.size, 28u);
  ASSERT_EQ(leaves.size(), head.size);
  EXPECT_EQ(head.root, log::naive_root(leaves));
  for (std::size_t size = 1; size <= head.size; ++size) {
    const std::span<const Digest> prefix = std::span<const Digest>(leaves).first(size);
    EXPECT_EQ(log::root_at(*log_, size).value(), log::naive_root(prefix));
    EXPECT_EQ(log::prove_inclusion(*log_, size / 2, size).value(),
              log::naive_path(size / 2, prefix));
    EXPECT_EQ(log::prove_consistency(*log_, size, head.size).value(),
              log::naive_subproof(size, leaves, true));
  }
  // Only complete subtrees are there.
  EXPECT_TRUE(log_->subtree(4, 0));
  EXPECT_EQ(log_->subtree(4, 1).error().code, Errc::Corrupt);
  EXPECT_EQ(log_->subtree(0, 28).error().code, Errc::Corrupt);
  EXPECT_EQ(log_->subtree(63, 0).error().code, Errc::Corrupt);
  EXPECT_EQ(log_->subtree(255, ~std::uint64_t{0}).error().code, Errc::Corrupt);
}

TEST_P(EventLogSuite, ADivisionsEntriesAreLinked) {
  fill();
  std::size_t total = 0;
  const auto divisions = log_->divisions("").value();
  EXPECT_EQ(divisions.size(), 4u);
  EXPECT_TRUE(std::is_sorted(divisions.begin(), divisions.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; }));
  for (const auto& [code, head] : divisions) {
    EXPECT_EQ(log_->division_head(code).value(), head);
    const auto entries = log_->division_entries(code, 0, 1'000).value();
    ASSERT_EQ(entries.size(), head.count);
    total += entries.size();
    Digest before;  // Zero for the first.
    for (const LoggedEvent& logged : entries) {
      EXPECT_EQ(logged.entry.event.header().division, code);
      EXPECT_EQ(logged.entry.division_previous, before);
      EXPECT_EQ(logged.entry.encode(), log_->at(logged.index).value()->entry.encode());
      before = logged.entry.leaf_hash();
    }
    EXPECT_EQ(head.leaf, before);
    EXPECT_EQ(head.index, entries.back().index);
    // From anywhere, and no more than asked for.
    const auto later = log_->division_entries(code, entries[1].index, 2).value();
    ASSERT_EQ(later.size(), 2u);
    EXPECT_EQ(later[0].index, entries[1].index);
    EXPECT_EQ(later[1].index, entries[2].index);
    EXPECT_EQ(log_->division_entries(code, entries[0].index + 1, 1).value()[0].index,
              entries[1].index);
    EXPECT_TRUE(log_->division_entries(code, head.index + 1, 10).value().empty());
  }
  EXPECT_EQ(total, 28u);
}

TEST_P(EventLogSuite, ScanStopsWhereItIsToldAndPassesErrorsOn) {
  fill();
  std::vector<std::uint64_t> seen;
  ASSERT_TRUE(log_->scan(20, [&](const LoggedEvent& logged) -> Result<bool> {
    seen.push_back(logged.index);
    return logged.index < 22;
  }));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{20, 21, 22}));
  const auto failed = log_->scan(0, [](const LoggedEvent& logged) -> Result<bool> {
    if (logged.index == 3) return Error{Errc::Limit, "enough"};
    return true;
  });
  EXPECT_EQ(failed.error().code, Errc::Limit);
  EXPECT_TRUE(log_->scan(28, [](const LoggedEvent&) -> Result<bool> {
    return Error{Errc::Unknown, "there is nothing at the end"};
  }));
}

TEST_P(EventLogSuite, AVisitorMayUseTheLog) {
  fill();
  const event::Event more = authors_[0].next();
  std::uint64_t count = 0;
  ASSERT_TRUE(log_->scan(0, [&](const LoggedEvent& logged) -> Result<bool> {
    EXPECT_TRUE(log_->at(logged.index).value());
    if (++count == 1) {
      EXPECT_TRUE(append({entry_of(more, 9'000)}));
    }
    return true;
  }));
  EXPECT_GE(count, 28u);
}

TEST_P(EventLogSuite, RefusesAWrongExpectedSize) {
  fill();
  const event::Event event = authors_[0].next();
  for (const std::uint64_t size : {0u, 27u, 29u})
    expect_conflict_and_nothing_kept(size, {entry_of(event, 9'000)});
  expect_conflict_and_nothing_kept(27, {});
  EXPECT_TRUE(log_->append(28, {})) << "nothing to append is no fault";
  EXPECT_TRUE(log_->append(28, std::vector<NewEntry>{entry_of(event, 9'000)}));
}

TEST_P(EventLogSuite, RefusesTheSameSequenceTwiceForEver) {
  const event::Event first = authors_[0].next();
  const event::Event fork = [] {
    Author twin(1);
    return twin.next(division(2), "other");
  }();
  ASSERT_TRUE(append({entry_of(first)}));
  ASSERT_TRUE(append({entry_of(authors_[0].next(), 2'000)}));
  expect_conflict_and_nothing_kept(2, {entry_of(first, 3'000)});
  expect_conflict_and_nothing_kept(2, {entry_of(fork, 3'000)});
  // Twice in one batch.
  const event::Event third = authors_[0].next();
  expect_conflict_and_nothing_kept(2, {entry_of(third, 3'000), entry_of(third, 3'000)});
}

TEST_P(EventLogSuite, RefusesABrokenChain) {
  Author& a = authors_[0];
  const event::ChainHead start = a.head();
  const event::Event first = a.next(), second = a.next(), third = a.next();
  expect_conflict_and_nothing_kept(0, {entry_of(second)});
  ASSERT_TRUE(append({entry_of(first)}));
  expect_conflict_and_nothing_kept(1, {entry_of(third)});
  expect_conflict_and_nothing_kept(1, {entry_of(third), entry_of(second)});
  // The right sequence upon another first event.
  a.skip_to(start);
  a.next(division(3), "another first");
  expect_conflict_and_nothing_kept(1, {entry_of(a.next())});
  EXPECT_TRUE(append({entry_of(second), entry_of(third)}));
}

TEST_P(EventLogSuite, RefusesDecreasingTimes) {
  ASSERT_TRUE(append({entry_of(authors_[0].next(), 5'000)}));
  const event::Event a = authors_[1].next(), b = authors_[2].next();
  expect_conflict_and_nothing_kept(1, {entry_of(a, 4'999)});
  expect_conflict_and_nothing_kept(1, {entry_of(a, 6'000), entry_of(b, 5'999)});
  EXPECT_TRUE(append({entry_of(a, 5'000), entry_of(b, 5'000)}));
}

TEST_P(EventLogSuite, HoldsOneCounty) {
  const CountyCode other = *CountyCode::parse("000001");
  const DivisionCode there = *DivisionCode::parse("000001001001");
  ASSERT_TRUE(append({entry_of(authors_[0].next())}));
  expect_conflict_and_nothing_kept(1, {entry_of(authors_[1].next(there, "x", other))});
}

TEST_P(EventLogSuite, DivisionsAreListedByPrefix) {
  const auto codes = [&](std::string_view prefix) {
    std::string out;
    const auto found = log_->divisions(prefix);
    EXPECT_TRUE(found);
    for (const auto& [code, head] : *found) {
      EXPECT_EQ(log_->division_head(code).value(), head);
      out += code.str() + " ";
    }
    return out;
  };
  EXPECT_EQ(codes("411323"), "");
  std::vector<NewEntry> entries;
  for (const char* code : {"411323999999", "411323000000", "411323001999", "411323002000",
                           "411323001000", "411323001201", "411323000999", "411323001201"})
    entries.push_back(entry_of(authors_[0].next(*DivisionCode::parse(code))));
  ASSERT_TRUE(append(entries));
  const std::string town = "411323001000 411323001201 411323001999 ";
  const std::string all = "411323000000 411323000999 " + town + "411323002000 411323999999 ";
  EXPECT_EQ(codes(""), all);
  EXPECT_EQ(codes("411323"), all);
  EXPECT_EQ(codes("411323001"), town);
  EXPECT_EQ(codes("411323999"), "411323999999 ") << "nothing lies above it";
  EXPECT_EQ(codes("411323001201"), "411323001201 ");
  EXPECT_EQ(codes("411323001202"), "");
  EXPECT_EQ(codes("411323003"), "");
  EXPECT_EQ(codes("411324"), "") << "another county's";
}

TEST_P(EventLogSuite, IsAllOrNone) {
  fill();
  const std::uint64_t size = 28;
  // Good ones before and after the bad one, of known and new authors and divisions.
  Author fresh(9);
  const event::Event good = authors_[0].next(division(7)), also_good = fresh.next(division(8));
  Author late(10);
  late.next();
  expect_conflict_and_nothing_kept(
      size, {entry_of(good, 9'000), entry_of(also_good, 9'000), entry_of(late.next(), 9'000)});
  EXPECT_FALSE(log_->chain_head(fresh.key()).value());
  EXPECT_FALSE(log_->division_head(division(7)).value());
  EXPECT_FALSE(log_->index_of(fresh.key(), 1).value());
  // And then the good ones alone.
  const auto logged = append({entry_of(good, 9'000), entry_of(also_good, 9'000)});
  ASSERT_TRUE(logged);
  EXPECT_EQ(logged->front().index, size);
}

TEST_P(EventLogSuite, OpensAgainAsItWas) {
  if (!place_->keeps()) GTEST_SKIP() << "a log in memory ends with its process";
  fill();
  const Picture before = picture_of(*log_);
  log_.reset();
  log_ = place_->open();
  EXPECT_EQ(picture_of(*log_), before);
  EXPECT_EQ(log_->chain_head(authors_[1].key()).value()->digest, authors_[1].head().digest);
  EXPECT_TRUE(append({entry_of(authors_[1].next(), 9'000)}));
  EXPECT_EQ(log_->head().value().size, 29u);
  log_.reset();
  log_ = place_->open();
  EXPECT_EQ(log_->head().value().size, 29u);
}

TEST_P(EventLogSuite, EveryStoreMakesTheSameLog) {
  fill();
  // Equal seeds give equal events, so the root is a constant of this suite's data: two stores that
  // differ in one byte show here.
  const auto reference = subjects().front().make();
  const auto memory = reference->open();
  ASSERT_TRUE(log_->scan(0, [&](const LoggedEvent& logged) -> Result<bool> {
    const NewEntry entry{.event = logged.entry.event,
                         .body = logged.body,
                         .received = logged.entry.received,
                         .verdict = logged.entry.verdict,
                         .verified_seen_size = 0};
    TRY(memory->append(logged.index, std::span(&entry, 1)));
    return true;
  }));
  EXPECT_EQ(picture_of(*memory), picture_of(*log_));
}

TEST_P(EventLogSuite, TakesTheLargestBody) {
  Author& a = authors_[0];
  const std::string half(event::kPartBytesMax - 1, 'x');
  event::Event event = a.next(division(1), half);
  ASSERT_TRUE(append({entry_of(event)}));
  EXPECT_EQ(log_->at(0).value()->body, event.body);
}

INSTANTIATE_TEST_SUITE_P(Conformance, EventLogSuite, ::testing::ValuesIn(subjects()),
                         [](const auto& param) { return param.param.name; });
}  // namespace cunji::conformance
