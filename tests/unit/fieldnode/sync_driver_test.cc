// The driver against a server on loopback that is honest, cuts the line, or talks nonsense. Every
// wait has a bound; the suite ends in seconds.
#include "fieldnode/sync_driver.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <thread>

#include "shared/sync/limits.h"
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using Socket = websocket::stream<tcp::socket>;

constexpr Duration kTimeout{2'000};

// Accepts one connection at a time on its own thread and hands each to `serve`, until it goes.
class Loopback {
 public:
  explicit Loopback(std::function<void(tcp::socket)> serve)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), serve_(std::move(serve)) {
    thread_ = std::thread([this] {
      for (;;) {
        boost::system::error_code error;
        tcp::socket socket(io_);
        acceptor_.accept(socket, error);
        if (error || stopping_) return;
        serve_(std::move(socket));
      }
    });
  }
  ~Loopback() {
    stopping_ = true;
    boost::system::error_code ignored;
    asio::io_context io;
    tcp::socket last(io);  // Wakes the accept.
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  ServerAddress address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::function<void(tcp::socket)> serve_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// One session of an honest county. `answers_max`: then the line is cut.
void serve_honestly(County& county, tcp::socket socket, int answers_max) {
  boost::system::error_code error;
  Socket line(std::move(socket));
  line.accept(error);
  line.binary(true);
  crypto::SeededEntropy entropy(13, "loopback");
  sync::ServerSession session(county.system_key(), county, entropy, county.now());
  int sent = 0;
  const auto send = [&](const std::vector<Bytes>& messages) {
    for (const Bytes& message : messages) {
      if (sent++ >= answers_max) {
        line.next_layer().close(error);
        return;
      }
      line.write(asio::buffer(message), error);
    }
  };
  send(session.open().send);
  while (!error) {
    boost::beast::flat_buffer buffer;
    line.read(buffer, error);
    if (error) break;
    auto out = session.on_message({static_cast<const char*>(buffer.data().data()), buffer.size()},
                                  county.now());
    if (!out) break;
    send(out->send);
    if (out->pushed) {
      auto more =
          session.on_results(out->pushed->push_id, county.take(out->pushed->events), county.now());
      county.publish();
      if (more) send(more->send);
    }
    if (out->waits_for_size) {
      county.publish();
      auto more = session.on_checkpoint(county.now());
      if (more) send(more->send);
    }
  }
}

SyncOptions options_of(const County& county) {
  SyncOptions out;
  const TimePoint now = county.now();
  out.clock = [now] { return now; };
  out.connect_timeout = kTimeout;
  return out;
}

TEST(SyncDriver, SynchronisesManyNodesOnOneThread) {
  County county;
  std::vector<std::unique_ptr<Device>> devices;
  for (int i = 0; i < 5; ++i) {
    devices.push_back(std::make_unique<Device>("many-" + std::to_string(i)));
    ASSERT_NO_FATAL_FAILURE(enrol(*devices.back(), county));
    for (char n = 1; n <= 3; ++n) ASSERT_TRUE(devices.back()->node->record(visit(n)));
  }
  const std::uint64_t before = county.size();
  Loopback server([&](tcp::socket socket) { serve_honestly(county, std::move(socket), 1'000); });
  asio::io_context io;
  int done = 0;
  for (auto& device : devices) {
    sync_once(*device->node, server.address(), io, options_of(county), [&](SyncEnd end) {
      EXPECT_FALSE(end.error) << end.error->what;
      EXPECT_TRUE(end.report.level);
      EXPECT_TRUE(end.report.enrolled);
      EXPECT_EQ(end.report.logged, 3u);
      ++done;
    });
  }
  io.run();
  EXPECT_EQ(done, 5);
  EXPECT_EQ(county.size(), before + 15);
  for (auto& device : devices) EXPECT_EQ(device->node->status(county.now())->unsent, 0u);
}

TEST(SyncDriver, ReportsACutAndGoesOnNextTime) {
  for (int answers = 0; answers < 5; ++answers) {
    SCOPED_TRACE(answers);
    County county;
    Device device("line-" + std::to_string(answers));
    ASSERT_NO_FATAL_FAILURE(enrol(device, county));
    for (char n = 1; n <= 3; ++n) ASSERT_TRUE(device.node->record(visit(n)));
    const std::uint64_t before = county.size();
    int connection = 0;
    Loopback server([&](tcp::socket socket) {
      serve_honestly(county, std::move(socket), connection++ == 0 ? answers : 1'000);
    });
    const SyncEnd cut = sync_and_wait(*device.node, server.address(), options_of(county));
    if (cut.error) {
      EXPECT_EQ(cut.error->code, Errc::Io);
      EXPECT_TRUE(cut.error->what.starts_with(to_text(server.address()))) << cut.error->what;
    }
    EXPECT_EQ(cut.report.level, !cut.error);
    const SyncEnd end = sync_and_wait(*device.node, server.address(), options_of(county));
    ASSERT_FALSE(end.error) << end.error->what;
    EXPECT_TRUE(end.report.level);
    EXPECT_EQ(county.size(), before + 3) << "each once";
  }
}

TEST(SyncDriver, StaysAndFetchesWhatIsNew) {
  County county;
  Device device("stay");
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  Loopback server([&](tcp::socket socket) { serve_honestly(county, std::move(socket), 1'000); });
  SyncOptions options = options_of(county);
  options.poll_every = Duration{10};
  int levels = 0;
  options.on_progress = [&](const sync::NodeSession::Progress&, bool level) {
    if (!level || ++levels != 1) return;
    EXPECT_TRUE(device.node->record(visit()));
  };
  options.stop = [&] { return device.node->own_lines(true)->empty() && levels > 1; };
  const SyncEnd end = sync_and_wait(*device.node, server.address(), std::move(options));
  ASSERT_FALSE(end.error) << end.error->what;
  EXPECT_EQ(end.report.logged, 1u);
}

TEST(SyncDriver, SaysPlainlyWhyThereIsNoServer) {
  County county;
  Device device("nobody");
  ASSERT_TRUE(device.node->enrol(county.root_digest(), Bytes(32, 'c')));
  std::uint16_t free_port = 0;
  {
    asio::io_context io;
    free_port = tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  }
  const SyncEnd end = sync_and_wait(*device.node, {"127.0.0.1", free_port}, options_of(county));
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->code, Errc::Io);
  EXPECT_NE(end.error->what.find(std::to_string(free_port)), std::string::npos);
  EXPECT_NE(end.error->what.find("connect"), std::string::npos);
  EXPECT_FALSE(fetch_root_digest({"127.0.0.1", free_port}, kTimeout));
}

TEST(SyncDriver, GivesUpOnWhatIsNoCounty) {
  County county;
  struct Case {
    const char* name;
    std::function<void(tcp::socket)> serve;
    Errc expected;
  };
  const auto talk = [](const Bytes& message) {
    return [message](tcp::socket socket) {
      boost::system::error_code error;
      Socket line(std::move(socket));
      line.accept(error);
      line.binary(true);
      line.write(asio::buffer(message), error);
      boost::beast::flat_buffer buffer;
      line.read(buffer, error);
    };
  };
  const Case cases[] = {
      {"hangs up", [](tcp::socket) {}, Errc::Io},
      {"no WebSocket",
       [](tcp::socket socket) {
         boost::system::error_code error;
         asio::write(socket, asio::buffer(std::string_view("SSH-2.0-x\r\n\r\n")), error);
       },
       Errc::Io},
      {"silent",
       [](tcp::socket socket) {
         boost::system::error_code error;
         char byte = 0;
         while (!error) socket.read_some(asio::buffer(&byte, 1), error);
       },
       Errc::Timeout},
      {"garbage", talk("garbage that is no greeting"), Errc::Malformed},
      {"a huge message", talk(Bytes(sync::kFrameBytesMax + 1, 'x')), Errc::Limit},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Device device(std::string("garbled ") + c.name);
    ASSERT_TRUE(device.node->enrol(county.root_digest(), Bytes(32, 'c')));
    Loopback server(c.serve);
    SyncOptions options = options_of(county);
    options.connect_timeout = Duration{300};
    const SyncEnd end = sync_and_wait(*device.node, server.address(), std::move(options));
    ASSERT_TRUE(end.error);
    EXPECT_EQ(end.error->code, c.expected) << end.error->what;
    EXPECT_FALSE(end.report.level);
  }
}

TEST(SyncDriver, KnowsTheCountyByItsFingerprintOnly) {
  County county;
  Device device("pinned");
  Digest other = county.root_digest();
  other.bytes[0] ^= 1;
  ASSERT_TRUE(device.node->enrol(other, Bytes(32, 'c')));
  Loopback server([&](tcp::socket socket) { serve_honestly(county, std::move(socket), 1'000); });
  EXPECT_EQ(fetch_root_digest(server.address(), kTimeout).value(), county.root_digest());
  const SyncEnd end = sync_and_wait(*device.node, server.address(), options_of(county));
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->code, Errc::Forged) << end.error->what;
}
}  // namespace
}  // namespace cunji::fieldnode
