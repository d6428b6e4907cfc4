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

// What was answered in a field, or in a column of each row, or in all of them; codes one by one.
static std::vector<Val> answers_in(const World& world, const FormSaid& said, Symbol rows,
                                   Symbol field) {
  std::vector<Val> all;
  if (rows == kNoSymbol) all.push_back(said.answer(field));
  for (const RowAnswers& each : said.more().rows) {
    if (each.field != (rows == kNoSymbol ? field : rows)) continue;
    for (const std::vector<FieldAnswer>& row : each.rows)
      for (const FieldAnswer& cell : row)
        if (rows == kNoSymbol || cell.field == field) all.push_back(cell.val);
  }
  std::vector<Val> out;
  for (const Val& val : all) {
    if (val.kind == Val::Kind::Codes) {
      for (const Symbol code : world.values().codes_in(val)) out.push_back(code_val(code));
    } else if (val.is_set()) {
      out.push_back(val);
    }
  }
  return out;
}

// Nothing is broken by what was not answered, or cannot be judged.
static bool is_broken(const World& world, const pg::Check& check, const At& at) {
  using Kind = pg::Check::Kind;
  std::vector<std::vector<Val>> said;
  for (std::size_t i = 0; i < check.fields.size(); ++i)
    said.push_back(answers_in(world, *at.form, check.rows[i], check.fields[i]));
  switch (check.kind) {
    case Kind::Must: return world.holds(check.must, at) == Truth::No;
    case Kind::OneOf:
      return std::all_of(said.begin(), said.end(), [](const auto& all) { return all.empty(); });
    case Kind::SumOf: {
      const Val wanted = world.read(check.equals, at).val;
      if (wanted.kind != Val::Kind::Integer) return false;
      std::int64_t sum = 0;
      for (const Val& val : said.front())
        if (val.kind == Val::Kind::Integer && __builtin_add_overflow(sum, val.number, &sum))
          return true;
      return sum != wanted.number;
    }
    case Kind::NotAllEqual:
      return said.front().size() > 1 &&
             std::count(said.front().begin(), said.front().end(), said.front().front()) ==
                 static_cast<std::ptrdiff_t>(said.front().size());
    case Kind::InOrder:
      return !std::is_sorted(said.front().begin(), said.front().end(),
                             [](const Val& a, const Val& b) { return a.number < b.number; });
    case Kind::Disjoint:
      for (std::size_t i = 0; i < said.size(); ++i)
        for (std::size_t j = i + 1; j < said.size(); ++j)
          if (std::find_first_of(said[i].begin(), said[i].end(), said[j].begin(), said[j].end()) !=
              said[i].end())
            return true;
      return false;
  }
  return false;
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
  for (const pg::Check& check : form.checks)
    if (is_broken(world, check, at)) out.push_back({.check = &check});
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
