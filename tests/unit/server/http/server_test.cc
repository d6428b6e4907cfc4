// The server's limits over real sockets, with time-outs and bounds made small: who is slow, or too
// many, is cut off, and nobody else notices.
#include "server/http/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <thread>
#include <vector>

#include "server/app/desk.h"
#include "tests/unit/server/county_folder.h"
#include "tests/unit/server/http/client.h"

namespace cunji::server {
using std::chrono::milliseconds;

class HttpServerTest : public CountyFolderTest {
 protected:
  void serve(const HttpLimits& limits) {
    auto keeper = Keeper::open(folder, Clock::system(), {}, entropy);
    ASSERT_TRUE(keeper) << keeper.error().what;
    const ViewPtr view = (*keeper)->view();
    system_key = (*keeper)->system_key();
    writer = std::make_unique<Writer>(std::move(*keeper), metrics);
    auto store = BlobStore::open(folder, open_log_read_only(folder).value());
    ASSERT_TRUE(store) << store.error().what;
    blobs = std::make_unique<BlobDesk>(std::move(*store), Clock::system());
    auto opened = HttpServer::open(
        {.address = "127.0.0.1", .port = 0, .folder = folder.path, .limits = limits}, *writer,
        *blobs, view, *system_key, kCounty, open_log_read_only(folder).value(), Clock::system(),
        entropy);
    ASSERT_TRUE(opened) << opened.error().what;
    server = std::move(*opened);
    thread = std::thread([this] { EXPECT_TRUE(server->run()); });
  }
  void TearDown() override {
    if (!thread.joinable()) return;
    ::kill(::getpid(), SIGTERM);  // As an operator ends it.
    thread.join();
  }
  std::string get(const std::string& target, const std::string& field = {}) {
    Client client(server->port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + field + "\r\n");
    return client.read_to("\r\n\r\n") + client.read_to("never");
  }
  bool is_well() { return get("/healthz").starts_with("HTTP/1.1 200"); }

  Metrics metrics;
  std::unique_ptr<BlobDesk> blobs;
  std::optional<crypto::KeyPair> system_key;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<HttpServer> server;
  std::thread thread;
};

TEST_F(HttpServerTest, ASlowRequestHeadIsCutOffAndNobodyElseNotices) {
  serve({.head = milliseconds{400}});
  std::vector<std::thread> slow;
  std::atomic<int> cut{0};
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back([&] {
      Client client(server->port());
      const std::string head = "GET /checkpoint HTTP/1.1\r\nX-Padding: " + std::string(900, 'x');
      if (!client.trickle(head, milliseconds{20})) ++cut;
    });
  }
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_well());
  for (std::thread& each : slow) each.join();
  EXPECT_EQ(cut, 20) << "each byte gained time";
  EXPECT_NE(metrics.text({}).find("closed_total{reason=\"head_timeout\"} 20\n"), std::string::npos);
}

TEST_F(HttpServerTest, WhoOpensAWebSocketAndSaysNothingIsCutOff) {
  serve({.hello = milliseconds{300}});
  Client client(server->port());
  client.open_websocket();
  EXPECT_TRUE(client.is_closed_by_the_other_end());
  EXPECT_NE(metrics.text({}).find("reason=\"hello_timeout\"} 1\n"), std::string::npos);
}

TEST_F(HttpServerTest, AKeyThatNobodyKnowsHasItsTime) {
  serve({.hello = std::chrono::minutes{1}, .stranger = milliseconds{300}});
  Client client(server->port());
  client.open_websocket();
  EXPECT_TRUE(client.is_closed_by_the_other_end());
  EXPECT_NE(metrics.text({}).find("reason=\"stranger_timeout\"} 1\n"), std::string::npos);
}

TEST_F(HttpServerTest, AFrameThatNeverEndsIsCutOff) {
  serve({.hello = std::chrono::minutes{1}, .frame = milliseconds{400}});
  Client client(server->port());
  client.open_websocket();
  // A binary frame of 2,000 bytes with a mask of zeros.
  ASSERT_TRUE(client.send(Bytes("\x82\xfe\x07\xd0\0\0\0\0", 8)));
  EXPECT_FALSE(client.trickle(Bytes(900, 'x'), milliseconds{20}));
  EXPECT_NE(metrics.text({}).find("reason=\"frame_timeout\"} 1\n"), std::string::npos);
  EXPECT_TRUE(is_well());
}

TEST_F(HttpServerTest, APeerThatAnswersNoPingIsCutOff) {
  serve({.hello = std::chrono::minutes{1}, .idle = milliseconds{600}});
  Client client(server->port());
  client.open_websocket();
  EXPECT_TRUE(client.is_closed_by_the_other_end());
}

TEST_F(HttpServerTest, ConnectionsOfOneAddressAreBounded) {
  HttpLimits limits;
  limits.guests.strangers_of_address = 2;
  serve(limits);
  {
    Client one(server->port()), two(server->port());
    ASSERT_TRUE(one.send("GET /"));  // So that both are surely accepted before the third.
    ASSERT_TRUE(two.send("GET /"));
    Client three(server->port());
    EXPECT_TRUE(three.is_closed_by_the_other_end());
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!is_well() && std::chrono::steady_clock::now() < until) {
  }
  EXPECT_TRUE(is_well()) << "room again";
}

TEST_F(HttpServerTest, AFourthSessionOfAKeyEndsItsFirst) {
  const crypto::KeyPair key = load_key(folder.key("registrar")).value();
  serve({});
  std::vector<std::unique_ptr<NodeClient>> clients;
  for (std::size_t i = 0; i <= kSessionsPerKeyMax; ++i)
    clients.push_back(std::make_unique<NodeClient>(server->port(), key));
  EXPECT_TRUE(clients.front()->is_closed_by_the_other_end());
  for (std::size_t i = 1; i < clients.size(); ++i) {
    ASSERT_TRUE(clients[i]->want(kCounty.division()));
    EXPECT_TRUE(clients[i]->is_fed()) << i;
  }
  NodeClient other(server->port(), *system_key);
  ASSERT_TRUE(other.want(kCounty.division()));
  EXPECT_TRUE(other.is_fed()) << "another key has its own";
  ASSERT_TRUE(clients.back()->want(kCounty.division()));
  EXPECT_TRUE(clients.back()->is_fed()) << "and takes nobody's";
  EXPECT_NE(metrics.text({}).find("reason=\"too_many_sessions\"} 1\n"), std::string::npos);
}

// What is sent to a peer that does not read fills the kernel's buffers, some megabytes, and then
// ours, which has a bound.
TEST_F(HttpServerTest, WhoAsksAndDoesNotReadIsCutOff) {
  const crypto::KeyPair key = load_key(folder.key("registrar")).value();
  constexpr int kEvents = 4, kFacts = 14;
  {
    std::vector<event::Draft> drafts;
    for (int i = 0; i < kEvents; ++i) {
      event::RegistrationPart said{.type = event::SubjectType::Household, .create = true};
      for (int n = 0; n < kFacts; ++n) {
        Bytes noise(4'000,
                    '\0');  // So that compressing gains nothing but what the hexadecimal cost.
        entropy.fill({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()});
        said.facts.push_back({"note", std::to_string(n), event::text_value(to_hex(noise))});
      }
      drafts.push_back({.division = kVillage,
                        .subject = entropy.next<SubjectId>(),
                        .kind = event::Kind::Registration,
                        .recorded = at_minute(0),
                        .parts = {event::encode_part(said)}});
    }
    const auto desk = Desk::open(folder, entropy).value();
    ASSERT_TRUE(desk->submit(key, drafts, at_minute(0)));
    ASSERT_TRUE(desk->publish());
  }
  HttpLimits limits;
  limits.send_queue_bytes = 1'048'576;
  serve(limits);
  NodeClient reads(server->port(), key);
  ASSERT_TRUE(reads.want(kVillage));
  ASSERT_TRUE(reads.is_fed());
  NodeClient slow(server->port(), *system_key, /*receive_bytes=*/4'096);
  int asked = 0;
  for (; asked < 390 && slow.want(kVillage); ++asked) {
  }
  EXPECT_TRUE(slow.is_closed_by_the_other_end());
  EXPECT_NE(metrics.text({}).find("reason=\"slow_reader\"} 1\n"), std::string::npos)
      << asked << " asked for";
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(reads.want(kVillage));
    ASSERT_TRUE(reads.is_fed()) << "who reads may go on, whatever it comes to";
  }
  EXPECT_TRUE(is_well());
}

TEST_F(HttpServerTest, NewConnectionsOfOneAddressArePaced) {
  HttpLimits limits;
  limits.connects = {.per_second = 0.001, .burst = 3};
  serve(limits);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_well());
  EXPECT_EQ(get("/healthz"), "") << "closed at once";
}

TEST_F(HttpServerTest, RequestsAboveTheRateAreToldWhenToComeAgain) {
  HttpLimits limits;
  limits.requests = {.per_second = 0.5, .burst = 3};
  serve(limits);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(get("/checkpoint").starts_with("HTTP/1.1 200"));
  const std::string refused = get("/checkpoint");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429")) << refused;
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos) << refused;
  EXPECT_TRUE(is_well()) << "who watches the server is never refused";
}

TEST_F(HttpServerTest, ARequestHeadHasASize) {
  serve({});
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nX-Padding: " + std::string(kRequestHeadBytesMax, 'x') +
              "\r\n\r\n");
  EXPECT_TRUE(client.is_closed_by_the_other_end());
  EXPECT_TRUE(is_well());
}

TEST_F(HttpServerTest, MetricsAreForThisMachineAlone) {
  serve({});
  const std::string here = get("/metrics");
  EXPECT_TRUE(here.starts_with("HTTP/1.1 200")) << here;
  EXPECT_NE(here.find("\ncunji_log_entries 4\n"), std::string::npos) << here;
  EXPECT_NE(here.find("\ncunji_fold_entries 4\n"), std::string::npos) << here;
  EXPECT_EQ(here.find("\ncunji_disk_free_bytes 0\n"), std::string::npos);
  for (const char* field : {"X-Forwarded-For: 203.0.113.7\r\n", "Forwarded: for=203.0.113.7\r\n"})
    EXPECT_TRUE(get("/metrics", field).starts_with("HTTP/1.1 403"));
}

TEST_F(HttpServerTest, MetricsTellOfPhotos) {
  serve({});
  const Bytes bytes = "a picture";
  const auto send = [&](const Digest& digest) {
    const auto answered = std::make_shared<std::promise<sync::BlobStanding>>();
    blobs->chunk(
        {key_of("node").public_key(),
         {.blob = {.digest = digest, .size = static_cast<std::uint32_t>(bytes.size())},
          .number = 0,
          .content = bytes}},
        [answered](const sync::BlobAnswer& answer) { answered->set_value(answer.standing); });
    return answered->get_future().get();
  };
  EXPECT_EQ(send(crypto::sha256(bytes)), sync::BlobStanding::Held);
  EXPECT_EQ(send(crypto::sha256("another")), sync::BlobStanding::Mismatch);
  const std::string text = get("/metrics");
  for (const char* line : {"\ncunji_photos_filed_total 1\n", "\ncunji_photos_filed_bytes_total 9\n",
                           "\ncunji_photos_mismatched_total 1\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(HttpOptions, EveryAddressIsNoneThatCouldBeWrittenDown) {
  for (const char* address : {"0.0.0.0", "::"})
    EXPECT_TRUE(listens_everywhere({.address = address})) << address;
  for (const char* address : {"127.0.0.1", "::1", "203.0.113.7", "no address"})
    EXPECT_FALSE(listens_everywhere({.address = address})) << address;
}

TEST(AddressName, IsWhatOneCustomerHas) {
  const auto name = [](const char* text) {
    return address_name(boost::asio::ip::make_address(text));
  };
  EXPECT_EQ(name("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(name("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(name("2001:db8:1:2:3:4:5:6"), name("2001:db8:1:2::9"));
  EXPECT_NE(name("2001:db8:1:2::9"), name("2001:db8:1:3::9"));
}

TEST(Gates, EnrolmentsAreBoundedByCodeByAddressAndAltogether) {
  const auto at = [](int second) { return SteadyTime{} + std::chrono::seconds{second}; };
  HttpLimits limits;
  limits.enrolments_of_code = {.per_second = 0.1, .burst = 2};
  limits.enrolments_of_address = {.per_second = 0.1, .burst = 4};
  limits.enrolments = {.per_second = 0.1, .burst = 7};
  Gates gates(limits);
  EXPECT_TRUE(gates.may_enrol("code 1", "a", at(0)));
  EXPECT_TRUE(gates.may_enrol("code 1", "a", at(0)));
  EXPECT_FALSE(gates.may_enrol("code 1", "a", at(0))) << "the code";
  EXPECT_TRUE(gates.may_enrol("code 2", "a", at(0)));
  EXPECT_TRUE(gates.may_enrol("code 3", "a", at(0)));
  EXPECT_FALSE(gates.may_enrol("code 4", "a", at(0))) << "the address";
  for (const char* code : {"code 5", "code 6", "code 7"})
    EXPECT_TRUE(gates.may_enrol(code, code, at(0)));
  EXPECT_FALSE(gates.may_enrol("code 8", "b", at(0))) << "altogether";
  EXPECT_TRUE(gates.may_enrol("code 1", "a", at(60)));
}
}  // namespace cunji::server
