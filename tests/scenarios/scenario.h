#pragma once
// A scenario: a text file of steps with the state expected after them. README.md has the language.
#include <map>
#include <string>
#include <vector>

#include "shared/programme/catalogue.h"
#include "shared/programmes/all.h"
#include "shared/state/inquiry.h"
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
  explicit Scenario(std::vector<std::string> lines);
  // The lines with what is now instead of what was expected. Throws std::runtime_error with the
  // number of a line that makes no sense.
  std::vector<std::string> run();
  const testing_support::CountyLog& log() const { return log_; }
  std::span<const programme::NamedCalculation> calculations = programmes::all_calculations();

 private:
  struct Words;
  void step(const Words& words);
  void actor(const Words& words);
  void place(const Words& words);
  void registers(const Words& words);
  void says(const Words& words);
  void fill(const programme::Form& form, const Words& words, event::AnswersPart& answers);
  void visits(const Words& words);
  void steps(const Words& words);
  void states(const Words& words);
  void corrects(const Words& words);
  void link(const Words& words);
  std::vector<std::string> show(const Words& words);
  std::vector<std::string> show_cases(const state::Inquiry& inquiry, const SubjectId& subject);
  std::vector<std::string> show_duties(const state::Inquiry& inquiry, const Words& words);
  std::vector<std::string> show_warnings(const state::Inquiry& inquiry, const SubjectId& under);
  std::vector<std::string> show_facts(const state::Inquiry& inquiry, const Words& words);

  event::Value value(const programme::Field* field, const std::string& text);
  event::Value value(programme::Type type, const std::string& text);
  SubjectId subject(const std::string& alias);
  std::string name_of(const SubjectId& subject);
  std::string shown(const event::Value& value, programme::Type type);
  void commit(const std::string& who, event::Kind kind, const SubjectId& subject,
              const event::PartContent& content, event::PartFrame frame, const Words& words);
  const state::State& now();

  std::vector<std::string> lines_;
  testing_support::CountyLog log_;
  const Definitions& definitions_;
  testing_support::Signer* desk_ = nullptr;
  std::map<std::string, testing_support::Signer*> actors_;
  std::map<std::string, std::vector<event::Event>> offline_;
  std::map<std::string, SubjectId> subjects_;
  std::map<std::string, DivisionCode> divisions_;
  std::map<SubjectId, DivisionCode> where_;
  std::map<std::string, Digest> events_;
  std::optional<state::State> state_;
  Digest last_{};
};
}  // namespace cunji::scenarios
