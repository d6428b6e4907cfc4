#pragma once
// What was said of subjects: every fact in all its versions, in the order of D13. What is added and
// removed again leaves no trace, so the order of arrival cannot matter.
#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <iterator>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "shared/base/check.h"
#include "shared/state/values.h"
#include "shared/state/when.h"

namespace cunji::state {
struct FactVersion {
  When when{};
  Symbol fact = kNoSymbol;
  Symbol key = kNoSymbol;          // The period of a keyed fact.
  Symbol source = kNoSymbol;       // "import", "visit".
  std::uint32_t root = kNoNumber;  // Whose cases have said it; none: a registration has.
  bool reported = false;           // Not yet confirmed by whom the definition names.
  Val val{};

  bool operator==(const FactVersion&) const = default;
};

// Facts by number: of those without a key the name's own.
class FactNumbers {
 public:
  std::uint32_t of(Symbol fact, Symbol key) {
    CHECK(fact < kKeyed);
    if (key == kNoSymbol) return fact;
    const auto [known, added] =
        numbers_.emplace(std::pair(fact, key), static_cast<std::uint32_t>(keyed_.size()) | kKeyed);
    if (added) keyed_.emplace_back(fact, key);
    return known->second;
  }
  std::uint32_t find(Symbol fact, Symbol key) const {  // Or kNoNumber.
    if (key == kNoSymbol) return fact;
    const auto known = numbers_.find({fact, key});
    return known == numbers_.end() ? kNoNumber : known->second;
  }
  std::pair<Symbol, Symbol> operator[](std::uint32_t number) const {
    return number < kKeyed ? std::pair(number, kNoSymbol) : keyed_[number & ~kKeyed];
  }

 private:
  static constexpr std::uint32_t kKeyed = std::uint32_t{1} << 31;
  std::map<std::pair<Symbol, Symbol>, std::uint32_t> numbers_;
  std::vector<std::pair<Symbol, Symbol>> keyed_;
};

// A version as it is kept: 36 bytes, for most of what the fold holds are facts. What needs eight
// bytes stands in two halves, so that none are lost between one version and the next.
class KeptFact {
 public:
  KeptFact(std::uint32_t number, const FactVersion& said)
      : occurred_(halves(said.when.occurred.time_since_epoch().count())),
        value_(halves(said.val.number)),
        number_(number),
        place_(said.when.place),
        part_(said.when.part),
        root_(said.root),
        source_(said.source & kSourceMax),
        kind_(static_cast<std::uint32_t>(said.val.kind) & 15U),
        reported_(said.reported) {
    CHECK(said.source <= kSourceMax);
  }
  std::uint32_t number() const { return number_; }  // FactNumbers.
  When when() const { return {TimePoint{Duration{whole(occurred_)}}, place_, part_}; }
  auto order() const { return std::tuple(number_, when(), root_); }
  FactVersion version(const FactNumbers& numbers) const {
    const auto [fact, key] = numbers[number_];
    return {.when = when(),
            .fact = fact,
            .key = key,
            .source = source_,
            .root = root_,
            .reported = reported_ != 0,
            .val = {static_cast<Val::Kind>(kind_), whole(value_)}};
  }

 private:
  using Halves = std::array<std::uint32_t, 2>;
  static Halves halves(std::int64_t value) { return std::bit_cast<Halves>(value); }
  static std::int64_t whole(const Halves& value) { return std::bit_cast<std::int64_t>(value); }
  static constexpr Symbol kSourceMax = (Symbol{1} << 27) - 1;  // Words beyond that fit no memory.
  Halves occurred_, value_;
  std::uint32_t number_, place_, part_, root_;
  std::uint32_t source_ : 27, kind_ : 4, reported_ : 1;
};
static_assert(sizeof(KeptFact) == 36);

// Versions by one subject, of one fact for those who look at it from a day, or from a place of the
// log. Each is made as it is looked at.
class FactHistory {
 public:
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = FactVersion;
    using difference_type = std::ptrdiff_t;
    using reference = FactVersion;
    struct pointer {
      FactVersion version;
      const FactVersion* operator->() const { return &version; }
    };
    Iterator() = default;
    Iterator(const KeptFact* at, const FactNumbers* numbers) : at_(at), numbers_(numbers) {}
    FactVersion operator*() const { return at_->version(*numbers_); }
    pointer operator->() const { return {**this}; }
    Iterator& operator++() { return ++at_, *this; }
    Iterator& operator--() { return --at_, *this; }
    Iterator operator++(int) { return {at_++, numbers_}; }
    Iterator operator--(int) { return {at_--, numbers_}; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const KeptFact* at_ = nullptr;
    const FactNumbers* numbers_ = nullptr;
  };

  FactHistory() = default;
  FactHistory(std::span<const KeptFact> versions, const FactNumbers& numbers)
      : versions_(versions), numbers_(&numbers) {}
  FactHistory all() const { return *this; }
  Iterator begin() const { return {versions_.data(), numbers_}; }
  Iterator end() const { return {versions_.data() + versions_.size(), numbers_}; }
  auto rbegin() const { return std::reverse_iterator(end()); }
  auto rend() const { return std::reverse_iterator(begin()); }
  // Those before `end`; of one fact.
  FactHistory before(const When& end) const {
    const auto until =
        std::partition_point(versions_.begin(), versions_.end(),
                             [&](const KeptFact& each) { return each.when() < end; });
    return {versions_.first(static_cast<std::size_t>(until - versions_.begin())), *numbers_};
  }
  bool empty() const { return versions_.empty(); }
  std::size_t size() const { return versions_.size(); }
  FactVersion newest() const { return versions_.back().version(*numbers_); }

 private:
  static const FactNumbers& none() {
    static const FactNumbers kNone;
    return kNone;
  }
  std::span<const KeptFact> versions_;
  const FactNumbers* numbers_ = &none();
};

// By the number of the subject.
class Facts {
 public:
  void add(std::uint32_t subject, const FactVersion& version) {
    if (subject >= of_.size()) of_.resize(subject + 1);
    List& list = of_[subject];
    make_room(list);
    const KeptFact kept(numbers_.of(version.fact, version.key), version);
    list.insert(lower(list, kept), kept);
  }
  void remove(std::uint32_t subject, const FactVersion& version) {
    List& list = of_[subject];
    const KeptFact kept(numbers_.of(version.fact, version.key), version);
    const auto found = lower(list, kept);
    CHECK(found != list.end() && found->order() == kept.order());
    list.erase(found);
  }
  FactHistory of(std::uint32_t subject, Symbol fact, Symbol key = kNoSymbol) const {
    const std::uint32_t number = numbers_.find(fact, key);
    if (subject >= of_.size() || number == kNoNumber) return {};
    const List& list = of_[subject];
    const auto begin = std::lower_bound(
        list.begin(), list.end(), number,
        [](const KeptFact& each, std::uint32_t wanted) { return each.number() < wanted; });
    auto end = begin;
    while (end != list.end() && end->number() == number) ++end;
    return {std::span<const KeptFact>(begin, end), numbers_};
  }
  // All of a subject: those of a fact and key together, by when.
  FactHistory all(std::uint32_t subject) const {
    return subject < of_.size() ? FactHistory(of_[subject], numbers_) : FactHistory();
  }

 private:
  using List = std::vector<KeptFact>;
  static List::iterator lower(List& list, const KeptFact& kept) {
    return std::lower_bound(
        list.begin(), list.end(), kept,
        [](const KeptFact& a, const KeptFact& b) { return a.order() < b.order(); });
  }
  FactNumbers numbers_;
  std::vector<List> of_;
};
}  // namespace cunji::state
