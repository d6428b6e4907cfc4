#pragma once
// Clocks of the benchmarks.
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji::bench {
double now_seconds();  // Steady.
TimePoint wall_clock();
double cpu_seconds();  // User and system time of this process, all threads.
unsigned cores();

// `values` must not be empty. The value below which `part` (0 … 1) of them lie.
double percentile(std::vector<double> values, double part);
inline double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

template <class Work>
double seconds_of(const Work& work) {
  const double from = now_seconds();
  work();
  return now_seconds() - from;
}

// "2 cores, AMD EPYC …", for the report.
std::string machine();
}  // namespace cunji::bench
