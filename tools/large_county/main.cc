// Makes a county whose log holds as many entries as asked for: real keys, credentials and
// signatures, households of a hundred villages and the visits to them. For looking at restarts,
// backups and audits of a county that has been at it for years. A test county; equal seeds give
// equal logs.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "server/app/folder.h"
#include "server/app/init.h"
#include "server/app/roles.h"
#include "server/intake/intake.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"
#include "shared/store/checkpoint_file.h"

namespace cunji::large_county {
using namespace server;

constexpr std::uint64_t kStartMillis = 1'640'995'200'000;  // 2022-01-01.
constexpr std::size_t kVillages = 100, kHouseholdsPerVillage = 200, kCommitEntries = 4'000;
constexpr Duration kBetweenEntries{60'000};

struct Options {
  std::string folder, root_key;
  std::uint64_t entries = 0, seed = 1;
};

// Somebody who signs, and the chain so far.
struct Signer {
  crypto::KeyPair key;
  event::ChainHead head;
  DivisionCode division;
  std::vector<SubjectId> households;
};

class Maker {
 public:
  Maker(const Options& options, CountyCode county)
      : options_(options),
        county_(county),
        folder_{options.folder},
        random_(options.seed, "large") {}
  Result<void> make();

 private:
  Result<event::Event> sign(Signer& signer, const DivisionCode& division, const SubjectId& subject,
                            event::Kind kind, const event::PartContent& content) {
    auto out = event::make_event(signer.key, county_, signer.head, seen_,
                                 {.division = division,
                                  .subject = subject,
                                  .kind = kind,
                                  .recorded = now_,
                                  .parts = {event::encode_part(content)}},
                                 random_);
    if (out) signer.head = event::advanced(signer.head, out->signed_event, seen_.size);
    return out;
  }
  Result<void> enrol(Signer& registrar);
  Result<event::Event> next_event(std::uint64_t number);
  Result<void> fill();
  Result<void> publish();

  Options options_;
  CountyCode county_;
  Folder folder_;
  crypto::SeededEntropy random_;
  TimePoint now_ = from_millis(kStartMillis);
  event::Seen seen_;
  std::unique_ptr<log::EventLog> log_;
  std::vector<Signer> coordinators_;
};

// A coordinator for each village, with a credential by the registrar, through intake.
Result<void> Maker::enrol(Signer& registrar) {
  TRY_AS(side, open_side(folder_));
  TRY_AS(system, load_key(folder_.key("system")));
  TRY_AS(intake, Intake::open(*log_, *side, system));
  const PublicKey root = intake.governance().county()->root;
  TRY_AS(role, role_named("coordinator"));
  CheckedBatch batch{.sender = registrar.key.public_key(), .events = {}};
  for (std::size_t i = 0; i < kVillages; ++i) {
    const auto key = crypto::KeyPair::generate(random_);
    const Bytes request = event::sign_request({.root_digest = crypto::sha256(root.view()),
                                               .key = key.public_key(),
                                               .predecessor = {},
                                               .predecessor_sequence = 0,
                                               .predecessor_digest = {},
                                               .nonce = random_.next<Salt>()},
                                              key);
    TRY_AS(division, DivisionCode::parse(county_.str() + std::to_string(101'200 + i)));
    const Digest digest = event::request_digest(request);
    TRY_AS(credential, sign(registrar, county_.division(), {}, event::Kind::Credential,
                            event::CredentialPart{.key = key.public_key(),
                                                  .enrolment_digest = digest,
                                                  .enrolment_request = request,
                                                  .person = random_.next<PersonId>(),
                                                  .role = role.name,
                                                  .office = {},
                                                  .kinds = numbers_of(role.kinds),
                                                  .divisions = {division.str()},
                                                  .assigned = {},
                                                  .valid_from = now_,
                                                  .valid_to = now_ + std::chrono::days{3'650},
                                                  .late_days = 45,
                                                  .events_a_day = role.events_a_day,
                                                  .bytes_a_day = role.bytes_a_day}));
    batch.events.push_back({credential, check(credential, county_)});
    coordinators_.push_back(
        {.key = key,
         .head = {.key = key.public_key(), .sequence = 0, .digest = digest, .seen_size_max = 0},
         .division = division,
         .households = {}});
  }
  return intake.take({&batch, 1}, now_).has_value()
             ? Result<void>{}
             : Error{Errc::Io, "the credentials were not logged"};
}

// First the households of every village, then visits to them in turn.
Result<event::Event> Maker::next_event(std::uint64_t number) {
  Signer& by = coordinators_[number % kVillages];
  if (by.households.size() < kHouseholdsPerVillage) {
    by.households.push_back(random_.next<SubjectId>());
    const std::string house = std::to_string(by.households.size());
    return sign(by, by.division, by.households.back(), event::Kind::Registration,
                event::RegistrationPart{
                    .type = event::SubjectType::Household,
                    .create = true,
                    .facts = {{"number", "", event::text_value("H-" + house)},
                              {"head_name", "", event::text_value("王某某 " + house)},
                              {"household_category", "", event::codes_value({"monitored"})}},
                    .source = "import"});
  }
  const SubjectId& household = by.households[random_.below(by.households.size())];
  return sign(by, by.division, household, event::Kind::Visit,
              event::VisitPart{.outcome = event::VisitOutcome::Met,
                               .place = {},
                               .purpose = "例行走访",
                               .who_was_met = {"户主"},
                               .changes_found = false,
                               .remark = "家中一切正常，务工收入稳定。"});
}

Result<void> Maker::fill() {
  TRY_AS(head, log_->head());
  std::uint64_t size = head.size;
  for (std::uint64_t number = 0; size < options_.entries;) {
    std::vector<log::NewEntry> entries;
    while (entries.size() < kCommitEntries && size + entries.size() < options_.entries) {
      TRY_AS(event, next_event(number++));
      entries.push_back({.event = event.signed_event,
                         .body = event.body,
                         .received = now_,
                         .verdict = event::Verdict::Accepted,
                         .verified_seen_size = seen_.size});
      now_ += kBetweenEntries;
    }
    TRY(log_->append(size, entries));
    size += entries.size();
    std::fprintf(stderr, "\r%llu", static_cast<unsigned long long>(size));
  }
  std::fprintf(stderr, "\n");
  return {};
}

Result<void> Maker::publish() {
  TRY_AS(county, county_of(*log_));
  TRY_AS(published, proven_checkpoint(folder_, *log_, county));
  TRY_AS(key, load_key(folder_.key("log")));
  TRY_AS(head, log_->head());
  return store::CheckpointFile(folder_.checkpoint())
      .publish(published.note,
               log::sign_checkpoint({.origin = county.origin, .size = head.size, .root = head.root},
                                    key));
}

Result<void> Maker::make() {
  TRY(init_county({.folder = options_.folder,
                   .county = county_,
                   .name = "大县",
                   .test_county = true,
                   .persons_required = 1,
                   .root_key_out = options_.root_key},
                  random_, now_));
  TRY_AS(log, open_log(folder_));
  log_ = std::move(log);
  TRY_AS(governance, read_governance(*log_));
  TRY_AS(head, log_->head());
  seen_ =
      log::seen_of({.origin = governance.county()->origin, .size = head.size, .root = head.root});
  TRY_AS(key, load_key(folder_.key("registrar")));
  Signer registrar{.key = key,
                   .head = {.key = key.public_key(),
                            .sequence = 0,
                            .digest = *governance.enrolment_of(key.public_key()),
                            .seen_size_max = 0},
                   .division = {},
                   .households = {}};
  TRY(enrol(registrar));
  TRY(fill());
  return publish();
}
}  // namespace cunji::large_county

int main(int argc, char** argv) {
  using namespace cunji;
  CLI::App app{"造一个日志很长的测试县 / makes a test county with a long log"};
  large_county::Options options;
  app.add_option("DIR", options.folder, "新数据目录 / the new data folder")->required();
  app.add_option("ROOT_KEY", options.root_key, "根密钥文件 / where the root key goes")->required();
  app.add_option("--entries", options.entries, "条数 / entries of the log")->required();
  app.add_option("--seed", options.seed, "种子 / seed")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  large_county::Maker maker(options, CountyCode::parse("411323").value());
  const auto made = maker.make();
  if (made) return 0;
  std::fprintf(stderr, "错误 / error: %s\n", made.error().what.c_str());
  return 1;
}
