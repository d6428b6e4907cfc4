#include "server/app/desk.h"

#include <thread>

#include "server/app/files.h"
#include "server/app/own_queue.h"

namespace cunji::server {
static constexpr Duration kServerTakesWithin{30'000};
static constexpr Duration kLookEvery{50};
// More than one command ever leaves in the queue.
static constexpr std::size_t kQueueReadMax = 100'000;

Desk::~Desk() = default;

Result<std::unique_ptr<Desk>> Desk::open(const Folder& folder, Entropy& entropy) {
  std::unique_ptr<Desk> out(new Desk(folder, entropy));
  auto log = open_log(folder);
  const bool server_runs = !log && log.error().code == Errc::Conflict;
  if (server_runs) log = open_log_read_only(folder);
  if (!log) return log.error();
  out->log_ = std::move(*log);
  TRY_AS(side, open_side(folder));
  out->side_ = std::move(side);
  TRY_AS(county, county_of(*out->log_));
  out->county_ = county;
  if (server_runs) return out;

  TRY_AS(publisher, Publisher::open(folder, *out->log_, county));
  out->publisher_.emplace(std::move(publisher));
  TRY_AS(system_key, load_key(folder.key("system")));
  TRY_AS(intake, Intake::open(*out->log_, *out->side_, system_key));
  out->intake_.emplace(std::move(intake));
  return out;
}

Result<credential::Governance> Desk::governance() const {
  if (intake_) return intake_->governance();
  return read_governance(*log_);
}

// The newest event of the key that is queued, else that is logged.
Result<event::ChainHead> Desk::head_of(const PublicKey& key) const {
  TRY_AS(governance, this->governance());
  const auto enrolment = governance.enrolment_of(key);
  if (!enrolment)
    return Error{Errc::Forged,
                 "the key " + to_hex(key.view()) + " has no credential in this county"};
  TRY_AS(logged, log_->chain_head(key));
  event::ChainHead head{.key = key, .sequence = 0, .digest = *enrolment, .seen_size_max = 0};
  if (logged) head = *logged;
  TRY_AS(queued, side_->queued(kQueueReadMax));
  for (const auto& [id, event] : queued) {
    if (event.signed_event.header().author != key) continue;
    if (event::link_of(head, event.signed_event) == event::ChainLink::Next)
      head = event::advanced(head, event.signed_event, 0);
  }
  return head;
}

Result<event::Seen> Desk::seen() const {
  if (publisher_) return log::seen_of(publisher_->current().checkpoint);
  TRY_AS(published, proven_checkpoint(folder_, *log_, county_));
  return log::seen_of(published.checkpoint);
}

Result<std::vector<sync::EventOutcome>> Desk::submit(const crypto::KeyPair& key,
                                                     std::span<const event::Draft> drafts,
                                                     TimePoint now) {
  CHECK(drafts.size() <= kSubmitMax);
  std::vector<event::Event> events;
  {
    TRY_AS(lock, FileLock::take(folder_.registrar_lock()));
    static_cast<void>(lock);
    // What an earlier command left for a server that has ended goes first.
    for (std::size_t taken = 1; intake_ && taken != 0;) {
      TRY_AS(n, take_queued(*intake_, *side_, county_.code, now));
      taken = n;
    }
    TRY_AS(head, head_of(key.public_key()));
    TRY_AS(seen, this->seen());
    for (const event::Draft& draft : drafts) {
      TRY_AS(event, event::make_event(key, county_.code, head, seen, draft, entropy_));
      head = event::advanced(head, event.signed_event, seen.size);
      events.push_back(std::move(event));
    }
    if (intake_) return take(events, now);
    TRY(side_->enqueue(events));
  }
  return wait_for(events);
}

static Error refused(const sync::EventOutcome& outcome) {
  return {Errc::Conflict,
          "the log refused sequence " + std::to_string(outcome.sequence) + ": " + outcome.reason};
}

Result<std::vector<sync::EventOutcome>> Desk::take(std::span<const event::Event> events,
                                                   TimePoint now) {
  CheckedBatch batch{.sender = {}, .events = {}};
  for (const event::Event& event : events) {
    batch.sender = event.signed_event.header().author;
    batch.events.push_back({event, check(event, county_.code)});
  }
  TRY_AS(results, intake_->take({&batch, 1}, now));
  for (const sync::EventOutcome& outcome : results[0]) {
    if (outcome.status != sync::EventOutcome::Status::Logged) return refused(outcome);
  }
  return results[0];
}

Result<std::vector<sync::EventOutcome>> Desk::wait_for(std::span<const event::Event> events) const {
  std::vector<sync::EventOutcome> out;
  const auto give_up = std::chrono::steady_clock::now() + kServerTakesWithin;
  for (const event::Event& event : events) {
    const event::Header& header = event.signed_event.header();
    std::optional<std::uint64_t> index;
    for (;;) {
      // The order matters: what has left the queue is in the log by then, unless it was refused.
      TRY_AS(queued, side_->queued(1));
      TRY_AS(found, log_->index_of(header.author, header.sequence));
      index = found;
      if (index) break;
      if (queued.empty())
        return Error{Errc::Conflict, "the server refused sequence " +
                                         std::to_string(header.sequence) +
                                         "; see: cunji-server quarantine"};
      if (std::chrono::steady_clock::now() > give_up)
        return Error{Errc::Timeout, "the server has not taken it yet; it stays in its queue"};
      std::this_thread::sleep_for(kLookEvery);
    }
    TRY_AS(logged, log_->at(*index));
    if (!logged) return Error{Errc::Corrupt, "no entry at index " + std::to_string(*index)};
    sync::EventOutcome outcome;
    outcome.key = header.author;
    outcome.sequence = header.sequence;
    outcome.index = *index;
    outcome.received = logged->entry.received;
    outcome.verdict = logged->entry.verdict;
    out.push_back(outcome);
  }
  return out;
}

Result<void> Desk::publish() {
  if (!intake_) return {};
  TRY(publisher_->publish(intake_->head()));
  return {};
}
}  // namespace cunji::server
