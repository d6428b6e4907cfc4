// The county's side of a session as a second module, so that cunji_node_test.mjs can let the page's
// module talk to the core's own server. In memory; the test carries the frames.
#include <deque>
#include <map>
#include <optional>

#include "fieldnode/wasm/boundary.h"
#include "shared/credential/code.h"
#include "tests/support/shipped.h"
#include "tests/unit/shared/sync/county.h"

namespace cunji::fieldnode::wasm {
namespace {
class County : public sync::TestCounty {
 public:
  County() {
    commit(root(), event::Kind::Definition, testing_support::shipped_parts());
    publish();
  }
  // Registers a household of village 1, as the office's desk does.
  void add_household(char number, const std::string& name) {
    if (head_.sequence == 0) enrol(desk_, {"411323"});
    const event::RegistrationPart part{
        .type = event::SubjectType::Household,
        .create = true,
        .facts = {{.name = "head_name", .value = event::text_value(name)},
                  {.name = "household_category", .value = event::codes_value({"out_of_poverty"})}},
        .source = "import"};
    SubjectId household;
    household.bytes.fill(static_cast<std::uint8_t>(number));
    const auto event =
        event::make_event(desk_, sync::county_code(), head_, log::seen_of(checkpoint()),
                          {.division = sync::village(1),
                           .subject = household,
                           .kind = event::Kind::Registration,
                           .recorded = now(),
                           .parts = {event::encode_part(part)}},
                          entropy_);
    CHECK(event.has_value());
    head_ = event::advanced(head_, event->signed_event, 0);
    const std::vector<event::Event> one{*event};
    CHECK(take(one).front().status == sync::EventOutcome::Status::Logged);
    publish();
  }

  // A new connection: the greeting waits to be fetched.
  void connect() {
    session_.emplace(system_key(), *this, entropy_, now());
    to_send.clear();
    queue(session_->open());
  }
  Result<void> on_message(BytesView message) {
    if (!session_) return Error{Errc::Protocol, "nobody is connected"};
    TRY_AS(output, session_->on_message(message, now()));
    return carry_out(std::move(output));
  }
  std::deque<Bytes> to_send;
  std::map<Digest, Bytes> photos;  // Filled from the left: a session sends chunks in order.
  std::string code = "0123456789ABCDEFGHJK";

 private:
  void queue(const sync::ServerSession::Output& output) {
    to_send.insert(to_send.end(), output.send.begin(), output.send.end());
  }
  Result<void> carry_out(sync::ServerSession::Output output) {
    queue(output);
    if (output.pushed) {
      TRY_AS(more,
             session_->on_results(output.pushed->push_id, take(output.pushed->events), now()));
      queue(more);
    }
    if (output.enrol) {
      TRY_AS(more, session_->on_enrolment(approve(*output.enrol), now()));
      queue(more);
    }
    if (output.blob_offer) {
      std::vector<sync::BlobAnswer> answers;
      for (const sync::BlobName& name : *output.blob_offer) answers.push_back(answer(name));
      TRY_AS(more, session_->on_blob_answers(answers));
      queue(more);
    }
    if (output.blob_chunk) {
      const sync::BlobChunk& chunk = *output.blob_chunk;
      CHECK(photos[chunk.blob.digest].size() == chunk.number * sync::kBlobChunkBytes);
      photos[chunk.blob.digest] += chunk.content;
      TRY_AS(more, session_->on_chunk_answer(answer(chunk.blob)));
      queue(more);
    }
    if (output.waits_for_size) {
      publish();
      TRY_AS(more, session_->on_checkpoint(now()));
      queue(more);
    }
    return {};
  }
  // Every photo is welcome here.
  sync::BlobAnswer answer(const sync::BlobName& name) {
    const Bytes& held = photos[name.digest];
    if (held.size() < name.size)
      return {.standing = sync::BlobStanding::Wanted, .held = sync::ChunkSet(name.size)};
    const bool sound = crypto::sha256(held) == name.digest;
    return {.standing = sound ? sync::BlobStanding::Held : sync::BlobStanding::Mismatch};
  }
  Result<sync::EnrolmentOutcome> approve(const sync::ServerSession::EnrolmentAsk& ask) {
    const auto key = credential::code_key(code);
    if (credential::code_mac(key, ask.request, ask.transcript).view() != ask.mac)
      return Error{Errc::Forged, "no such code"};
    TRY_AS(request, event::open_request(ask.request));
    event::CredentialPart part;
    part.key = request.key;
    part.enrolment_request = ask.request;
    part.enrolment_digest = event::request_digest(ask.request);
    part.person = PersonId::from(part.enrolment_digest.view().substr(0, 16)).value();
    part.role = "coordinator";
    part.kinds = {1, 2, 48};
    part.divisions = {sync::village(1).str()};
    part.valid_from = now() - std::chrono::hours{1};
    part.valid_to = now() + std::chrono::hours{24 * 365};
    const auto logged = commit(root(), event::Kind::Credential, event::encode_part(part));
    return sync::EnrolmentOutcome{
        .role = part.role, .divisions = part.divisions, .credential = logged};
  }

  crypto::SeededEntropy entropy_{11, "county module"};
  crypto::KeyPair desk_ = sync::key_of("desk");
  event::ChainHead head_{
      .key = desk_.public_key(),
      .digest = event::request_digest(sync::request_of(desk_, root().public_key()))};
  std::optional<sync::ServerSession> session_;
};

County& county() {
  static County one;
  return one;
}
}  // namespace

// The root digest, in bytes.
CUNJI_EXPORT(Code, county_root_digest)() { return finish(county().pin().root_digest.str()); }
CUNJI_EXPORT(Code, county_add_household)(std::int32_t number, const char* name, std::size_t size) {
  county().add_household(static_cast<char>(number), {name, size});
  return finish(Bytes{});
}
CUNJI_EXPORT(Code, county_connect)() {
  county().connect();
  return finish(Bytes{});
}
CUNJI_EXPORT(Code, county_message)(const char* message, std::size_t size) {
  const auto done = county().on_message({message, size});
  return finish(done ? Answer(Bytes{}) : Answer(done.error()));
}
CUNJI_EXPORT(Code, county_frame)() {  // As cunji_session_frame().
  Bytes out;
  if (!county().to_send.empty()) {
    out = std::move(county().to_send.front());
    county().to_send.pop_front();
  }
  return finish(out);
}
// The bytes of the photo with this digest, none where it has none.
CUNJI_EXPORT(Code, county_photo)(const char* digest, std::size_t size) {
  const auto name = Digest::from({digest, size});
  return finish(name ? Answer(county().photos[*name]) : Answer(name.error()));
}
// How many entries its log has, as text.
CUNJI_EXPORT(Code, county_size)() { return finish(std::to_string(county().size())); }
}  // namespace cunji::fieldnode::wasm
