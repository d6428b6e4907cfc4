#pragma once
// The desk of the county's own keys (registrar, or root where it is brought along): signs events
// and hands them to the log, directly where no server runs, else through the server's queue.
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "server/app/folder.h"
#include "server/app/publisher.h"
#include "server/intake/intake.h"
#include "shared/base/entropy.h"

namespace cunji::server {
class Desk {
 public:
  // Errc::Corrupt when the log is not consistent with its checkpoint.
  static Result<std::unique_ptr<Desk>> open(const Folder& folder, Entropy& entropy);
  ~Desk();

  // Signs the drafts as the next events of the key's chain; returns once the log holds them all.
  // Errc::Timeout when a running server does not take them in half a minute (they stay queued);
  // Errc::Conflict when one was refused, which says why. At most kSubmitMax drafts.
  Result<std::vector<sync::EventOutcome>> submit(const crypto::KeyPair& key,
                                                 std::span<const event::Draft> drafts,
                                                 TimePoint now);
  static constexpr std::size_t kSubmitMax = 1'000;
  // Publishes a checkpoint over what was taken; a running server does it by itself.
  Result<void> publish();

  bool beside_server() const { return !intake_; }
  const log::EventLog& log() const { return *log_; }
  store::SideStore& side() { return *side_; }
  const credential::County& county() const { return county_; }
  // Newest governance: read again beside a server.
  Result<credential::Governance> governance() const;

 private:
  Desk(const Folder& folder, Entropy& entropy) : folder_(folder), entropy_(entropy) {}
  Result<event::ChainHead> head_of(const PublicKey& key) const;
  Result<event::Seen> seen() const;
  Result<std::vector<sync::EventOutcome>> take(std::span<const event::Event> events, TimePoint now);
  Result<std::vector<sync::EventOutcome>> wait_for(std::span<const event::Event> events) const;

  Folder folder_;
  Entropy& entropy_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<store::SideStore> side_;
  credential::County county_;
  std::optional<Intake> intake_;        // Nothing: a server runs.
  std::optional<Publisher> publisher_;  // Likewise.
};
}  // namespace cunji::server
