#pragma once
// The keeper of a county's log while its server runs: intake, fold, checkpoints, anchors, the
// command line's queue, enrolment. All by plain calls from one thread; writer.h gives it that
// thread.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "server/app/clock.h"
#include "server/app/folder.h"
#include "server/app/limits.h"
#include "server/app/operator_log.h"
#include "server/app/publisher.h"
#include "server/app/shared_fold.h"
#include "server/app/snapshot_file.h"
#include "server/intake/intake.h"
#include "shared/base/entropy.h"
#include "shared/sync/server_session.h"

namespace cunji::server {
// What readers in other threads see; never changes once published.
struct View {
  std::shared_ptr<const credential::Governance> governance;
  Published published;
  event::LoggedEvent founding, system_credential;
  std::size_t erasures = 0;  // Carried out: with one more, what was made from bodies before is old.
};
using ViewPtr = std::shared_ptr<const View>;

// Where the fold stands.
struct FoldReport {
  std::uint64_t next_index = 0;
  Digest digest;
};

class Keeper {
 public:
  struct Options {
    Duration checkpoint_interval = kCheckpointInterval;  // On the machine's clock.
    bool use_snapshot = true;  // Else the whole log is folded, whatever a snapshot says.
    OperatorLog operator_log = {};
  };
  // Opens everything, proves the log consistent with its checkpoint, folds it, logs the starting
  // anchor and publishes. Nothing is signed unless all is well. `entropy` outlives it.
  static Result<std::unique_ptr<Keeper>> open(const Folder& folder, std::shared_ptr<Clock> clock,
                                              Options options, Entropy& entropy);

  // As Intake::take(), after an anchor where one is due.
  Result<std::vector<std::vector<sync::EventOutcome>>> take(std::span<CheckedBatch> batches);
  // What a request with a code gets, its credential durable. Errors of decide_enrolment().
  Result<sync::EnrolmentOutcome> enrol(const sync::ServerSession::EnrolmentAsk& ask);
  // Takes one commit's worth of the command line's events, appends the anchor that is due,
  // publishes where the last checkpoint is old enough, or in any case with `publish_now`, and
  // carries out the erasures that are in effect by what is published (D20).
  Result<void> do_chores(bool publish_now);
  // Who deletes blobs that are erased, once the BlobDesk has their index: what erase() does. Until
  // then they are deleted here.
  using EraseBlobs = std::function<Result<void>(const std::vector<Digest>&)>;
  void erase_blobs_by(EraseBlobs erase) { erase_blobs_ = std::move(erase); }
  // Before the end: keeps the fold for the next start where replaying it would take longer.
  Result<void> keep_snapshot();

  // The newest view; a new pointer whenever something in it changed.
  ViewPtr view();
  // The digest of the whole fold is made once for each size of the log.
  const FoldReport& fold_report();
  std::uint64_t log_size() const { return intake_->head().size; }
  Result<store::SideCounts> side_counts() const { return side_->counts(); }
  // For readers in other threads.
  std::shared_ptr<const SharedFold> fold() const { return fold_; }
  const OperatorLog& operator_log() const { return options_.operator_log; }
  const credential::County& county() const { return county_; }
  const crypto::KeyPair& system_key() const { return system_key_; }

 private:
  Keeper(const Folder& folder, std::shared_ptr<Clock> clock, Options options, Entropy& entropy,
         Publisher publisher, const crypto::KeyPair& system_key, const crypto::KeyPair& registrar)
      : folder_(folder),
        clock_(std::move(clock)),
        options_(std::move(options)),
        snapshot_(folder.snapshot(), options_.operator_log),
        entropy_(entropy),
        publisher_(std::move(publisher)),
        system_key_(system_key),
        registrar_(registrar) {}
  Result<void> read_log();
  Result<void> find_opening_entries();
  Result<void> anchor_if_due();
  Result<bool> take_queue();
  Result<void> issue(const event::Draft& credential);
  Result<void> publish_if_due(bool now);
  Result<void> erase_if_due();
  Result<void> follow();

  Folder folder_;
  std::shared_ptr<Clock> clock_;
  Options options_;
  SnapshotFile snapshot_;
  Entropy& entropy_;
  Publisher publisher_;
  crypto::KeyPair system_key_, registrar_;
  credential::County county_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<store::SideStore> side_;
  std::optional<Intake> intake_;
  std::shared_ptr<SharedFold> fold_ = std::make_shared<SharedFold>();
  std::optional<event::LoggedEvent> founding_, system_credential_;  // Set by open().
  EraseBlobs erase_blobs_;
  std::set<Digest> erased_;            // Erasures that are carried out.
  std::optional<TimePoint> anchored_;  // When, on the county's clock.
  std::chrono::steady_clock::time_point published_at_{};
  ViewPtr view_;
  FoldReport report_;
};
}  // namespace cunji::server
