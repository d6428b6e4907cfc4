// warnings, duties, cases, household, board, report, statements: answered from the data folder,
// also beside a running server, which is not asked.
#include <cstdio>

#include "server/command/command.h"
#include "server/command/terminal.h"
#include "shared/commands/questions.h"
#include "shared/programmes/all.h"

namespace cunji::server {
// The fold of the log's first `size` entries.
static Result<state::State> fold(const log::EventLog& log, std::uint64_t size) {
  state::State state(programmes::all_calculations());
  ProgressBar bar("折叠 / folding");
  if (size == 0) return state;
  TRY(log.scan_views(0, [&](const event::EntryView& logged) -> Result<bool> {
    state.apply(logged);
    bar.show(logged.index + 1, size);
    return logged.index + 1 < size;
  }));
  return state;
}

static Result<void> answer(const CommonOptions& common, const commands::Asked& asked,
                           commands::Answer answer) {
  const Folder folder{common.folder};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  TRY_AS(clock, clock_of(common, county.test_county));
  TRY_AS(head, log->head());
  const std::uint64_t known_at = asked.known_at.value_or(head.size);
  if (known_at > head.size || known_at == 0)
    return Error{Errc::Malformed, "日志有 " + std::to_string(head.size) + " 条 · --known-at " +
                                      std::to_string(known_at) + ": the log has " +
                                      std::to_string(head.size) + " entries, give 1 to that"};
  TRY_AS(state, fold(*log, known_at));
  const commands::Basis basis{
      .state = &state,
      .county = county.code,
      .known_at = known_at,
      .today = date_of(clock->now()),
      .statement = [&](std::uint64_t index) -> Result<std::optional<event::StatementPart>> {
        std::optional<event::StatementPart> out;
        if (index >= known_at) return out;
        TRY(log->scan_views(index, [&](const event::EntryView& logged) -> Result<bool> {
          if (logged.index == index) out = event::first_content<event::StatementPart>(logged.body);
          return false;
        }));
        return out;
      }};
  TRY_AS(text, answer(basis, asked));
  std::fputs(text.c_str(), stdout);
  return {};
}

void add_question_commands(CLI::App& app, Context& context) {
  commands::add_questions(
      app, [&context](CLI::App& command, const std::shared_ptr<commands::Asked>& asked,
                      commands::Answer how) {
        const auto common = std::make_shared<CommonOptions>();
        add_folder(command, *common);
        add_test_clock(command, *common);
        command.callback([common, asked, how, &context] {
          run(context, [&] { return answer(*common, *asked, how); });
        });
      });
}
}  // namespace cunji::server
