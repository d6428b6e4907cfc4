#pragma once
// What was said of subjects: every fact in all its versions, in the order of D13. What is added and
// removed again leaves no trace, so the order of arrival cannot matter.
#include <algorithm>
#include <bit>
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

// In one breath a part says several facts of a subject: what these have in common, in 24 bytes.
struct Occasion {
  Halves occurred{};
  std::uint32_t place = 0;         // When::place.
  std::uint32_t part = 0;          // When::part, its number alone.
  Symbol source = kNoSymbol;       // As in FactVersion,
  std::uint32_t root = kNoNumber;  // and this.

  bool operator==(const Occasion&) const = default;
};

// A version as it is kept: 20 bytes and its occasion, for most of what the fold holds are facts.
struct KeptFact {
  Halves value{};
  std::uint32_t number = 0;    // FactNumbers.
  std::uint32_t occasion = 0;  // Among those of the subject.
  // When::part without the part's number, in whose place stand the value's kind and `reported`.
  std::uint32_t bits = 0;

  Val val() const {
    return {static_cast<Val::Kind>(bits >> 1 & 31U), std::bit_cast<std::int64_t>(value)};
  }
  bool reported() const { return (bits & 1U) != 0; }
};
static_assert(sizeof(Occasion) == 24 && sizeof(KeptFact) == 20);

// All versions about one subject: those of a fact together, by when.
class SubjectFacts {
 public:
  void add(std::uint32_t number, const FactVersion& said) {
    const std::uint32_t occasion = occasion_of(said);
    const KeptFact kept{.value = std::bit_cast<Halves>(said.val.number),
                        .number = number,
                        .occasion = occasion,
                        .bits = (said.when.part & ~kPartNumber) |
                                static_cast<std::uint32_t>(said.val.kind) << 1 |
                                (said.reported ? 1U : 0U)};
    if (facts_.size() == facts_.capacity()) facts_.reserve(grown(facts_.size()));
    facts_.insert(lower(number, said), kept);
  }
  void remove(std::uint32_t number, const FactVersion& said) {
    const auto found = lower(number, said);
    CHECK(found != facts_.end() && order(*found) == order(number, said));
    facts_.erase(found);
    // Occasions of which nothing is left are given up once they are most of all.
    if (occasions_.size() > 2 * facts_.size() + 4 || facts_.empty()) forget_occasions();
  }
  std::span<const KeptFact> of(std::uint32_t number) const {
    const auto begin = std::lower_bound(
        facts_.begin(), facts_.end(), number,
        [](const KeptFact& each, std::uint32_t wanted) { return each.number < wanted; });
    auto end = begin;
    while (end != facts_.end() && end->number == number) ++end;
    return {begin, end};
  }
  std::span<const KeptFact> all() const { return facts_; }
  const Occasion* occasions() const { return occasions_.data(); }

  static When when_of(const KeptFact& fact, const Occasion& at) {
    return {time_of(at.occurred), at.place, at.part | (fact.bits & ~kPartNumber)};
  }

 private:
  static constexpr std::uint32_t kPartNumber = 63;  // Its bits in When::part.
  static std::size_t grown(std::size_t size) { return size + size / 8 + 2; }
  using Order = std::tuple<std::uint32_t, When, std::uint32_t>;
  Order order(const KeptFact& fact) const {
    const Occasion& at = occasions_[fact.occasion];
    return Order(fact.number, when_of(fact, at), at.root);
  }
  static Order order(std::uint32_t number, const FactVersion& said) {
    return Order(number, said.when, said.root);
  }
  std::vector<KeptFact>::iterator lower(std::uint32_t number, const FactVersion& said) {
    return std::lower_bound(facts_.begin(), facts_.end(), order(number, said),
                            [this](const KeptFact& each, const Order& wanted) {
                              if (each.number != std::get<0>(wanted))
                                return each.number < std::get<0>(wanted);
                              return order(each) < wanted;
                            });
  }
  // One of the last few, most often the very last, else a new one.
  std::uint32_t occasion_of(const FactVersion& said) {
    const Occasion made{.occurred = halves_of(said.when.occurred),
                        .place = said.when.place,
                        .part = said.when.part & kPartNumber,
                        .source = said.source,
                        .root = said.root};
    for (std::size_t i = occasions_.size(), n = 0; i > 0 && n < 4; --i, ++n)
      if (occasions_[i - 1] == made) return static_cast<std::uint32_t>(i - 1);
    if (occasions_.size() == occasions_.capacity()) occasions_.reserve(grown(occasions_.size()));
    occasions_.push_back(made);
    return static_cast<std::uint32_t>(occasions_.size() - 1);
  }
  void forget_occasions() {
    constexpr std::uint32_t kUnused = kNoNumber;
    std::vector<std::uint32_t> moved(occasions_.size(), kUnused);
    std::vector<Occasion> left;
    for (const KeptFact& fact : facts_) moved[fact.occasion] = 0;
    for (std::size_t i = 0; i < moved.size(); ++i) {
      if (moved[i] == kUnused) continue;
      moved[i] = static_cast<std::uint32_t>(left.size());
      left.push_back(occasions_[i]);
    }
    for (KeptFact& fact : facts_) fact.occasion = moved[fact.occasion];
    occasions_ = std::move(left);
  }

  std::vector<KeptFact> facts_;
  std::vector<Occasion> occasions_;
};

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
    Iterator(const KeptFact* at, const Occasion* occasions, const FactNumbers* numbers)
        : at_(at), occasions_(occasions), numbers_(numbers) {}
    FactVersion operator*() const {
      const Occasion& said = occasions_[at_->occasion];
      const auto [fact, key] = (*numbers_)[at_->number];
      return {.when = SubjectFacts::when_of(*at_, said),
              .fact = fact,
              .key = key,
              .source = said.source,
              .root = said.root,
              .reported = at_->reported(),
              .val = at_->val()};
    }
    pointer operator->() const { return {**this}; }
    Iterator& operator++() { return ++at_, *this; }
    Iterator& operator--() { return --at_, *this; }
    Iterator operator++(int) { return {at_++, occasions_, numbers_}; }
    Iterator operator--(int) { return {at_--, occasions_, numbers_}; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const KeptFact* at_ = nullptr;
    const Occasion* occasions_ = nullptr;
    const FactNumbers* numbers_ = nullptr;
  };

  FactHistory() = default;
  FactHistory(std::span<const KeptFact> versions, const SubjectFacts& of,
              const FactNumbers& numbers)
      : FactHistory(versions, of.occasions(), &numbers) {}
  FactHistory all() const { return *this; }
  Iterator begin() const { return {versions_.data(), occasions_, numbers_}; }
  Iterator end() const { return {versions_.data() + versions_.size(), occasions_, numbers_}; }
  auto rbegin() const { return std::reverse_iterator(end()); }
  auto rend() const { return std::reverse_iterator(begin()); }
  // Those before `end`; of one fact.
  FactHistory before(const When& end) const {
    const auto until =
        std::partition_point(versions_.begin(), versions_.end(), [&](const KeptFact& each) {
          return SubjectFacts::when_of(each, occasions_[each.occasion]) < end;
        });
    return {versions_.first(static_cast<std::size_t>(until - versions_.begin())), occasions_,
            numbers_};
  }
  bool empty() const { return versions_.empty(); }
  FactVersion newest() const { return *std::prev(end()); }

 private:
  FactHistory(std::span<const KeptFact> versions, const Occasion* occasions,
              const FactNumbers* numbers)
      : versions_(versions), occasions_(occasions), numbers_(numbers) {}
  std::span<const KeptFact> versions_;
  const Occasion* occasions_ = nullptr;
  const FactNumbers* numbers_ = nullptr;
};

// By the number of the subject.
class Facts {
 public:
  void add(std::uint32_t subject, const FactVersion& version) {
    if (subject >= of_.size()) of_.resize(subject + 1);
    of_[subject].add(numbers_.of(version.fact, version.key), version);
  }
  void remove(std::uint32_t subject, const FactVersion& version) {
    of_[subject].remove(numbers_.of(version.fact, version.key), version);
  }
  FactHistory of(std::uint32_t subject, Symbol fact, Symbol key = kNoSymbol) const {
    const std::uint32_t number = numbers_.find(fact, key);
    if (subject >= of_.size() || number == kNoNumber) return {};
    return {of_[subject].of(number), of_[subject], numbers_};
  }
  FactHistory all(std::uint32_t subject) const {
    if (subject >= of_.size()) return {};
    return {of_[subject].all(), of_[subject], numbers_};
  }

 private:
  FactNumbers numbers_;
  std::vector<SubjectFacts> of_;
};
}  // namespace cunji::state
