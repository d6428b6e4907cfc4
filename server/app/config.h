#pragma once
// The configuration file of `serve` (TOML). Every key is checked: one that is unknown, of a wrong
// type or out of range is an error that names file, line, column, key and the nearest known one.
// See server/server.toml for all of them.
#include <cstdint>
#include <string>
#include <vector>

#include "server/app/limits.h"
#include "server/app/operator_log.h"
#include "shared/base/result.h"

namespace cunji::server {
struct Config {
  std::string data;  // Empty: to be given on the command line.
  std::string listen = "127.0.0.1:8440";
  std::string certificate, private_key;     // PEM files; both empty: no TLS.
  std::vector<std::string> origins;         // Where readers reach it; empty: where it listens.
  std::uint64_t checkpoint_millis = 1'000;  // kCheckpointInterval.
  std::uint64_t connections_max = kConnectionsMax;
  std::uint64_t workers = 0;  // 0: one a core.
  OperatorLog::Options log;
};

// Paths in the file are relative to its folder. Errc::Io where it can't be read, Errc::Malformed
// with the first thing that is wrong in it.
Result<Config> read_config(const std::string& path);
}  // namespace cunji::server
