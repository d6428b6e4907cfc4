// drafts: what was typed at `record … --draft NAME`, listed, shown, recorded, deleted.
#include "fieldnode/cli/drafts.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fieldnode/cli/entry.h"
#include "fieldnode/cli/text.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

// `id` stands in clear: chance, never the name.
struct Draft {
  Bytes id;
  TimePoint changed{};
  TypedForm form;
};

Result<std::vector<Draft>> read_drafts(Node& node) {
  TRY_AS(kept, node.store().drafts());
  std::vector<Draft> out;
  for (const store::NodeStore::Draft& each : kept) {
    TRY_AS(form, decode_form(each.content));
    out.push_back({.id = each.id, .changed = each.changed, .form = std::move(form)});
  }
  return out;
}

// Nothing after saying why not.
std::optional<Draft> draft_named(Node& node, const std::string& name) {
  auto drafts = read_drafts(node);
  if (!drafts) {
    fail(drafts.error());
    return std::nullopt;
  }
  for (Draft& draft : *drafts)
    if (draft.form.name == name) return std::move(draft);
  fail("没有名为「" + name + "」的草稿", "there is no draft named \"" + name + "\"");
  return std::nullopt;
}

// Drafts name people, as what was recorded does.
bool is_closed(const Node& node) {
  if (!node.revoked()) return false;
  fail("县里已撤销此密钥,草稿只能删除",
       "the county has revoked this key: drafts can be deleted only");
  return true;
}

std::string first_of(const TypedForm& form, std::initializer_list<const char*> options) {
  for (const char* option : options) {
    const auto found = form.options.find(option);
    if (found != form.options.end() && !found->second.empty()) return found->second.front();
  }
  return "—";
}

int run_list(const Context& context, bool json) {
  auto open = open_node(context);
  if (!open) return 1;
  if (is_closed(*open->node)) return 1;
  const auto drafts = read_drafts(*open->node);
  if (!drafts) return fail(drafts.error());
  if (json) {
    Json out = Json::array();
    for (const Draft& draft : *drafts)
      out.push_back({{"name", draft.form.name},
                     {"command", draft.form.command},
                     {"changed", format_time(draft.changed)},
                     {"options", draft.form.options},
                     {"with_json", draft.form.json.has_value()}});
    say(out.dump(2));
    return 0;
  }
  if (drafts->empty()) {
    say("没有草稿 · no drafts");
    return 0;
  }
  Table table({"名字 Name", "种类 Kind", "对象 About", "改于 Changed"});
  for (const Draft& draft : *drafts)
    table.add({draft.form.name, draft.form.command,
               fit(first_of(draft.form, {"--household", "--subject", "--event", "--division"}), 24),
               format_time(draft.changed)});
  std::fputs(table.text().c_str(), stdout);
  return 0;
}

int run_show(const Context& context, const std::string& name) {
  auto open = open_node(context);
  if (!open) return 1;
  if (is_closed(*open->node)) return 1;
  const auto draft = draft_named(*open->node, name);
  if (!draft) return 1;
  say("草稿「" + draft->form.name + "」,尚未登记 · draft, not recorded: " + draft->form.command +
      ", " + format_time(draft->changed));
  Table table({"项目 Item", "内容 Value"});
  for (const auto& [option, values] : draft->form.options)
    for (const std::string& value : values) table.add({option, value});
  if (draft->form.json) table.add({"--json", *draft->form.json});
  std::fputs(table.text().c_str(), stdout);
  return 0;
}

// By the very options of the command that it was typed at.
std::shared_ptr<RecordOptions> parse_form(const TypedForm& form) {
  CLI::App app;
  auto options = add_record_forms(app, [] {});
  std::vector<std::string> arguments = arguments_of(form);
  std::reverse(arguments.begin(), arguments.end());  // As CLI11 takes them.
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    fail("草稿不完整或写法不对,未登记;草稿仍在", error.what() + std::string("; the draft stays"));
    return nullptr;
  }
  options->json = form.json;
  options->draft = form.name;  // Where it goes again, when it is given up at the terminal.
  return options;
}

// The event is durable before the draft goes: a crash between the two leaves both.
int run_record_draft(const Context& context, const std::string& name) {
  auto open = open_node(context);
  if (!open) return 1;
  if (is_closed(*open->node)) return 1;
  const auto draft = draft_named(*open->node, name);
  if (!draft) return 1;
  const auto options = parse_form(draft->form);
  if (!options) return 1;
  if (const int failed = read_files(*options); failed != 0) return failed;
  if (const int failed = record(*open, *options, context.now()); failed != 0) return failed;
  if (const auto dropped = open->node->store().drop_draft(draft->id); !dropped)
    return fail(
        "已登记,但草稿未能删除,请勿再登记一次:" + std::string(label_zh_of(dropped.error().code)),
        "recorded, yet the draft could not be deleted, do not record it again: " +
            dropped.error().what);
  return 0;
}

int run_delete(const Context& context, const std::string& name) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto draft = draft_named(*open->node, name);
  if (!draft) return 1;
  if (const auto dropped = open->node->store().drop_draft(draft->id); !dropped)
    return fail(dropped.error());
  say("已删除草稿「" + name + "」· deleted, not recorded: " + name);
  return 0;
}

// What is kept beside what was typed: files where they are, and when it was typed, for that is what
// leaving --occurred out says.
TypedForm completed(const RecordOptions& o, TimePoint now) {
  TypedForm out = o.typed;
  out.name = o.draft;
  out.json = o.json;
  out.options.erase("--draft");
  out.options.erase("--json");
  if (const auto photos = out.options.find("--photo"); photos != out.options.end())
    for (std::string& path : photos->second)
      if (!path.empty()) path = std::filesystem::absolute(path).string();
  const bool is_form = !o.form.empty() || (o.json && is_entry_json(*o.json));
  const bool has_time = is_form || (o.content_of != nullptr && !o.json);
  if (has_time && !out.options.contains("--occurred"))
    out.options["--occurred"] = {format_time(now)};
  return out;
}
}  // namespace

int keep_draft(OpenNode& open, const RecordOptions& o, TimePoint now) {
  Node& node = *open.node;
  if (is_closed(node)) return 1;
  const auto drafts = read_drafts(node);
  if (!drafts) return fail(drafts.error());
  TypedForm form = completed(o, now);
  Bytes id = open.entropy.next<Salt>().str();
  const auto before = std::find_if(drafts->begin(), drafts->end(), [&](const Draft& draft) {
    return draft.form.name == form.name;
  });
  if (before != drafts->end()) {
    if (before->form.command != form.command)
      return fail("已有同名草稿「" + form.name + "」,种类不同,未保存",
                  "there is a draft of this name already, of another kind: " +
                      before->form.command + "; not kept");
    id = before->id;
    // When it happened was said, or noted, at the beginning.
    if (!o.typed.options.contains("--occurred") && before->form.options.contains("--occurred"))
      form.options.erase("--occurred");
    form = added_to(before->form, form);
  }
  const auto content = encode_form(form);
  if (!content) return fail("草稿未保存", content.error().what);
  if (const auto kept = node.store().keep_draft({.id = id, .changed = now, .content = *content});
      !kept)
    return fail("草稿未保存", kept.error().what);
  say("已存为草稿「" + form.name +
      "」,尚未登记 · kept as a draft, not recorded: cunji-node drafts "
      "record " +
      form.name);
  return 0;
}

void add_draft_commands(CLI::App& app, Context& context) {
  CLI::App* drafts = app.add_subcommand(
      "drafts", "草稿:列出、查看、登记、删除 · what was kept by record … --draft NAME");
  drafts->require_subcommand(0, 1);
  const auto json = std::make_shared<bool>(false);
  const auto name = std::make_shared<std::string>();
  drafts->add_flag("--json", *json, "JSON");
  const auto add = [&](const char* command, const char* text,
                       int (*run)(const Context&, const std::string&)) {
    CLI::App* out = drafts->add_subcommand(command, text);
    out->add_option("name", *name, "NAME")->required();
    on_run(out, context, [&context, name, run] { return run(context, *name); });
  };
  add("show", "查看一份草稿 · all of a draft", run_show);
  add("record", "登记一份草稿,随后删除草稿 · record a draft, and delete it then", run_record_draft);
  add("delete", "删除一份草稿,不登记 · delete a draft, nothing is recorded", run_delete);
  drafts->callback([&context, drafts, json] {
    if (drafts->get_subcommands().empty())
      context.chosen = [&context, json] { return run_list(context, *json); };
  });
}
}  // namespace cunji::fieldnode::cli
