// init and serve.
#include <cstdio>

#include "server/app/files.h"
#include "server/app/init.h"
#include "server/command/command.h"
#include "server/http/server.h"

namespace cunji::server {
struct InitArguments {
  CommonOptions common;
  InitOptions options;
  std::string county;
};

static Result<void> init(const InitArguments& arguments, Context& context) {
  InitOptions options = arguments.options;
  options.folder = arguments.common.folder;
  TRY_AS(county, CountyCode::parse(arguments.county));
  options.county = county;
  TRY_AS(clock, clock_of(arguments.common, options.test_county));
  TRY_AS(made, init_county(options, context.entropy, clock->now()));
  std::printf("已建立 / made: %s %s, %s, %llu 条 entries\n", county.str().c_str(),
              options.name.c_str(), made.origin.c_str(),
              static_cast<unsigned long long>(made.size));
  std::printf("根摘要 / root digest: %s\n", to_hex(made.root_digest.view()).c_str());
  std::printf("校验公钥 / verifier key: %s\n", made.verifier_key.c_str());
  std::printf(
      "根密钥请离线保存 / the root key is in %s: keep it offline; serving does not need it\n",
      options.root_key_out.c_str());
  return {};
}

void add_init(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand("init", "建立一个县的日志 / make a county");
  const auto arguments = std::make_shared<InitArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  InitOptions& options = arguments->options;
  command.add_option("--county", arguments->county, "县代码，六位 / county code, six digits")
      ->required();
  command.add_option("--name", options.name, "县名 / its name")->required();
  command
      .add_option("--root-key-out", options.root_key_out,
                  "根密钥写入此文件 / where the root key goes; must not exist")
      ->required();
  command.add_flag(
      "--test-county", options.test_county,
      "测试县，可用虚拟时钟；不可更改 / a test county, which may run on a made-up clock; "
      "said for ever");
  command
      .add_option("--persons-required", options.persons_required,
                  "部门授权所需人数 / persons that must sign a desk's credential")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  command.callback(
      [arguments, &context] { run(context, [&] { return init(*arguments, context); }); });
}

struct ServeArguments {
  CommonOptions common;
  std::string listen = "127.0.0.1:8440", port_file;
  std::uint32_t checkpoint_millis = 1'000;
  bool metrics_for_all = false;
};

// "127.0.0.1:8440", "[::1]:0".
static Result<HttpOptions> parse_listen(const std::string& text) {
  const Error bad{Errc::Malformed, "--listen takes ADDRESS:PORT, such as 127.0.0.1:8440"};
  const std::size_t colon = text.find_last_of(':');
  if (colon == std::string::npos) return bad;
  const std::string port = text.substr(colon + 1);
  if (!is_digits(port) || port.size() > 5 || std::stoul(port) > 65'535) return bad;
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  return HttpOptions{.address = address, .port = static_cast<std::uint16_t>(std::stoul(port))};
}

static Result<void> serve(const ServeArguments& arguments, Context& context) {
  TRY_AS(options, parse_listen(arguments.listen));
  TRY(expect_loopback(options.address));
  const Folder folder{arguments.common.folder};
  // Whether the county may run on a made-up clock is asked by the keeper, with its log.
  TRY_AS(clock, clock_of(arguments.common, /*test_county=*/true));
  if (!clock->made_up() && arguments.checkpoint_millis < 1'000)
    return Error{Errc::Malformed, "--checkpoint-millis below 1000 goes with --test-clock only"};
  TRY_AS(operator_log, OperatorLog::open({}));
  options.operator_log = operator_log;
  TRY_AS(keeper, Keeper::open(folder, clock,
                              {.checkpoint_interval = Duration{arguments.checkpoint_millis},
                               .operator_log = operator_log},
                              context.entropy));
  const ViewPtr view = keeper->view();
  const crypto::KeyPair system_key = keeper->system_key();
  const credential::County county = keeper->county();
  TRY_AS(reader_log, open_log_read_only(folder));
  options.folder = folder.path;
  options.metrics_for_all = arguments.metrics_for_all;
  TRY_AS(blob_log, open_log_read_only(folder));
  TRY_AS(blob_store, BlobStore::open(folder, std::move(blob_log)));
  BlobDesk blobs(std::move(blob_store), clock);
  Metrics metrics;
  Writer writer(std::move(keeper), metrics);
  TRY_AS(server, HttpServer::open(options, writer, blobs, view, system_key, county.code,
                                  std::move(reader_log), clock, context.entropy));
  if (!arguments.port_file.empty())
    TRY(replace_file(arguments.port_file, std::to_string(server->port()) + "\n"));
  std::printf("就绪 / ready: %s %s, %llu 条 entries, ws://%s:%u/sync\n", county.code.str().c_str(),
              county.name.c_str(), static_cast<unsigned long long>(view->published.checkpoint.size),
              options.address.c_str(), server->port());
  std::fflush(stdout);
  TRY(server->run());
  std::printf("已停止 / stopped\n");
  return {};
}

void add_serve(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand("serve", "运行 / serve nodes until SIGTERM or SIGINT");
  const auto arguments = std::make_shared<ServeArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command
      .add_option("--listen", arguments->listen,
                  "监听地址，本版仅限本机 / address and port; this version has no TLS and takes "
                  "loopback only; port 0: any free one")
      ->capture_default_str();
  command.add_option("--port-file", arguments->port_file,
                     "端口写入此文件 / write the port here once ready");
  command.add_flag("--metrics-for-all", arguments->metrics_for_all,
                   "任何地址均可读取 /metrics / give /metrics to other machines too");
  command
      .add_option("--checkpoint-millis", arguments->checkpoint_millis,
                  "检查点间隔 / least time between checkpoints, milliseconds")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  command.callback(
      [arguments, &context] { run(context, [&] { return serve(*arguments, context); }); });
}
}  // namespace cunji::server
