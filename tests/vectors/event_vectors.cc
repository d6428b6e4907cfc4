#include "shared/credential/code.h"
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "tests/vectors/generators.h"

namespace cunji::vectors {
using event::Event;
using event::Kind;
using event::PartState;

static Json header_json(const event::Header& h) {
  return {{"county", h.county.str()},
          {"author", hex(h.author.view())},
          {"sequence", h.sequence},
          {"previous", hex(h.previous.view())},
          {"seen_size", h.seen.size},
          {"seen_digest", hex(h.seen.digest.view())},
          {"recorded", to_millis(h.recorded)},
          {"division", h.division.str()},
          {"subject", hex(h.subject.view())},
          {"kind", h.kind},
          {"body_length", h.body_length},
          {"commitment", hex(h.commitment.view())}};
}

static Json body_json(const event::Body& body) {
  Json parts = Json::array();
  for (const event::PartSlot& slot : body.parts) {
    Json part = {{"state", static_cast<int>(slot.state)}};
    if (slot.state == PartState::Present) {
      part["salt"] = hex(slot.salt.view());
      part["part"] = hex(event::unpad_part(slot.padded).value());
    }
    part["commitment"] = hex(slot.commitment.view());
    parts.push_back(part);
  }
  Json out = {{"bytes", hex(event::encode_body(body))}};
  if (body.salt) out["salt"] = hex(body.salt->view());
  out["parts"] = parts;
  return out;
}

static Json event_json(const std::string& name, const Event& event) {
  return {{"name", name},
          {"header", header_json(event.signed_event.header())},
          {"signed_event", hex(event.signed_event.encode())},
          {"digest", hex(event.signed_event.digest().view())},
          {"body", body_json(event.body)}};
}

static event::PartSlot without(const event::PartSlot& slot, PartState state) {
  return {.state = state, .salt = {}, .padded = {}, .commitment = slot.commitment};
}

static Event make(const event::ChainHead& head, std::vector<Bytes> parts, Kind kind = Kind::Visit) {
  crypto::SeededEntropy entropy(head.sequence, "event vectors");
  const bool founding = kind == Kind::Founding;
  const event::Seen seen =
      founding ? event::Seen{} : event::Seen{7, crypto::sha256("a note's text")};
  const bool governance = event::is_governance(static_cast<std::uint16_t>(kind));
  return event::make_event(key_named("author"), county_code(), head, seen,
                           {.division = governance ? county_code().division() : village(1),
                            .subject = governance ? SubjectId{} : household(1),
                            .kind = kind,
                            .recorded = from_millis(kStart + head.sequence * kHour),
                            .parts = std::move(parts)},
                           entropy)
      .value();
}

// Damages a good event in one place each, and says what the code answers.
static Json refused_events(const Event& good) {
  const Bytes bytes = good.signed_event.encode(), body = event::encode_body(good.body);
  Json out = Json::array();
  const auto signed_anew = [](Bytes changed) {  // Sound but for what was changed.
    const Bytes header = changed.substr(0, event::kHeaderBytes);
    return header + key_named("author").sign("cunji/event/v1\n" + header).str();
  };
  const auto add = [&](const std::string& name, const Bytes& event_bytes, const Bytes& body_bytes) {
    Json one = {
        {"name", name}, {"signed_event", hex(event_bytes)}, {"body", {{"bytes", hex(body_bytes)}}}};
    const auto event = event::SignedEvent::decode(event_bytes);
    const auto decoded = event::decode_body(body_bytes);
    if (!event) {
      one.update(error_of(event));
    } else if (!event->verify()) {
      one.update({{"error", "forged"}, {"text", "the signature does not verify"}});
    } else if (!decoded) {
      one.update(error_of(decoded));
    } else {
      one.update(error_of(event::check_body(event->header(), *decoded)));
    }
    out.push_back(one);
  };
  const auto u64 = [](std::uint64_t v) { return ByteWriter().u64(v).take(); };
  add("empty", "", body);
  add("one byte short", bytes.substr(0, 256), body);
  add("one byte long", bytes + '\0', body);
  add("suite 2", signed_anew(put(bytes, 0, "\2")), body);
  add("letter in the county", signed_anew(put(bytes, 1, "41132x")), body);
  add("sequence 0", signed_anew(put(bytes, 39, u64(0))), body);
  add("sequence above 2^53 - 1", signed_anew(put(bytes, 39, u64(event::kSequenceMax + 1))), body);
  add("seen size 0, though not founding", signed_anew(put(bytes, 79, u64(0))), body);
  add("recorded after the year 9999", signed_anew(put(bytes, 119, u64(kTimeMillisMax + 1))), body);
  add("letter in the division", signed_anew(put(bytes, 127, "41132300120x")), body);
  add("division of another county", signed_anew(put(bytes, 127, "411324001201")), body);
  add("governance outside the county's division",
      signed_anew(put(bytes, 155, BytesView("\0\x41", 2))), body);
  add("kind 0", signed_anew(put(bytes, 155, BytesView("\0\0", 2))), body);
  add("no body", signed_anew(put(bytes, 157, BytesView("\0\0\0\0", 4))), body);
  add("body length not padded", signed_anew(put(bytes, 157, BytesView("\0\0\0\x11", 4))), body);
  add("body too large", signed_anew(put(bytes, 157, BytesView("\0\x08\0\x10", 4))), body);
  for (const std::size_t at : {7U, 46U, 50U, 90U, 126U, 138U, 140U, 156U, 170U, 193U, 230U, 256U})
    add("byte " + std::to_string(at) + " altered", flipped(bytes, at), body);
  const Bytes header = bytes.substr(0, event::kHeaderBytes);
  add("signed without the label", header + key_named("author").sign(header).str(), body);
  add("signed under another label",
      header + key_named("author").sign("cunji/session/v1\n" + header).str(), body);
  add("signed by another key", header + key_named("other").sign("cunji/event/v1\n" + header).str(),
      body);
  for (const std::size_t at : {0U, 1U, 2U, 18U, 22U, 23U, 100U})
    add("body byte " + std::to_string(at) + " altered", bytes, flipped(body, at));
  add("body cut", bytes, body.substr(0, body.size() - 1));
  add("bytes after the body", bytes, body + '\0');
  event::Body exchanged = good.body;
  exchanged.salt.reset();
  std::swap(exchanged.parts[0], exchanged.parts[1]);
  add("parts exchanged", bytes, event::encode_body(exchanged));
  event::Body fewer = good.body;
  fewer.parts.pop_back();
  add("a part left out", bytes, event::encode_body(fewer));
  event::Body longer = good.body;
  longer.salt.reset();
  longer.parts[1] = without(longer.parts[1], PartState::Withheld);
  add("another length than the header says",
      signed_anew(put(bytes, 157, BytesView("\0\0\0\x10", 4))), event::encode_body(longer));
  return out;
}

Json event_vectors() {
  const crypto::KeyPair key = key_named("author");
  event::ChainHead head{.key = key.public_key(),
                        .sequence = 0,
                        .digest = event::request_digest(request_of("author")),
                        .seen_size_max = 0};
  const Event visit =
      make(head, {event::encode_part(event::VisitPart{.outcome = event::VisitOutcome::Met,
                                                      .place = std::nullopt,
                                                      .purpose = "monthly",
                                                      .who_was_met = {"head"},
                                                      .changes_found = true,
                                                      .remark = "屋顶漏雨 roof leaks"})});
  head = event::advanced(head, visit.signed_event, 0);
  const Event three = make(head, {"first part", Bytes(40, '\xff'), ""});
  head = event::advanced(head, three.signed_event, 0);
  const Event sixteen = make(head, {Bytes(15, 'a'), Bytes(16, '\0')}, Kind::Survey);
  event::ChainHead root = head;
  root.sequence = 0;
  root.digest = crypto::sha256({SmallCounty::origin(), "\n"});
  const Event founding = make(root, {"not a founding message, but a body"}, Kind::Founding);
  Json events = {event_json("a visit with one part", visit),
                 event_json("the next of its chain, three parts, the last one empty", three),
                 event_json("parts that just fill and just overflow their padding", sixteen),
                 event_json("a founding event has seen nothing", founding)};
  const auto left = [&](const std::string& name, PartState state) {
    Event out = three;
    out.body.salt.reset();
    out.body.parts[1] = without(out.body.parts[1], state);
    events.push_back(event_json(name, out));
  };
  left("one part withheld from this reader", PartState::Withheld);
  left("one part erased by law", PartState::Erased);
  left("one part lost on the device", PartState::Lost);
  Event shown = three;
  shown.body.salt.reset();
  events.push_back(event_json("all parts shown, each with its own salt", shown));
  Event gone = three;
  gone.body = {};
  events.push_back(event_json("the whole body lost", gone));
  return {{"about", "Events of one key: header, signature, parts and commitments."},
          {"key", {{"seed", hex(key.seed().view())}, {"public_key", hex(key.public_key().view())}}},
          {"label", "cunji/event/v1\n"},
          {"events", events},
          {"refused", refused_events(three)}};
}

static Json request_json(const std::string& name, const Bytes& bytes) {
  const event::EnrolmentRequest r = event::open_request(bytes).value();
  return {{"name", name},
          {"root_digest", hex(r.root_digest.view())},
          {"key", hex(r.key.view())},
          {"predecessor", hex(r.predecessor.view())},
          {"predecessor_sequence", r.predecessor_sequence},
          {"predecessor_digest", hex(r.predecessor_digest.view())},
          {"nonce", hex(r.nonce.view())},
          {"bytes", hex(bytes)},
          {"digest", hex(event::request_digest(bytes).view())}};
}

static Json refused_requests() {
  Json out = Json::array();
  const auto add = [&](const std::string& name, const Bytes& bytes) {
    Json one = {{"name", name}, {"bytes", hex(bytes)}};
    one.update(error_of(event::open_request(bytes)));
    out.push_back(one);
  };
  const Bytes plain = request_of("author"), successor = request_of("forked 2");
  add("one byte short", plain.substr(1));
  add("one byte long", plain + '\0');
  add("suite 2", put(plain, 0, "\2"));
  add("a sequence without a predecessor", put(plain, 104, "\1"));
  add("an old signature without a predecessor", put(plain, 217, "\1"));
  add("its own predecessor", put(successor, 65, successor.substr(33, 32)));
  add("root digest altered", flipped(plain, 1));
  add("nonce altered", flipped(plain, 137));
  add("old key's signature altered", flipped(successor, 280));
  return out;
}

static Json code_vectors() {
  const Digest transcript = crypto::sha256("a session's transcript");
  const Bytes request = request_of("author");
  Json codes = Json::array(), refused = Json::array();
  for (const char* typed :
       {"7K3QF-9M2XA-0BCDE-HJNPR", " 7k3qf9m2xa obcde-hjnpr ", "OOOOO-IIIII-LLLLL-01234"}) {
    const std::string code = credential::parse_code(typed).value();
    const credential::CodeKey key = credential::code_key(code);
    codes.push_back({{"typed", typed},
                     {"code", code},
                     {"shown", credential::show_code(code)},
                     {"key", hex(key.view())},
                     {"id", hex(credential::code_id(key).view())},
                     {"request", hex(request)},
                     {"transcript", hex(transcript.view())},
                     {"mac", hex(credential::code_mac(key, request, transcript).view())}});
  }
  for (const char* typed : {"", "7K3QF-9M2XA-0BCDE-HJNP", "7K3QF-9M2XA-0BCDE-HJNPRS",
                            "7K3QF-9M2XA-0BCDE-HJNPU", "7K3QF_9M2XA-0BCDE-HJNPR"}) {
    Json one = {{"typed", typed}};
    one.update(error_of(credential::parse_code(typed)));
    refused.push_back(one);
  }
  return {{"codes", codes}, {"refused", refused}};
}

Json enrolment_vectors() {
  return {
      {"about", "Enrolment requests (281 bytes) and enrolment codes."},
      {"label", "cunji/enrol/v1\n"},
      {"requests",
       {request_json("a new key", request_of("author")),
        request_json("a key that goes on from another, signed by both", request_of("forked 2"))}},
      {"refused", refused_requests()},
      {"enrolment_codes", code_vectors()}};
}
}  // namespace cunji::vectors
