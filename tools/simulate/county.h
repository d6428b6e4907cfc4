#pragma once
// The county's server in the simulation: the real intake, log, side store, sessions and fold, on a
// disk of its own. What server/app does with threads and files is done here by plain calls: group
// commits, a checkpoint at most once a second, an anchor at least hourly, the registrar's desk.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/intake/intake.h"
#include "shared/crypto/sign.h"
#include "shared/programmes/all.h"
#include "shared/state/state.h"
#include "shared/store/memory_vfs.h"
#include "shared/sync/bundle.h"
#include "shared/sync/server_session.h"
#include "tools/simulate/evidence.h"
#include "tools/simulate/network.h"

namespace cunji::simulate {
class County final : public sync::ServerSource {
 public:
  using Trace = std::function<void(const std::string&)>;
  // All outlive the county.
  County(std::uint64_t seed, Schedule& schedule, Chance& chance, Network& network,
         Evidence& evidence, Trace trace);
  ~County() override;

  // Makes the county: founding event, credentials of system and registrar, register of villages and
  // households, first checkpoint. Once, before anything else.
  Result<void> found();

  bool up() const { return intake_.has_value(); }
  // The power goes: what was not synchronised is lost, sessions end without a word.
  void crash();
  // Opens everything again, proves it consistent with the checkpoint file, folds. On an error (the
  // disk may still be refusing) it stays down.
  Result<void> start();
  store::MemoryVfs& disk() { return disk_; }
  // The county's clock from now on, as against the true one.
  void set_clock(Duration offset) { clock_offset_ = offset; }

  // The server's end of connections.
  void accept(ConnectionId id);
  bool receive(ConnectionId id, BytesView message);
  void lost(ConnectionId id);

  // A `.cunji` file that somebody carried here. Its events join the queue of those of sessions.
  void take_bundle(BytesView file);
  const crypto::BoxPublic& box_key() const { return box_.public_key; }
  // The registrar gives the key of this request a credential. Whether it is durable.
  bool approve(BytesView request, const PersonId& person,
               const std::vector<DivisionCode>& divisions);

  const Digest& root_digest() const { return root_digest_; }
  CountyCode code() const { return code_; }
  const std::vector<DivisionCode>& villages() const { return villages_; }
  const std::vector<SubjectId>& households(const DivisionCode& village) const {
    return households_.at(village);
  }
  log::LogHead head() const { return intake_->head(); }
  Digest fold() const { return state_.digest(); }

  // sync::ServerSource
  const log::EventLog& log() const override { return *log_; }
  const credential::Governance& governance() const override { return intake_->governance(); }
  const std::string& note() const override { return note_; }
  const log::Checkpoint& checkpoint() const override { return checkpoint_; }
  const event::LoggedEvent& founding() const override { return *founding_; }
  const event::LoggedEvent& system_credential() const override { return *system_credential_; }

 private:
  struct Connection {
    std::unique_ptr<sync::ServerSession> session;
    bool waits_for_checkpoint = false;
    TimePoint heard{};
  };
  struct Waiting {
    std::optional<std::pair<ConnectionId, std::uint64_t>>
        from;  // Connection and push; a bundle: none.
    server::CheckedBatch batch;
  };

  TimePoint clock() const { return schedule_.now() + clock_offset_; }
  Result<void> write_founding();
  Result<void> open_stores();
  void close_stores();
  Result<void> check_durable() const;
  Result<void> refold();
  Result<void> issue(const crypto::KeyPair& issuer, const std::vector<event::Draft>& drafts);
  event::Draft credential_draft(const PublicKey& key, BytesView request, const PersonId& person,
                                const std::string& role, const std::vector<event::Kind>& kinds,
                                std::vector<std::string> divisions) const;
  Result<void> register_households();

  bool carry_out(ConnectionId id, const Result<sync::ServerSession::Output>& output);
  void hang_up(ConnectionId id, const Error& why);
  void fail(const Error& error);
  void queue(Waiting waiting);
  void commit();
  void answer(const std::vector<Waiting>& taken,
              const std::vector<std::vector<sync::EventOutcome>>& results);
  void refuse_for_now(const std::vector<Waiting>& waiting);
  void note_arrivals(const std::vector<Waiting>& taken);
  void follow();
  void publish_soon();
  void publish();
  Result<void> anchor();
  void in_this_life(Duration delay, std::function<void()> action);
  void anchor_hourly();
  void tick();

  Schedule& schedule_;
  Chance& chance_;
  Network& network_;
  Evidence& evidence_;
  Trace trace_;
  crypto::SeededEntropy entropy_;
  store::MemoryVfs disk_;
  crypto::SeededEntropy torn_;
  crypto::KeyPair root_, registrar_, system_, log_key_;
  crypto::BoxPair box_;
  Digest root_digest_;
  Duration clock_offset_{};
  CountyCode code_;
  std::string origin_;
  std::vector<DivisionCode> villages_;
  std::map<DivisionCode, std::vector<SubjectId>> households_;

  std::string checkpoint_file_;  // Durable: a file of its own, replaced whole (D9).
  log::LogHead durable_;         // The newest head after a commit that said durable.

  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<store::SideStore> side_;
  std::optional<server::Intake> intake_;
  state::State state_{programmes::all_calculations()};
  std::string note_;
  log::Checkpoint checkpoint_;
  std::optional<event::LoggedEvent> founding_, system_credential_;
  std::map<ConnectionId, Connection> connections_;
  std::vector<Waiting> queue_;
  bool commit_due_ = false, publish_due_ = false;
  std::uint64_t life_ = 0;  // Counts starts: what was planned in an earlier one is void.
};
}  // namespace cunji::simulate
