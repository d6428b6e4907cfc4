// tls-statement.
#include <cstdio>

#include "server/app/files.h"
#include "server/command/command.h"
#include "server/http/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/sync/tls_statement.h"

namespace cunji::server {
struct StatementArguments {
  std::string root_key, out;
  std::vector<std::string> certificates;
};

// Made where the root key is; only the file travels.
static Result<void> tls_statement(const StatementArguments& arguments) {
  if (arguments.certificates.size() > sync::kTlsKeysMax)
    return Error{Errc::Limit, "a TLS statement names at most " + std::to_string(sync::kTlsKeysMax) +
                                  " certificates"};
  TRY_AS(root, load_key(arguments.root_key));
  sync::TlsStatement statement{.issued = Clock::system()->now(), .keys = {}};
  for (const std::string& file : arguments.certificates) {
    TRY_AS(key, key_digest_of(file));
    if (!statement.names(key)) statement.keys.push_back(key);
  }
  TRY(replace_file(arguments.out, sync::sign_tls_statement(statement, root)));
  std::printf("根摘要 / root digest: %s\n",
              to_hex(crypto::sha256(root.public_key().view()).view()).c_str());
  for (const Digest& key : statement.keys)
    std::printf("TLS 密钥 / TLS key:   %s\n", to_hex(key.view()).c_str());
  std::printf(
      "已写入 / written: %s; 放到数据目录 tls.statement 后重载 / put it into the data folder as "
      "tls.statement, then reload the server\n",
      arguments.out.c_str());
  return {};
}

void add_tls_statement(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "tls-statement",
      "由根密钥声明服务器的 TLS 密钥 / the root key's statement on the server's TLS keys, so that "
      "nodes know it whatever its certificate's dates; replaces all earlier ones");
  const auto arguments = std::make_shared<StatementArguments>();
  command.add_option("--root-key", arguments->root_key, "根密钥文件 / file of the root key")
      ->required();
  command
      .add_option("--certificate", arguments->certificates,
                  "TLS 证书，可多个 / PEM certificate, up to four: the one in use, the next …")
      ->required();
  command.add_option("--out", arguments->out, "写入此文件 / file to write")->required();
  command.callback(
      [arguments, &context] { run(context, [&] { return tls_statement(*arguments); }); });
}
}  // namespace cunji::server
