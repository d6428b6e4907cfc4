#pragma once
// From what a person types to the parts of an event. Pure: no terminal, no node.
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/event/parts.h"
#include "shared/state/state.h"

namespace cunji::fieldnode::cli {
// "33.4512345,111.9012345,25": degrees, degrees, metres of accuracy; exact, without a float.
// Errc::Malformed for another form, degrees out of range, more than seven decimals.
Result<event::Place> parse_place(std::string_view text);

// "head_name=张三", or with a type: "persons:integer=4", "moved:yes=true", "since:date=2022-01-05",
// "household_category:codes=monitored,five_guarantee", "home_place:place=33.4,111.9,20",
// "member_of:subject=<32 hex digits>", "risk_status:code=severe". Without one it is text.
Result<event::Fact> parse_fact(std::string_view text);

// "1200.50": up to two decimals, as a whole number of hundredths.
Result<event::Value> parse_hundredths(std::string_view text);
Result<event::Value> parse_whole(std::string_view text);

// Parts from JSON: one object or a list of them, in protobuf's JSON mapping of proto::Part.
// Errc::Malformed with protobuf's own words.
Result<std::vector<Bytes>> parts_from_json(const std::string& json);

// The household that `text` names: its id (32 hexadecimal digits, or the beginning of one, at least
// six), its number, or its head's name where only one has it. Errc::Malformed: none, or several.
Result<state::HouseholdView> find_household(const std::vector<state::HouseholdView>& households,
                                            std::string_view text);
}  // namespace cunji::fieldnode::cli
