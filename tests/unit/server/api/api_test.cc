// The whole interface on a county in memory: who sees what, as known when; pages; bad questions.
// Sockets and real processes are tests/end_to_end/read_test.py's.
#include "server/api/api.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <variant>

#include "server/api/limits.h"
#include "shared/store/memory_event_log.h"
#include "tests/support/county_log.h"
#include "tests/support/forwarding_log.h"
#include "tests/support/shipped.h"
#include "tests/support/temp_dir.h"

namespace cunji::server {
using testing_support::CountyLog;
using testing_support::local;
using testing_support::Signer;
using testing_support::subject;
using testing_support::village;
using Json = nlohmann::json;

// The county's log; with `erased` its second parts are gone.
class ServedLog final : public testing_support::ForwardingLog {
 public:
  ServedLog(log::EventLog& log, const bool& erased) : ForwardingLog(log), erased_(erased) {}
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t most) const override {
    auto out = log_.division_entries(division, from, most);
    for (event::LoggedEvent& logged : *out) {
      if (!erased_ || logged.body.parts.size() < 2) continue;
      event::PartSlot& part = logged.body.parts[1];
      part = {.state = event::PartState::Erased,
              .salt = {},
              .padded = {},
              .commitment = part.commitment};
      logged.body.salt.reset();
    }
    return out;
  }

 private:
  const bool& erased_;
};

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::ofstream(dir.file("clock")) << to_millis(log.now()));
    api = Api::open({.county = testing_support::the_county(),
                     .access_log = dir.file("access.log"),
                     .origins = {kOrigin},
                     .open_log = [this]() -> Result<std::unique_ptr<log::EventLog>> {
                       return std::make_unique<ServedLog>(*store, erased);
                     },
                     .read_blob = [this](const Digest& digest) -> Result<std::optional<Bytes>> {
                       const auto found = photos.find(digest);
                       if (found == photos.end()) return std::optional<Bytes>{};
                       return std::visit(
                           [](const auto& held) -> Result<std::optional<Bytes>> { return held; },
                           found->second);
                     },
                     .uptime = [this] { return uptime; }},
                    fold, view(), Clock::from_file(dir.file("clock")).value(), entropy)
              .value();
    follow();
  }

  ViewPtr view() const {
    return std::make_shared<const View>(
        View{.governance = std::make_shared<const credential::Governance>(log.governance()),
             .published = {},
             .founding = log.entries()[0],
             .system_credential = log.entries()[0],
             .erasures = erasures});
  }
  // The store, the fold and the view take what was logged since.
  void follow() {
    for (std::uint64_t size = store->head().value().size; size < log.size(); ++size) {
      const event::LoggedEvent& logged = log.entries()[size];
      const log::NewEntry entry{.event = logged.entry.event,
                                .body = logged.body,
                                .received = logged.entry.received,
                                .verdict = logged.entry.verdict};
      const auto stored = store->append(size, {&entry, 1}).value();
      fold->change([&](state::State& state) { state.apply(stored[0]); });
    }
    api->show(view());
  }

  SubjectId household(const std::string& name, const DivisionCode& where,
                      std::vector<event::Fact> facts = {}) {
    event::RegistrationPart part;
    part.type = event::SubjectType::Household;
    part.create = true;
    part.facts = std::move(facts);
    part.facts.push_back({"head_name", "", event::text_value(name)});
    part.facts.push_back({"household_category", "", event::codes_value({"out_of_poverty"})});
    log.say(registrar, {.kind = event::Kind::Registration,
                        .division = where,
                        .subject = subject(name),
                        .parts = {event::encode_part(part)}});
    return subject(name);
  }
  Digest visit(Signer& by, const SubjectId& whom, const DivisionCode& where,
               std::vector<Bytes> more = {}) {
    std::vector<Bytes> parts = {
        event::encode_part(event::VisitPart{.outcome = event::VisitOutcome::Met})};
    parts.insert(parts.end(), more.begin(), more.end());
    return log.say(by, {.kind = event::Kind::Visit,
                        .division = where,
                        .subject = whom,
                        .parts = std::move(parts)});
  }
  Signer& reader(const std::string& name, const std::string& role,
                 std::vector<std::string> divisions, const std::string& assigned = "") {
    Signer& out = log.signer(name);
    event::CredentialPart said = log.credential_for(out, std::move(divisions));
    said.role = role;
    said.office = "";
    said.assigned = assigned;
    log.issue(log.root(), said);
    return out;
  }

  ApiAnswer ask(const std::string& method, const std::string& target, const std::string& token,
                const std::string& body = "") {
    return api->answer({.method = method,
                        .target = target,
                        .authorization = token.empty() ? "" : "Bearer " + token,
                        .body = body});
  }
  std::string session(const Signer& who) {
    follow();
    const Json challenge = Json::parse(ask("POST", "/api/v1/challenges", "").body);
    const auto bytes = from_hex(challenge["nonce"].get<std::string>()).value();
    const auto nonce = credential::ReadNonce::from(bytes).value();
    const Json proof = {
        {"key", to_hex(who.id().view())},
        {"nonce", challenge["nonce"]},
        {"origin", kOrigin},
        {"signature", to_hex(credential::sign_read_proof(who.key, kOrigin, nonce).value().view())}};
    const ApiAnswer answer = ask("POST", "/api/v1/sessions", "", proof.dump());
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return Json::parse(answer.body).value("token", "");
  }
  Json get(const std::string& token, const std::string& what, unsigned status = 200) {
    follow();
    const ApiAnswer answer = ask("GET", "/api/v1/" + what, token);
    EXPECT_EQ(answer.status, status) << what << ": " << answer.body;
    return Json::parse(answer.body);
  }
  // A frame that names a photo, which the county gets where it has `bytes`.
  event::PartFrame naming(const std::string& bytes, const std::string& programme,
                          const std::string& media_type = "image/jpeg") {
    const Digest digest = crypto::sha256(bytes);
    photos[digest] = std::optional(bytes);
    event::PartFrame out{.programme = programme};
    out.attachments.push_back({.digest = digest,
                               .size = static_cast<std::uint32_t>(bytes.size()),
                               .media_type = media_type});
    return out;
  }
  ApiAnswer photo(const std::string& token, const std::string& bytes, const std::string& event) {
    follow();
    const std::string digest = to_hex(crypto::sha256(bytes).view());
    return ask("GET", "/api/v1/blobs/" + digest + "?event=" + event, token);
  }
  static std::string code_of(const ApiAnswer& answer) {
    return Json::parse(answer.body)["error"]["code"];
  }
  std::string refusal(const std::string& token, const std::string& what, unsigned status) {
    return get(token, what, status)["error"]["code"];
  }
  static std::string hex(const SubjectId& id) { return to_hex(id.view()); }
  static std::vector<std::string> names(const Json& households) {
    std::vector<std::string> out;
    for (const Json& h : households["households"]) out.push_back(h["head_name"]);
    return out;
  }
  using Names = std::vector<std::string>;

  static constexpr const char* kOrigin = "http://127.0.0.1:8440";
  testing_support::TempDir dir;
  CountyLog log;
  Signer& registrar = log.desk("registrar");
  crypto::SeededEntropy entropy{9};
  std::unique_ptr<log::EventLog> store = store::make_memory_event_log();
  bool erased = false;
  std::size_t erasures = 0;                                            // Carried out in `store`.
  std::map<Digest, std::variant<std::optional<Bytes>, Error>> photos;  // What the county holds.
  std::shared_ptr<SharedFold> fold = std::make_shared<SharedFold>();
  Duration uptime{5'000};
  std::unique_ptr<Api> api;
};

TEST_F(ApiTest, AScopeByDivisionEndsAtItsBorder) {
  testing_support::publish_shipped(log);
  const SubjectId mine = household("王", village(1)), other = household("李", village(2));
  Signer& wang = log.coordinator("wang", {village(1).str()});
  visit(wang, mine, village(1));
  const std::string token = session(wang);
  EXPECT_EQ(names(get(token, "households")), Names{"王"});
  EXPECT_TRUE(get(token, "households")["basis"]["complete"]);
  const Json strange = get(token, "households/" + hex(other), 404);
  EXPECT_EQ(strange, get(token, "households/" + hex(subject("nobody")), 404));
  EXPECT_EQ(strange, get(token, "households/xyz", 404));
  get(token, "households/" + hex(other) + "/timeline", 404);
  EXPECT_EQ(refusal(token, "households?division=" + village(2).str(), 403), "outside_scope");
  EXPECT_EQ(get(token, "progress")["total"]["households"], 1);
  EXPECT_EQ(get(token, "due")["lines"].size(), 1U);
  // Events of the neighbour's do not show, not by index either; governance is anyone's.
  const Json listed = get(token, "events?limit=200");
  for (const Json& event : listed["events"]) {
    const std::string where = event["division"];
    EXPECT_TRUE(where == village(1).str() || where == "411323000000") << where;
  }
  get(token, "events/" + std::to_string(log.size() - 1));
  get(token, "events/0");
  visit(registrar, other, village(2));
  get(token, "events/" + std::to_string(log.size() - 1), 404);
}

TEST_F(ApiTest, WithoutADefinitionNobodyIsDueAndThatIsSaid) {
  household("王", village(1));
  const std::string token = session(log.coordinator("wang", {village(1).str()}));
  for (const std::string what : {"due", "progress"}) {
    const Json answer = get(token, what);
    EXPECT_EQ(answer["lines"], Json::array()) << what;
    EXPECT_NE(answer["basis"]["note_en"].get<std::string>().find("monthly_visit"),
              std::string::npos);
  }
  testing_support::publish_shipped(log);
  EXPECT_EQ(get(token, "due?month=2022-02")["lines"][0]["status"], "open");
  EXPECT_EQ(get(token, "progress?month=2022-02")["basis"]["note_zh"], "");
}

TEST_F(ApiTest, AnAssignedScopeIsTheSubjectsAndSaysThatItIsNotProven) {
  household("王", village(1));
  const SubjectId li = household("李", village(2));
  Signer& helper = reader("helper", "helper", {}, "helper_of");
  const auto person = log.credential_for(helper, {}).person;
  event::AssignmentPart assignment;
  assignment.relation = "helper_of";
  assignment.from = SubjectId{person.bytes};
  assignment.to = li;
  assignment.since = parse_date("2022-01-01").value();
  log.say(registrar, {.kind = event::Kind::Assignment,
                      .division = village(2),
                      .parts = {event::encode_part(assignment)}});
  const std::string token = session(helper);
  const Json list = get(token, "households");
  EXPECT_EQ(names(list), Names{"李"});
  EXPECT_FALSE(list["basis"]["complete"]);
  EXPECT_NE(list["basis"]["note_zh"], "");
  get(token, "households/" + hex(li) + "/timeline");
  get(token, "households/" + hex(subject("王")), 404);
  EXPECT_EQ(names(get(token, "households?division=" + village(1).str())), Names{});
}

TEST_F(ApiTest, WhoReadsNothingAndWhoseCredentialEndsIsTold) {
  EXPECT_EQ(refusal("", "households", 401), "no_session");
  const std::string root = session(log.root());
  EXPECT_EQ(refusal(root, "households", 403), "role_reads_nothing");
  get(root, "events");
  Signer& wang = log.coordinator("wang", {village(1).str()});
  const std::string token = session(wang);
  get(token, "households");
  log.say(registrar, event::Kind::Revocation, event::RevocationPart{.key = wang.id()});
  EXPECT_EQ(refusal(token, "households", 403), "no_standing") << "in mid-session";
  EXPECT_EQ(refusal(token, "households", 401), "no_session") << "and it is over";
  const std::string other = session(log.coordinator("li", {village(1).str()}));
  uptime += kReadSessionLife + Duration{1};
  EXPECT_EQ(refusal(other, "households", 401), "no_session");
}

TEST_F(ApiTest, AMovedHouseholdGoesWithItsHistory) {
  Signer& old_village = log.coordinator("old", {village(1).str()});
  Signer& new_village = log.coordinator("new", {village(2).str()});
  const SubjectId id = household("王", village(1));
  visit(old_village, id, village(1));
  const std::string before = session(old_village), after = session(new_village);
  get(before, "households/" + hex(id));
  get(after, "households/" + hex(id), 404);
  const std::uint64_t then = log.size();
  household("王", village(2));
  get(before, "households/" + hex(id), 404);
  EXPECT_EQ(get(after, "households/" + hex(id) + "/timeline")["events"].size(), 3U);
  const std::string as_then = "?known_at=" + std::to_string(then);
  EXPECT_EQ(names(get(before, "households" + as_then)), Names{}) << "left out: it has moved away";
  get(after, "households/" + hex(id) + as_then);
  // The old village still has the entry in its division, but no longer what it says, unless it is
  // its own word.
  bool own = false, withheld = false;
  const Json listed = get(before, "events?division=" + village(1).str());
  for (const Json& event : listed["events"]) {
    if (event["kind"] == "visit") own = event["parts"][0]["state"] == "present";
    if (event["kind"] == "registration") withheld = event["parts"][0]["state"] == "withheld";
  }
  EXPECT_TRUE(own);
  EXPECT_TRUE(withheld);
}

TEST_F(ApiTest, ALateArrivalIsNotVisibleBeforeItsPlace) {
  Signer& wang = log.coordinator("wang", {village(1).str()});
  const SubjectId id = household("王", village(1));
  event::Event late = log.sign(
      wang, {.kind = event::Kind::Visit,
             .division = village(1),
             .subject = id,
             .parts = {event::encode_part(event::VisitPart{.outcome = event::VisitOutcome::Met})}});
  log.pass(std::chrono::hours{48});
  household("李", village(1));
  const std::uint64_t before = log.size();
  const TimePoint evening = log.now();
  log.pass(std::chrono::hours{24});
  log.log(late);
  const std::string token = session(wang);
  const auto visited = [&](const std::string& when) {
    const Json found = get(token, "households/" + hex(id) + "?" + when);
    return found["household"]["last_visit"] != "";
  };
  EXPECT_TRUE(visited(""));
  EXPECT_FALSE(visited("known_at=" + std::to_string(before)));
  EXPECT_TRUE(visited("known_at=" + std::to_string(before + 1)));
  EXPECT_FALSE(visited("known_at=@" + std::to_string(to_millis(evening))));
  EXPECT_EQ(get(token, "households?known_at=" + std::to_string(before))["basis"]["known_at"],
            std::to_string(before));
  const Json timeline =
      get(token, "households/" + hex(id) + "/timeline?known_at=" + std::to_string(before));
  EXPECT_EQ(timeline["events"].size(), 1U);
  EXPECT_EQ(get(token, "households?known_at=0")["total"], "0");
  EXPECT_EQ(refusal(token, "households?known_at=" + std::to_string(log.size() + 1), 400),
            "bad_parameter");
}

TEST_F(ApiTest, ErasedAndWithheldPartsAreCommitments) {
  Signer& wang = log.coordinator("wang", {village(1).str()});
  Signer& doctor = reader("doctor", "village_doctor", {village(1).str()});
  const SubjectId id = household("王", village(1));
  event::AnswersPart illness;
  illness.answers = {{"illness", event::text_value("高血压")}};
  visit(doctor, id, village(1), {event::encode_part(illness, {.programme = "health"})});
  const auto last_of = [&](const std::string& token, const std::string& what) {
    return get(token, what + "?limit=200&division=" + village(1).str())[what].back();
  };
  const std::string token = session(wang), doctors = session(doctor);
  const Json seen = last_of(token, "events")["parts"];
  EXPECT_EQ(seen[0]["state"], "present");
  EXPECT_EQ(seen[1]["state"], "withheld");
  EXPECT_FALSE(seen[1].contains("content"));
  EXPECT_EQ(seen[1]["commitment"].get<std::string>().size(), 64U);
  EXPECT_EQ(
      last_of(doctors, "events")["parts"][1]["content"]["answers"]["answers"][0]["value"]["text"],
      "高血压");
  // The raw entry still verifies, and holds only what the reader may see.
  const Json entry = last_of(token, "entries");
  const auto body =
      event::decode_body(from_base64(entry["body"].get<std::string>()).value()).value();
  const auto decoded =
      event::decode_entry(from_base64(entry["entry"].get<std::string>()).value()).value();
  EXPECT_TRUE(event::check_body(decoded.event.header(), body));
  EXPECT_EQ(body.parts[1].state, event::PartState::Withheld);
  EXPECT_FALSE(body.salt) << "the part's salt could be made from it";
  EXPECT_EQ(to_hex(decoded.leaf_hash().view()), entry["leaf_hash"].get<std::string>());

  erased = true;
  EXPECT_EQ(last_of(doctors, "events")["parts"][1]["state"], "erased");
}

TEST_F(ApiTest, APhotoGoesToWhoSeesThePartThatNamesItWhole) {
  Signer& wang = log.coordinator("wang", {village(1).str()});
  Signer& li = log.coordinator("li", {village(2).str()});
  Signer& doctor = reader("doctor", "village_doctor", {village(1).str()});
  Signer& desk = reader("desk", "county_desk", {"411323"});
  const SubjectId id = household("王", village(1));
  const event::AnswersPart plain{.answers = {{"roof", event::text_value("漏雨")}}},
      called{.answers = {{"note", event::text_value("电话 13900000002")}}};
  const Digest named =
      visit(doctor, id, village(1),
            {event::encode_part(plain, naming("roof", "village_coordinators")),
             event::encode_part(called, naming("call", "village_coordinators")),
             event::encode_part(plain, naming("scan", "health")),
             event::encode_part(plain, naming("page", "village_coordinators", "text/html"))});
  const std::string index = std::to_string(log.size() - 1);
  const std::string wangs = session(wang), lis = session(li), doctors = session(doctor),
                    desks = session(desk);
  for (const std::string& event : {index, to_hex(named.view())}) {
    const ApiAnswer seen = photo(wangs, "roof", event);
    EXPECT_EQ(seen.status, 200U) << seen.body;
    EXPECT_EQ(seen.body, "roof");
    EXPECT_EQ(seen.content_type, "image/jpeg");
  }
  EXPECT_EQ(photo(wangs, "page", index).content_type, "application/octet-stream")
      << "nothing that a browser would run";
  const ApiAnswer strange = photo(wangs, "nobody's", index);
  EXPECT_EQ(strange.status, 404U);
  for (const ApiAnswer& hidden :
       {photo(lis, "roof", index), photo(wangs, "scan", index), photo(wangs, "call", index),
        photo(wangs, "roof", "0"), photo(wangs, "roof", std::to_string(log.size())),
        photo(wangs, "roof", "x")}) {
    EXPECT_EQ(hidden.status, 404U);
    EXPECT_EQ(hidden.body, strange.body) << "not there and not for him are told alike";
  }
  for (const std::string& reads : {doctors, desks}) {  // His own word; and who is to see numbers.
    EXPECT_EQ(photo(reads, "call", index).body, "call");
    EXPECT_EQ(photo(reads, "scan", index).body, "scan");
  }
  EXPECT_EQ(photo("", "roof", index).status, 401U);
  const std::string path = "blobs/" + to_hex(crypto::sha256("roof").view());
  EXPECT_EQ(refusal(wangs, path, 400), "bad_parameter") << "it must say which event";
}

TEST_F(ApiTest, APhotoThatIsNotToBeHadIsToldWhy) {
  Signer& wang = log.coordinator("wang", {village(1).str()});
  const SubjectId id = household("王", village(1));
  visit(wang, id, village(1),
        {event::encode_part(event::AnswersPart{}, naming("roof", "village_coordinators"))});
  const std::uint64_t index = log.size() - 1;
  const std::string token = session(wang), event = std::to_string(index);
  const auto lines = [&] {
    return verify_access_log(dir.file("access.log"), std::nullopt).value().lines;
  };
  EXPECT_EQ(photo(token, "roof", event).status, 200U);
  EXPECT_EQ(lines(), 1U) << "whoever looks at a household's photo has looked at the household";
  const Digest roof = crypto::sha256("roof");
  photos[roof] = Error{Errc::Corrupt, dir.file("blobs") + ": not what its name says"};
  EXPECT_EQ(code_of(photo(token, "roof", event)), "damaged");
  photos[roof] = Error{Errc::Io, dir.file("blobs") + ": input/output error"};
  const ApiAnswer busy = photo(token, "roof", event);
  EXPECT_EQ(busy.status, 503U);
  EXPECT_EQ(busy.body.find(dir.file("")), std::string::npos) << "no path of the server's";
  photos.erase(roof);
  EXPECT_EQ(code_of(photo(token, "roof", event)), "not_held");
  photos[roof] = std::optional<Bytes>("roof");
  const log::Erasing what{.index = index, .parts = event::PartSet().set()};
  ASSERT_TRUE(store->erase({&what, 1}));
  const ApiAnswer gone = photo(token, "roof", event);
  EXPECT_EQ(gone.status, 410U);
  EXPECT_EQ(code_of(gone), "erased");
  EXPECT_EQ(lines(), 1U) << "nothing was shown";
}

TEST_F(ApiTest, PagesAreStableWhileTheLogGrows) {
  for (const char* name : {"丁", "丙", "乙", "甲"}) household(name, village(1));
  Signer& wang = log.coordinator("wang", {village(1).str()});
  const std::string token = session(wang);
  for (const char* order : {"division", "number", "head_name", "last_visit"}) {
    SCOPED_TRACE(order);
    const std::string question = std::string("households?limit=3&sort=") + order;
    const auto whole = names(get(token, std::string("households?sort=") + order));
    const Json first = get(token, question);
    EXPECT_EQ(first["total"], std::to_string(whole.size()));
    household(std::string("新") + order, village(1));  // Whether before or behind the cursor.
    auto all = names(first);
    std::string cursor = first["next_cursor"];
    while (!cursor.empty()) {
      const Json page = get(token, question + "&cursor=" + cursor);
      for (const std::string& name : names(page)) all.push_back(name);
      cursor = page["next_cursor"];
    }
    for (const std::string& name : whole)
      EXPECT_EQ(std::count(all.begin(), all.end(), name), 1) << name;
    EXPECT_EQ(
        refusal(token,
                "households?sort=division&cursor=" +
                    (order == std::string("division") ? "AAAA" : std::string(first["next_cursor"])),
                400),
        "bad_parameter");
  }
  // The log's own pages: every entry once.
  std::vector<std::string> indexes;
  std::string cursor = "0";
  while (!cursor.empty()) {
    const Json page = get(token, "events?limit=2&cursor=" + cursor);
    for (const Json& event : page["events"]) indexes.push_back(event["index"]);
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(indexes.size(), log.size());
  EXPECT_EQ(std::set(indexes.begin(), indexes.end()).size(), log.size());
}

TEST_F(ApiTest, EachBadQuestionIsToldWhatIsWrong) {
  const std::string token = session(log.coordinator("wang", {village(1).str()}));
  struct Case {
    const char *what, *names;
  };
  for (const Case& c : {Case{"households?limit=0", "limit"},
                        Case{"households?limit=201", "limit"},
                        Case{"households?limit=-1", "limit"},
                        Case{"households?limit=1&limit=1", "limit"},
                        Case{"households?known_at=soon", "known_at"},
                        Case{"households?known_at=2022-02-30T00:00:00Z", "known_at"},
                        Case{"households?known_at=2022-02-10T08:00:00", "known_at"},
                        Case{"households?valid_at=2022-13-01", "valid_at"},
                        Case{"households?division=4113", "division"},
                        Case{"households?division=999999", "division"},
                        Case{"households?sort=age", "sort"},
                        Case{"households?must_be_visited=yes", "must_be_visited"},
                        Case{"households?cursor=%21", "cursor"},
                        Case{"households?colour=red", "colour"},
                        Case{"due?month=2022-00", "month"},
                        Case{"due?status=gone", "status"},
                        Case{"progress?by=hamlet", "by"},
                        Case{"events?kind=dance", "kind"},
                        Case{"events?subject=12", "subject"},
                        Case{"events?cursor=x", "cursor"},
                        Case{"warnings?type=x", "type"}}) {
    SCOPED_TRACE(c.what);
    const Json answer = get(token, c.what, 400);
    EXPECT_NE(answer["error"]["en"].get<std::string>().find(c.names), std::string::npos) << answer;
    EXPECT_FALSE(answer["error"]["zh"].get<std::string>().empty());
  }
  for (const char* broken : {"households?q=%", "households?q=%ff", "households?q=%zz",
                             "households?=1", "households?q=%00"})
    EXPECT_EQ(refusal(token, broken, 400), "bad_request") << broken;
  EXPECT_EQ(refusal(token, "households?q=" + std::string(600, 'a'), 400), "bad_request");
  EXPECT_EQ(ask("PUT", "/api/v1/households", token).allow, "GET");
  EXPECT_EQ(ask("GET", "/api/v1/", token).status, 404U);
  EXPECT_EQ(ask("GET", "/api/v1/households/", token).status, 404U);
}

TEST_F(ApiTest, WithoutItsLineInTheAccessLogNoHouseholdIsShown) {
  const SubjectId id = household("王", village(1));
  const std::string token = session(log.coordinator("wang", {village(1).str()}));
  get(token, "households");
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit full = before;
  full.rlim_cur = 10;  // As a full disk does: writing fails.
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const ApiAnswer one = ask("GET", "/api/v1/households/" + hex(id), token);
  const ApiAnswer state = ask("GET", "/api/v1/state", token);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(one.status, 503U);
  EXPECT_TRUE(one.retry_after);
  EXPECT_EQ(one.body.find("王"), std::string::npos);
  EXPECT_EQ(state.status, 200U) << "what names no household is answered";
  get(token, "households/" + hex(id));
  const auto report = verify_access_log(dir.file("access.log"), std::nullopt).value();
  EXPECT_TRUE(report.in_order());
  EXPECT_EQ(report.lines, 2U);
}

TEST_F(ApiTest, AStateOfThePastShowsNothingThatWasErasedSince) {
  const SubjectId id = household("王", village(1));
  event::RegistrationPart renamed{.type = event::SubjectType::Household};
  renamed.facts = {{"head_name", "", event::text_value("王桂兰")}};
  log.say(registrar, {.kind = event::Kind::Registration,
                      .division = village(1),
                      .subject = id,
                      .parts = {event::encode_part(renamed)}});
  const std::uint64_t index = log.size() - 1;
  const std::string as_then = "?known_at=" + std::to_string(log.size());
  const std::string token = session(log.coordinator("wang", {village(1).str()}));
  EXPECT_EQ(names(get(token, "households" + as_then)), Names{"王桂兰"});

  // As the keeper has it (D20): out of the fold, out of the log, then told by the view.
  const log::Erasing what{.index = index, .parts = event::PartSet().set()};
  ASSERT_TRUE(store->erase({&what, 1}));
  const event::LoggedEvent after = store->at(index).value().value();
  fold->change([&](state::State& state) { state.erase(after); });
  ++erasures;
  EXPECT_EQ(names(get(token, "households" + as_then)), Names{"王"})
      << "made anew from what is left";
  EXPECT_EQ(get(token, "households/" + hex(id) + as_then).dump().find("王桂兰"), std::string::npos);
}

TEST_F(ApiTest, FewPastStatesAreKeptAndOnlyForAWhile) {
  for (int i = 0; i < 5; ++i) household("户" + std::to_string(i), village(1));
  follow();
  PastStates past;
  const auto made = past.at(3, *store, uptime).value();
  EXPECT_EQ(made->next_index(), 3U);
  EXPECT_EQ(past.at(3, *store, uptime).value(), made) << "kept";
  ASSERT_TRUE(past.at(4, *store, uptime));
  const auto third = past.at(5, *store, uptime).value();
  EXPECT_EQ(past.count(), kPastStatesMax);
  state::State fresh;
  for (std::uint64_t i = 0; i < 5; ++i) fresh.apply(store->at(i).value().value());
  EXPECT_EQ(third->digest(), fresh.digest()) << "made from the one before, and yet the same";
  EXPECT_NE(past.at(3, *store, uptime).value(), made) << "it had to make room";
  EXPECT_EQ(past.at(kPastEntriesMax + 1, *store, uptime).error().status, 503U);
  past.forget_old(uptime + kPastStateLife + Duration{1});
  EXPECT_EQ(past.count(), 0U);
  ASSERT_TRUE(past.at(3, *store, uptime));
  past.forget_all();
  EXPECT_EQ(past.count(), 0U);
}
}  // namespace cunji::server
