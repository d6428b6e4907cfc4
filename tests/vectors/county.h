#pragma once
// A small made-up county with every verdict in its log: the material of the vectors. Deterministic:
// keys from seeds, times counted up by hand.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/credential/governance.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/event.h"
#include "shared/event/parts.h"
#include "shared/log/checkpoint.h"
#include "shared/log/event_log.h"

namespace cunji::vectors {
inline constexpr std::uint64_t kStart = 1'643'673'600'000;  // 2022-02-01T00:00:00Z.
inline constexpr std::uint64_t kHour = 3'600'000;
inline constexpr std::uint64_t kDay = 24 * kHour;

crypto::Seed seed_named(const std::string& name);  // SHA-256("cunji vectors\n" ‖ name).
crypto::KeyPair key_named(const std::string& name);
CountyCode county_code();          // 411323
DivisionCode village(int number);  // 41132300120N
SubjectId household(int number);
Bytes request_of(const std::string& name);  // The enrolment request of key_named(name).

class SmallCounty {
 public:
  SmallCounty();
  // The whole story: see story() in county.cc.
  static SmallCounty told();
  // The same, and then a visit (entry 26) that was erased by law.
  static SmallCounty told_with_erasure();

  // What the next event is. Unset: seen = the newest checkpoint, recorded = now.
  struct Act {
    std::string by;
    event::Kind kind = event::Kind::Visit;
    event::PartContent content;
    DivisionCode division = county_code().division();
    std::uint64_t seen_size = UINT64_MAX;  // UINT64_MAX: the newest.
    bool lose_body = false;
    bool log_it = true;  // False: signed only (the other branch of a fork).
  };
  event::SignedEvent act(const std::string& what, const Act& act);
  void wait(std::uint64_t millis) { now_ += millis; }
  // Deletes the whole content of an entry, as its holders do once an erasure is in effect.
  void erase(std::uint64_t index);

  const std::vector<event::LoggedEvent>& entries() const { return entries_; }
  const std::vector<std::string>& told_of() const {
    return told_of_;
  }  // What each entry is, in words.
  const log::EventLog& log() const { return *log_; }
  log::Checkpoint checkpoint(std::uint64_t size) const;
  std::string note(std::uint64_t size) const;  // Signed by key_named("log").
  static std::string origin();

 private:
  event::Seen seen(std::uint64_t size) const;
  crypto::SeededEntropy entropy_{1, "cunji vectors"};
  std::unique_ptr<log::EventLog> log_;
  credential::Governance governance_;
  std::map<std::string, event::ChainHead> heads_;
  std::vector<event::LoggedEvent> entries_;
  std::vector<std::string> told_of_;
  std::uint64_t now_ = kStart;
};

// A credential for key_named(name), as a registrar writes it; callers change what differs.
event::CredentialPart credential_for(const std::string& name, const std::string& role,
                                     std::vector<std::uint16_t> kinds,
                                     std::vector<std::string> divisions);
}  // namespace cunji::vectors
