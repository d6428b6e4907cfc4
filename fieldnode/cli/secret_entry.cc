#include "fieldnode/cli/secret_entry.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "fieldnode/pin.h"
#include "shared/crypto/seal.h"

namespace cunji::fieldnode::cli {
namespace {
// Up to the end of the line, byte by byte: what follows belongs to the next question.
Result<std::string> read_line(int descriptor) {
  std::string out;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') {
    if (out.size() >= kSecretBytesMax) return Error{Errc::Malformed, "the PIN is too long"};
    out.push_back(c);
  }
  if (!out.empty() && out.back() == '\r') out.pop_back();
  if (out.empty()) return Error{Errc::Malformed, "no PIN or passphrase was given"};
  return out;
}

// The terminal, silent as long as this lives.
class SilentTerminal {
 public:
  SilentTerminal() : number_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (number_ < 0 || ::tcgetattr(number_, &before_) != 0) return;
    struct termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = ::tcsetattr(number_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (silent_) ::tcsetattr(number_, TCSAFLUSH, &before_);
    if (number_ >= 0) ::close(number_);
  }
  bool ok() const { return silent_; }
  Result<std::string> ask(const std::string& prompt) const {
    show(prompt);
    auto out = read_line(number_);
    show("\n");
    return out;
  }

 private:
  void show(const std::string& text) const {
    // Nobody to ask is found out when the answer is read.
    [[maybe_unused]] const ssize_t n = ::write(number_, text.data(), text.size());
  }
  int number_;
  bool silent_ = false;
  struct termios before_ = {};
};
}  // namespace

Result<std::string> read_secret(const SecretSource& source, const char* variable,
                                const std::string& prompt, bool twice) {
  if (source.descriptor >= 0) return read_line(source.descriptor);
  if (const char* value = std::getenv(variable); value != nullptr && *value != '\0')
    return std::string(value);
  const SilentTerminal terminal;
  if (!terminal.ok())
    return Error{Errc::Malformed,
                 std::string("no terminal to ask for it: give --pin-fd or $") + variable};
  TRY_AS(first, terminal.ask(prompt + ": "));
  if (!twice) return std::move(first);
  TRY_AS(second, terminal.ask(prompt + " (再输一次 · once more): "));
  const bool equal = first == second;
  crypto::wipe(second);
  if (!equal) return Error{Errc::Malformed, "the two entries differ"};
  return std::move(first);
}
}  // namespace cunji::fieldnode::cli
