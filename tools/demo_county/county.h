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

struct Household {
  SubjectId id;
  std::string number;     // Village code and a running number.
  std::string head_name;  // Made up.
  std::string category;   // Code of glossary.md; empty: a general household, not to be visited.
};

struct Village {
  Division division;
  SubjectId coordinator;
  std::string coordinator_name;
  std::vector<Household> households;
};

struct MadeUpCounty {
  std::vector<Division> divisions;  // All of them, the county first.
  std::vector<Village> villages;    // By code.
};

// `divisions_csv` is the text of server/data/divisions-411323.csv: code,name,level,parent.
// About `households_a_village` in each village. Errc::Malformed with the line of a bad row.
Result<MadeUpCounty> make_county(const std::string& divisions_csv, std::uint64_t seed,
                                 std::uint64_t households_a_village);

// The register of the county as JSON lines, as `cunji-server register` takes them.
std::string register_lines(const MadeUpCounty& county);
}  // namespace cunji::demo
