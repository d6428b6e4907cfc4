#include "server/app/init.h"

#include <filesystem>

#include "server/app/files.h"
#include "server/app/folder.h"
#include "server/app/roles.h"
#include "server/intake/intake.h"
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"
#include "shared/store/checkpoint_file.h"
#include "shared/store/sqlite_event_log.h"

namespace cunji::server {
// The county's own keys are replaced by decision, not by date.
static constexpr std::chrono::years kOwnKeysYears{50};

static Result<void> make_folder(const Folder& folder) {
  std::error_code error;
  const bool exists = std::filesystem::exists(folder.path, error);
  if (!error && exists && !std::filesystem::is_directory(folder.path, error))
    return Error{Errc::Conflict, folder.path + " is not a folder"};
  const bool used = exists && !std::filesystem::is_empty(folder.path, error);
  if (error) return Error{Errc::Io, "can't look into " + folder.path + ": " + error.message()};
  if (used)
    return Error{Errc::Conflict,
                 folder.path + " is in use: a county is made once, in an empty folder"};
  std::filesystem::create_directories(folder.keys(), error);
  if (!error) std::filesystem::create_directories(folder.pending(), error);
  if (!error) std::filesystem::permissions(folder.path, std::filesystem::perms::owner_all, error);
  if (error) return Error{Errc::Io, "can't make " + folder.path + ": " + error.message()};
  return {};
}

struct CountyKeys {
  crypto::KeyPair root, registrar, system, log;
  crypto::BoxPair box;
  Bytes recovery;  // Its public part; may be empty.
};

// The credential event of one of the county's own keys, signed by the root.
static Result<event::Event> own_credential(const CountyKeys& keys, const crypto::KeyPair& key,
                                           const Role& role, const InitOptions& options,
                                           const event::ChainHead& head, const event::Seen& seen,
                                           Entropy& entropy, TimePoint now) {
  const event::EnrolmentRequest request{
      .root_digest = crypto::sha256(keys.root.public_key().view()),
      .key = key.public_key(),
      .predecessor = {},
      .predecessor_sequence = 0,
      .predecessor_digest = {},
      .nonce = entropy.next<Salt>()};
  const Bytes signed_request = event::sign_request(request, key);
  const event::CredentialPart part{
      .key = key.public_key(),
      .enrolment_digest = event::request_digest(signed_request),
      .enrolment_request = signed_request,
      .person = entropy.next<PersonId>(),
      .role = role.name,
      .office = "county",
      .kinds = numbers_of(role.kinds),
      .divisions = {options.county.str()},
      .assigned = {},
      .valid_from = now - std::chrono::days{1},
      .valid_to = now + std::chrono::duration_cast<Duration>(kOwnKeysYears),
      .late_days = 45,
      .events_a_day = role.events_a_day,
      .bytes_a_day = role.bytes_a_day};
  return event::make_event(keys.root, options.county, head, seen,
                           {.division = options.county.division(),
                            .subject = {},
                            .kind = event::Kind::Credential,
                            .recorded = now,
                            .parts = {event::encode_part(part)}},
                           entropy);
}

static Result<event::Event> founding(const CountyKeys& keys, const std::string& origin,
                                     const InitOptions& options, Entropy& entropy, TimePoint now) {
  const event::FoundingPart part{.name = options.name,
                                 .origin = origin,
                                 .log_key = keys.log.public_key(),
                                 .box_key = keys.box.public_key.str(),
                                 .persons_required = options.persons_required,
                                 .test_county = options.test_county,
                                 .recovery_key = keys.recovery};
  const event::ChainHead head{.key = keys.root.public_key(),
                              .sequence = 0,
                              .digest = crypto::sha256({origin, "\n"}),
                              .seen_size_max = 0};
  return event::make_event(keys.root, options.county, head, {},
                           {.division = options.county.division(),
                            .subject = {},
                            .kind = event::Kind::Founding,
                            .recorded = now,
                            .parts = {event::encode_part(part)}},
                           entropy);
}

static Result<void> take_own_credentials(Intake& intake, const CountyKeys& keys,
                                         const event::Event& first, const InitOptions& options,
                                         Entropy& entropy, TimePoint now) {
  const auto head = intake.head();
  const event::Seen seen = log::seen_of(
      {.origin = intake.governance().county()->origin, .size = head.size, .root = head.root});
  event::ChainHead chain{.key = keys.root.public_key(),
                         .sequence = 1,
                         .digest = first.signed_event.digest(),
                         .seen_size_max = 0};
  CheckedBatch batch{.sender = keys.root.public_key(), .events = {}};
  const std::pair<const crypto::KeyPair*, const Role*> owned[] = {
      {&keys.system, &system_role()}, {&keys.registrar, &registrar_role()}};
  for (const auto& [key, role] : owned) {
    TRY_AS(event, own_credential(keys, *key, *role, options, chain, seen, entropy, now));
    chain = event::advanced(chain, event.signed_event, seen.size);
    batch.events.push_back({event, check(event, options.county)});
  }
  TRY_AS(results, intake.take({&batch, 1}, now));
  for (const sync::EventOutcome& outcome : results[0]) {
    CHECK(outcome.status == sync::EventOutcome::Status::Logged);
    CHECK(event::is_accepted(outcome.verdict));
  }
  return {};
}

static Result<void> store_keys(const Folder& folder, const InitOptions& options,
                               const CountyKeys& keys) {
  TRY(store_key(options.root_key_out, keys.root));
  TRY(store_key(folder.key("registrar"), keys.registrar));
  TRY(store_key(folder.key("system"), keys.system));
  TRY(store_key(folder.key("log"), keys.log));
  return store_box_key(folder.key("box"), keys.box);
}

Result<InitSummary> init_county(const InitOptions& options, Entropy& entropy, TimePoint now) {
  if (file_exists(options.root_key_out))
    return Error{Errc::Conflict,
                 options.root_key_out + " exists already; a key is never overwritten"};
  if (!options.recovery_shares.empty()) TRY(check_shares(options.recovery_shares));
  const Folder folder{options.folder};
  TRY(make_folder(folder));
  Bytes recovery;
  if (!options.recovery_shares.empty()) {
    const auto use = options.test_county ? crypto::VaultUse::Test : crypto::VaultUse::Real;
    TRY_AS(key, make_recovery_key(options.county, options.recovery_shares, use, entropy));
    recovery = key.str();
  }
  const CountyKeys keys{.root = crypto::KeyPair::generate(entropy),
                        .registrar = crypto::KeyPair::generate(entropy),
                        .system = crypto::KeyPair::generate(entropy),
                        .log = crypto::KeyPair::generate(entropy),
                        .box = crypto::generate_box_pair(entropy),
                        .recovery = recovery};
  TRY(store_keys(folder, options, keys));

  const std::string origin = "cunji/" + options.county.str() + "/1";
  TRY_AS(first, founding(keys, origin, options, entropy, now));
  TRY_AS(log, store::open_sqlite_event_log(folder.log()));
  const log::NewEntry entry{.event = first.signed_event,
                            .body = first.body,
                            .received = now,
                            .verdict = event::Verdict::Accepted,
                            .verified_seen_size = 0};
  TRY(log->append(0, {&entry, 1}));
  TRY_AS(side, store::SideStore::open(folder.side()));
  TRY_AS(intake, Intake::open(*log, *side, keys.system));
  TRY(take_own_credentials(intake, keys, first, options, entropy, now));

  const auto head = intake.head();
  const log::Checkpoint checkpoint{.origin = origin, .size = head.size, .root = head.root};
  TRY(store::CheckpointFile(folder.checkpoint())
          .publish(std::nullopt, log::sign_checkpoint(checkpoint, keys.log)));
  return InitSummary{.root_digest = crypto::sha256(keys.root.public_key().view()),
                     .origin = origin,
                     .verifier_key = log::verifier_key(origin, keys.log.public_key()),
                     .size = head.size};
}
}  // namespace cunji::server
