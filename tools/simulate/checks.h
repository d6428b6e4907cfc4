#pragma once
// The checks of a run: what must hold whatever the network, the disks and the clocks did. Pure
// functions of the evidence, so that tests can show that each of them is able to fail.
#include <string>
#include <vector>

#include "tools/simulate/evidence.h"

namespace cunji::simulate {
struct Finding {
  std::string check;  // "acknowledged", "recorded", "log", "trusted", "folds", "forks" …
  std::string what;
};

// Every outcome "logged" that a device was told stands in the log: at that index, with that time
// and verdict, once.
std::vector<Finding> check_acknowledged(const Evidence& evidence);
// Every confirmed event is logged: of an honest key once and accepted; of a key that two copies
// used as itself or recorded again under a newer key, and accepted at least once.
std::vector<Finding> check_recorded(const Evidence& evidence);
// Indexes without gaps, times that never decrease, chains, links, signatures, verdicts, tree and
// checkpoint: shared/credential/verify_log.h goes through all of it.
std::vector<Finding> check_log(const Evidence& evidence);
// The log begins with the tree of every checkpoint that a device trusted.
std::vector<Finding> check_trusted(const Evidence& evidence);
// The fold kept up equals a replay; a device's equals a replay of what is within its divisions.
std::vector<Finding> check_folds(const Evidence& evidence);
// One incident for every place at which two branches arrived, with both headers as evidence, none
// twice, and none against an honest key.
std::vector<Finding> check_forks(const Evidence& evidence);
// Once faults stopped, everybody became level.
std::vector<Finding> check_level(const Evidence& evidence);

// All of them, and what was found on the way.
std::vector<Finding> check_all(const Evidence& evidence);

// The label that a part of this body carries; empty where there is none.
std::string label_of(const event::Body& body);
}  // namespace cunji::simulate
