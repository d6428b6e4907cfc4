// cunji-definition: checks definitions of programmes before a county publishes them, and encodes
// them. Uses the loader that nodes and server use, so that what it takes they take as well.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "shared/programme/text.h"
#include "shared/programmes/all.h"

namespace cunji::definition_tool {
using programme::TextDefinition;

constexpr int kExitWrong = 1, kExitUsage = 2;

static Result<TextDefinition> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    return Error{Errc::Io, path + ":1: 无法读取 · it cannot be read"};
  return TextDefinition::parse(path, text);
}

static int check(const std::vector<std::string>& paths) {
  std::vector<TextDefinition> texts;
  bool readable = true;
  for (const std::string& path : paths) {
    auto text = read(path);
    if (!text) {
      std::printf("%s\n", text.error().what.c_str());
      readable = false;
    } else {
      texts.push_back(std::move(*text));
    }
  }
  if (!readable) return kExitWrong;
  std::vector<BytesView> encoded;
  for (const TextDefinition& text : texts) encoded.push_back(text.encoded());
  Symbols symbols;
  const programme::Loaded loaded =
      programme::load(encoded, symbols, programmes::calculation_names());
  for (const programme::Problem& problem : loaded.problems)
    std::printf("%s\n", texts[problem.definition].describe(problem).c_str());
  if (!loaded.unset.empty())
    std::printf(
        "没有取值的参数（凡用到处均为“无法判定”）· without a value: what needs it \"cannot be "
        "judged\"\n");
  for (const std::string& parameter : loaded.unset) std::printf("  %s\n", parameter.c_str());
  if (!loaded.problems.empty()) {
    std::printf("有误 · wrong: %zu\n", loaded.problems.size());
    return kExitWrong;
  }
  std::printf("无误 · in order: %zu\n", texts.size());
  return 0;
}

static int encode(const std::string& path, const std::string& out) {
  const auto text = read(path);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().what.c_str());
    return kExitWrong;
  }
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  const Bytes& encoded = text->encoded();
  file.write(encoded.data(), static_cast<std::streamsize>(encoded.size()));
  file.close();
  if (!file) {
    std::fprintf(stderr, "无法写入 · cannot be written: %s\n", out.c_str());
    return kExitWrong;
  }
  return 0;
}

static int run(int argc, char** argv) {
  CLI::App app{
      "cunji-definition: 检查和编码政策定义 · checks and encodes definitions of programmes\n"
      "写法见 shared/programme/README.md · how they are written: shared/programme/README.md"};
  app.require_subcommand(1);
  app.footer(
      "退出码 · exit codes: 0 无误 in order, 1 有误 something is wrong, 2 用法 usage\n"
      "例 · example:\n"
      "  cunji-definition check shared/programmes/*/definition.txtpb");
  std::vector<std::string> paths;
  std::string path, out;
  int code = 0;
  CLI::App* checks = app.add_subcommand(
      "check",
      "一起检查，逐条列出：文件:行: 名称: 问题 · checks them together: file:line: id: what");
  checks
      ->add_option("FILE", paths,
                   "要一起生效的全部定义（彼此引用的缺一不可） · all definitions that will be in "
                   "force together: one that another refers to must be among them")
      ->required();
  checks->footer(
      "也列出没有取值（UNSET）的参数，那不算错 · parameters that are UNSET are listed too; that is "
      "no mistake:\nthe county has yet to decide, and nothing is guessed.");
  checks->callback([&] { code = check(paths); });
  CLI::App* encodes = app.add_subcommand(
      "encode", "文本转为发布用的二进制 · text to the binary form that is published");
  encodes->add_option("FILE", path, "文本定义 · the definition as text")->required();
  encodes->add_option("OUT", out, "写到哪里 · where to write it")->required();
  encodes->footer("只看写法，内容请先用 check 检查 · looks at the syntax only: check it before.");
  encodes->callback([&] { code = encode(path, out); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return code;
}
}  // namespace cunji::definition_tool

int main(int argc, char** argv) { return cunji::definition_tool::run(argc, argv); }
