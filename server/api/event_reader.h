#pragma once
// How whoever asks stands to events: which are within his reach, and what of them he may read.
#include <cstdint>
#include <optional>
#include <string>

#include "server/api/call.h"
#include "server/api/parts_json.h"

namespace cunji::server {
// The place in the log of an event that is named by its index, or by its digest where the fold
// knows it (governance it does not).
std::optional<std::uint64_t> index_of(const Call& call, const std::string& index_or_digest);
// Whether the event itself is within reach; its parts are another question.
bool in_scope(const Call& call, const event::LoggedEvent& logged);
// What of it is for him, by where its household lives in the `newest` state. Notes the household as
// shown.
EventReader reader_of(Call& call, const event::LoggedEvent& logged, const state::State& newest);
}  // namespace cunji::server
