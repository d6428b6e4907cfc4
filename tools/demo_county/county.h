#pragma once
// The county of the demonstration: its real divisions (national codes), and households and
// coordinators made up from a seed. Nobody in it exists.
#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::demo {
struct Division {
  DivisionCode code;
  std::string name;
  std::string level;  // "county", "town", "village".
  std::string parent;
};

struct Person {
  SubjectId id;
  std::string name;
  std::string relation;  // To the head: "head", "spouse", "son" …
};

// What was known of a household before the log began.
enum class Baseline { None, Monitored, Eliminated };
struct Household {
  SubjectId id;
  std::string number;     // Village code and a running number.
  std::string head_name;  // Made up.
  std::string category;   // Code of glossary.md; empty: a general household, not to be visited.
  Baseline baseline = Baseline::None;
  std::vector<Person> persons;  // The head first.
};

struct Village {
  Division division;
  SubjectId coordinator;
  std::string coordinator_name;
  std::uint64_t representatives = 0;  // Of the village assembly.
  std::vector<Household> households;
};

struct Office {
  SubjectId id;
  std::string code;  // Of the definitions: "rr_bureau".
  std::string name;
};

struct MadeUpCounty {
  std::vector<Division> divisions;  // All of them, the county first.
  std::vector<Village> villages;    // By code.
  std::vector<Office> offices;      // Those that record something in the demonstration.
};

// `divisions_csv` is the text of server/data/divisions-411323.csv: code,name,level,parent.
// About `households_a_village` in each village. Errc::Malformed with the line of a bad row.
Result<MadeUpCounty> make_county(const std::string& divisions_csv, std::uint64_t seed,
                                 std::uint64_t households_a_village);

// The register of the county as JSON lines, as `cunji-server register` takes them.
std::string register_lines(const MadeUpCounty& county);
}  // namespace cunji::demo
