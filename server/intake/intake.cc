#include "server/intake/intake.h"

#include "server/intake/commit.h"
#include "shared/event/parts.h"

namespace cunji::server {
// Entries of the county's division that are read at a time while opening.
static constexpr std::size_t kPageEntries = 1'000;

struct Intake::State : IntakeState {
  using IntakeState::IntakeState;
  explicit State(IntakeState state) : IntakeState(std::move(state)) {}
};

Intake::Intake(std::unique_ptr<State> state) : state_(std::move(state)) {}
Intake::~Intake() = default;
Intake::Intake(Intake&&) noexcept = default;

// The place that an incident about a fork names.
static std::optional<Place> reported_fork(const event::LoggedEvent& logged) {
  const bool incident =
      logged.entry.event.header().kind == static_cast<std::uint16_t>(event::Kind::Incident);
  if (!incident || !event::is_accepted(logged.entry.verdict)) return std::nullopt;
  const auto fork = event::first_content<event::IncidentPart>(logged.body);
  if (!fork) return std::nullopt;
  return Place{fork->key, fork->sequence};
}

// Applies the governance entries from index `from` on, which lie in the county's own division.
static Result<void> read_governance(const log::EventLog& log, const DivisionCode& county,
                                    std::uint64_t from, credential::Governance& governance,
                                    std::set<Place>& reported) {
  while (true) {
    TRY_AS(entries, log.division_entries(county, from, kPageEntries));
    if (entries.empty()) return {};
    for (const event::LoggedEvent& logged : entries) {
      governance.apply(logged);
      if (const auto place = reported_fork(logged)) reported.insert(*place);
    }
    from = entries.back().index + 1;
  }
}

Result<Intake> Intake::open(log::EventLog& log, store::SideStore& side,
                            const crypto::KeyPair& system_key) {
  TRY_AS(head, log.head());
  TRY_AS(first, log.at(0));
  if (!first) return Error{Errc::Corrupt, "the log has no founding event"};
  const CountyCode code = first->entry.event.header().county;
  auto governance = std::make_shared<credential::Governance>();
  std::set<Place> reported;
  TRY(read_governance(log, code.division(), 0, *governance, reported));
  if (!governance->county()) return Error{Errc::Corrupt, "the log has no founding event"};
  // A crash between log and side store may have left parked events of keys that are known by now.
  std::set<PublicKey> recheck;
  for (const auto& [key, status] : governance->keys()) recheck.insert(key);
  TRY_AS(use, DailyUse::read(log, head));
  return Intake(std::make_unique<State>(IntakeState{.log = log,
                                                    .side = side,
                                                    .system_key = system_key,
                                                    .governance = std::move(governance),
                                                    .head = head,
                                                    .in_doubt = false,
                                                    .seen = {},
                                                    .reported_forks = std::move(reported),
                                                    .recheck = std::move(recheck),
                                                    .use = std::move(use),
                                                    .newest = {}}));
}

// After a commit that ended in an error: the disk may hold it whole, or nothing of it.
Result<void> Intake::settle() {
  State& s = *state_;
  if (!s.in_doubt) return {};
  TRY_AS(head, s.log.head());
  if (head.size > s.head.size) {
    auto governance = std::make_shared<credential::Governance>(*s.governance);
    TRY(read_governance(s.log, s.governance->county()->code.division(), s.head.size, *governance,
                        s.reported_forks));
    TRY(s.log.scan(s.head.size, [&](const event::LoggedEvent& logged) -> Result<bool> {
      s.use.count(logged.entry.event.header(), logged.entry.received);
      return true;
    }));
    s.governance = std::move(governance);
    s.head = head;
  }
  s.in_doubt = false;
  return {};
}

Result<std::vector<std::vector<sync::EventOutcome>>> Intake::take(std::span<CheckedBatch> batches,
                                                                  TimePoint now) {
  TRY(settle());
  Commit commit(*state_, now);
  for (const CheckedBatch& batch : batches) TRY(commit.take(batch));
  TRY(commit.take_parked());
  TRY(commit.finish());
  return commit.take_results();
}

Result<event::LoggedEvent> Intake::take_system(const event::Draft& draft, Entropy& entropy,
                                               TimePoint now) {
  TRY(settle());
  Commit commit(*state_, now);
  TRY(commit.add_system(draft, entropy));
  TRY(commit.finish());
  return state_->newest.front();
}

const credential::Governance& Intake::governance() const { return *state_->governance; }
std::shared_ptr<const credential::Governance> Intake::shared_governance() const {
  return state_->governance;
}
log::LogHead Intake::head() const { return state_->head; }
const std::vector<event::LoggedEvent>& Intake::newest() const { return state_->newest; }
}  // namespace cunji::server
