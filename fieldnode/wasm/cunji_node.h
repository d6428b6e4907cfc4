#pragma once
// The field node for a page: what cunji-node.wasm exports, besides boundary.h, which says how bytes
// and answers pass. cunji_node.mjs wraps it for JavaScript. One node an instance.
//
// The page calls _initialize() first, and provides four functions of wasi_snapshot_preview1:
// random_get, from which come the node's key, salts and nonces (crypto.getRandomValues); fd_write,
// by which a failed CHECK says why; fd_seek and fd_close, which have nothing to do. Where
// random_get fails, a CHECK does or memory runs out, the module traps, and the instance must be let
// go.
//
// Store and key lie in the module's memory and go with the page, and with them whatever the county
// has not received yet: a page must say so to whoever records.
//
// Answers are JSON unless said otherwise; times in milliseconds, keys, digests and ids in
// hexadecimal. Code::Protocol while no node is open, Code::Malformed for arguments of a wrong form;
// else what the functions of fieldnode/node.h give.
#include "fieldnode/wasm/boundary.h"

namespace cunji::fieldnode::wasm {
// --- Needs no node. Checks one event: 257 signed bytes, body bytes (protocol/README.md).
// {"digest","author","sequence","kind","division","subject","recorded","parts":["present",…]}.
// Code::Malformed for what is no event, Code::Forged when signature or commitments do not fit.
CUNJI_EXPORT(Code, cunji_verify_event)
(const char* signed_event, std::size_t signed_event_size, const char* body, std::size_t body_size);

// --- A node with a new key and an empty store: {"key"}. Code::Conflict when one is open.
CUNJI_EXPORT(Code, cunji_node_open)();
CUNJI_EXPORT(Code, cunji_node_close)();  // Forgets key and store. {}

// --- Enrolment: {"request","digits"}, the digits for the registrar to compare. `root`: the digest
// of the county's root key, 64 hexadecimal digits, from the office and not from the server; `code`:
// as typed in. The next session asks the county; only that one. Asking again sends the same.
CUNJI_EXPORT(Code, cunji_enrol)
(const char* root, std::size_t root_size, const char* code, std::size_t code_size);

// --- Sessions, one at a time. The page carries binary WebSocket messages (path /sync): it passes
// in each one received and then sends what cunji_session_frame() gives, until that is empty. What
// the frames acknowledge is kept before. On a failure, or when the report says "over", nothing is
// sent any more and the session has ended. When "level" and not "sending_photos": end it, call
// cunji_widen(), and synchronise once more where that says "more". A report:
// {"over","level","enrolled","logged","disputed","parked","refused","reason" (of the first
// refusal),
// "fetched","photos_sent","sending_photos","later","outside_scope","split_view","trouble"}, and
// when the county answers a request "enrolment":{"waits","role","divisions"}.
CUNJI_EXPORT(Code, cunji_session_start)(double now);  // {}
CUNJI_EXPORT(Code, cunji_session_message)
(const char* message, std::size_t message_size, double now);
CUNJI_EXPORT(Code, cunji_session_tick)(double now);  // Once a second: notices a silent server.
CUNJI_EXPORT(Code, cunji_session_frame)();           // Bytes to send; none: nothing more.
CUNJI_EXPORT(Code, cunji_session_end)();             // When level, or the line broke. {}
CUNJI_EXPORT(Code, cunji_widen)(double now);         // {"more"}

// --- Keeps a photo, for visits to name: of a JPEG or PNG file the picture alone, what it says of
// place and time for the record. {"digest","size","media_type","has_place","taken_at"}, the last
// where the file says it. Code::Malformed for another file, Code::Limit for one that is too large.
// Photos go once their visits are logged, in the same session or a later one.
CUNJI_EXPORT(Code, cunji_add_photo)(const char* file, std::size_t file_size);

// --- Records a visit to a household that the node knows: {"sequence","digest","expected"}, the
// last as Recorded::expected where it is known. `household`: its id; `outcome`: "met",
// "nobody_home" … (VisitOutcome); `photos`: digests of added
// ones, 64 digits each, one after the other; degrees × 10^7; `accuracy_m` 0: no place is known.
CUNJI_EXPORT(Code, cunji_record_visit)
(const char* household, std::size_t household_size, const char* outcome, std::size_t outcome_size,
 const char* remark, std::size_t remark_size, const char* photos, std::size_t photos_size,
 std::int32_t latitude_e7, std::int32_t longitude_e7, std::uint32_t accuracy_m, double recorded);

// --- Looking, own events that the county has not received included. A list, empty before the
// county is known: [{"id","division","number","head_name","categories","must_be_visited",
// "last_visit","received"}], the last two where there was a visit.
CUNJI_EXPORT(Code, cunji_households)(double on);
// {"enrolled","approved","contacted","key","county","role","divisions","own","unsent","parked",
// "refused","disputed","entries","split_views","photos_waiting","photos_sent","photos_lost",
// "trouble"}
CUNJI_EXPORT(Code, cunji_status)(double now);
}  // namespace cunji::fieldnode::wasm
