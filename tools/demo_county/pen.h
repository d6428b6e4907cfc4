#pragma once
// How a worker fills in and records a form: by what the device shows, with the answers that a
// person would type, checked and signed as the node's own command line does.
#include <set>
#include <string>
#include <vector>

#include "fieldnode/cli/entry.h"
#include "shared/state/form_desk.h"
#include "shared/state/inquiry.h"
#include "tools/demo_county/worker.h"

namespace cunji::demo {
// What a form is about, and where that is.
struct Place {
  SubjectId subject;
  DivisionCode division;
};

class Pen {
 public:
  // `at`: by the device's clock.
  Pen(Worker& worker, TimePoint at) : worker_(worker), at_(at) {}

  // What the device shows, own unsent events included; valid until the next form.
  Result<state::Inquiry> inquiry();
  // The value of a fact; an empty one where nothing is known.
  Result<event::Value> fact(const SubjectId& subject, const std::string& name);

  // A form of a visit is filled in at the household's door. Each of `typed` is "field=value".
  // Errc::Malformed with what does not fit.
  Result<void> form(const std::string& id, const Place& about,
                    const std::vector<std::string>& typed, const SubjectId& case_id = {});
  // A visit that met somebody, and the forms filled in there.
  struct Filled {
    std::string id;
    std::vector<std::string> typed;
  };
  Result<void> visit(const Place& door, const std::vector<Filled>& forms);
  // A list of the month, as the worker's division files it.
  Result<void> statement(const std::string& report, const std::set<SubjectId>& rows);
  // A household moves to the next village of its town, or its second member leaves it.
  Result<void> move(const Household& household, const MadeUpCounty& county);
  Result<void> split(const Household& household);

 private:
  Result<state::FormDesk> desk();
  // Judges what was filled in, and records it as one event about `about`.
  Result<void> sign(fieldnode::cli::Entry entry, const Place& about);
  Result<void> record(event::Kind kind, const Place& about, std::vector<Bytes> parts);

  Worker& worker_;
  TimePoint at_;
};
}  // namespace cunji::demo
