#pragma once
// Who connects to a server under test, by hand: plain TCP, HTTP, WebSocket, and a node's session in
// which anything can be said at any time.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/system_entropy.h"
#include "shared/sync/handshake.h"

namespace cunji::server {
// A plain TCP connection to the server.
class Client {
 public:
  // With `receive_bytes` the kernel keeps about that much of what we have not read.
  explicit Client(std::uint16_t port, int receive_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_bytes != 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const timeval most{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  // False once the other end has closed.
  bool send(BytesView bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What comes until `end` has come or the other end has closed; empty when nothing did.
  std::string read_to(const std::string& end) {
    std::string out;
    char byte = 0;
    while (!out.ends_with(end) && ::recv(socket_, &byte, 1, 0) == 1) out += byte;
    return out;
  }
  // So many bytes; fewer once the other end has closed.
  Bytes read(std::size_t bytes) {
    Bytes out(bytes, '\0');
    const ssize_t got = ::recv(socket_, out.data(), bytes, MSG_WAITALL);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
  bool is_closed_by_the_other_end() {
    char bytes[4'096];
    ssize_t got = 1;
    while (got > 0) got = ::recv(socket_, bytes, sizeof bytes, 0);
    return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
  void open_websocket() {
    send(
        "GET /sync HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_TRUE(read_to("\r\n\r\n").starts_with("HTTP/1.1 101"));
  }
  // A binary message in one frame, masked with zeros.
  bool send_message(BytesView message) {
    constexpr std::size_t kLength16 = 126;
    ByteWriter frame;
    frame.u8(0x82);
    if (message.size() < kLength16) {
      frame.u8(static_cast<std::uint8_t>(0x80 | message.size()));
    } else {
      frame.u8(0x80 | kLength16).u16(static_cast<std::uint16_t>(message.size()));
    }
    return send(frame.u32(0).take() + Bytes(message));
  }
  // The next binary message, whatever frames it is cut into; empty once the other end has closed.
  Bytes read_message() {
    constexpr unsigned kFinal = 0x80, kControl = 0x08;
    Bytes out;
    for (bool whole = false; !whole;) {
      const Bytes head = read(2);
      if (head.size() < 2) return {};
      const unsigned first = static_cast<unsigned char>(head[0]);
      std::size_t length = static_cast<unsigned char>(head[1]);
      const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (more != 0) length = 0;
      for (const char byte : read(more)) length = length << 8 | static_cast<unsigned char>(byte);
      const Bytes content = read(length);
      if (content.size() < length) return {};
      if ((first & kControl) != 0) continue;  // A ping, say.
      out += content;
      whole = (first & kFinal) != 0;
    }
    return out;
  }
  // Sends one byte after another, until the other end has had enough or `bytes` are sent.
  bool trickle(BytesView bytes, std::chrono::milliseconds pause) {
    for (const char byte : bytes) {
      if (!send({&byte, 1})) return false;
      std::this_thread::sleep_for(pause);
    }
    return true;
  }

 private:
  int socket_;
};

// A session of `key`, open once it is made.
class NodeClient : public Client {
 public:
  NodeClient(std::uint16_t port, const crypto::KeyPair& key, int receive_bytes = 0)
      : Client(port, receive_bytes) {
    open_websocket();
    const Bytes server_hello = read_message();
    crypto::SystemEntropy entropy;
    const crypto::BoxPair pair = crypto::generate_box_pair(entropy);
    proto::NodeHelloContent content;
    content.set_version(sync::kSessionVersion);
    content.set_nonce(entropy.next<sync::Nonce>().str());
    content.set_key(key.public_key().str());
    content.set_ephemeral(pair.public_key.str());
    proto::NodeHello hello;
    hello.set_content(content.SerializeAsString());
    hello.set_signature(key.sign(sync::node_signing_input(server_hello, hello.content())).str());
    const Bytes message = hello.SerializeAsString();
    send_message(message);
    const Bytes answer = read_message();
    proto::ServerAnswer signed_answer;
    proto::ServerAnswerContent said;
    if (answer.empty() || !signed_answer.ParseFromString(answer) ||
        !said.ParseFromString(signed_answer.content())) {
      ADD_FAILURE() << "no session was opened";
      return;
    }
    auto agreed = crypto::Channel::agree(crypto::Channel::Role::Node, pair,
                                         crypto::BoxPublic::from(said.ephemeral()).value(),
                                         sync::transcript_of(server_hello, message, answer));
    EXPECT_TRUE(agreed);
    if (agreed) channel_.emplace(std::move(*agreed));
  }
  // Asks for a division's entries from the first one on; false once the other end has closed.
  bool want(const DivisionCode& division) {
    proto::NodeFrame frame;
    frame.mutable_want()->mutable_after()->set_division(division.str());
    frame.mutable_want()->set_entries_max(1'000);
    return channel_ && send_message(channel_->seal(frame.SerializeAsString()));
  }
  // Whether the next message is such entries.
  bool is_fed() {
    const auto opened = channel_ ? channel_->open(read_message()) : Bytes{};
    proto::ServerFrame frame;
    return opened && frame.ParseFromString(*opened) && frame.has_feed();
  }

 private:
  std::optional<crypto::Channel> channel_;
};
}  // namespace cunji::server
