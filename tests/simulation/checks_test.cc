// The checks can fail: sound evidence of a small run, spoilt in one place, is found out by the
// check that is meant for it.
#include "tools/simulate/checks.h"

#include <gtest/gtest.h>

#include <functional>

#include "shared/crypto/seeded_entropy.h"
#include "shared/event/parts.h"
#include "tools/simulate/simulation.h"

namespace cunji::simulate {
// Made once: honest devices only, so nothing of it is an incident.
static const Evidence& sound() {
  static const Evidence evidence =
      run({.seed = 6, .steps = 500, .trace = {}, .progress = {}}).evidence;
  return evidence;
}

static bool found_by(const std::string& check, const Evidence& evidence) {
  for (const Finding& finding : check_all(evidence)) {
    if (finding.check == check) return true;
  }
  return false;
}

// An incident about two events of a fresh key, logged at the end.
static event::LoggedEvent incident_about(const crypto::KeyPair& key, const Evidence& evidence) {
  crypto::SeededEntropy entropy(1, "incident");
  const event::ChainHead head{
      .key = key.public_key(), .sequence = 0, .digest = {}, .seen_size_max = 0};
  std::vector<event::SignedEvent> branches;
  for (int i = 0; i < 2; ++i) {
    event::VisitPart visit;
    visit.remark = std::to_string(i);
    branches.push_back(event::make_event(key, evidence.county, head, {.size = 1, .digest = {}},
                                         {.division = evidence.county.division(),
                                          .subject = {},
                                          .kind = event::Kind::Visit,
                                          .recorded = TimePoint{},
                                          .parts = {event::encode_part(visit)}},
                                         entropy)
                           ->signed_event);
  }
  const event::IncidentPart incident{.key = key.public_key(),
                                     .sequence = 1,
                                     .evidence = {branches[0].encode(), branches[1].encode()}};
  const auto report = event::make_event(key, evidence.county, head, {.size = 1, .digest = {}},
                                        {.division = evidence.county.division(),
                                         .subject = {},
                                         .kind = event::Kind::Incident,
                                         .recorded = TimePoint{},
                                         .parts = {event::encode_part(incident)}},
                                        entropy);
  event::LoggedEvent out = evidence.log.back();
  out.index = evidence.log.size();
  out.entry.event = report->signed_event;
  out.body = report->body;
  return out;
}

TEST(SimulationChecks, FindNothingInSoundEvidence) {
  EXPECT_TRUE(check_all(sound()).empty());
  EXPECT_FALSE(sound().acknowledged.empty());
  EXPECT_FALSE(sound().recorded.empty());
  EXPECT_FALSE(sound().trusted.empty());
  EXPECT_FALSE(sound().folds.empty());
}

TEST(SimulationChecks, FindWhatIsSpoilt) {
  struct Case {
    const char* name;
    const char* check;
    std::function<void(Evidence&)> spoil;
  };
  const Case cases[] = {
      {"acknowledged event not logged", "acknowledged",
       [](Evidence& e) { e.acknowledged.front().sequence += 1'000; }},
      {"acknowledged at another place", "acknowledged",
       [](Evidence& e) { ++e.acknowledged.front().index; }},
      {"acknowledged with another time", "acknowledged",
       [](Evidence& e) { e.acknowledged.front().received += Duration{1}; }},
      {"acknowledged with another verdict", "acknowledged",
       [](Evidence& e) { e.acknowledged.front().verdict = event::Verdict::Frozen; }},
      {"recorded event not logged", "recorded",
       [](Evidence& e) { e.recorded.front().sequence += 1'000; }},
      {"another event in its place", "recorded",
       [](Evidence& e) { e.recorded.front().digest.bytes[0] ^= 1; }},
      {"recorded event logged twice", "recorded",
       [](Evidence& e) { e.recorded.front().label = e.recorded.back().label + "?"; }},
      {"entry left out", "log", [](Evidence& e) { e.log.erase(e.log.begin() + 5); }},
      {"entry left out, indexes closed up", "log",
       [](Evidence& e) {
         e.log.erase(e.log.begin() + 5);
         for (std::size_t i = 5; i < e.log.size(); ++i) e.log[i].index = i;
       }},
      {"entries change places", "log",
       [](Evidence& e) {
         std::swap(e.log[5], e.log[6]);
         std::swap(e.log[5].index, e.log[6].index);
       }},
      {"time of receipt decreases", "log",
       [](Evidence& e) { e.log.back().entry.received = TimePoint{}; }},
      {"verdict altered", "log",
       [](Evidence& e) { e.log.back().entry.verdict = event::Verdict::Revoked; }},
      {"another county's root", "log", [](Evidence& e) { e.root_digest.bytes[0] ^= 1; }},
      {"trusted checkpoint of another tree", "trusted",
       [](Evidence& e) { e.trusted.front().root.bytes[0] ^= 1; }},
      {"trusted checkpoint beyond the log", "trusted",
       [](Evidence& e) { e.trusted.front().size = e.log.size() + 1; }},
      {"server's fold", "folds", [](Evidence& e) { e.server_fold.bytes[0] ^= 1; }},
      {"device's fold", "folds", [](Evidence& e) { e.folds.back().digest.bytes[0] ^= 1; }},
      {"honest key accused", "forks",
       [](Evidence& e) {
         crypto::SeededEntropy entropy(2, "accused");
         e.log.push_back(incident_about(crypto::KeyPair::generate(entropy), e));
       }},
      {"fork reported twice", "forks",
       [](Evidence& e) {
         crypto::SeededEntropy entropy(2, "accused");
         const auto key = crypto::KeyPair::generate(entropy);
         e.twofold.insert(key.public_key());
         for (int i = 0; i < 2; ++i) e.log.push_back(incident_about(key, e));
       }},
      {"fork not reported", "forks",
       [](Evidence& e) {
         const event::Header& logged = e.log.back().entry.event.header();
         e.arrived.push_back({.key = logged.author,
                              .sequence = logged.sequence,
                              .digest = {},
                              .previous = logged.previous,
                              .log_size = e.log.size()});
       }},
      {"somebody not level", "level", [](Evidence& e) { e.not_level.push_back("A: lacks one"); }},
      {"a session took a repeated message", "on the way",
       [](Evidence& e) { e.on_the_way.push_back("repeated"); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Evidence evidence = sound();
    c.spoil(evidence);
    EXPECT_TRUE(found_by(c.check, evidence));
  }
}

TEST(SimulationChecks, OneIncidentAgainstATwofoldKeyIsInOrder) {
  Evidence evidence = sound();
  crypto::SeededEntropy entropy(2, "accused");
  const auto key = crypto::KeyPair::generate(entropy);
  evidence.twofold.insert(key.public_key());
  evidence.log.push_back(incident_about(key, evidence));
  EXPECT_TRUE(check_forks(evidence).empty());
}
}  // namespace cunji::simulate
