#pragma once
// Sizes of the event formats. Fixed for ever in version 1 (D3): a change is a new format.
#include <cstddef>
#include <cstdint>

namespace cunji::event {
inline constexpr std::size_t kHeaderBytes = 193;
inline constexpr std::size_t kSignedHeaderBytes = 257;  // Header ‖ signature.
inline constexpr std::size_t kEntryBytes = 300;
inline constexpr std::size_t kEnrolmentRequestBytes = 281;

// A visit has a part for every programme due at one house: eighteen policies, and room.
inline constexpr std::size_t kPartsMax = 32;
// Hides the exact length of an answer, at little cost on the wire.
inline constexpr std::size_t kPartPaddingBytes = 16;
// A part is a form's answers; a definition (the largest) stays far below. Bounds one allocation.
inline constexpr std::size_t kPartBytesMax = 262'144;
// One event must fit one frame with room for its envelope (sync/limits.h).
inline constexpr std::size_t kBodyBytesMax = 524'288;
// Body bytes as encode_body writes them: the parts, and for each state, salt or commitment, length.
inline constexpr std::size_t kEncodedBodyBytesMax = 2 + 16 + kPartsMax * (1 + 32) + kBodyBytesMax;
// JavaScript and SQLite hold such counts exactly; no honest chain or log comes near.
inline constexpr std::uint64_t kSequenceMax = 9'007'199'254'740'991;

// Within parts (parts.h). A longer one parses as an error, and the part has no effect.
inline constexpr std::size_t kTextBytesMax =
    16'384;                                     // A long remark; also a note (log/checkpoint.h).
inline constexpr std::size_t kListMax = 1'000;  // Facts, answers, codes, endorsed events.
inline constexpr std::size_t kEvidenceMax = 2;  // The two headers of a fork.
// Photos and scans that a part names: minutes in several pages, with room.
inline constexpr std::size_t kAttachmentsMax = 32;
// A readable photo takes 200 kB; two minutes of a slow rural line for the largest.
inline constexpr std::size_t kBlobBytesMax = 2'097'152;
// "image/jpeg"; registered names are far shorter.
inline constexpr std::size_t kMediaTypeBytesMax = 100;
// "household_signature": a word of the definitions.
inline constexpr std::size_t kEvidenceKindBytesMax = 100;
}  // namespace cunji::event
