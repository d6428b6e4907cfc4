// read: asks the county's reading interface, with this node's key (D18).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fieldnode/cli/files.h"
#include "fieldnode/cli/http_client.h"
#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"
#include "shared/crypto/hash.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

struct ReadOptions {
  std::string server, out;
  std::vector<std::string> paths;
};
constexpr std::string_view kApi = "/api/v1/";

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
  std::string out = path.starts_with('/') ? "" : std::string(kApi);
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

// The digest of a path that asks for a photo: "blobs/DIGEST?event=…".
std::optional<Digest> photo_of(std::string_view path) {
  static constexpr std::string_view kBlobs = "blobs/";
  if (path.starts_with(kApi)) path.remove_prefix(kApi.size());
  if (!path.starts_with(kBlobs)) return std::nullopt;
  const auto bytes = from_hex(path.substr(kBlobs.size(), 2 * Digest::kSize));
  if (!bytes || bytes->size() != Digest::kSize) return std::nullopt;
  return Digest::from(*bytes).value();
}

// Photos go into files and nothing else does; 0 when that is so, else it says what is wrong.
int check_out(const ReadOptions& options) {
  const bool photo = std::any_of(options.paths.begin(), options.paths.end(),
                                 [](const std::string& path) { return photo_of(path); });
  if (options.out.empty())
    return photo ? fail("照片请用 --out 存入文件", "a photo goes into a file: give --out FILE") : 0;
  if (options.paths.size() != 1 || !photo)
    return fail("--out 用于一张照片:blobs/摘要?event=事件",
                "--out takes one photo: blobs/DIGEST?event=INDEX");
  std::error_code ignored;
  if (std::filesystem::exists(options.out, ignored))
    return fail("文件已存在", options.out + " is there already, and nothing is overwritten");
  return 0;
}

// The bytes of a photo, which must be what the event named.
int keep_photo(const std::string& out, const Digest& digest, const HttpAnswer& answer) {
  if (answer.status != 200) return refused(answer);
  if (crypto::sha256(answer.body) != digest)
    return fail("收到的不是该照片", "what came is not the photo of this digest: nothing was kept");
  if (const auto kept = write_file(out, answer.body); !kept) return fail(kept.error());
  say("已存入 · kept, not sealed: " + out);
  return 0;
}

int show(const HttpAnswer& answer) {
  const Json json = parsed(answer.body);
  if (answer.status != 200 || !json.is_object()) return refused(answer);
  say(json.dump(2));
  return 0;
}

int run_read(const Context& context, const ReadOptions& options) {
  if (const int wrong = check_out(options)) return wrong;
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
    const auto photo = photo_of(path);
    const int shown = photo ? keep_photo(options.out, *photo, *answer) : show(*answer);
    if (shown != 0) code = shown;
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
      "households, households/ID, households/ID/timeline, due, progress, events, blobs/DIGEST … "
      "(protocol/openapi.yaml)");
  read->add_option(
          "paths", options->paths,
          "例如 'households?division=411323101200&limit=20' · what to read, one or several")
      ->required();
  read->add_option("--out", options->out,
                   "照片存入新文件 · a new file for a photo: blobs/DIGEST?event=INDEX");
  read->add_option("--server", options->server, "HOST:PORT;缺省为上次的 · default: the last one");
  on_run(read, context, [&context, options] { return run_read(context, *options); });
}
}  // namespace cunji::fieldnode::cli
