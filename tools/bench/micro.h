#pragma once
namespace cunji::bench {
// The basic operations one by one, by Google Benchmark, to standard output; an exit code.
int run_micro(bool brief);
}  // namespace cunji::bench
