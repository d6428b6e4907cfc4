#pragma once
// The stores that the suite runs on.
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "shared/log/event_log.h"

namespace cunji::conformance {
// Somewhere to keep one log, which can be closed and opened again.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<log::EventLog> open() = 0;  // The one before must be gone.
  virtual bool keeps() const { return true; }         // Whether a log survives being closed.
};
struct Subject {
  std::string name;
  std::function<std::unique_ptr<Place>()> make;
};
// For GoogleTest: else it prints the bytes, which differ from run to run.
inline void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }
std::vector<Subject> subjects();
}  // namespace cunji::conformance
