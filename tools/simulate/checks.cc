#include "tools/simulate/checks.h"

#include <algorithm>
#include <map>

#include "shared/credential/verify_log.h"
#include "shared/event/parts.h"
#include "shared/log/merkle.h"
#include "shared/programmes/all.h"
#include "shared/state/state.h"

namespace cunji::simulate {
using Place = std::pair<PublicKey, std::uint64_t>;

static std::string text_of(const PublicKey& key, std::uint64_t sequence) {
  return "key " + to_hex(key.view().substr(0, 4)) + " sequence " + std::to_string(sequence);
}

static Place place_of(const event::LoggedEvent& logged) {
  const event::Header& header = logged.entry.event.header();
  return {header.author, header.sequence};
}

// Where every (key, sequence) stands in the log; more than one index is wrong already.
static std::map<Place, std::vector<const event::LoggedEvent*>> by_place(const Evidence& evidence) {
  std::map<Place, std::vector<const event::LoggedEvent*>> out;
  for (const event::LoggedEvent& logged : evidence.log) out[place_of(logged)].push_back(&logged);
  return out;
}

std::string label_of(const event::Body& body) {
  if (const auto visit = event::first_content<event::VisitPart>(body)) return visit->remark;
  if (const auto check_in = event::first_content<event::CheckInPart>(body)) return check_in->remark;
  return {};
}

std::vector<Finding> check_acknowledged(const Evidence& evidence) {
  std::vector<Finding> out;
  const auto places = by_place(evidence);
  for (const sync::EventOutcome& outcome : evidence.acknowledged) {
    const auto complain = [&](const std::string& what) {
      out.push_back({"acknowledged", text_of(outcome.key, outcome.sequence) +
                                         " was acknowledged at " + std::to_string(outcome.index) +
                                         ": " + what});
    };
    const auto found = places.find({outcome.key, outcome.sequence});
    if (found == places.end()) {
      complain("it is not in the log");
      continue;
    }
    const event::LoggedEvent& logged = *found->second.front();
    if (found->second.size() > 1) complain("it is in the log more than once");
    if (logged.index != outcome.index) complain("it stands at " + std::to_string(logged.index));
    if (logged.entry.received != outcome.received) complain("with another time");
    if (logged.entry.verdict != outcome.verdict) complain("with another verdict");
  }
  return out;
}

std::vector<Finding> check_recorded(const Evidence& evidence) {
  std::vector<Finding> out;
  const auto places = by_place(evidence);
  std::map<std::string, std::pair<std::size_t, std::size_t>> labels;  // Logged, of these accepted.
  for (const event::LoggedEvent& logged : evidence.log) {
    const std::string label = label_of(logged.body);
    if (label.empty()) continue;
    ++labels[label].first;
    if (event::is_accepted(logged.entry.verdict)) ++labels[label].second;
  }
  for (const Work& work : evidence.recorded) {
    const auto complain = [&](const std::string& what) {
      out.push_back({"recorded", work.label + " of " + work.device + ", " +
                                     text_of(work.key, work.sequence) + ": " + what});
    };
    const auto found = places.find({work.key, work.sequence});
    const bool itself =
        found != places.end() && found->second.front()->entry.event.digest() == work.digest;
    const auto [logged, accepted] = labels[work.label];
    if (evidence.twofold.contains(work.key)) {
      // What a device forgot with its backup, nobody can record again: it may be lost, or stand in
      // the log without effect until an office endorses it (D13).
      if (work.forgotten) continue;
      if (logged == 0) complain("neither logged nor recorded again");
      if (logged > 0 && accepted == 0) complain("logged, but never accepted");
    } else if (!itself) {
      complain("an honest key's event is not in the log");
    } else {
      if (logged != 1) complain("its label stands in the log " + std::to_string(logged) + " times");
      if (accepted != logged)
        complain("an honest key's event is disputed: " +
                 std::string(event::name_of(found->second.front()->entry.verdict)));
    }
  }
  return out;
}

std::vector<Finding> check_log(const Evidence& evidence) {
  std::vector<Finding> out;
  credential::LogVerifier verifier;
  TimePoint received{};
  for (std::size_t i = 0; i < evidence.log.size(); ++i) {
    const event::LoggedEvent& logged = evidence.log[i];
    if (logged.index != i) {
      out.push_back(
          {"log", "entry " + std::to_string(i) + " has index " + std::to_string(logged.index)});
      return out;
    }
    if (logged.entry.received < received)
      out.push_back({"log", "the time of receipt decreases at " + std::to_string(i)});
    received = logged.entry.received;
    if (!verifier.take(logged)) break;
  }
  const auto report = verifier.finish(evidence.note, {.root_digest = evidence.root_digest});
  if (report.finding)
    out.push_back(
        {"log", "at " + std::to_string(report.finding->index) + ": " + report.finding->reason});
  return out;
}

std::vector<Finding> check_trusted(const Evidence& evidence) {
  std::vector<Finding> out;
  std::vector<Digest> roots{log::empty_root()};
  log::Frontier tree;
  std::vector<log::Subtree> completed;
  for (const event::LoggedEvent& logged : evidence.log) {
    tree.append(logged.entry.leaf_hash(), completed);
    roots.push_back(tree.root());
  }
  for (const log::Checkpoint& checkpoint : evidence.trusted) {
    const bool fits = checkpoint.size < roots.size() && roots[checkpoint.size] == checkpoint.root;
    if (!fits)
      out.push_back({"trusted", "a device trusted a checkpoint of size " +
                                    std::to_string(checkpoint.size) +
                                    " that the log does not go on from"});
  }
  return out;
}

std::vector<Finding> check_folds(const Evidence& evidence) {
  std::vector<Finding> out;
  state::State replay(programmes::all_calculations());
  for (const event::LoggedEvent& logged : evidence.log) replay.apply(logged);
  if (replay.digest() != evidence.server_fold)
    out.push_back({"folds", "the server's fold is not what a replay of the log gives"});
  for (const HeldFold& fold : evidence.folds) {
    state::State part(programmes::all_calculations());
    for (const event::LoggedEvent& logged : evidence.log) {
      if (fold.divisions.contains(logged.entry.event.header().division)) part.apply(logged);
    }
    if (part.digest() != fold.digest)
      out.push_back({"folds", fold.device + "'s fold is not that of its divisions in the log"});
  }
  return out;
}

// Where the log held another event already when this one arrived, and both follow the same one.
static std::set<Place> forked_places(const Evidence& evidence) {
  std::set<Place> out;
  const auto places = by_place(evidence);
  for (const Arrival& arrival : evidence.arrived) {
    const auto found = places.find({arrival.key, arrival.sequence});
    if (found == places.end()) continue;
    const event::LoggedEvent& logged = *found->second.front();
    if (logged.index < arrival.log_size && logged.entry.event.digest() != arrival.digest &&
        logged.entry.event.header().previous == arrival.previous)
      out.insert(found->first);
  }
  return out;
}

// Empty when the incident proves what it says.
static std::string weakness_of(const event::IncidentPart& incident) {
  if (incident.evidence.size() != 2) return "does not hold two headers";
  const auto one = event::SignedEvent::decode(incident.evidence[0]);
  const auto other = event::SignedEvent::decode(incident.evidence[1]);
  if (!one || !other || one->header_bytes() == other->header_bytes())
    return "does not hold two different headers";
  for (const event::SignedEvent* event : {&*one, &*other}) {
    if (!event->verify() || event->header().author != incident.key ||
        event->header().sequence != incident.sequence)
      return "holds a header that proves nothing";
  }
  return {};
}

std::vector<Finding> check_forks(const Evidence& evidence) {
  std::vector<Finding> out;
  std::map<Place, int> reported;
  for (const event::LoggedEvent& logged : evidence.log) {
    const auto kind = logged.entry.event.header().kind;
    if (kind != static_cast<std::uint16_t>(event::Kind::Incident)) continue;
    const auto incident = event::first_content<event::IncidentPart>(logged.body);
    const std::string where = "the incident at " + std::to_string(logged.index);
    if (!incident) {
      out.push_back({"forks", where + " says nothing"});
      continue;
    }
    const std::string weakness = weakness_of(*incident);
    if (!weakness.empty()) out.push_back({"forks", where + " " + weakness});
    if (!evidence.twofold.contains(incident->key))
      out.push_back({"forks", where + " accuses an honest key"});
    if (++reported[{incident->key, incident->sequence}] > 1)
      out.push_back({"forks", where + " reports a fork again"});
  }
  for (const auto& [key, sequence] : forked_places(evidence)) {
    if (!reported.contains({key, sequence}))
      out.push_back({"forks", text_of(key, sequence) + ": both branches arrived, no incident"});
  }
  return out;
}

std::vector<Finding> check_level(const Evidence& evidence) {
  std::vector<Finding> out;
  for (const std::string& what : evidence.not_level) out.push_back({"level", what});
  return out;
}

std::vector<Finding> check_all(const Evidence& evidence) {
  std::vector<Finding> out;
  for (const std::string& what : evidence.on_the_way) out.push_back({"on the way", what});
  for (const auto check : {check_acknowledged, check_recorded, check_log, check_trusted,
                           check_folds, check_forks, check_level}) {
    const std::vector<Finding> found = check(evidence);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}
}  // namespace cunji::simulate
