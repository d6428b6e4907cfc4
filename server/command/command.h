#pragma once
// The command line of cunji-server: each command adds itself to the parser and does its work in its
// callback. Errors are one line on standard error; the exit code is 0 done, 1 failed, 2 wrong
// usage, 3 the log is not in order.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "server/app/clock.h"
#include "server/app/folder.h"
#include "shared/base/entropy.h"

namespace cunji::server {
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotInOrder = 3;

struct Context {
  Entropy& entropy;
  int exit_code = 0;
};

void add_init(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_check_config(CLI::App& app, Context& context);
void add_tls_statement(CLI::App& app, Context& context);
void add_enrol(CLI::App& app, Context& context);
void add_pending(CLI::App& app, Context& context);
void add_approve(CLI::App& app, Context& context);
void add_revoke(CLI::App& app, Context& context);
void add_endorse(CLI::App& app, Context& context);
void add_publish(CLI::App& app, Context& context);
// warnings, duties, cases, household, board, report, statements.
void add_question_commands(CLI::App& app, Context& context);
void add_erase(CLI::App& app, Context& context);
void add_erasures(CLI::App& app, Context& context);
void add_register(CLI::App& app, Context& context);
void add_take_bundle(CLI::App& app, Context& context);
void add_recover(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_quarantine(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_verify_access_log(CLI::App& app, Context& context);
void add_backup(CLI::App& app, Context& context);
void add_restore(CLI::App& app, Context& context);

// What most commands begin with: the data folder, and for a test county its made-up clock.
struct CommonOptions {
  std::string folder, test_clock;
};
void add_folder(CLI::App& command, CommonOptions& options);
void add_test_clock(CLI::App& command, CommonOptions& options);
// Errc::Conflict for a made-up clock where the county is no test county.
Result<std::shared_ptr<Clock>> clock_of(const CommonOptions& options, bool test_county);

// Prints the error and sets the exit code.
void report(Context& context, const Error& error);
// Runs a command's body and reports its error.
template <class Body>
void run(Context& context, const Body& body) {
  const Result<void> done = body();
  if (!done) report(context, done.error());
}
// 64 hexadecimal digits, as options give keys and digests.
template <class Fixed>
Result<Fixed> fixed_of(const std::string& hex, const char* what) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != Fixed::kSize)
    return Error{Errc::Malformed, std::string(what) + ": expected " +
                                      std::to_string(2 * Fixed::kSize) + " hexadecimal digits"};
  return Fixed::from(*bytes);
}
}  // namespace cunji::server
