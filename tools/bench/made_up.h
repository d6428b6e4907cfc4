#pragma once
// A made-up village and what its coordinator records, decided by a seed: visits, presences, changed
// facts, answers to forms. The load of all jobs.
#include <span>
#include <string>
#include <vector>

#include "shared/crypto/seeded_entropy.h"
#include "shared/event/event.h"
#include "shared/event/parts.h"

namespace cunji::bench {
// Where remarks get their phrases from. The compression dictionary is trained on one list and
// measured on the other, so that it is not measured on what it has learnt by heart.
enum class Phrases { Measured, Training };

struct Household {
  SubjectId id;
  std::string number, head_name;
  event::Place home;
};

// The sixth village of a made-up county, and so on: `number` below 1,000.
DivisionCode village_code(CountyCode county, unsigned number);

// A photo of 200 kB: noise, another one for each number.
Bytes made_up_photo(std::uint64_t number);

class Village {
 public:
  Village(DivisionCode code, std::size_t households, std::uint64_t seed,
          Phrases phrases = Phrases::Measured);

  const DivisionCode& code() const { return code_; }
  const std::vector<Household>& households() const { return households_; }
  // The registration of each household, recorded at `at`.
  std::vector<event::Draft> registrations(TimePoint at) const;
  // What is recorded next, a quarter to three quarters of an hour after `at`, which goes along.
  event::Draft next(TimePoint& at);
  // The same about a household that nobody has recorded anything about yet.
  event::Draft next_about_a_new_one(TimePoint& at);

 private:
  Household make_household();
  event::Draft draft_about(const Household& household, TimePoint at);
  std::string remark();
  event::Place place_near(const event::Place& home);
  event::Draft visit(const Household& household, TimePoint at);
  event::Draft presence(const Household& household, TimePoint at);
  event::Draft changed_facts(const Household& household, TimePoint at);
  std::string one_of(std::span<const char* const> choices);

  DivisionCode code_;
  crypto::SeededEntropy chance_;
  Phrases phrases_;
  std::vector<Household> households_;
};
}  // namespace cunji::bench
