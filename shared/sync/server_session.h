#pragma once
// The server's side of one session. Sans-IO: the driver feeds messages and the time, hands batches
// to intake, and comes back with the results; it answers nothing before intake says durable.
#include <memory>
#include <optional>
#include <vector>

#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "shared/credential/governance.h"
#include "shared/crypto/sign.h"
#include "shared/event/event.h"
#include "shared/log/event_log.h"
#include "shared/sync/node_session.h"

namespace cunji::sync {
// What the session reads; valid during each call, from the thread that calls it.
class ServerSource {
 public:
  virtual ~ServerSource() = default;
  virtual const log::EventLog& log() const = 0;
  virtual const credential::Governance& governance() const = 0;
  virtual const std::string& note() const = 0;            // Newest published checkpoint, signed,
  virtual const log::Checkpoint& checkpoint() const = 0;  // and opened.
  virtual const event::LoggedEvent& founding() const = 0;
  virtual const event::LoggedEvent& system_credential() const = 0;
  // The root's statement on the server's TLS keys (tls_statement.h); empty: there is none.
  virtual BytesView tls_statement() const { return {}; }
};

class ServerSession {
 public:
  struct PushedBatch {
    std::uint64_t push_id = 0;
    std::vector<event::Event> events;  // Decoded; neither signature nor commitment checked yet.
  };
  struct EnrolmentAsk {
    Bytes request;      // 281 bytes, signatures not checked yet.
    Bytes code_id;      // 8 bytes.
    Bytes mac;          // 32 bytes.
    Digest transcript;  // mac = HMAC-SHA-256(code key, request ‖ transcript).
  };
  struct Output {
    std::optional<PushedBatch> pushed;                // Answer with on_results().
    std::optional<EnrolmentAsk> enrol;                // Answer with on_enrolment().
    std::optional<std::vector<BlobName>> blob_offer;  // Answer with on_blob_answers(),
    std::optional<BlobChunk> blob_chunk;              // with on_chunk_answer(), in their order.
    std::vector<Bytes> send;
    std::optional<std::uint64_t>
        waits_for_size;  // A poll waits: call on_checkpoint() when published.
  };

  ServerSession(const crypto::KeyPair& system_key, const ServerSource& source, Entropy& entropy,
                TimePoint now);
  ~ServerSession();
  ServerSession(ServerSession&&) noexcept;

  Output open();  // The server speaks first.
  // Takes one message, which may be anything. On an error send nothing more and close: Errc::Forged
  // for a signature or frame that does not verify, Errc::Limit, Errc::Malformed, Errc::Protocol.
  Result<Output> on_message(BytesView message, TimePoint now);
  // Errc::Timeout: the handshake takes too long (the driver also ends idle connections).
  Result<Output> on_tick(TimePoint now);
  Result<Output> on_results(std::uint64_t push_id, std::vector<EventOutcome> results,
                            TimePoint now);
  Result<Output> on_enrolment(Result<EnrolmentOutcome> outcome, TimePoint now);
  Result<Output> on_checkpoint(TimePoint now);
  // Name by name as offered. Wanted says which chunks are held.
  Result<Output> on_blob_answers(const std::vector<BlobAnswer>& answers);
  // Of the oldest chunk that is not answered yet; Wanted: it is durable.
  Result<Output> on_chunk_answer(const BlobAnswer& answer);

  const PublicKey* key() const;  // The node's, once its hello was verified.

 private:
  struct State;
  std::unique_ptr<State> state_;
};
}  // namespace cunji::sync
