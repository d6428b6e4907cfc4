#include "shared/state/form_rules.h"

#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/state/audience.h"

namespace cunji::state {
namespace pg = programme;

bool is_one_of(const World& world, const std::vector<pg::Actor>& actors, const Acting& who,
               const At& at) {
  const Symbols& words = world.values().words;
  return std::any_of(actors.begin(), actors.end(), [&](const pg::Actor& actor) {
    if (actor.relation == kNoSymbol)
      return acting_is(world.catalogue(at.day), words, actor, words.word(who.role), who.office);
    const auto ends = world.go(actor.relation, at);
    return who.person != kNoNumber && std::find(ends.begin(), ends.end(), who.person) != ends.end();
  });
}

bool may_record(const World& world, const pg::Form& form, const Acting& author,
                const std::optional<Acting>& acted_by, const At& at) {
  if (!is_one_of(world, form.recorders, author, at)) return false;
  return !acted_by || is_one_of(world, form.acts_for, *acted_by, at) ||
         is_one_of(world, form.recorders, *acted_by, at);
}

bool is_visible(const World& world, const pg::Field& field, const At& at) {
  return !field.visible_if.is_set() || world.holds(field.visible_if, at) == Truth::Yes;
}

static bool has_end(const pg::Bound& range) {
  return range.at_least.is_set() || range.above.is_set() || range.at_most.is_set() ||
         range.below.is_set();
}

std::vector<Breach> breaches(const World& world, const pg::Form& form, const At& at) {
  std::vector<Breach> out;
  const auto is_answered = [&](Symbol field) { return at.form->answer(field).is_set(); };
  for (const pg::Field& field : form.fields) {
    if (!has_end(field.range) || !is_answered(field.key) || !is_visible(world, field, at)) continue;
    pg::Value answer;
    answer.from = pg::Value::From::Field;
    answer.id = field.key;
    if (world.compare(answer, field.range, at) == Truth::No) out.push_back({.field = &field});
  }
  for (const pg::Check& check : form.checks) {
    // Checks of rows come with the programmes that have them.
    bool broken = false;
    if (check.kind == pg::Check::Kind::Must) broken = world.holds(check.must, at) == Truth::No;
    if (check.kind == pg::Check::Kind::OneOf)
      broken = std::none_of(check.fields.begin(), check.fields.end(), is_answered);
    if (broken) out.push_back({.check = &check});
  }
  return out;
}

Date period_day(const Values& values, const FormSaid& said, Date otherwise) {
  const Symbols& words = values.words;
  if (const Val month = said.answer(words.find("month")); month.kind == Val::Kind::Date)
    return date_in(month);
  const Val year = said.answer(words.find("year"));
  if (year.kind != Val::Kind::Integer || year.number < 1970 || year.number > 9999) return otherwise;
  return std::chrono::year{static_cast<int>(year.number)} / std::chrono::January / 1;
}

bool is_second(const World& world, const pg::Procedure& procedure, std::uint32_t subject,
               std::uint32_t parent, Date period, const CaseRun& run, Date on) {
  if (run.procedure->id != procedure.id) return false;
  const pg::SubjectType* type = world.catalogue(on).subjects.find(procedure.subject);
  const bool is_spell = type != nullptr && type->episode_of != kNoSymbol;
  if (is_spell && run.subject == subject && !run.closed) return true;
  if (procedure.one_per == pg::Period::None) return false;
  const bool same = run.subject == subject ||
                    (parent != kNoNumber && world.facts().parent_of(run.subject) == parent);
  return same && pg::key_of(procedure.one_per, run.period) == pg::key_of(procedure.one_per, period);
}
}  // namespace cunji::state
