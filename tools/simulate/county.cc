#include "tools/simulate/county.h"

#include <utility>

#include "protocol/sync.pb.h"
#include "shared/log/consistency.h"
#include "shared/log/merkle.h"
#include "shared/store/sqlite_event_log.h"
#include "shared/sync/limits.h"

namespace cunji::simulate {
// The server's own pace, as server/app/limits.h has it.
static constexpr Duration kCheckpointEvery{1'000};
static constexpr Duration kAnchorEvery = std::chrono::hours{1};
static constexpr Duration kLookEvery = std::chrono::seconds{20};
static constexpr Duration kIdleMax = std::chrono::minutes{5};
// A group commit collects for so long; an acknowledgement leaves this long after it.
static constexpr Duration kCollectMin{1}, kCollectMax{30};

static constexpr const char* kLogPath = "county.sqlite";
static constexpr const char* kSidePath = "side.sqlite";

County::~County() { close_stores(); }

// --- Power.

void County::in_this_life(Duration delay, std::function<void()> action) {
  schedule_.after(delay, [this, life = life_, action = std::move(action)] {
    if (life == life_ && up()) action();
  });
}

void County::close_stores() {
  connections_.clear();
  intake_.reset();
  side_.reset();
  log_.reset();
}

void County::crash() {
  if (!disk_.crashed()) disk_.crash(chance_.per_mille(500) ? &torn_ : nullptr);
  ++life_;
  for (const auto& [id, connection] : connections_) {
    // Some nodes see the connection reset, others wait for an answer.
    if (chance_.per_mille(500)) {
      network_.close(id, End::Server);
    } else {
      network_.fall_silent(id);
    }
  }
  queue_.clear();
  commit_due_ = publish_due_ = false;
  close_stores();
}

Result<void> County::open_stores() {
  TRY_AS(log, store::open_sqlite_event_log(kLogPath, {.vfs = disk_.name(), .read_only = false}));
  log_ = std::move(log);
  TRY_AS(side, store::SideStore::open(kSidePath, disk_.name()));
  side_ = std::move(side);
  return {};
}

// What a commit called durable, and what was published, must have outlived everything.
Result<void> County::check_durable() const {
  TRY_AS(head, log_->head());
  if (head.size < durable_.size)
    return Error{Errc::Corrupt, "the log had " + std::to_string(durable_.size) +
                                    " durable entries and has " + std::to_string(head.size)};
  TRY_AS(root, log::root_at(*log_, durable_.size));
  if (durable_.size > 0 && root != durable_.root)
    return Error{Errc::Corrupt, "durable entries have changed"};
  return log::check_consistent(*log_, head, checkpoint_);
}

Result<void> County::refold() {
  state_ = state::State(programmes::all_calculations());
  return log_->scan(0, [this](const event::LoggedEvent& logged) -> Result<bool> {
    state_.apply(logged);
    return true;
  });
}

Result<void> County::start() {
  const auto opened = [this]() -> Result<void> {
    TRY(open_stores());
    TRY_AS(checkpoint, log::open_checkpoint(checkpoint_file_, origin_, log_key_.public_key()));
    checkpoint_ = checkpoint;
    note_ = checkpoint_file_;
    TRY(check_durable());
    TRY_AS(intake, server::Intake::open(*log_, *side_, system_));
    TRY(refold());
    intake_.emplace(std::move(intake));
    return anchor();
  }();
  if (!opened) {
    if (opened.error().code == Errc::Corrupt)
      evidence_.on_the_way.push_back("the server does not start: " + opened.error().what);
    trace_("server does not start: " + opened.error().what);
    crash();
    return opened.error();
  }
  durable_ = intake_->head();
  publish_soon();
  in_this_life(kLookEvery, [this] { tick(); });
  in_this_life(kAnchorEvery, [this] { anchor_hourly(); });
  return {};
}

// The disk refused, or lost power: the process goes on where it can.
void County::fail(const Error& error) {
  trace_("server: " + error.what);
  if (disk_.crashed()) return crash();
  if (error.code == Errc::Io) return;
  evidence_.on_the_way.push_back("the server can't go on: " + error.what);
  crash();
}

// --- Connections.

void County::accept(ConnectionId id) {
  Connection& connection = connections_[id];
  connection.session =
      std::make_unique<sync::ServerSession>(system_, *this, entropy_, schedule_.now());
  connection.heard = schedule_.now();
  carry_out(id, connection.session->open());
}

bool County::receive(ConnectionId id, BytesView message) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return false;
  found->second.heard = schedule_.now();
  const auto output = found->second.session->on_message(message, schedule_.now());
  if (!output) {
    trace_("server, connection " + std::to_string(id) + ": " + output.error().what);
    connections_.erase(found);
    return false;
  }
  carry_out(id, output);
  return true;
}

void County::lost(ConnectionId id) { connections_.erase(id); }

void County::hang_up(ConnectionId id, const Error& why) {
  trace_("server hangs up " + std::to_string(id) + ": " + why.what);
  connections_.erase(id);
  network_.close(id, End::Server);
}

bool County::carry_out(ConnectionId id, const Result<sync::ServerSession::Output>& output) {
  if (!output) {
    hang_up(id, output.error());
    return false;
  }
  Connection& connection = connections_.at(id);
  if (output->pushed) {
    Waiting waiting{.from = std::pair{id, output->pushed->push_id}, .batch = {}};
    waiting.batch.sender = *connection.session->key();
    for (const event::Event& event : output->pushed->events)
      waiting.batch.events.push_back({event, server::check(event, code_)});
    queue(std::move(waiting));
  }
  for (const Bytes& message : output->send) network_.send(id, End::Server, message);
  if (output->waits_for_size) {
    connection.waits_for_checkpoint = true;
    in_this_life(sync::kPollWait, [this, id] {
      const auto found = connections_.find(id);
      if (found == connections_.end() || !std::exchange(found->second.waits_for_checkpoint, false))
        return;
      carry_out(id, found->second.session->on_checkpoint(schedule_.now()));
    });
  }
  return true;
}

void County::tick() {
  std::vector<ConnectionId> ids;
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const ConnectionId id : ids) {
    Connection& connection = connections_.at(id);
    if (schedule_.now() - connection.heard > kIdleMax) {
      hang_up(id, {Errc::Timeout, "idle"});
    } else {
      carry_out(id, connection.session->on_tick(schedule_.now()));
    }
  }
  in_this_life(kLookEvery, [this] { tick(); });
}

// --- Commits.

void County::take_bundle(BytesView file) {
  const auto bundle = sync::read_bundle(file);
  if (!bundle) {
    evidence_.on_the_way.push_back("a bundle does not open: " + bundle.error().what);
    return;
  }
  for (std::size_t i = 0; i < bundle->sealed.size(); ++i) {
    const auto events = sync::open_bundle(*bundle, i, box_);
    if (!events) {
      evidence_.on_the_way.push_back("a bundle's batch does not open: " + events.error().what);
      return;
    }
    Waiting waiting{.from = std::nullopt, .batch = {}};
    waiting.batch.sender = events->front().signed_event.header().author;
    for (const event::Event& event : *events)
      waiting.batch.events.push_back({event, server::check(event, code_)});
    queue(std::move(waiting));
  }
}

void County::queue(Waiting waiting) {
  queue_.push_back(std::move(waiting));
  if (std::exchange(commit_due_, true)) return;
  in_this_life(chance_.between(kCollectMin, kCollectMax), [this] { commit(); });
}

void County::commit() {
  commit_due_ = false;
  std::vector<Waiting> taken = std::exchange(queue_, {});
  std::vector<server::CheckedBatch> batches;
  for (const Waiting& each : taken) batches.push_back(each.batch);
  auto results = intake_->take(batches, clock());
  if (!results) {
    fail(results.error());
    if (up()) refuse_for_now(taken);
    return;
  }
  durable_ = intake_->head();
  note_arrivals(taken);
  follow();
  in_this_life(
      chance_.between(kCollectMin, kCollectMax),
      [this, taken = std::move(taken), results = std::move(*results)] { answer(taken, results); });
}

void County::answer(const std::vector<Waiting>& taken,
                    const std::vector<std::vector<sync::EventOutcome>>& results) {
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i].from) continue;
    const auto& [id, push_id] = *taken[i].from;
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    carry_out(id, found->second.session->on_results(push_id, results[i], schedule_.now()));
  }
}

void County::refuse_for_now(const std::vector<Waiting>& waiting) {
  std::vector<std::vector<sync::EventOutcome>> results;
  for (const Waiting& each : waiting) {
    results.emplace_back();
    for (const server::CheckedEvent& checked : each.batch.events) {
      const event::Header& header = checked.event.signed_event.header();
      sync::EventOutcome outcome;
      outcome.status = sync::EventOutcome::Status::Refused;
      outcome.key = header.author;
      outcome.sequence = header.sequence;
      outcome.refusal = proto::REFUSAL_CODE_LATER;
      outcome.reason = "can't log now";
      results.back().push_back(outcome);
    }
  }
  answer(waiting, results);
}

void County::note_arrivals(const std::vector<Waiting>& taken) {
  for (const Waiting& each : taken) {
    for (const server::CheckedEvent& checked : each.batch.events) {
      if (checked.refusal) continue;
      const event::SignedEvent& event = checked.event.signed_event;
      evidence_.arrived.push_back({.key = event.header().author,
                                   .sequence = event.header().sequence,
                                   .digest = event.digest(),
                                   .previous = event.header().previous,
                                   .log_size = durable_.size});
    }
  }
}

void County::follow() {
  for (const event::LoggedEvent& logged : intake_->newest()) state_.apply(logged);
  publish_soon();
}

void County::publish_soon() {
  if (intake_->head().size <= checkpoint_.size || std::exchange(publish_due_, true)) return;
  in_this_life(kCheckpointEvery, [this] { publish(); });
}

// The file first, then the world: a crash between leaves a checkpoint that nobody has seen yet.
void County::publish() {
  publish_due_ = false;
  const log::LogHead head = intake_->head();
  if (const auto sound = log::check_consistent(*log_, head, checkpoint_); !sound)
    return fail(sound.error());
  checkpoint_ = {.origin = origin_, .size = head.size, .root = head.root};
  checkpoint_file_ = log::sign_checkpoint(checkpoint_, log_key_);
  note_ = checkpoint_file_;
  std::vector<ConnectionId> waiting;
  for (auto& [id, connection] : connections_) {
    if (std::exchange(connection.waits_for_checkpoint, false)) waiting.push_back(id);
  }
  for (const ConnectionId id : waiting)
    carry_out(id, connections_.at(id).session->on_checkpoint(schedule_.now()));
}

void County::anchor_hourly() {
  if (const auto done = anchor(); !done) fail(done.error());
  if (up()) in_this_life(kAnchorEvery, [this] { anchor_hourly(); });
}
}  // namespace cunji::simulate
