#include "fieldnode/cli/draft_form.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "fieldnode/cli/record_commands.h"

namespace cunji::fieldnode::cli {
namespace {
using Options = std::map<std::string, std::vector<std::string>>;

TypedForm visit(Options options) {
  return {.name = "王家", .command = "visit", .options = std::move(options), .json = {}};
}

TEST(DraftForm, ComesBackAsItWas) {
  TypedForm form = visit({{"--household", {"H-01"}}, {"--met", {"妻", "子"}}, {"--remark", {""}}});
  EXPECT_EQ(decode_form(encode_form(form).value()).value(), form);
  form.json = "{\"visit\":{}}";
  EXPECT_EQ(decode_form(encode_form(form).value()).value(), form);
  form.options["--remark"] = {"\xff"};
  EXPECT_EQ(encode_form(form).error().code, Errc::Malformed);
}

TEST(DraftForm, WhatIsNoDraftIsRefused) {
  for (const char* content :
       {"", "x", "[]", "{}", R"({"version":2,"name":"a","command":"visit","options":{}})",
        R"({"version":1,"name":"a","command":"visit"})",
        R"({"version":1,"name":5,"command":"visit","options":{}})",
        R"({"version":1,"name":"a","command":"visit","options":{"--met":"x"}})",
        R"({"version":1,"name":"a","command":"visit","options":{},"json":{}})"})
    EXPECT_EQ(decode_form(content).error().code, Errc::Malformed) << content;
}

TEST(DraftForm, WhatIsTypedAgainReplacesTheSameOption) {
  const TypedForm before =
      visit({{"--household", {"H-01"}}, {"--met", {"妻"}}, {"--changes", {"true"}}});
  const TypedForm again =
      visit({{"--met", {"子", "媳"}}, {"--changes", {""}}, {"--outcome", {"met"}}});
  EXPECT_EQ(added_to(before, again),
            visit({{"--household", {"H-01"}}, {"--met", {"子", "媳"}}, {"--outcome", {"met"}}}));
}

TEST(DraftForm, ANameIsShortAndInOneLine) {
  EXPECT_EQ(check_draft_name("王桂兰 2 组"), "");
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string(65, 'x')})
    EXPECT_NE(check_draft_name(name), "") << name;
}

// Said again, the command's own options take the same values, whatever they begin with.
TEST(DraftForm, ItsArgumentsSayTheSameAgain) {
  const TypedForm form = visit({{"--household", {"H-01"}},
                                {"--place", {"-33.1,111.5,20"}},
                                {"--met", {"妻", "--remark"}},
                                {"--changes", {"true"}},
                                {"--remark", {"a = \"b\"\n-c"}},
                                {"--purpose", {""}}});
  CLI::App app;
  bool chosen = false;
  const auto options = add_record_forms(app, [&] { chosen = true; });
  auto arguments = arguments_of(form);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  ASSERT_TRUE(chosen);
  EXPECT_EQ(options->kind, event::Kind::Visit);
  EXPECT_EQ(options->household, "H-01");
  EXPECT_EQ(options->place, "-33.1,111.5,20");
  EXPECT_EQ(options->met, (std::vector<std::string>{"妻", "--remark"}));
  EXPECT_TRUE(options->changes);
  EXPECT_EQ(options->remark, "a = \"b\"\n-c");
  TypedForm typed = options->typed;
  typed.name = form.name;
  typed.options["--purpose"] = {""};
  EXPECT_EQ(typed, form);
}
}  // namespace
}  // namespace cunji::fieldnode::cli
