// init, serve and check-config.
#include <cstdio>

#include "server/app/config.h"
#include "server/app/files.h"
#include "server/app/init.h"
#include "server/app/service_manager.h"
#include "server/command/command.h"
#include "server/http/certificate.h"
#include "server/http/server.h"
#include "shared/crypto/pin.h"
#include "shared/terminal/secret_entry.h"

namespace cunji::server {
struct InitArguments {
  CommonOptions common;
  InitOptions options;
  std::string county;
  std::vector<std::string> share_paths;
  terminal::SecretSource source{.descriptor = -1, .option = "--passphrase-fd"};
};

// Each officer types a passphrase for the own share, twice.
static Result<std::vector<ShareOut>> ask_for_shares(const InitArguments& arguments) {
  std::vector<ShareOut> out;
  for (const std::string& path : arguments.share_paths) {
    const std::string number = std::to_string(out.size() + 1);
    TRY_AS(passphrase,
           terminal::read_secret(arguments.source, "CUNJI_SHARE_PASSPHRASE_" + number,
                                 "恢复密钥第 " + number +
                                     " 份的口令（12 个字符以上） / passphrase of share " + number +
                                     ", for " + path,
                                 /*twice=*/true));
    if (const auto good = crypto::check_new_secret(passphrase, /*passphrase=*/true); !good)
      return Error{good.error().code, path + ": " + good.error().what};
    out.push_back({path, std::move(passphrase)});
  }
  return out;
}

static Result<void> init(const InitArguments& arguments, Context& context) {
  InitOptions options = arguments.options;
  options.folder = arguments.common.folder;
  TRY_AS(county, CountyCode::parse(arguments.county));
  options.county = county;
  TRY_AS(clock, clock_of(arguments.common, options.test_county));
  TRY_AS(shares, ask_for_shares(arguments));
  options.recovery_shares = std::move(shares);
  TRY_AS(made, init_county(options, context.entropy, clock->now()));
  std::printf("已建立 / made: %s %s, %s, %llu 条 entries\n", county.str().c_str(),
              options.name.c_str(), made.origin.c_str(),
              static_cast<unsigned long long>(made.size));
  std::printf("根摘要 / root digest: %s\n", to_hex(made.root_digest.view()).c_str());
  std::printf("校验公钥 / verifier key: %s\n", made.verifier_key.c_str());
  std::printf(
      "根密钥请离线保存 / the root key is in %s: keep it offline; serving does not need it\n",
      options.root_key_out.c_str());
  if (options.recovery_shares.empty()) {
    std::fputs(
        "没有恢复密钥：忘记 PIN 的设备未发送的记录将丢失 / no recovery key (--recovery-share-out): "
        "a forgotten PIN loses what that device has not sent\n",
        stderr);
  } else {
    std::printf(
        "恢复密钥分为 %zu 份，任两份可用；各由一名保管人分开保管 / the recovery key is in %zu "
        "shares, any two open it: give each to an officer of its own\n",
        options.recovery_shares.size(), options.recovery_shares.size());
  }
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
  command
      .add_option(
          "--recovery-share-out", arguments->share_paths,
          "恢复密钥的一份写入此文件，每名保管人一次，建议三名 / a share of the recovery key, "
          "once for each officer; three are a good number: any two open it")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--passphrase-fd", arguments->source.descriptor,
                     "从此文件描述符读口令，每份一行 / read the shares' passphrases from this file "
                     "descriptor, a line each (or $CUNJI_SHARE_PASSPHRASE_N; else they are asked "
                     "for)");
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
  std::string config, port_file;
  // The command line wins over the file: empty or 0 where it says nothing.
  std::string listen, certificate, private_key;
  std::vector<std::string> origins;
  std::uint64_t checkpoint_millis = 0;
  bool metrics_for_all = false;
};

// "127.0.0.1:8440", "[::1]:0".
static Result<HttpOptions> parse_listen(const std::string& text) {
  const Error bad{Errc::Malformed, "listen takes ADDRESS:PORT, such as 127.0.0.1:8440"};
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

static Result<HttpOptions> http_options(const Config& config) {
  TRY_AS(options, parse_listen(config.listen));
  options.certificate_file = config.certificate;
  options.private_key_file = config.private_key;
  options.tls_statement_file = Folder{config.data}.tls_statement();
  options.limits.guests.all = config.connections_max;
  options.workers = static_cast<unsigned>(config.workers);
  TRY(check_options(options));
  return std::move(options);
}

// --config, or the data folder's own file where there is one; then what the command line says.
static Result<Config> config_of(const ServeArguments& arguments) {
  const std::string& folder = arguments.common.folder;
  std::string file = arguments.config;
  if (file.empty() && file_exists(folder + "/server.toml")) file = folder + "/server.toml";
  Config out;
  if (!file.empty()) {
    TRY_AS(read, read_config(file));
    out = std::move(read);
  }
  const auto say = [](std::string& said, const std::string& word) {
    if (!word.empty()) said = word;
  };
  say(out.data, folder);
  say(out.listen, arguments.listen);
  say(out.certificate, arguments.certificate);
  say(out.private_key, arguments.private_key);
  if (arguments.checkpoint_millis != 0) out.checkpoint_millis = arguments.checkpoint_millis;
  if (out.data.empty())
    return Error{Errc::Malformed,
                 "缺少数据目录 / no data folder: give DIR, or a configuration file with \"data\""};
  if (!arguments.origins.empty()) out.origins = arguments.origins;
  return out;
}

// Where clients reach this server, as they write it, unless it was told: its own address.
static std::vector<std::string> origins_of(const Config& config, const HttpOptions& options,
                                           std::uint16_t port) {
  if (!config.origins.empty()) return config.origins;
  const std::string scheme = options.has_tls() ? "https://" : "http://";
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + options.address + "]" : options.address;
  const std::string at_port = ":" + std::to_string(port);
  return {scheme + host + at_port, scheme + "localhost" + at_port};
}

// A proof is good for the address at which its reader believes to be, which is never 0.0.0.0.
static constexpr const char* kNoOrigin =
    "监听所有地址而未设 origin，查阅会话将被拒绝 / it listens on every address, and no \"origin\" "
    "says "
    "how readers reach it: they get no session";
static bool lacks_origin(const Config& config, const HttpOptions& options) {
  return config.origins.empty() && listens_everywhere(options);
}

static Result<void> serve(const ServeArguments& arguments, Context& context) {
  TRY_AS(config, config_of(arguments));
  TRY_AS(options, http_options(config));
  const Folder folder{config.data};
  // Whether the county may run on a made-up clock is asked by the keeper, with its log.
  TRY_AS(clock, clock_of(arguments.common, /*test_county=*/true));
  if (!clock->made_up() && config.checkpoint_millis < 1'000)
    return Error{Errc::Malformed, "checkpoint_millis below 1000 goes with --test-clock only"};
  TRY_AS(operator_log, OperatorLog::open(config.log));
  options.operator_log = operator_log;
  TRY_AS(keeper, Keeper::open(folder, clock,
                              {.checkpoint_interval = Duration{config.checkpoint_millis},
                               .operator_log = operator_log},
                              context.entropy));
  const ViewPtr view = keeper->view();
  const crypto::KeyPair system_key = keeper->system_key();
  const credential::County county = keeper->county();
  const std::shared_ptr<const SharedFold> fold = keeper->fold();
  TRY_AS(reader_log, open_log_read_only(folder));
  options.folder = folder.path;
  options.metrics_for_all = arguments.metrics_for_all;
  TRY_AS(blob_log, open_log_read_only(folder));
  TRY_AS(blob_store, BlobStore::open(folder, std::move(blob_log)));
  BlobDesk blobs(std::move(blob_store), clock);
  keeper->erase_blobs_by([&blobs](const std::vector<Digest>& due) { return blobs.erase(due); });
  Metrics metrics;
  Writer writer(std::move(keeper), metrics);
  TRY_AS(server, HttpServer::open(options, writer, blobs, view, system_key, county.code,
                                  std::move(reader_log), clock, context.entropy));
  TRY_AS(
      api,
      Api::open({.county = county.code,
                 .access_log = folder.access_log(),
                 .origins = origins_of(config, options, server->port()),
                 .open_log = [folder] { return open_log_read_only(folder); },
                 .read_blob = [folder](const Digest& digest) { return read_blob(folder, digest); }},
                fold, view, clock, context.entropy));
  server->serve_reading(std::move(api));
  if (!arguments.port_file.empty())
    TRY(replace_file(arguments.port_file, std::to_string(server->port()) + "\n"));
  std::printf("就绪 / ready: %s %s, %llu 条 entries, %s://%s:%u/sync\n", county.code.str().c_str(),
              county.name.c_str(), static_cast<unsigned long long>(view->published.checkpoint.size),
              options.has_tls() ? "wss" : "ws", options.address.c_str(), server->port());
  std::fflush(stdout);
  operator_log.info("started", "开始服务 / serving",
                    {{"entries", view->published.checkpoint.size},
                     {"port", server->port()},
                     {"tls", options.has_tls()}});
  if (lacks_origin(config, options)) operator_log.warn("no_origin", kNoOrigin);
  tell_service_manager("READY=1");
  const auto done = server->run();
  if (!done) {
    operator_log.error("failed", "因故障停止 / stopped by a failure", {{"why", done.error()}});
    return done.error();
  }
  operator_log.info("stopped", "已停止 / stopped");
  std::printf("已停止 / stopped\n");
  return {};
}

void add_serve(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand("serve", "运行 / serve nodes until SIGTERM or SIGINT");
  const auto arguments = std::make_shared<ServeArguments>();
  command.add_option("DIR", arguments->common.folder,
                     "数据目录，或由配置文件给出 / the county's data folder, if no configuration "
                     "file says it");
  add_test_clock(command, arguments->common);
  command.add_option("--config", arguments->config,
                     "配置文件；命令行优先 / configuration file, by default DIR/server.toml where "
                     "there is one; the command line wins");
  command.add_option("--listen", arguments->listen,
                     "监听地址；不加密时仅限本机 / address and port, by default 127.0.0.1:8440; "
                     "without TLS loopback only; port 0: any free one");
  command.add_option("--certificate", arguments->certificate,
                     "TLS 证书（含证书链） / PEM file of the certificate and its chain");
  command.add_option("--private-key", arguments->private_key,
                     "TLS 私钥，他人不得可读 / PEM file of its key; not readable by others");
  command
      .add_option(
          "--origin", arguments->origins,
          "查阅者所见网址，缺省为监听地址，可多次 / where readers reach it, as their browser "
          "writes it: https://county.example:443; once for each; default: the address it "
          "listens on")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--port-file", arguments->port_file,
                     "端口写入此文件 / write the port here once ready");
  command.add_flag("--metrics-for-all", arguments->metrics_for_all,
                   "任何地址均可读取 /metrics / give /metrics to other machines too");
  command
      .add_option("--checkpoint-millis", arguments->checkpoint_millis,
                  "检查点间隔，默认 1000 / least time between checkpoints, milliseconds; 1000")
      ->check(CLI::Range(10, 60'000));
  command.callback(
      [arguments, &context] { run(context, [&] { return serve(*arguments, context); }); });
}

static Result<void> check_config(const std::string& file) {
  TRY_AS(config, read_config(file));
  TRY_AS(options, http_options(config));
  std::string dates;
  if (options.has_tls()) {
    TRY_AS(certificate, load_certificate(options.certificate_file, options.private_key_file));
    dates = date_warning(certificate, Clock::system()->now());
  }
  std::printf("配置无误 / in order: %s, %s%s\n", config.data.empty() ? "DIR" : config.data.c_str(),
              options.has_tls() ? "wss://" : "ws://", config.listen.c_str());
  if (!dates.empty()) std::printf("注意 / note: %s\n", dates.c_str());
  if (lacks_origin(config, options)) std::printf("注意 / note: %s\n", kNoOrigin);
  return {};
}

void add_check_config(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "check-config", "检查配置文件 / check a configuration file, its certificate and key");
  const auto file = std::make_shared<std::string>();
  command.add_option("FILE", *file, "配置文件 / the file")->required();
  command.callback([file, &context] { run(context, [&] { return check_config(*file); }); });
}
}  // namespace cunji::server
