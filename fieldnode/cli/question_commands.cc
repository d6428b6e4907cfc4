// warnings, duties, cases, household, board: answered from what this device holds.
#include <algorithm>
#include <cstdio>

#include "fieldnode/cli/view.h"
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
                        .today = date_of(context.now())};
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
}  // namespace cunji::fieldnode::cli
