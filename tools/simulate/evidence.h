#pragma once
// What a run leaves for the checks: what was promised to whom on the way, and what stands in the
// end.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "shared/event/entry.h"
#include "shared/log/checkpoint.h"
#include "shared/sync/node_session.h"

namespace cunji::simulate {
// An event that a device confirmed as recorded. The label stands in its body, so that it is found
// again where it was recorded again under another key.
struct Work {
  std::string label;
  std::string device;
  PublicKey key;
  std::uint64_t sequence = 0;
  Digest digest;
  // The device was set back to an earlier copy afterwards: it may have forgotten this event.
  bool forgotten = false;
};

// A genuine event that reached intake, with the log's size after that commit.
struct Arrival {
  PublicKey key;
  std::uint64_t sequence = 0;
  Digest digest, previous;
  std::uint64_t log_size = 0;
};

// The fold of one device, when all was level.
struct HeldFold {
  std::string device;
  Digest digest;
  std::set<DivisionCode> divisions;  // That it holds.
};

struct Evidence {
  CountyCode county;
  Digest root_digest;
  std::string note;                              // The last published checkpoint.
  std::vector<event::LoggedEvent> log;           // As the store gives it in the end.
  Digest server_fold;                            // Kept up while the log grew.
  std::vector<sync::EventOutcome> acknowledged;  // "Logged", as sessions told devices.
  std::vector<Work> recorded;
  std::vector<log::Checkpoint> trusted;  // Every one that a device ever trusted.
  std::vector<Arrival> arrived;
  std::set<PublicKey> twofold;  // Keys that two copies of a device have used.
  std::vector<HeldFold> folds;
  std::vector<std::string> not_level;   // Who was not level in the end, and what is missing.
  std::vector<std::string> on_the_way;  // What was found while the run went on.
};
}  // namespace cunji::simulate
