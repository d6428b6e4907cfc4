// read: asks the county's reading interface, with this node's key (D18).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fieldnode/cli/http_client.h"
#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

struct ReadOptions {
  std::string server;
  std::vector<std::string> paths;
};
constexpr const char* kApi = "/api/v1/";

Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}
std::string text_in(const Json& json, const char* name) {
  const bool there = json.is_object() && json.contains(name) && json[name].is_string();
  return there ? json[name].get<std::string>() : std::string{};
}

// What the server says is wrong, or that it is no such server.
int refused(const HttpAnswer& answer) {
  const Json json = parsed(answer.body);
  const Json error = json.is_object() && json.contains("error") ? json["error"] : Json{};
  const std::string code = text_in(error, "code");
  if (code.empty())
    return fail(
        "服务器的回答不是村记查阅接口的",
        "the answer is not that of a reading interface: HTTP " + std::to_string(answer.status));
  return fail(text_in(error, "zh"),
              text_in(error, "en") + " (" + std::to_string(answer.status) + " " + code + ")");
}

// "households?q=王" as it stands in an address: below /api/v1/, other bytes escaped.
std::string target_of(const std::string& path) {
  static constexpr std::string_view kPlain = "/?&=-_.~:@+%,";
  std::string out = path.starts_with('/') ? "" : kApi;
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       kPlain.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : "%" + to_hex({&c, 1});
  }
  return out;
}

// Where this device believes to be reading.
std::string origin_of(const ServerAddress& address) {
  std::string out = (address.tls ? "https://" : "http://") + host_and_port(address);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// A session's token; nothing after it has said why not.
std::optional<std::string> open_session(Node& node, const HttpServer& server) {
  const auto challenge = http_request(server, "POST", std::string(kApi) + "challenges", "", "");
  if (!challenge) return fail_of_server(server.address, challenge.error()), std::nullopt;
  const auto nonce = from_hex(text_in(parsed(challenge->body), "nonce"));
  if (challenge->status != 200 || !nonce || nonce->size() != credential::ReadNonce::kSize)
    return refused(*challenge), std::nullopt;
  const std::string origin = origin_of(server.address);
  const auto signature = node.prove_reading(origin, credential::ReadNonce::from(*nonce).value());
  if (!signature) return fail(signature.error()), std::nullopt;
  const Json proof = {{"key", to_hex(node.key().view())},
                      {"nonce", to_hex(*nonce)},
                      {"origin", origin},
                      {"signature", to_hex(signature->view())}};
  const auto opened =
      http_request(server, "POST", std::string(kApi) + "sessions", "", proof.dump());
  if (!opened) return fail_of_server(server.address, opened.error()), std::nullopt;
  std::string token = text_in(parsed(opened->body), "token");
  if (opened->status != 200 || token.empty()) return refused(*opened), std::nullopt;
  return token;
}

int run_read(const Context& context, const ReadOptions& options) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto address = server_of(*open->node, options.server);
  if (!address) return fail("服务器地址不对或未知", address.error().what);
  const HttpServer server{
      .address = *address,
      .authorities_file = context.authorities_file,
      .knows_key = [&node = *open->node](const Digest& key) { return node.knows_tls_key(key); }};
  const auto token = open_session(*open->node, server);
  if (!token) return 1;
  int code = 0;
  for (const std::string& path : options.paths) {
    const auto answer = http_request(server, "GET", target_of(path), *token, "");
    if (!answer) {
      code = fail_of_server(*address, answer.error());
      break;
    }
    const Json json = parsed(answer->body);
    if (answer->status == 200 && json.is_object()) {
      say(json.dump(2));
    } else {
      code = refused(*answer);
    }
  }
  // Not to leave it open for a quarter of an hour; where that fails it ends by itself.
  static_cast<void>(
      http_request(server, "DELETE", std::string(kApi) + "sessions/current", *token, ""));
  return code;
}
}  // namespace

void add_read_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ReadOptions>();
  CLI::App* read = app.add_subcommand(
      "read",
      "用本机密钥向县里查阅,输出 JSON · ask the county's reading interface with this node's key: "
      "households, households/ID, households/ID/timeline, due, progress, events … "
      "(protocol/openapi.yaml)");
  read->add_option(
          "paths", options->paths,
          "例如 'households?division=411323101200&limit=20' · what to read, one or several")
      ->required();
  read->add_option("--server", options->server, "HOST:PORT;缺省为上次的 · default: the last one");
  on_run(read, context, [&context, options] { return run_read(context, *options); });
}
}  // namespace cunji::fieldnode::cli
