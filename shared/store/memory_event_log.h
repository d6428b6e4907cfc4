#pragma once
#include <memory>

#include "shared/log/event_log.h"

namespace cunji::store {
// A county log in memory: tests, verifying an export, the conformance suite's first subject.
std::unique_ptr<log::EventLog> make_memory_event_log();
}  // namespace cunji::store
