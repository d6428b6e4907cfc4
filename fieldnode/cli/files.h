#pragma once
// Small files of the node's folder, read and replaced as a whole.
#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace cunji::fieldnode::cli {
// Nothing when there is no such file. Errc::Io where it can't be read, Errc::Corrupt above
// `bytes_max`.
Result<std::optional<Bytes>> read_file(const std::string& path, std::size_t bytes_max);
// Mode 600. Written aside, synced, renamed, folder synced: a crash leaves the old file or the new.
Result<void> write_file(const std::string& path, BytesView bytes);
// Overwrites what is there with zeros, synced, before the name goes; no file is no error. On a
// flash disk older copies may remain: what lies here is sealed for that reason.
Result<void> erase_file(const std::string& path);
// Makes a folder and those above it, for its owner only. False with errno where it can't.
bool make_folders(const std::string& path);
}  // namespace cunji::fieldnode::cli
