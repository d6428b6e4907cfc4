#pragma once
// The outcome of a run, for people and for programs.
#include <string>
#include <vector>

#include "tools/bench/figures.h"

namespace cunji::bench {
struct Done {
  const Job* job;
  Outcome outcome;
  double seconds = 0;
};
// A table in Markdown, with machine and notes.
std::string table_of(const std::vector<Done>& done, bool brief);
std::string json_of(const std::vector<Done>& done, bool brief);
}  // namespace cunji::bench
