#include "server/app/keeper.h"

#include <chrono>

#include "server/app/enrolment.h"
#include "server/app/erasures.h"
#include "server/app/files.h"
#include "server/app/own_queue.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"

namespace cunji::server {
// Entries of the county's division that are read at a time while opening.
static constexpr std::size_t kPageEntries = 1'000;

Result<std::unique_ptr<Keeper>> Keeper::open(const Folder& folder, std::shared_ptr<Clock> clock,
                                             Options options, Entropy& entropy) {
  TRY_AS(log, open_log(folder));
  TRY_AS(county, county_of(*log));
  if (clock->made_up() && !county.test_county)
    return Error{
        Errc::Conflict,
        "--test-clock is for test counties only; this county was made without --test-county"};
  TRY_AS(publisher, Publisher::open(folder, *log, county));
  TRY_AS(system_key, load_key(folder.key("system")));
  TRY_AS(registrar, load_key(folder.key("registrar")));
  TRY_AS(side, open_side(folder));
  std::unique_ptr<Keeper> out(new Keeper(folder, std::move(clock), std::move(options), entropy,
                                         std::move(publisher), system_key, registrar));
  out->county_ = county;
  out->log_ = std::move(log);
  out->side_ = std::move(side);
  TRY_AS(intake, Intake::open(*out->log_, *out->side_, system_key));
  out->intake_.emplace(std::move(intake));
  TRY(out->read_log());
  TRY(out->anchor_if_due());
  TRY(out->do_chores(/*publish_now=*/true));
  return out;
}

// The two entries that every session begins with; both stand in the county's own division.
Result<void> Keeper::find_opening_entries() {
  for (std::uint64_t next = 0;;) {
    TRY_AS(entries, log_->division_entries(county_.code.division(), next, kPageEntries));
    if (entries.empty()) return Error{Errc::Corrupt, "the log has no credential of the system key"};
    for (const event::LoggedEvent& logged : entries) {
      if (logged.index == 0) founding_.emplace(logged);
      if (logged.entry.event.header().author != county_.root) continue;
      const auto said = event::first_content<event::CredentialPart>(logged.body);
      if (!said || said->key != system_key_.public_key()) continue;
      system_credential_.emplace(logged);
      return {};
    }
    next = entries.back().index + 1;
  }
}

// The fold: from the snapshot where it agrees with the log, and what was logged since.
Result<void> Keeper::read_log() {
  TRY(find_opening_entries());
  if (options_.use_snapshot) {
    auto kept = snapshot_.read(*log_);
    if (kept && *kept) fold_->change([&](state::State& state) { state = std::move(**kept); });
    if (!kept)
      operator_log().warn("snapshot_not_used",
                          "快照未采用，重放全部日志 / snapshot not used, folding the whole log",
                          {{"why", kept.error()}});
  }
  return fold_->change([&](state::State& state) {
    return log_->scan_views(state.next_index(),
                            [&](const event::EntryView& logged) -> Result<bool> {
                              state.apply(logged);
                              return true;
                            });
  });
}

// Reading the fold holds up no other reader; the writer's thread, which alone changes it, is ours.
Result<void> Keeper::keep_snapshot() {
  const log::LogHead head = intake_->head();
  if (!snapshot_.is_worth_it(head.size)) return {};
  return fold_->read([&](const state::State& state) -> Result<void> {
    if (state.next_index() != head.size) return {};
    return snapshot_.write(state, {.size = head.size, .root = head.root});
  });
}

Result<void> Keeper::follow() {
  return fold_->change([&](state::State& state) -> Result<void> {
    const auto& newest = intake_->newest();
    if (!newest.empty() && newest.front().index == state.next_index()) {
      for (const event::LoggedEvent& logged : newest) state.apply(logged);
      return {};
    }
    if (intake_->head().size == state.next_index()) return {};
    // A commit that ended in an error was logged after all.
    return log_->scan_views(state.next_index(),
                            [&](const event::EntryView& logged) -> Result<bool> {
                              state.apply(logged);
                              return true;
                            });
  });
}

Result<std::vector<std::vector<sync::EventOutcome>>> Keeper::take(std::span<CheckedBatch> batches) {
  TRY(anchor_if_due());
  TRY_AS(results, intake_->take(batches, clock_->now()));
  TRY(follow());
  return std::move(results);
}

// D5: with the newest checkpoint, on the county's clock, at the start and at least hourly.
Result<void> Keeper::anchor_if_due() {
  const TimePoint now = clock_->now();
  if (anchored_ && now < *anchored_ + kAnchorInterval) return {};
  const event::AnchorPart part{.note = publisher_.current().note, .at = now, .county_clock = true};
  TRY(intake_->take_system({.division = county_.code.division(),
                            .subject = {},
                            .kind = event::Kind::Anchor,
                            .recorded = now,
                            .parts = {event::encode_part(part)}},
                           entropy_, now));
  anchored_ = now;
  return follow();
}

Result<bool> Keeper::take_queue() {
  TRY_AS(taken, take_queued(*intake_, *side_, county_.code, clock_->now()));
  if (taken != 0) TRY(follow());
  return taken != 0;
}

Result<void> Keeper::do_chores(bool publish_now) {
  TRY(take_queue());
  TRY(anchor_if_due());
  if (const log::LogHead head = intake_->head(); snapshot_.is_due(head.size)) {
    fold_->read([&](const state::State& state) {
      if (state.next_index() == head.size)
        snapshot_.write_in_background(state, {.size = head.size, .root = head.root});
    });
  }
  TRY(publish_if_due(publish_now));
  return erase_if_due();
}

Result<void> Keeper::publish_if_due(bool publish_now) {
  const auto now = std::chrono::steady_clock::now();
  if (!publish_now && now < published_at_ + options_.checkpoint_interval) return {};
  TRY_AS(published, publisher_.publish(intake_->head()));
  if (published) published_at_ = now;
  return {};
}

// D20. The county's time is that of the newest published entry: so whoever verifies under a
// published checkpoint finds the erasure that explains what is missing. The log's own bodies go
// last, since they say what is still to be done: after a crash or a refusing disk on the way, the
// next round, or the next start before anything is served, does all of it again.
Result<void> Keeper::erase_if_due() {
  const credential::Governance& governance = intake_->governance();
  std::vector<Digest> due_now;
  std::optional<TimePoint> at;
  for (const credential::Erasure& erasure : governance.erasures()) {
    if (!erasure.is_confirmed() || erased_.contains(erasure.event)) continue;
    if (!at) {
      TRY_AS(newest, log_->at(publisher_.current().checkpoint.size - 1));
      if (!newest) return Error{Errc::Corrupt, "the newest published entry is missing"};
      at = newest->entry.received;
    }
    if (erasure.in_effect(*at)) due_now.push_back(erasure.event);
  }
  if (due_now.empty()) return {};
  TRY_AS(due, find_due(*log_, governance, *at));
  if (!due.empty()) TRY(snapshot_.remove());
  fold_->change([&](state::State& state) {
    for (const event::LoggedEvent& logged : due.after) state.erase(logged);
  });
  report_ = {};  // The same size, another digest.
  if (!due.empty()) TRY(side_->forget(due.events));
  // Before the bodies, which alone know the digests.
  if (!due.blobs.empty())
    TRY(erase_blobs_ ? erase_blobs_(due.blobs) : erase_blobs(folder_, due.blobs));
  TRY(log_->erase(due.what));  // With nothing to do, too: a crash may have left the log's journal.
  erased_.insert(due_now.begin(), due_now.end());
  if (!due.empty())
    operator_log().info("erased", "已依法删除 / erased by law",
                        {{"entries", due.what.size()}, {"photos", due.blobs.size()}});
  return {};
}

const FoldReport& Keeper::fold_report() {
  fold_->read([&](const state::State& state) {
    if (report_.next_index != state.next_index()) report_ = {state.next_index(), state.digest()};
  });
  return report_;
}

ViewPtr Keeper::view() {
  const auto governance = intake_->shared_governance();
  const bool changed = !view_ || view_->governance != governance ||
                       view_->published.checkpoint.size != publisher_.current().checkpoint.size ||
                       view_->erasures != erased_.size();
  if (changed)
    view_ = std::make_shared<const View>(View{.governance = governance,
                                              .published = publisher_.current(),
                                              .founding = *founding_,
                                              .system_credential = *system_credential_,
                                              .erasures = erased_.size()});
  return view_;
}

// Signs with the registrar key under its lock, after whatever the command line has signed.
Result<void> Keeper::issue(const event::Draft& credential) {
  TRY_AS(lock, FileLock::take(folder_.registrar_lock()));
  static_cast<void>(lock);
  for (bool more = true; more;) {
    TRY_AS(taken, take_queue());
    more = taken;
  }
  TRY_AS(head, log_->chain_head(registrar_.public_key()));
  const auto enrolment = intake_->governance().enrolment_of(registrar_.public_key());
  if (!enrolment) return Error{Errc::Forged, "the registrar key has no credential"};
  const event::ChainHead chain = head ? *head
                                      : event::ChainHead{.key = registrar_.public_key(),
                                                         .sequence = 0,
                                                         .digest = *enrolment,
                                                         .seen_size_max = 0};
  TRY_AS(event,
         event::make_event(registrar_, county_.code, chain,
                           log::seen_of(publisher_.current().checkpoint), credential, entropy_));
  CheckedBatch batch{.sender = registrar_.public_key(),
                     .events = {{event, check(event, county_.code)}}};
  TRY_AS(results, intake_->take({&batch, 1}, clock_->now()));
  TRY(follow());
  if (results[0][0].status != sync::EventOutcome::Status::Logged)
    return Error{Errc::Conflict, "the credential was not logged: " + results[0][0].reason};
  return {};
}

Result<sync::EnrolmentOutcome> Keeper::enrol(const sync::ServerSession::EnrolmentAsk& ask) {
  const EnrolmentContext before{folder_, *log_, *side_, intake_->governance()};
  TRY_AS(decision, decide_enrolment(before, ask, clock_->now()));
  if (!decision.credential) return decision.outcome;
  TRY(issue(*decision.credential));
  // Governance has moved on with the credential.
  const EnrolmentContext after{folder_, *log_, *side_, intake_->governance()};
  TRY_AS(request, event::open_request(ask.request));
  TRY_AS(outcome, issued(after, request.key, event::request_digest(ask.request)));
  if (!outcome)
    return Error{Errc::Conflict,
                 "the credential was logged without effect: the registrar key has "
                 "no authority for it any more"};
  return *outcome;
}
}  // namespace cunji::server
