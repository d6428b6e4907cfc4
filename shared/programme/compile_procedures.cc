// Procedures: their stages, and whether each can be reached and left.
#include <algorithm>

#include "shared/programme/compiler.h"

namespace cunji::programme {
std::size_t Procedure::place_of(Symbol stage) const {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const Stage& each) { return each.id == stage; });
  return static_cast<std::size_t>(found - stages.begin());
}

Stage Compiler::stage(const pb::Procedure& of, const pb::Stage& said) {
  using S = pb::Stage;
  Stage out{.id = word(said.id()), .label = label(said.label())};
  Context in{.subject = word(of.subject()),
             .form = form_of(said.form()),
             .procedure = &of,
             .stage = &said};
  out.by = actors(S::kByFieldNumber, said.by());
  for (const std::string& office : said.each_of()) out.each_of.push_back(word(office));
  const auto stages = [&](int field, const auto& list) {
    std::vector<Symbol> names;
    for (int i = 0; i < list.size(); ++i) {
      const bool there = std::any_of(of.stage().begin(), of.stage().end(),
                                     [&](const pb::Stage& each) { return each.id() == list[i]; });
      if (!there && list[i] != "closed") {
        const Step step(*this, field, i);
        problem(Problem::Kind::Unknown, "no stage \"" + list[i] + "\"");
      }
      names.push_back(word(list[i]));
    }
    return names;
  };
  out.after = stages(S::kAfterFieldNumber, said.after());
  out.after_any = stages(S::kAfterAnyFieldNumber, said.after_any());
  out.form = known(Of::Form, said.form(), S::kFormFieldNumber);
  out.list = said.list();
  out.repeats = said.repeats();
  out.optional = said.optional();
  if (!said.while_at().empty()) {
    const bool there = std::any_of(of.stage().begin(), of.stage().end(), [&](const pb::Stage& one) {
      return one.id() == said.while_at();
    });
    const Step step(*this, S::kWhileAtFieldNumber);
    if (!there) problem(Problem::Kind::Unknown, "no stage \"" + said.while_at() + "\"");
    out.while_at = word(said.while_at());
  }
  each(S::kOutcomeFieldNumber, said.outcome(), [&](const pb::Outcome& one) {
    out.outcomes.push_back(
        {.code = word(one.code()),
         .label = label(one.label()),
         .go = stages(pb::Outcome::kGotoFieldNumber, one.goto_()),
         .go_one_of = stages(pb::Outcome::kGotoOneOfFieldNumber, one.goto_one_of())});
  });
  each(S::kGuardFieldNumber, said.guard(), [&](const pb::Guard& one) {
    const auto named = rules(one.rule());
    out.guards.push_back(
        {.condition = condition_at(pb::Guard::kConditionFieldNumber, one.condition(), in),
         .force =
             one.force() == pb::FORCE_UNSPECIFIED ? Force::Block : static_cast<Force>(one.force()),
         .label = label(one.label()),
         .rule = named.empty() ? std::string() : named.front()});
  });
  if (said.has_opens()) out.opens = deadline_at(S::kOpensFieldNumber, said.opens(), in);
  for (int i = 0; i < said.due_size(); ++i)
    out.due.push_back(deadline_at(S::kDueFieldNumber, said.due(i), in, i));
  const pb::Form* by_form = form_of(said.form());
  const bool in_field =
      by_form != nullptr &&
      (by_form->kind() == "visit" || by_form->kind() == "check_in" || by_form->kind() == "survey");
  out.judged_by = said.judged_by() != pb::JUDGED_BY_UNSPECIFIED
                      ? static_cast<JudgedBy>(said.judged_by())
                      : (in_field ? JudgedBy::Happened : JudgedBy::Received);
  if (said.has_notice()) {
    const Step step(*this, S::kNoticeFieldNumber);
    const pb::Notice& notice = said.notice();
    out.notice = Notice{.days = value_at(pb::Notice::kDaysFieldNumber, notice.days(), in),
                        .level = word(notice.level()),
                        .content = {},
                        .upheld_restarts = notice.upheld_goto().empty(),
                        .dismissed_resumes = true,
                        .upheld_goto = word(notice.upheld_goto())};
    for (const std::string& item : notice.content()) out.notice->content.push_back(word(item));
  }
  if (said.has_vote()) {
    const Step step(*this, S::kVoteFieldNumber);
    out.vote =
        Vote{.of = value_at(pb::Vote::kOfFieldNumber, said.vote().of(), in),
             .quorum = value_at(pb::Vote::kQuorumFieldNumber, said.vote().quorum(), in),
             .majority = value_at(pb::Vote::kMajorityFieldNumber, said.vote().majority(), in)};
  }
  for (const pb::Payment& payment : said.payment())
    out.payments.push_back({.entitlement = word(payment.entitlement()),
                            .tranche = word(payment.tranche()),
                            .payer = word(payment.payer()),
                            .ledger = word(payment.ledger())});
  out.statement = known(Of::Report, said.statement(), S::kStatementFieldNumber);
  each(S::kEffectFieldNumber, said.effect(),
       [&](const pb::Effect& one) { out.effects.push_back(effect(one, in)); });
  for (const std::string& kind : said.evidence()) out.evidence.push_back(word(kind));
  out.rules = rules(said.rule());
  const bool someone = !out.by.empty() || !out.each_of.empty() || out.form != kNoSymbol ||
                       out.statement != kNoSymbol;
  if (!someone) missing("who takes this step?");
  return out;
}

// Whether every stage can be reached from the opening, and the end from every stage.
void Compiler::check_ways(const pb::Procedure& said, const Procedure& out) {
  const std::size_t n = out.stages.size();
  std::vector<char> reachable(n), ends(n);
  const auto is_in = [](const std::vector<Symbol>& list, Symbol id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  const auto goes_to = [&](const Stage& from, Symbol to) {
    return std::any_of(from.outcomes.begin(), from.outcomes.end(), [&](const Outcome& outcome) {
      return is_in(outcome.go, to) || is_in(outcome.go_one_of, to);
    });
  };
  const auto reached = [&](Symbol id) {
    const std::size_t at = out.place_of(id);
    return at == n || reachable[at] != 0;  // An unknown one has been reported.
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < n; ++i) {
      const Stage& stage = out.stages[i];
      if (reachable[i] != 0) continue;
      const bool after = std::all_of(stage.after.begin(), stage.after.end(), reached) &&
                         (stage.after_any.empty() ||
                          std::any_of(stage.after_any.begin(), stage.after_any.end(), reached));
      bool way = !stage.by_goto;
      for (std::size_t j = 0; j < n && !way; ++j)
        way = reachable[j] != 0 && goes_to(out.stages[j], stage.id);
      // A first stage to which one can also be sent back begins by itself.
      if (!way && stage.after.empty() && stage.after_any.empty() && i == 0) way = true;
      if (after && way) reachable[i] = changed = true;
    }
  }
  // A stage ends if nothing comes after it, or something that ends does, or an outcome closes.
  const Symbol closed = word("closed");
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < n; ++i) {
      if (ends[i] != 0) continue;
      const Stage& stage = out.stages[i];
      bool last = true, way = goes_to(stage, closed);
      for (std::size_t j = 0; j < n; ++j) {
        const Stage& next = out.stages[j];
        const bool follows = is_in(next.after, stage.id) || is_in(next.after_any, stage.id) ||
                             goes_to(stage, next.id);
        if (!follows) continue;
        last = false;
        if (ends[j] != 0) way = true;
      }
      if (last || way) ends[i] = changed = true;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const Step step(*this, pb::Procedure::kStageFieldNumber, static_cast<int>(i),
                    said.id() + "." + said.stage(static_cast<int>(i)).id());
    if (reachable[i] == 0)
      wrong("no way leads to this stage");
    else if (ends[i] == 0)
      wrong("no way leads from this stage to an end");
  }
}

Procedure Compiler::procedure(const pb::Procedure& said) {
  using P = pb::Procedure;
  Procedure out{.id = word(said.id()),
                .label = label(said.label()),
                .programme = word((*definitions_)[at_].programme()),
                .subject = type(said.subject(), P::kSubjectFieldNumber),
                .one_per = static_cast<Period>(said.one_per())};
  if (out.subject == kNoSymbol) wrong("a procedure about what?");
  const auto forms = [&](int field, const auto& list) {
    std::vector<Symbol> all;
    for (int i = 0; i < list.size(); ++i) {
      all.push_back(known(Of::Form, list[i], field, i));
      const pb::Form* opens = form_of(list[i]);
      const Symbol of = opens == nullptr ? kNoSymbol : word(opens->subject());
      const Step step(*this, field, i);
      if (of != kNoSymbol && parent_of(out.subject) != kNoSymbol && !lies_under(out.subject, of))
        wrong("form \"" + std::string(list[i]) + "\" is about a " + symbols_.word(of) +
              ", under which there is no " + symbols_.word(out.subject));
    }
    return all;
  };
  out.opened_by = forms(P::kOpenedByFieldNumber, said.opened_by());
  out.reopened_by = forms(P::kReopenedByFieldNumber, said.reopened_by());
  if (said.has_opens_when())
    out.opens_when = condition_at(P::kOpensWhenFieldNumber, said.opens_when(),
                                  {.subject = out.subject, .procedure = &said});
  for (int i = 0; i < said.stage_size(); ++i) {
    const Step step(*this, P::kStageFieldNumber, i, said.id() + "." + said.stage(i).id());
    if (out.place_of(word(said.stage(i).id())) < out.stages.size())
      wrong("the stage is there twice");
    out.stages.push_back(stage(said, said.stage(i)));
  }
  if (out.stages.empty()) wrong("a procedure without stages");
  for (Stage& each : out.stages) {
    each.by_goto = std::any_of(out.stages.begin(), out.stages.end(), [&](const Stage& from) {
      return std::any_of(from.outcomes.begin(), from.outcomes.end(), [&](const Outcome& outcome) {
        return std::find(outcome.go.begin(), outcome.go.end(), each.id) != outcome.go.end() ||
               std::find(outcome.go_one_of.begin(), outcome.go_one_of.end(), each.id) !=
                   outcome.go_one_of.end();
      });
    });
  }
  each(P::kExitFieldNumber, said.exit(), [&](const pb::Exit& one) {
    Exit made{.id = word(one.id()),
              .label = label(one.label()),
              .by = actors(pb::Exit::kByFieldNumber, one.by()),
              .form = known(Of::Form, one.form(), pb::Exit::kFormFieldNumber),
              .from = {}};
    for (const std::string& from : one.from()) made.from.push_back(word(from));
    out.exits.push_back(std::move(made));
  });
  check_ways(said, out);
  return out;
}
}  // namespace cunji::programme
