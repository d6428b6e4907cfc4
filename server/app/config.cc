#include "server/app/config.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "server/app/files.h"

namespace cunji::server {
namespace {
// Puts a value into the configuration, or gives what was expected instead.
using Take = std::function<std::optional<std::string>(const toml::node&, Config&)>;
struct Key {
  const char* name;  // With its table: "log.level".
  Take take;
};

template <class Member>
Take text(Member member) {
  return [member](const toml::node& node, Config& config) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) return "a text, in quotation marks";
    std::invoke(member, config) = *value;
    return std::nullopt;
  };
}

// One text or a list of them.
Take texts(std::vector<std::string> Config::* member) {
  return [member](const toml::node& node, Config& config) -> std::optional<std::string> {
    std::vector<std::string> all;
    const auto take = [&all](const toml::node& each) {
      const auto value = each.value_exact<std::string>();
      if (value && !value->empty()) all.push_back(*value);
      return value && !value->empty();
    };
    const toml::array* list = node.as_array();
    const bool good = list ? std::all_of(list->begin(), list->end(), take) : take(node);
    if (!good || all.empty()) return "a text, in quotation marks, or a list of such: [\"…\"]";
    config.*member = std::move(all);
    return std::nullopt;
  };
}

// A path, as seen from the file's own folder.
template <class Member>
Take path(Member member, const std::filesystem::path& folder) {
  return [member, folder](const toml::node& node, Config& config) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) return "a path, in quotation marks";
    std::invoke(member, config) = (folder / *value).string();
    return std::nullopt;
  };
}

Take number(std::uint64_t Config::* member, std::int64_t min, std::int64_t max) {
  return [=](const toml::node& node, Config& config) -> std::optional<std::string> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < min || *value > max)
      return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    config.*member = static_cast<std::uint64_t>(*value);
    return std::nullopt;
  };
}

template <class Choice, class Member>
Take choice(std::vector<std::pair<std::string, Choice>> choices, Member member) {
  return [choices, member](const toml::node& node, Config& config) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    std::string names;
    for (const auto& [name, meant] : choices) {
      if (value && *value == name) {
        std::invoke(member, config) = meant;
        return std::nullopt;
      }
      names += (names.empty() ? "\"" : ", \"") + name + "\"";
    }
    return "one of " + names;
  };
}

std::vector<Key> all_keys(const std::filesystem::path& folder) {
  using Level = OperatorLog::Level;
  using Format = OperatorLog::Format;
  const auto level = [](Config& config) -> Level& { return config.log.least; };
  const auto format = [](Config& config) -> Format& { return config.log.format; };
  const auto log_file = [](Config& config) -> std::string& { return config.log.file; };
  return {
      {"data", path(&Config::data, folder)},
      {"listen", text(&Config::listen)},
      {"origin", texts(&Config::origins)},
      {"checkpoint_millis", number(&Config::checkpoint_millis, 10, 60'000)},
      {"tls.certificate", path(&Config::certificate, folder)},
      {"tls.private_key", path(&Config::private_key, folder)},
      {"log.level", choice<Level>({{"debug", Level::Debug},
                                   {"info", Level::Info},
                                   {"warn", Level::Warn},
                                   {"error", Level::Error}},
                                  level)},
      {"log.format",
       choice<Format>({{"auto", Format::Auto}, {"text", Format::Text}, {"json", Format::Json}},
                      format)},
      {"log.file", path(log_file, folder)},
      {"limits.connections", number(&Config::connections_max, 1, 100'000)},
      {"limits.workers", number(&Config::workers, 0, 256)},
  };
}

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = corner + (a[i] == b[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, corner + 1});
    }
  }
  return row.back();
}

std::string nearest(const std::vector<Key>& keys, const std::string& name) {
  const auto near = std::min_element(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return distance(a.name, name) < distance(b.name, name);
  });
  return near->name;
}

Error error_at(const std::string& file, const toml::source_region& at, const std::string& what) {
  return {Errc::Malformed, file + ":" + std::to_string(at.begin.line) + ":" +
                               std::to_string(at.begin.column) + ": " + what};
}

Result<void> take_table(const toml::table& table, const std::string& prefix,
                        const std::vector<Key>& keys, const std::string& file, Config& config) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const bool is_table = std::any_of(keys.begin(), keys.end(), [&](const Key& known) {
      return std::string_view(known.name).starts_with(name + ".");
    });
    if (is_table && node.is_table()) {
      TRY(take_table(*node.as_table(), name + ".", keys, file, config));
      continue;
    }
    const auto known =
        std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == name; });
    if (known == keys.end())
      return error_at(file, key.source(),
                      "未知的配置项 / unknown key \"" + name + "\"; the nearest one is \"" +
                          nearest(keys, name) + "\"");
    if (const auto expected = known->take(node, config))
      return error_at(file, node.source(),
                      "配置值不对 / wrong value of \"" + name + "\": expected " + *expected);
  }
  return {};
}
}  // namespace

Result<Config> read_config(const std::string& path) {
  TRY_AS(content, read_file(path));
  const toml::parse_result parsed = toml::parse(content, path);
  if (!parsed)
    return error_at(path, parsed.error().source(),
                    "不是 TOML / this is no TOML: " + std::string(parsed.error().description()));
  Config out;
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  TRY(take_table(parsed.table(), "", all_keys(folder), path, out));
  return out;
}
}  // namespace cunji::server
