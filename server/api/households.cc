// Households: lists, and one with its facts.
#include <algorithm>

#include "protocol/api.pb.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"
#include "server/api/masking.h"
#include "server/api/parts_json.h"
#include "server/api/text.h"

namespace cunji::server {
namespace {
using state::HouseholdView;

struct Filter {
  std::string category, text;
  std::optional<bool> must_be_visited;
  std::optional<Date> not_visited_since;
  bool passes(const HouseholdView& h) const {
    const auto has = [&](const std::string& code) { return code == category; };
    if (!category.empty() && std::none_of(h.categories.begin(), h.categories.end(), has))
      return false;
    if (must_be_visited && h.must_be_visited != *must_be_visited) return false;
    if (not_visited_since && h.last_visit && date_of(*h.last_visit) >= *not_visited_since)
      return false;
    return h.head_name.find(text) != std::string::npos || h.number.find(text) != std::string::npos;
  }
};

// What a list is ordered by, as bytes; the id settles ties. Cut, so that a cursor stays short.
std::string key_of(const HouseholdView& h, const std::string& order) {
  constexpr std::size_t kKeyBytesMax = 96;
  std::string out = h.division.str();
  if (order == "number") out = h.number;
  if (order == "head_name") out = h.head_name;
  if (order == "last_visit") out = h.last_visit ? rfc3339(*h.last_visit) : "";
  return out.substr(0, kKeyBytesMax);
}

// Those that the reader may not see now are left out of a past question: they have moved away.
void drop_unreadable(const Call& call, const Times& times, std::vector<HouseholdView>& all) {
  if (!times.size && times.valid_at == call.today()) return;  // They live where they were found.
  call.fold.read([&](const state::State& newest) {
    std::erase_if(all, [&](const HouseholdView& h) {
      return call.scope->rights_to_household(h.id, newest).none();
    });
  });
}

void put(const HouseholdView& h, api::Household& out) {
  out.set_id(to_hex(h.id.view()));
  out.set_division(h.division.str());
  out.set_number(h.number);
  out.set_head_name(h.head_name);
  for (const std::string& code : h.categories) out.add_categories(code);
  out.set_must_be_visited(h.must_be_visited);
  if (h.last_visit) out.set_last_visit(rfc3339(*h.last_visit));
  if (h.last_visit_index) out.set_last_visit_index(std::to_string(*h.last_visit_index));
}
}  // namespace

Outcome<std::string> list_households(Call& call) {
  std::string wanted;
  Filter filter;
  TRY_AS(times, call.take_times());
  TRY_AS(prefixes, call.take_prefixes(wanted));
  filter.category = call.query.take("category").value_or("");
  filter.text = call.query.take("q").value_or("");
  TRY_AS(must, call.query.take_yes("must_be_visited"));
  TRY_AS(since, call.query.take_date("not_visited_since"));
  filter.must_be_visited = must;
  filter.not_visited_since = since;
  TRY_AS(order, call.query.take_choice("sort", {"division", "number", "head_name", "last_visit"}));
  TRY_AS(after, take_cursor(call.query, order));
  TRY_AS(limit, call.query.take_limit());
  TRY(call.query.finish());

  std::vector<HouseholdView> all;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    for (const std::string& prefix : prefixes) {
      for (auto& h : state.households(prefix, times.valid_at)) all.push_back(std::move(h));
    }
    for (const SubjectId& id : call.scope->assigned()) {
      auto h = state.household(id, times.valid_at);
      const bool in_prefix = h && std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& p) {
                               return h->division.view().starts_with(p);
                             });
      if (h && !in_prefix && h->division.view().starts_with(wanted)) all.push_back(std::move(*h));
    }
  }));
  std::erase_if(all, [&](const HouseholdView& h) { return !filter.passes(h); });
  drop_unreadable(call, times, all);

  std::vector<std::pair<RowPlace, const HouseholdView*>> rows;
  for (const HouseholdView& h : all) rows.push_back({{key_of(h, order), h.id}, &h});
  std::sort(rows.begin(), rows.end());
  api::Households out;
  *out.mutable_basis() = basis;
  out.set_total(rows.size());
  const auto first = !after ? rows.begin()
                            : std::find_if(rows.begin(), rows.end(),
                                           [&](const auto& row) { return row.first > *after; });
  for (auto it = first; it != rows.end(); ++it) {
    if (static_cast<std::size_t>(out.households_size()) == limit) {
      out.set_next_cursor(cursor_of(order, std::prev(it)->first));
      break;
    }
    put(*it->second, *out.add_households());
    call.shown.insert(it->second->id);
  }
  return json_of(out);
}

Outcome<std::string> show_household(Call& call) {
  const Problem missing = not_found("没有此户，或不在您的授权范围内",
                                    "no such household, or not within your credentials");
  TRY_AS(times, call.take_times());
  TRY(call.query.finish());
  const auto id = parse_hex<SubjectId>(call.path_values[0]);
  if (!id) return missing;
  const Rights rights = call.fold.read(
      [&](const state::State& newest) { return call.scope->rights_to_household(*id, newest); });
  if (rights.none()) return missing;
  std::optional<HouseholdView> household;
  std::vector<state::FactView> facts;
  std::vector<DivisionCode> residences;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    household = state.household(*id, times.valid_at);
    facts = state.household_facts(*id, times.valid_at);
    residences = state.residences(*id);
  }));
  if (!household) return missing;
  api::HouseholdDetail out;
  *out.mutable_basis() = basis;
  put(*household, *out.mutable_household());
  for (const state::FactView& fact : facts) {
    api::Fact& line = *out.add_facts();
    line.set_name(fact.name);
    line.set_key(fact.key);
    line.set_since(rfc3339(fact.since));
    line.set_index(fact.index);
    TRY(put_value(fact, rights, line));
  }
  for (const DivisionCode& division : residences) out.add_residences(division.str());
  call.shown.insert(*id);
  return json_of(out);
}
}  // namespace cunji::server
