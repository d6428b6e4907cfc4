// take-bundle: events that came on a stick and not over a session.
#include <cstdio>
#include <filesystem>

#include "server/app/files.h"
#include "server/command/command.h"
#include "server/intake/intake.h"
#include "shared/crypto/box.h"
#include "shared/sync/bundle.h"
#include "shared/sync/limits.h"

namespace cunji::server {
struct BundleArguments {
  CommonOptions common;
  std::string file;
  bool lost_bodies = false;
};

static Result<sync::SealedBundle> read_bundle_file(const std::string& path) {
  std::error_code failed;
  const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
  if (failed) return Error{Errc::Io, path + ": " + failed.message()};
  if (bytes > sync::kBundleBytesMax) return Error{Errc::Limit, path + ": too large for a bundle"};
  TRY_AS(file, read_file(path));
  auto bundle = sync::read_bundle(file);
  if (!bundle) return Error{bundle.error().code, path + ": " + bundle.error().what};
  return bundle;
}

static Result<crypto::BoxPair> load_box_key(const Folder& folder,
                                            const credential::County& county) {
  const std::string path = folder.key("box");
  TRY_AS(text, read_file(path));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  const auto bytes = from_hex(text);
  const auto secret = bytes ? crypto::BoxSecret::from(*bytes) : crypto::BoxSecret::from("");
  if (!secret) return Error{Errc::Malformed, path + " is not a key file"};
  TRY_AS(public_key, crypto::BoxPublic::from(county.box_key));
  return crypto::BoxPair{.public_key = public_key, .secret_key = *secret};
}

// All events are checked before any is queued: a bundle is carried by anyone. The running server,
// or the next one, takes them from the queue as it takes a session's; what it has it finds logged.
static Result<void> take_bundle(const BundleArguments& arguments) {
  const Folder folder{arguments.common.folder};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  TRY_AS(bundle, read_bundle_file(arguments.file));
  if (bundle.county != county.code || bundle.to.view() != BytesView(county.box_key))
    return Error{Errc::Conflict, arguments.file + ": the bundle is for another county"};
  TRY_AS(reader, load_box_key(folder, county));
  TRY_AS(events, sync::open_whole_bundle(bundle, reader));
  for (const event::Event& event : events) {
    // Whoever carried it may have thrown the body away: only the office can know better.
    if (event.body.lost() && !arguments.lost_bodies)
      return Error{Errc::Forged, arguments.file + ": event " +
                                     to_hex(event.signed_event.digest().view()).substr(0, 8) +
                                     " has lost its body; --lost-bodies takes it without"};
    if (const auto refusal = check(event, county.code))
      return Error{Errc::Forged, arguments.file + ": event " +
                                     to_hex(event.signed_event.digest().view()).substr(0, 8) +
                                     ": " + refusal->reason};
  }
  TRY_AS(side, open_side(folder));
  TRY(side->enqueue(events));
  std::printf("已接收，待服务器入账 / taken, for the server to log: %zu 条 events\n",
              events.size());
  return {};
}

void add_take_bundle(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "take-bundle", "接收捎来的记录包 / take a bundle that a node wrote with `bundle`");
  const auto arguments = std::make_shared<BundleArguments>();
  add_folder(command, arguments->common);
  command.add_option("FILE", arguments->file, "记录包 / the bundle")->required();
  command.add_flag(
      "--lost-bodies", arguments->lost_bodies,
      "设备上已损坏的内容按丢失入账 / take events whose body is damaged on the device as "
      "lost, instead of refusing the file");
  command.callback(
      [arguments, &context] { run(context, [&] { return take_bundle(*arguments); }); });
}
}  // namespace cunji::server
