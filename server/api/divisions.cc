// Divisions of the scope, and who coordinates them.
#include "protocol/api.pb.h"
#include "server/api/handlers.h"

namespace cunji::server {
Outcome<std::string> list_divisions(Call& call) {
  std::string wanted;
  TRY_AS(times, call.take_times());
  TRY_AS(prefixes, call.take_prefixes(wanted));
  TRY(call.query.finish());
  std::vector<state::DivisionView> all;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    for (const std::string& prefix : prefixes) {
      const auto some = state.divisions(prefix);
      all.insert(all.end(), some.begin(), some.end());
    }
  }));
  api::Divisions out;
  *out.mutable_basis() = basis;
  for (const state::DivisionView& division : all) {
    api::Division& line = *out.add_divisions();
    line.set_code(division.code.str());
    line.set_name(division.name);
    line.set_level(division.level);
    line.set_parent(division.parent);
  }
  return json_of(out);
}

Outcome<std::string> list_coordinators(Call& call) {
  std::string wanted;
  TRY_AS(times, call.take_times());
  TRY_AS(prefixes, call.take_prefixes(wanted));
  TRY(call.query.finish());
  std::vector<state::CoordinatorView> all;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    for (const std::string& prefix : prefixes) {
      for (auto& seat : state.coordinators(prefix)) {
        const bool over = seat.until.ok() && seat.until < times.valid_at;
        if (seat.since <= times.valid_at && !over) all.push_back(std::move(seat));
      }
    }
  }));
  api::Coordinators out;
  *out.mutable_basis() = basis;
  for (const state::CoordinatorView& seat : all) {
    api::Coordinator& line = *out.add_coordinators();
    line.set_person(to_hex(seat.person.view()));
    line.set_name(seat.name);
    line.set_village(seat.village.str());
    line.set_since(format_date(seat.since));
    if (seat.until.ok()) line.set_until(format_date(seat.until));
  }
  return json_of(out);
}
}  // namespace cunji::server
