#include "tests/vectors/generators.h"

namespace cunji::vectors {
std::map<std::string, std::string> all_files() {
  const SmallCounty county = SmallCounty::told();
  const std::pair<const char*, Json> files[] = {{"event.json", event_vectors()},
                                                {"enrolment.json", enrolment_vectors()},
                                                {"log.json", log_vectors(county)},
                                                {"export.json", export_vectors(county)},
                                                {"session.json", session_vectors(county)},
                                                {"batch.json", batch_vectors(county)},
                                                {"read.json", read_vectors()}};
  std::map<std::string, std::string> out;
  for (const auto& [name, json] : files) out[name] = json.dump(1) + "\n";
  return out;
}
}  // namespace cunji::vectors
