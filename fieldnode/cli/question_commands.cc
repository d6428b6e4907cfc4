// warnings, duties, cases, household, board, report, statements: answered from what this device
// holds; and the statements it files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "fieldnode/cli/view.h"
#include "shared/commands/filing.h"
#include "shared/commands/questions.h"
#include "shared/programmes/all.h"

namespace cunji::fieldnode::cli {
namespace {
// What was held of the log's first `size` entries; nothing pending.
Result<state::State> fold(const store::NodeStore& store, std::uint64_t size) {
  state::State out(programmes::all_calculations());
  TRY(store.scan_views(0, [&](const event::EntryView& logged) -> Result<bool> {
    if (logged.index >= size) return false;
    out.apply(logged);
    return true;
  }));
  return out;
}

// Prefixes of what the credential covers. Of the whole county, too, a device holds only what was
// fed to it: every answer says so.
std::vector<std::string> held(const Status& status, const CountyCode& county) {
  std::vector<std::string> out = status.divisions;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  // Assigned subjects, wherever they live.
  if (out.empty()) out.push_back(county.str());
  return out;
}

std::string self(const Status& status) {
  return status.office.empty() ? status.role : status.role + "@" + status.office;
}

// What was filed, from the entries held here.
auto statements_of(const store::NodeStore& store) {
  return [&store](std::uint64_t index) -> Result<std::optional<event::StatementPart>> {
    std::optional<event::StatementPart> out;
    TRY(store.scan_views(index, [&](const event::EntryView& logged) -> Result<bool> {
      if (logged.index == index) out = event::first_content<event::StatementPart>(logged.body);
      return false;
    }));
    return out;
  };
}

struct FilingOptions {
  commands::Asked asked;
  std::string signer, post;
  bool check_only = false;
};

// Of what the county has, so that anyone can make it again from the first entries of the log.
int run_filing(const Context& context, const FilingOptions& options) {
  const auto view = view_of(context);
  if (!view) return 1;
  Node& node = *view->open->node;
  const auto status = node.status(context.now());
  if (!status) return fail(status.error());
  const auto folded = node.folded();
  if (!folded) return fail(folded.error());
  const commands::Basis basis{.state = *folded,
                              .county = view->county,
                              .known_at = std::max((*folded)->next_index(), status->trusted_size),
                              .held = held(*status, view->county),
                              .today = date_of(context.now()),
                              .self = self(*status),
                              .statement = statements_of(node.store())};
  auto filing = commands::file_report(basis, options.asked, *view->state);
  if (!filing) return fail(filing.error());
  std::fputs(filing->text.c_str(), stdout);
  if (status->unsent > 0)
    say("注意:未发送的 " + std::to_string(status->unsent) + " 条不在其中 · note: " +
        std::to_string(status->unsent) + " records not sent yet are not in it: cunji-node sync");
  if (options.check_only) {
    say("未签报 · nothing was signed");
    return 0;
  }
  filing->part.signer = options.signer;
  filing->part.post = options.post;
  const auto recorded =
      node.record({.kind = event::Kind::Step,
                   .division = filing->division,
                   .subject = filing->about,
                   .recorded = context.now(),
                   .parts = {event::encode_part(
                       filing->part, {.programme = filing->programme, .subject = filing->about})}});
  if (!recorded) return fail("未保存", recorded.error().what);
  say("已签报第 " + std::to_string(recorded->sequence) + " 条,尚未发送 · filed as number " +
      std::to_string(recorded->sequence) + ", not sent yet: cunji-node sync");
  if (recorded->expected && !event::is_accepted(*recorded->expected))
    say("注意:县里可能认为" + std::string(event::label_zh_of(*recorded->expected)) +
        " · note: the county may find that it has no authority (" +
        std::string(event::name_of(*recorded->expected)) + ")");
  return 0;
}

int run_question(const Context& context, const commands::Asked& asked, commands::Answer answer) {
  auto view = view_of(context);
  if (!view) return 1;
  Node& node = *view->open->node;
  const auto status = node.status(context.now());
  if (!status) return fail(status.error());
  const auto folded = node.folded();
  if (!folded) return fail(folded.error());
  // What follows the newest entry held is of divisions that are not fed to this device.
  const std::uint64_t newest = std::max((*folded)->next_index(), status->trusted_size);
  commands::Basis basis{.state = view->state,
                        .county = view->county,
                        .known_at = asked.known_at.value_or(newest),
                        .held = held(*status, view->county),
                        .today = date_of(context.now()),
                        .self = self(*status),
                        .statement = statements_of(node.store())};
  if (basis.known_at > newest || basis.known_at == 0)
    return fail("本机只收到县日志前 " + std::to_string(newest) + " 条",
                "--known-at " + std::to_string(basis.known_at) + ": this device knows of " +
                    std::to_string(newest) + " entries, give 1 to that");
  std::optional<state::State> then;
  if (asked.known_at) {
    auto made = fold(node.store(), *asked.known_at);
    if (!made) return fail(made.error());
    basis.state = &then.emplace(std::move(*made));
  }
  const auto text = answer(basis, asked);
  if (!text) return fail(text.error());
  std::fputs(text->c_str(), stdout);
  return 0;
}
}  // namespace

void add_question_commands(CLI::App& app, Context& context) {
  commands::add_questions(
      app, [&context](CLI::App& command, const std::shared_ptr<commands::Asked>& asked,
                      commands::Answer answer) {
        on_run(&command, context,
               [&context, asked, answer] { return run_question(context, *asked, answer); });
      });
}

void add_filing_command(CLI::App& app, Context& context) {
  CLI::App* command = app.get_subcommand("record")->add_subcommand(
      "statement", "签报一张报表,冻结当时所知 · file a report as it is now, frozen");
  const auto o = std::make_shared<FilingOptions>();
  command->add_option("REPORT", o->asked.report, "编号,如 form_3 · its id")->required();
  command->add_option("--division", o->asked.division, "区划 · the division that files it");
  command->add_option("--on", o->asked.on, "截至哪天,缺省为今天 · as at the end of which day");
  commands::add_report_scope(*command, o->asked);
  command->add_option("--signer", o->signer, "签字人 · who signs the sheet");
  command->add_option("--post", o->post, "职务,如 leader_in_charge · the post");
  command->add_flag("--check", o->check_only, "只看,不签 · look only, sign nothing");
  on_run(command, context, [&context, o] { return run_filing(context, *o); });
}
}  // namespace cunji::fieldnode::cli
