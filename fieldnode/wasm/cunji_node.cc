#include "fieldnode/wasm/cunji_node.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "fieldnode/node.h"
#include "fieldnode/photo.h"
#include "fieldnode/wasm/json.h"
#include "shared/credential/code.h"
#include "shared/crypto/system_entropy.h"
#include "shared/event/parts.h"
#include "shared/store/memory_vfs.h"

namespace cunji::fieldnode::wasm {
namespace {
// A node and all it stands on: what is declared first outlives what follows.
struct PageNode {
  store::MemoryVfs vfs{"page"};
  crypto::SystemEntropy entropy;  // The page's random_get.
  MemoryKeyKeeper keys;
  std::unique_ptr<Node> node;
  std::optional<sync::EnrolmentOffer> offer;  // For the next session.
  std::uint64_t size_min = 0;                 // So that sessions bring the credential just issued.
  std::optional<sync::NodeSession> session;
  std::deque<Bytes> to_send;
  std::map<Digest, event::Attachment> photos;  // Added here, for visits to name.

  void end_session() {
    session.reset();
    to_send.clear();
  }
};

std::unique_ptr<PageNode>& page_node() {  // A module has no main that could own it.
  static std::unique_ptr<PageNode> open;
  return open;
}

// What `call` answers with the open node.
template <class Call>
Code with_node(const Call& call) {
  return finish(page_node() ? call(*page_node()) : Error{Errc::Protocol, "no node is open"});
}
template <class Call>
Code with_node_at(double millis, const Call& call) {
  return with_node([&](PageNode& page) -> Answer {
    TRY_AS(time, time_of(millis));
    return call(page, time);
  });
}

template <class Fixed>
Result<Fixed> fixed_from_hex(std::string_view text) {
  TRY_AS(bytes, from_hex(text));
  return Fixed::from(bytes);
}

JsonObject report_of(const sync::NodeSession::Output& output) {
  using Status = sync::EventOutcome::Status;
  std::uint64_t logged = 0, disputed = 0, parked = 0, refused = 0, fetched = 0;
  std::string reason;
  for (const sync::EventOutcome& outcome : output.outcomes) {
    if (outcome.status == Status::Logged) ++logged;
    if (outcome.status == Status::Logged && !event::is_accepted(outcome.verdict)) ++disputed;
    if (outcome.status == Status::Parked) ++parked;
    if (outcome.status == Status::Refused && ++refused == 1) reason = outcome.reason;
  }
  std::uint64_t photos = 0;
  for (const sync::BlobOutcome& outcome : output.blobs)
    if (outcome.status == sync::BlobOutcome::Status::Held) ++photos;
  for (const sync::FeedCommit& feed : output.feed) fetched += feed.entries.size();
  std::vector<std::string> outside;
  for (const DivisionCode& division : output.outside_scope) outside.push_back(division.str());
  JsonObject out;
  out.number("logged", logged).number("disputed", disputed).number("photos_sent", photos);
  out.number("parked", parked).number("refused", refused).text("reason", reason);
  out.number("fetched", fetched).text("later", output.later);
  out.raw("outside_scope", json_texts(outside)).flag("split_view", output.split_view.has_value());
  if (const auto& enrolment = output.enrolment) {
    JsonObject answer;
    answer.flag("waits", enrolment->waits).text("role", enrolment->role);
    out.raw("enrolment", answer.raw("divisions", json_texts(enrolment->divisions)).take());
  }
  return out;
}

// Keeps what a step of the session brought, and only then lets its frames be sent (D9).
Answer take(PageNode& page, Result<sync::NodeSession::Output> output) {
  if (!output) {
    page.end_session();
    return output.error();
  }
  JsonObject report = report_of(*output);
  const bool over = output->split_view || output->enrolment;
  const bool enrolled = page.session->enrolled();
  const bool sending_photos = page.session->sending_blobs();
  // What is said once when photos begin to go, and again when they have gone, holds between.
  report.flag("level", output->level || sending_photos).flag("sending_photos", sending_photos);
  if (output->enrolment && output->enrolment->credential)
    page.size_min = output->enrolment->credential->index + 1;
  auto frames = page.node->take(std::move(*output));
  if (!frames || over) page.end_session();
  if (!frames) return frames.error();
  if (!over) page.to_send.insert(page.to_send.end(), frames->begin(), frames->end());
  report.flag("trouble", page.node->trouble().has_value());
  return report.flag("enrolled", enrolled).flag("over", over).take();
}

template <class Step>
Code session_step(double now, const Step& step) {
  return with_node_at(now, [&](PageNode& page, TimePoint time) -> Answer {
    if (!page.session) return Error{Errc::Protocol, "no session is open"};
    return take(page, step(*page.session, time));
  });
}

Answer verify_event(BytesView signed_event, BytesView body_bytes) {
  TRY_AS(event, event::SignedEvent::decode(signed_event));
  if (!event.verify()) return Error{Errc::Forged, "the signature is not the author's"};
  TRY_AS(body, event::decode_body(body_bytes));
  const event::Header& header = event.header();
  TRY(event::check_body(header, body));
  static constexpr const char* kStates[] = {"present", "withheld", "erased", "lost"};
  std::vector<std::string> parts;
  for (const event::PartSlot& part : body.parts)
    parts.emplace_back(kStates[static_cast<std::size_t>(part.state)]);
  const auto kind = event::info_of(header.kind);
  JsonObject out;
  out.text("digest", to_hex(event.digest().view())).text("author", to_hex(header.author.view()));
  out.number("sequence", header.sequence).number("recorded", to_millis(header.recorded));
  out.text("kind", kind ? kind->name : std::to_string(header.kind));
  out.text("division", header.division.view()).text("subject", to_hex(header.subject.view()));
  return out.raw("parts", json_texts(parts)).take();
}

Result<std::vector<state::HouseholdView>> households(Node& node, TimePoint on) {
  const auto county = node.county();
  if (!county) return std::vector<state::HouseholdView>{};
  TRY_AS(shown, node.shown());
  return shown->households(county->view(), date_of(on));
}

// `digests`: 64 hexadecimal digits each, one after the other.
Result<std::vector<event::Attachment>> photos_named(const PageNode& page,
                                                    std::string_view digests) {
  std::vector<event::Attachment> out;
  for (constexpr std::size_t kDigits = 2 * Digest::kSize; !digests.empty();) {
    TRY_AS(digest, fixed_from_hex<Digest>(digests.substr(0, kDigits)));
    const auto found = page.photos.find(digest);
    if (found == page.photos.end())
      return Error{Errc::Malformed, "a photo that was not added here"};
    out.push_back(found->second);
    digests.remove_prefix(kDigits);
  }
  return out;
}

Answer add_photo(PageNode& page, BytesView file) {
  if (file.size() > kPhotoFileBytesMax) return Error{Errc::Limit, "the photo's file is too large"};
  TRY_AS(photo, strip_photo(file));
  TRY_AS(digest, page.node->store().add_blob(photo.bytes));
  page.photos[digest] = {.digest = digest,
                         .size = static_cast<std::uint32_t>(photo.bytes.size()),
                         .media_type = photo.media_type,
                         .taken_at = photo.taken_at,
                         .place = photo.place};
  JsonObject out;
  out.text("digest", to_hex(digest.view())).number("size", photo.bytes.size());
  out.text("media_type", photo.media_type).flag("has_place", photo.place.has_value());
  if (photo.taken_at) out.number("taken_at", to_millis(*photo.taken_at));
  return out.take();
}

Answer record_visit(Node& node, const SubjectId& household, const event::VisitPart& visit,
                    const event::PartFrame& frame, TimePoint recorded) {
  TRY_AS(known, households(node, recorded));
  for (const state::HouseholdView& view : known) {
    if (view.id != household) continue;
    TRY_AS(done, node.record({.kind = event::Kind::Visit,
                              .division = view.division,
                              .subject = household,
                              .recorded = recorded,
                              .parts = {event::encode_part(visit, frame)}}));
    JsonObject out;
    out.number("sequence", done.sequence).text("digest", to_hex(done.digest.view()));
    if (done.expected) out.text("expected", event::name_of(*done.expected));
    return out.take();
  }
  return Error{Errc::Malformed, "no household of this id is known here"};
}

std::string json_of(const state::HouseholdView& household) {
  JsonObject out;
  out.text("id", to_hex(household.id.view())).text("division", household.division.view());
  out.text("number", household.number).text("head_name", household.head_name);
  out.raw("categories", json_texts(household.categories));
  out.flag("must_be_visited", household.must_be_visited);
  if (household.last_visit) {
    out.number("last_visit", to_millis(*household.last_visit));
    out.flag("received", household.last_visit_index.has_value());
  }
  return out.take();
}
}  // namespace

Code cunji_verify_event(const char* signed_event, std::size_t signed_event_size, const char* body,
                        std::size_t body_size) {
  return finish(verify_event({signed_event, signed_event_size}, {body, body_size}));
}

Code cunji_node_open() {
  return finish([]() -> Answer {
    if (page_node()) return Error{Errc::Conflict, "a node is open already"};
    auto page = std::make_unique<PageNode>();
    // Nothing of this store outlives the page, so its key need not either.
    const auto data_key = crypto::SealKey::generate(page->entropy);
    TRY_AS(store, store::NodeStore::open("/node.db", data_key, page->entropy, page->vfs.name()));
    TRY_AS(node, Node::open(std::move(store), page->keys, page->entropy));
    page->node = std::move(node);
    page_node() = std::move(page);
    return JsonObject().text("key", to_hex(page_node()->node->key().view())).take();
  }());
}

Code cunji_node_close() {
  return with_node([](PageNode&) -> Answer {
    page_node().reset();
    return JsonObject().take();
  });
}

Code cunji_enrol(const char* root, std::size_t root_size, const char* code, std::size_t code_size) {
  return with_node([&](PageNode& page) -> Answer {
    TRY_AS(root_digest, fixed_from_hex<Digest>({root, root_size}));
    TRY_AS(parsed, credential::parse_code({code, code_size}));
    TRY_AS(offer, page.node->enrol(root_digest, credential::code_key(parsed).view()));
    page.offer = offer;
    JsonObject out;
    out.text("request", to_hex(offer.request));
    return out.text("digits", event::comparison_digits(offer.request)).take();
  });
}

Code cunji_session_start(double now) {
  return with_node_at(now, [](PageNode& page, TimePoint time) -> Answer {
    if (page.session) return Error{Errc::Conflict, "a session is open already"};
    sync::NodeSession::Options options;
    options.enrol = page.offer;
    options.size_min = page.size_min;
    options.blobs = &page.node->store();
    TRY_AS(session, page.node->start_session(std::move(options), time));
    page.offer.reset();
    page.session.emplace(std::move(session));
    return JsonObject().take();
  });
}

Code cunji_session_message(const char* message, std::size_t message_size, double now) {
  return session_step(now, [&](sync::NodeSession& session, TimePoint time) {
    return session.on_message({message, message_size}, time);
  });
}

Code cunji_session_tick(double now) {
  return session_step(
      now, [](sync::NodeSession& session, TimePoint time) { return session.on_tick(time); });
}

Code cunji_session_frame() {
  return with_node([](PageNode& page) -> Answer {
    Bytes out;
    if (!page.to_send.empty()) {
      out = std::move(page.to_send.front());
      page.to_send.pop_front();
    }
    return out;
  });
}

Code cunji_session_end() {
  return with_node([](PageNode& page) -> Answer {
    page.end_session();
    return JsonObject().take();
  });
}

Code cunji_widen(double now) {
  return with_node_at(now, [](PageNode& page, TimePoint time) -> Answer {
    TRY_AS(more, page.node->widen(time));
    return JsonObject().flag("more", more).take();
  });
}

Code cunji_add_photo(const char* file, std::size_t file_size) {
  return with_node([&](PageNode& page) { return add_photo(page, {file, file_size}); });
}

Code cunji_record_visit(const char* household, std::size_t household_size, const char* outcome,
                        std::size_t outcome_size, const char* remark, std::size_t remark_size,
                        const char* photos, std::size_t photos_size, std::int32_t latitude_e7,
                        std::int32_t longitude_e7, std::uint32_t accuracy_m, double recorded) {
  return with_node_at(recorded, [&](PageNode& page, TimePoint time) -> Answer {
    TRY_AS(id, fixed_from_hex<SubjectId>({household, household_size}));
    const auto named = event::visit_outcome_named({outcome, outcome_size});
    if (!named || *named == event::VisitOutcome::Unspecified)
      return Error{Errc::Malformed, "no such outcome of a visit"};
    event::VisitPart visit{.outcome = *named, .remark = {remark, remark_size}};
    if (accuracy_m > 0) visit.place = {{latitude_e7, longitude_e7, accuracy_m}};
    event::PartFrame frame;
    TRY_AS(attachments, photos_named(page, {photos, photos_size}));
    frame.attachments = std::move(attachments);
    return record_visit(*page.node, id, visit, frame, time);
  });
}

Code cunji_households(double on) {
  return with_node_at(on, [](PageNode& page, TimePoint day) -> Answer {
    TRY_AS(all, households(*page.node, day));
    std::vector<std::string> items;
    for (const state::HouseholdView& household : all) items.push_back(json_of(household));
    return json_list(items);
  });
}

Code cunji_status(double now) {
  return with_node_at(now, [](PageNode& page, TimePoint time) -> Answer {
    TRY_AS(status, page.node->status(time));
    JsonObject out;
    out.flag("enrolled", status.enrolled).flag("approved", status.approved);
    out.flag("contacted", status.contacted).text("key", to_hex(status.key.view()));
    out.text("county", status.county_name).text("role", status.role);
    out.raw("divisions", json_texts(status.divisions)).number("own", status.own);
    out.number("unsent", status.unsent).number("parked", status.parked);
    out.number("refused", status.refused).number("disputed", status.disputed);
    out.number("entries", status.entries).number("split_views", status.split_views);
    out.number("photos_waiting", status.photos.waiting);
    out.number("photos_sent", status.photos.held).number("photos_lost", status.photos.lost);
    return out.flag("trouble", page.node->trouble().has_value()).take();
  });
}
}  // namespace cunji::fieldnode::wasm
