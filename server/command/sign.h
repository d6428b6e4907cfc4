#pragma once
// What commands sign with one of the county's keys, one event at a time.
#include "server/command/command.h"
#include "shared/event/kinds.h"
#include "shared/event/parts.h"
#include "shared/sync/node_session.h"

namespace cunji::server {
// Signs one event in the county's own division at the desk, logs it, and says where it stands.
// `parts`: encoded. `key_file` empty: the registrar's. Errc::Forged when it is logged but disputed.
Result<sync::EventOutcome> sign_parts(const CommonOptions& common, const std::string& key_file,
                                      event::Kind kind, std::vector<Bytes> parts, Context& context);
// The same for one part.
Result<sync::EventOutcome> sign_one(const CommonOptions& common, const std::string& key_file,
                                    event::Kind kind, const event::PartContent& content,
                                    Context& context);
}  // namespace cunji::server
