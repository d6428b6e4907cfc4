#pragma once
// What `enrol` and `sync` share: running a synchronisation with a progress bar, and telling people
// what came of it.
#include "fieldnode/cli/context.h"
#include "fieldnode/sync_driver.h"

namespace cunji::fieldnode::cli {
// One synchronisation; with `enrol`, the request first.
struct SyncRun {
  SyncEnd end;
  bool let_go = false;  // Ended amid photos, since another command waits for the store.
};
SyncRun run_sync(const Context& context, Node& node, const ServerAddress& server,
                 std::optional<sync::EnrolmentOffer> enrol, bool photos = true);
// Says what was exchanged (`quiet`: only if anything was), and loudly what is wrong; goes on with a
// new key where needed. Gives the exit code. `end.error` is not told here.
int tell(OpenNode& open, const SyncEnd& end, bool quiet);
// The server given as `text`, else the one that was last used. Errc::Malformed for none.
Result<ServerAddress> server_of(Node& node, const std::string& text);
// An error that came while talking to the server.
int fail_of_server(const ServerAddress& server, const Error& error);

void add_bundle_commands(CLI::App& app, Context& context);
}  // namespace cunji::fieldnode::cli
