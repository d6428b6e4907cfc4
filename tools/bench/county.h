#pragma once
// A made-up county in a folder as cunji-server has it, filled through the real intake at any pace.
// What it logs was signed by keys of its own a moment before, so signatures are not checked again.
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/app/folder.h"
#include "server/app/publisher.h"
#include "server/intake/intake.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/event.h"
#include "shared/sync/server_session.h"

namespace cunji::bench {
// Somebody with a key, a credential and a chain.
struct Author {
  crypto::KeyPair key;
  event::ChainHead head;
};

class County {
 public:
  // Makes it in `folder`, founded at `founded`; nothing else may use the folder meanwhile.
  static Result<std::unique_ptr<County>> make(const std::string& folder, TimePoint founded,
                                              std::uint64_t seed);

  CountyCode code() const { return code_; }
  const Digest& root_digest() const { return root_digest_; }
  const server::Folder& folder() const { return folder_; }
  const log::EventLog& log() const { return *log_; }
  log::LogHead head() const { return intake_->head(); }
  // What an event may name as the newest checkpoint seen.
  event::Seen seen() const;

  // A day of a benchmark is a year of work.
  static constexpr std::uint32_t kNoQuota = 100'000'000;
  // A coordinator of these divisions, credentialed by the root at `now`.
  Result<Author*> enrol(std::vector<std::string> divisions, TimePoint now,
                        std::uint32_t events_a_day = kNoQuota);
  // The same for a key of somebody else's, by its request.
  Result<void> enrol_request(BytesView request, std::vector<std::string> divisions, TimePoint now,
                             std::uint32_t events_a_day = kNoQuota);

  // Publishes the definitions that programs carry, at `now`.
  Result<void> publish_definitions(TimePoint now);

  // Signs the next event of the author's chain, which goes along.
  event::Event sign(Author& author, const event::Draft& draft);
  // Logs events at `received`; every one must be taken.
  Result<void> log_events(std::vector<event::Event> events, TimePoint received);
  // Signs and publishes the head.
  Result<void> publish();
  const server::Published& published() const { return publisher_->current(); }

 private:
  County(CountyCode code, std::uint64_t seed) : code_(code), entropy_(seed, "county") {}
  CountyCode code_;
  crypto::SeededEntropy entropy_;
  server::Folder folder_;
  Digest root_digest_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<store::SideStore> side_;
  std::optional<server::Publisher> publisher_;
  std::optional<server::Intake> intake_;
  std::deque<Author> authors_;  // References to them stay valid. The first is the root.
};

// Logs `events` of what the authors record in turn, `batch_events` at a time, the n-th author in
// the n-th village; `pause` lies between two batches and `at` goes along. Registrations come first.
class Village;
struct Filling {
  std::size_t events = 0;
  std::size_t batch_events = 500;
  Duration pause{};
};
Result<void> fill(County& county, std::span<Author* const> authors, std::span<Village> villages,
                  const Filling& filling, TimePoint& at);

// A county as a server session reads it, without process or socket.
class CountySource final : public sync::ServerSource {
 public:
  // `county` outlives it and must have been published.
  static Result<std::unique_ptr<CountySource>> open(const County& county);
  const crypto::KeyPair& system_key() const { return *system_key_; }
  // After something was logged and published.
  Result<void> refresh();

  const log::EventLog& log() const override { return county_.log(); }
  const credential::Governance& governance() const override { return governance_; }
  const std::string& note() const override { return county_.published().note; }
  const log::Checkpoint& checkpoint() const override { return county_.published().checkpoint; }
  const event::LoggedEvent& founding() const override { return *founding_; }
  const event::LoggedEvent& system_credential() const override { return *system_credential_; }

 private:
  explicit CountySource(const County& county) : county_(county) {}
  const County& county_;
  credential::Governance governance_;
  std::optional<crypto::KeyPair> system_key_;
  std::optional<event::LoggedEvent> founding_, system_credential_;
};
}  // namespace cunji::bench
