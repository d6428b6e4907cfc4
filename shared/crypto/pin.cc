#include "shared/crypto/pin.h"

#include <algorithm>
#include <array>
#include <set>

namespace cunji::crypto {
// Of the lists of leaked PINs, what the rules below do not catch: patterns on the keypad, and
// numbers that sound like words.
static constexpr std::array<std::string_view, 14> kCommonPins = {
    "147258", "147852",  "159357",  "159753", "258369", "258456", "789456",
    "123321", "1314520", "5201314", "520131", "314159", "102030", "112358"};

static bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 111111, 123456, 987654, 246802: the same step from each character to the next, modulo ten.
static bool has_one_step(std::string_view text) {
  for (std::size_t i = 2; i < text.size(); ++i)
    if ((text[i] - text[i - 1] + 10) % 10 != (text[1] - text[0] + 10) % 10) return false;
  return true;
}

// 121212, 168168, 20232023.
static bool repeats(std::string_view text) {
  for (std::size_t length = 1; length <= text.size() / 2; ++length) {
    if (text.size() % length != 0) continue;
    bool all = true;
    for (std::size_t i = length; i < text.size(); ++i) all = all && text[i] == text[i - length];
    if (all) return true;
  }
  return false;
}

// 112233, 001122: pairs in one step.
static bool has_pairs_in_step(std::string_view text) {
  if (text.size() % 2 != 0) return false;
  std::string firsts;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (text[i] != text[i + 1]) return false;
    firsts.push_back(text[i]);
  }
  return has_one_step(firsts);
}

static bool is_common(std::string_view text) {
  return has_one_step(text) || repeats(text) || has_pairs_in_step(text) ||
         std::set<char>(text.begin(), text.end()).size() < 3 ||
         std::find(kCommonPins.begin(), kCommonPins.end(), text) != kCommonPins.end();
}

static std::size_t characters_in(std::string_view text) {  // Of UTF-8.
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

Result<VaultLock> check_new_secret(std::string_view text, bool passphrase) {
  if (text.size() > kSecretBytesMax) return Error{Errc::Malformed, "it is too long"};
  if (!passphrase && all_digits(text)) {
    if (text.size() < kPinDigitsMin)
      return Error{Errc::Malformed,
                   "a PIN has at least " + std::to_string(kPinDigitsMin) + " digits"};
    if (is_common(text)) return Error{Errc::Malformed, "this PIN is too easy to guess"};
    return VaultLock::Pin;
  }
  if (characters_in(text) < kPassphraseCharactersMin)
    return Error{Errc::Malformed, "a passphrase has at least " +
                                      std::to_string(kPassphraseCharactersMin) + " characters"};
  if (is_common(text)) return Error{Errc::Malformed, "this passphrase is too easy to guess"};
  return VaultLock::Passphrase;
}

Duration wait_after(std::uint64_t failures) {
  constexpr std::uint64_t kFree = 3, kDoublingsMax = 9;
  constexpr Duration kFirst{1'000}, kMax{300'000};
  if (failures <= kFree) return Duration{0};
  return std::min(kFirst * (std::int64_t{1} << std::min(failures - kFree - 1, kDoublingsMax)),
                  kMax);
}
}  // namespace cunji::crypto
