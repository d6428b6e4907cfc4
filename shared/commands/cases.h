#pragma once
// How a case is shown, in lists and on a household's card.
#include "shared/commands/words.h"

namespace cunji::commands {
// Neither reached nor taken back: somebody has to act.
bool waits(const state::CaseView& one, const state::StageView& stage);
Json case_json(const Words& words, const state::CaseView& one);
// A line for the case and one for each stage, each with `indent` before it.
std::string case_text(const Words& words, const state::CaseView& one, const std::string& indent);
// "逾期 late 3, 到达已迟 came late 2"; empty where it is not late.
std::string lateness(const state::StageView& stage);
Json listed_json(const state::ListedView& listed);
std::string listed_text(const state::ListedView& listed);
}  // namespace cunji::commands
