#pragma once
// A scenario: a text file of steps with the state expected after them. README.md has the language.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/programme/catalogue.h"
#include "shared/state/inquiry.h"
#include "shared/state/reports.h"
#include "tests/scenarios/words.h"
#include "tests/support/county_log.h"

namespace cunji::scenarios {
// Definitions as they stand in the source tree, loaded together.
struct Definitions {
  std::map<std::string, Bytes> encoded;  // By programme.
  Symbols words;
  std::shared_ptr<const programme::Catalogue> catalogue;
  static const Definitions& shipped();
};

class Scenario {
 public:
  // `order`: which of the orders of its `send any` lines.
  explicit Scenario(std::vector<std::string> lines, std::size_t order = 0);
  // The lines with what is now instead of what was expected. Throws std::runtime_error with the
  // number of a line that makes no sense, or where a replay or a snapshot gives something else.
  std::vector<std::string> run();
  // After run(): in how many orders what was sent could have come.
  std::size_t orders() const { return orders_; }

 private:
  void step(const Words& words);
  void repeats(const Words& words);
  void publish(const Words& words);
  void actor(const Words& words);
  void place(const Words& words);
  void registers(const Words& words);
  void link(const Words& words);
  void send(const Words& words);
  void says(const Words& words);
  void fill(const programme::Form& form, const Words& words, event::AnswersPart& answers);
  std::optional<event::Value> fact_now(const SubjectId& about, const programme::Value& value,
                                       Date today);
  std::pair<event::AnswersPart, event::PartFrame> form_part(const std::string& name,
                                                            const Words& words);
  void visits(const Words& words);
  void steps(const Words& words);
  void states(const Words& words);
  void corrects(const Words& words);
  void erase(const Words& words);

  // Shows (scenario_show.cc).
  std::vector<std::string> show(const Words& words);
  std::vector<std::string> answer(const state::State& state, const Words& words);
  std::vector<std::string> show_cases(const state::Inquiry& inquiry, const SubjectId& subject);
  std::vector<std::string> show_facts(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_duties(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_warnings(const state::Inquiry& inquiry, const SubjectId& under);
  std::vector<std::string> show_numbers(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_links(const state::State& state, const Words& words);
  // Reports and statements (scenario_reports.cc).
  void files(const Words& words);
  state::ReportAsked report_asked(const Words& words);
  std::vector<std::string> show_report(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_statements(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_differences(const state::State& state, const Words& words);
  const state::State& now();

  const programme::Form& form_named(const std::string& name) const;
  event::Fact fact(const std::string& name, const std::string& text);
  event::Value value(const programme::Field* field, const std::string& text);
  event::Value value(programme::Type type, const std::string& text);
  SubjectId subject(const std::string& alias);
  std::string name_of(const SubjectId& subject);
  std::string shown(const event::Value& value, programme::Type type);
  DivisionCode where(const SubjectId& subject) const;
  void commit(const std::string& who, event::Kind kind, const SubjectId& subject,
              std::vector<Bytes> parts, const Words& words);
  event::PartFrame frame(const Words& words, event::PartFrame out = {}) const;

  std::vector<std::string> lines_;
  std::size_t order_ = 0, orders_ = 1;
  testing_support::CountyLog log_;
  const Definitions& definitions_;
  testing_support::Signer* desk_ = nullptr;
  std::map<std::string, testing_support::Signer*> actors_;
  std::map<std::string, std::vector<event::Event>> offline_;
  std::map<std::string, SubjectId> subjects_;
  std::map<std::string, DivisionCode> divisions_;
  std::map<SubjectId, DivisionCode> where_;
  std::map<std::string, Digest> events_;
  Digest last_{};                            // The newest event,
  std::uint32_t last_part_ = 1;              // and its part that opens or makes something.
  std::vector<event::LoggedEvent> entries_;  // What `state_` holds, as it is after erasures.
  state::State state_;
};

// Runs it in every order that it allows; they must end alike.
std::vector<std::string> run(const std::vector<std::string>& lines);
}  // namespace cunji::scenarios
