// The running county: made once, proven on opening, anchored, published; commands beside it.
#include "server/app/keeper.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "server/app/desk.h"
#include "server/app/enrolment.h"
#include "server/app/files.h"
#include "server/app/init.h"
#include "server/app/snapshot_file.h"
#include "shared/base/calendar.h"
#include "shared/credential/code.h"
#include "shared/crypto/hash.h"
#include "shared/log/merkle.h"
#include "shared/store/checkpoint_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
class KeeperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.path = base + "/county";
    options = {.folder = folder.path,
               .county = kCounty,
               .name = "测试县",
               .test_county = true,
               .persons_required = 1,
               .root_key_out = base + "/root.key"};
    set_clock(0);
  }

  void set_clock(int minute) {
    ASSERT_TRUE(replace_file(base + "/clock", std::to_string(to_millis(at_minute(minute)))));
  }
  Result<std::unique_ptr<Keeper>> open() {
    auto clock = Clock::from_file(base + "/clock");
    if (!clock) return clock.error();
    return Keeper::open(folder, *clock, {.checkpoint_interval = Duration{0}}, entropy);
  }
  void make() { ASSERT_TRUE(init_county(options, entropy, at_minute(0))); }

  crypto::SeededEntropy entropy{5};
  testing_support::TempDir dir;
  const std::string base = dir.path();
  Folder folder;
  InitOptions options;
};

TEST_F(KeeperTest, ACountyIsMadeOnceAndItsKeysArePrivate) {
  make();
  const auto again = init_county(options, entropy, at_minute(0));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::Conflict) << "the root key is there";
  options.root_key_out = base + "/other.key";
  const auto used = init_county(options, entropy, at_minute(0));
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, Errc::Conflict) << "the folder is in use";
  EXPECT_FALSE(file_exists(options.root_key_out));
  for (const char* name : {"registrar", "system", "log", "box"}) {
    const auto permissions = std::filesystem::status(folder.key(name)).permissions();
    EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << name;
  }
  std::filesystem::permissions(folder.key("log"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_FALSE(load_key(folder.key("log"))) << "readable by others";
}

TEST_F(KeeperTest, AnchorsAtTheStartAndHourlyAndPublishes) {
  make();
  auto keeper = open().value();
  EXPECT_EQ(keeper->view()->published.checkpoint.size, 4U) << "founding, two credentials, anchor";
  set_clock(59);
  ASSERT_TRUE(keeper->do_chores(false));
  EXPECT_EQ(keeper->view()->published.checkpoint.size, 4U);
  set_clock(60);
  ASSERT_TRUE(keeper->do_chores(false));
  EXPECT_EQ(keeper->view()->published.checkpoint.size, 5U);
  EXPECT_EQ(keeper->fold_report().next_index, 5U);
  const auto note = store::CheckpointFile(folder.checkpoint()).read().value().value();
  EXPECT_EQ(note, keeper->view()->published.note);
}

TEST_F(KeeperTest, RefusesToServeALogThatWasRolledBack) {
  make();
  const auto copy = base + "/copy.sqlite";
  std::filesystem::copy_file(folder.log(), copy);
  {
    auto keeper = open().value();
  }  // Grows and publishes.
  std::filesystem::remove(folder.log());
  std::filesystem::remove(folder.log() + "-wal");
  std::filesystem::remove(folder.log() + "-shm");
  std::filesystem::copy_file(copy, folder.log());
  const auto rolled_back = open();
  ASSERT_FALSE(rolled_back);
  EXPECT_EQ(rolled_back.error().code, Errc::Corrupt);
  EXPECT_NE(rolled_back.error().what.find("rolled back"), std::string::npos);
}

TEST_F(KeeperTest, RefusesToServeWithoutOrWithAForeignCheckpoint) {
  make();
  const auto note = read_file(folder.checkpoint()).value();
  ASSERT_TRUE(replace_file(folder.checkpoint(), note + "x"));
  EXPECT_FALSE(open());
  std::filesystem::remove(folder.checkpoint());
  const auto missing = open();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::Corrupt);
}

TEST_F(KeeperTest, StopsPublishingWhenSomebodyElsePublished) {
  make();
  auto keeper = open().value();
  const auto note = read_file(folder.checkpoint()).value();
  ASSERT_TRUE(replace_file(folder.checkpoint(), note + "— other AAAA\n"));
  set_clock(61);
  const auto chores = keeper->do_chores(true);
  ASSERT_FALSE(chores);
  EXPECT_EQ(chores.error().code, Errc::Conflict);
}

TEST_F(KeeperTest, AMadeUpClockIsForTestCountiesOnly) {
  options.test_county = false;
  make();
  const auto keeper = open();
  ASSERT_FALSE(keeper);
  EXPECT_EQ(keeper.error().code, Errc::Conflict);
}

TEST_F(KeeperTest, ASecondServerIsRefused) {
  make();
  const auto first = open().value();
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::Conflict);
}

TEST_F(KeeperTest, ACodeEnrolsOneRequestOnceAndAnswersItAlways) {
  make();
  auto keeper = open().value();
  const auto side = open_side(folder).value();
  CodeOptions code_options;
  code_options.divisions = {"990001001001"};
  const std::string code = add_code(*side, kCounty, code_options, entropy, at_minute(0)).value();
  const auto key = credential::code_key(code);
  const PublicKey root = load_key(base + "/root.key")->public_key();
  const auto ask_of = [&](const Author& author) {
    sync::ServerSession::EnrolmentAsk ask{.request = author.request,
                                          .code_id = credential::code_id(key).str(),
                                          .mac = {},
                                          .transcript = crypto::sha256("a session")};
    ask.mac = credential::code_mac(key, ask.request, ask.transcript).str();
    return ask;
  };
  const Author author("author", &root), thief("thief", &root);

  auto wrong_mac = ask_of(author);
  wrong_mac.mac[0] = static_cast<char>(wrong_mac.mac[0] ^ 1);
  EXPECT_FALSE(keeper->enrol(wrong_mac)) << "the code itself is never sent";
  const Author stranger("stranger");  // Names another county's root.
  EXPECT_FALSE(keeper->enrol(ask_of(stranger)));

  const auto first = keeper->enrol(ask_of(author));
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_FALSE(first->waits);
  ASSERT_TRUE(first->credential);
  const auto size = keeper->fold_report().next_index;
  const auto again = keeper->enrol(ask_of(author));
  ASSERT_TRUE(again && again->credential);
  EXPECT_EQ(again->credential->index, first->credential->index);
  EXPECT_EQ(keeper->fold_report().next_index, size);
  EXPECT_FALSE(keeper->enrol(ask_of(thief))) << "used";

  const std::string old = add_code(*side, kCounty, code_options, entropy, at_minute(0)).value();
  set_clock(60 * 24 * 3);
  auto late = ask_of(thief);
  late.code_id = credential::code_id(credential::code_key(old)).str();
  late.mac = credential::code_mac(credential::code_key(old), late.request, late.transcript).str();
  EXPECT_FALSE(keeper->enrol(late)) << "expired";
}

TEST_F(KeeperTest, ADeskWaitsForARegistrarWhoComparedTheDigits) {
  make();
  auto keeper = open().value();
  const auto side = open_side(folder).value();
  CodeOptions code_options;
  code_options.role = "town_desk";
  code_options.divisions = {"990001001"};
  const std::string code = add_code(*side, kCounty, code_options, entropy, at_minute(0)).value();
  const auto key = credential::code_key(code);
  const PublicKey root = load_key(base + "/root.key")->public_key();
  const Author desk_author("desk", &root);
  sync::ServerSession::EnrolmentAsk ask{.request = desk_author.request,
                                        .code_id = credential::code_id(key).str(),
                                        .mac = {},
                                        .transcript = crypto::sha256("a session")};
  ask.mac = credential::code_mac(key, ask.request, ask.transcript).str();
  EXPECT_TRUE(keeper->enrol(ask).value().waits);
  keeper.reset();

  const auto desk = Desk::open(folder, entropy).value();
  const auto governance = desk->governance().value();
  const EnrolmentContext context{folder, desk->log(), desk->side(), governance};
  const auto pending = pending_requests(context).value();
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].digits, event::comparison_digits(desk_author.request));
  EXPECT_FALSE(approve(context, "00000000", at_minute(1)));
  const auto draft = approve(context, pending[0].digits, at_minute(1)).value();
  const auto registrar = load_key(folder.key("registrar")).value();
  ASSERT_TRUE(desk->submit(registrar, {&draft, 1}, at_minute(1)));
  const auto status = desk->governance().value();
  EXPECT_EQ(status.standing(desk_author.key.public_key(), at_minute(2)).size(), 1U);
}

TEST_F(KeeperTest, TheServerTakesWhatTheCommandLineSignedAndNeverForksTheRegistrar) {
  make();
  auto keeper = open().value();
  const auto side = open_side(folder).value();
  const auto log = open_log_read_only(folder).value();
  // A command beside the server has queued a registration, signed with the registrar key.
  const auto registrar = load_key(folder.key("registrar")).value();
  const auto enrolment = read_governance(*log)->enrolment_of(registrar.public_key()).value();
  const event::Draft draft{
      .division = kVillage,
      .subject = entropy.next<SubjectId>(),
      .kind = event::Kind::Registration,
      .recorded = at_minute(1),
      .parts = {event::encode_part(event::RegistrationPart{.type = event::SubjectType::Household,
                                                           .create = true,
                                                           .facts = {},
                                                           .source = "import"})}};
  const auto event =
      event::make_event(
          registrar, kCounty,
          {.key = registrar.public_key(), .sequence = 0, .digest = enrolment, .seen_size_max = 0},
          {.size = 1, .digest = {}}, draft, entropy)
          .value();
  ASSERT_TRUE(side->enqueue({&event, 1}));
  // Before it is taken, somebody enrols: the server signs with the same key.
  CodeOptions code_options;
  code_options.divisions = {"990001001001"};
  const auto key =
      credential::code_key(add_code(*side, kCounty, code_options, entropy, at_minute(0)).value());
  const PublicKey root = load_key(base + "/root.key")->public_key();
  const Author author("author", &root);
  sync::ServerSession::EnrolmentAsk ask{.request = author.request,
                                        .code_id = credential::code_id(key).str(),
                                        .mac = {},
                                        .transcript = {}};
  ask.mac = credential::code_mac(key, ask.request, ask.transcript).str();
  ASSERT_TRUE(keeper->enrol(ask));
  EXPECT_EQ(log->chain_head(registrar.public_key()).value()->sequence, 2U);
  EXPECT_EQ(log->index_of(registrar.public_key(), 1).value(), 4U);
  EXPECT_TRUE(side->queued(10).value().empty());
  EXPECT_FALSE(read_governance(*log)->find(registrar.public_key())->frozen_at);
}

// What the log holds, folded without any snapshot.
static Digest replayed(const Folder& folder) {
  state::State out;
  const auto log = open_log_read_only(folder).value();
  CHECK(log->scan(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    out.apply(logged);
    return true;
  }));
  return out.digest();
}

TEST_F(KeeperTest, GoesOnFromASnapshotAsFromTheWholeLog) {
  make();
  auto keeper = open().value();
  const log::LogHead head = open_log_read_only(folder).value()->head().value();
  const state::SnapshotMark mark{.size = head.size, .root = head.root};
  state::State folded;
  ASSERT_TRUE(open_log_read_only(folder).value()->scan(
      0, [&](const event::LoggedEvent& logged) -> Result<bool> {
        folded.apply(logged);
        return true;
      }));
  for (const bool in_background : {true, false}) {
    SnapshotFile file(folder.snapshot());
    if (in_background) {
      file.write_in_background(folded, mark);
    } else {
      ASSERT_TRUE(file.write(folded, mark));
    }
  }  // Waits for the writing.
  const auto permissions = std::filesystem::status(folder.snapshot()).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(
      SnapshotFile(folder.snapshot()).read(*open_log_read_only(folder).value())->value().digest(),
      folded.digest());
  set_clock(61);
  ASSERT_TRUE(keeper->do_chores(true));  // The tail: an anchor.
  keeper.reset();
  keeper = open().value();
  EXPECT_GT(keeper->fold_report().next_index, mark.size);
  EXPECT_EQ(keeper->fold_report().digest, replayed(folder));
}

TEST_F(KeeperTest, ASnapshotThatIsDamagedOrOfAnotherLogIsIgnored) {
  make();
  const auto log = open_log_read_only(folder).value();
  const log::LogHead head = log->head().value();
  // A fold that is wrong in a way only its digest and mark can tell.
  state::State wrong;
  wrong.apply(log->at(0).value().value());
  struct Case {
    const char* name;
    state::SnapshotMark mark;
    bool damage;
  };
  for (const Case& c : {Case{"of another log", {1, crypto::sha256("another")}, false},
                        Case{"longer than the log", {head.size + 9, head.root}, false},
                        Case{"damaged", {1, log::root_at(*log, 1).value()}, true}}) {
    SCOPED_TRACE(c.name);
    state::State state = wrong;
    if (c.mark.size > 1) {
      event::LoggedEvent later = log->at(head.size - 1).value().value();
      later.index = c.mark.size - 1;
      state.apply(later);
    }
    SnapshotFile file(folder.snapshot());
    ASSERT_TRUE(file.write(state, c.mark));
    if (c.damage) {
      Bytes bytes = read_file(folder.snapshot()).value();
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      ASSERT_TRUE(replace_file(folder.snapshot(), bytes));
    }
    EXPECT_FALSE(file.read(*log)) << "it says why";
    const auto keeper = open();
    ASSERT_TRUE(keeper) << keeper.error().what;
    EXPECT_EQ((*keeper)->fold_report().digest, replayed(folder));
  }
}

// Anybody may ask for it, and it reads all of the fold.
TEST_F(KeeperTest, TheDigestOfTheFoldIsMadeOnceForEachSize) {
  make();
  const auto registrar = load_key(folder.key("registrar")).value();
  event::LoggedEvent logged = [&] {
    const auto desk = Desk::open(folder, entropy).value();
    const event::Draft draft{.division = kVillage,
                             .subject = entropy.next<SubjectId>(),
                             .kind = event::Kind::Registration,
                             .recorded = at_minute(0),
                             .parts = {event::encode_part(event::RegistrationPart{
                                 .type = event::SubjectType::Household, .create = true})}};
    const auto index = desk->submit(registrar, {&draft, 1}, at_minute(0)).value()[0].index;
    EXPECT_TRUE(desk->publish());
    return desk->log().at(index).value().value();
  }();
  const auto keeper = open().value();
  const auto digest = [&] {
    return keeper->fold()->read([](const state::State& state) { return state.digest(); });
  };
  const Digest before = keeper->fold_report().digest;
  EXPECT_EQ(before, digest());
  // Behind the keeper's back, at the same size: who made it again would notice.
  ASSERT_TRUE(event::erase_parts(logged.body, event::PartSet().set()));
  std::const_pointer_cast<SharedFold>(keeper->fold())->change([&](state::State& state) {
    state.erase(logged);
  });
  ASSERT_NE(digest(), before);
  EXPECT_EQ(keeper->fold_report().digest, before);
  set_clock(61);  // An anchor is due.
  ASSERT_TRUE(keeper->do_chores(true));
  EXPECT_EQ(keeper->fold_report().digest, digest());
}

// Whether a file of the folder holds this text.
static bool is_on_disk(const std::string& folder, const std::string& text) {
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
    if (!each.is_regular_file()) continue;
    const auto bytes = read_file(each.path().string(), std::size_t{1} << 30);
    if (bytes && bytes->find(text) != Bytes::npos) return true;
  }
  return false;
}

static constexpr std::string_view kPhoto = "a picture of the same person";
static Digest put_photo(const Folder& folder) {
  const Digest out = crypto::sha256(kPhoto);
  std::filesystem::create_directories(std::filesystem::path(folder.blob(out)).parent_path());
  EXPECT_TRUE(replace_file(folder.blob(out), Bytes(kPhoto)));
  return out;
}
static event::PartFrame naming(const Digest& photo) {
  event::PartFrame out;
  out.attachments.push_back({.digest = photo,
                             .size = static_cast<std::uint32_t>(kPhoto.size()),
                             .media_type = "image/jpeg"});
  return out;
}

// Registers a household by `parts`, as Desk::submit does, and orders the erasure of all of them.
static event::LoggedEvent log_and_order_erasure(const Folder& folder, Entropy& entropy,
                                                const SubjectId& household,
                                                std::vector<Bytes> parts) {
  const auto registrar = load_key(folder.key("registrar")).value();
  const auto desk = Desk::open(folder, entropy).value();
  const event::Draft draft{.division = kVillage,
                           .subject = household,
                           .kind = event::Kind::Registration,
                           .recorded = at_minute(0),
                           .parts = std::move(parts)};
  const auto index = desk->submit(registrar, {&draft, 1}, at_minute(0)).value()[0].index;
  event::LoggedEvent logged = desk->log().at(index).value().value();
  const event::ErasurePart erasure{
      .events = {{logged.entry.event.digest(), index, kVillage, event::PartSet().set()}},
      .basis = "PIPL 47"};
  const event::Draft order{.division = kCounty.division(),
                           .subject = {},
                           .kind = event::Kind::Erasure,
                           .recorded = at_minute(0),
                           .parts = {event::encode_part(erasure)}};
  EXPECT_TRUE(desk->submit(registrar, {&order, 1}, at_minute(0)));
  EXPECT_TRUE(desk->publish());
  return logged;
}

TEST_F(KeeperTest, CarriesOutAnErasureInEveryFileAndTheFold) {
  static constexpr const char* kName = "a name to be taken back";
  make();
  const Digest pictured = put_photo(folder);
  const event::PartFrame frame = naming(pictured);
  const event::RegistrationPart said{.type = event::SubjectType::Household,
                                     .create = true,
                                     .facts = {{"head_name", "", event::text_value(kName)}},
                                     .source = "import"};
  event::LoggedEvent named = log_and_order_erasure(folder, entropy, entropy.next<SubjectId>(),
                                                   {event::encode_part(said, frame)});
  const auto registrar = load_key(folder.key("registrar")).value();
  const auto digest = named.entry.event.digest();
  const event::Event copy{named.entry.event, named.body};
  ASSERT_TRUE(
      open_side(folder).value()->park({&copy, 1}, at_minute(0)).at(0));  // Left by a crash, say.
  constexpr int kWeek = 7 * 24 * 60;
  auto keeper = open().value();
  std::vector<Digest> handed_on;
  keeper->erase_blobs_by([&](const std::vector<Digest>& due) -> Result<void> {
    handed_on = due;
    return {};
  });
  const auto shown = [&] {
    return keeper->fold()->read([&](const state::State& state) {
      return state.households(kVillage.view(), date_of(at_minute(kWeek))).size();
    });
  };
  {
    const auto log = open_log_read_only(folder).value();
    const log::LogHead head = log->head().value();
    keeper->fold()->read([&](const state::State& state) {
      EXPECT_TRUE(
          SnapshotFile(folder.snapshot()).write(state, {.size = head.size, .root = head.root}));
    });
  }
  set_clock(kWeek - 1);
  ASSERT_TRUE(keeper->do_chores(true));
  EXPECT_TRUE(is_on_disk(folder.path, kName));
  EXPECT_EQ(shown(), 1U);
  // It is due, but no entry says so yet: the anchor comes an hour after the last one.
  set_clock(kWeek);
  ASSERT_TRUE(keeper->do_chores(true));
  EXPECT_EQ(shown(), 1U);
  EXPECT_EQ(keeper->view()->erasures, 0U);
  set_clock(kWeek + 60);
  ASSERT_TRUE(keeper->do_chores(true));
  EXPECT_EQ(keeper->view()->erasures, 1U) << "whoever keeps a state of the past hears of it";
  EXPECT_FALSE(is_on_disk(folder.path, kName)) << "log, journal, side store, snapshot";
  EXPECT_EQ(handed_on, std::vector<Digest>{pictured});
  EXPECT_EQ(shown(), 0U);
  EXPECT_EQ(keeper->fold_report().digest, replayed(folder));
  EXPECT_FALSE(file_exists(folder.snapshot()));
  const auto standing =
      keeper->fold()->read([&](const state::State& state) { return state.standing(digest); });
  ASSERT_EQ(standing->erased.size(), 1U);
  EXPECT_EQ(standing->erased[0].by, registrar.public_key());

  // The same bytes once more: answered as logged, and nothing comes back.
  CheckedBatch again{.sender = registrar.public_key(), .events = {{copy, check(copy, kCounty)}}};
  const auto results = keeper->take({&again, 1}).value();
  EXPECT_EQ(results[0][0].status, sync::EventOutcome::Status::Logged);
  EXPECT_EQ(results[0][0].index, named.index);
  keeper.reset();
  keeper = open().value();
  EXPECT_EQ(keeper->fold_report().digest, replayed(folder));
  EXPECT_FALSE(is_on_disk(folder.path, kName));
}

TEST_F(KeeperTest, AnErasureThatIsDueIsCarriedOutBeforeAnythingIsServed) {
  make();
  const Digest pictured = put_photo(folder);
  const event::RegistrationPart said{
      .type = event::SubjectType::Household, .create = true, .facts = {}, .source = "import"};
  const event::PartFrame frame = naming(pictured);
  log_and_order_erasure(folder, entropy, entropy.next<SubjectId>(),
                        {"no part that parses", event::encode_part(said, frame)});
  set_clock(8 * 24 * 60);
  const auto keeper = open().value();
  EXPECT_FALSE(is_on_disk(folder.path, "no part that parses"));
  EXPECT_FALSE(file_exists(folder.blob(pictured)));
  EXPECT_EQ(keeper->fold_report().digest, replayed(folder));
}
}  // namespace cunji::server
