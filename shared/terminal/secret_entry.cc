#include "shared/terminal/secret_entry.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "shared/crypto/pin.h"
#include "shared/crypto/seal.h"

namespace cunji::terminal {
namespace {
// Up to the end of the line, byte by byte: what follows belongs to the next question.
Result<std::string> read_line(int descriptor) {
  std::string out;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') {
    if (out.size() >= crypto::kSecretBytesMax) return Error{Errc::Malformed, "the PIN is too long"};
    out.push_back(c);
  }
  if (!out.empty() && out.back() == '\r') out.pop_back();
  if (out.empty()) return Error{Errc::Malformed, "no PIN or passphrase was given"};
  return out;
}

// What a signal's handler puts right; set before a handler is. The handler calls nothing that is
// not safe in one (POSIX: tcsetattr, sigaction, sigprocmask, raise).
volatile std::sig_atomic_t silent_terminal = -1;
struct termios loud_settings, silent_settings;
constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// Loud again, then what the signal does by itself: the process ends here, or stops. Once it goes
// on, the question does too.
extern "C" void on_signal(int number) {
  const int error = errno;
  ::tcsetattr(silent_terminal, TCSANOW, &loud_settings);
  struct sigaction own = {}, usual = {};
  usual.sa_handler = SIG_DFL;
  ::sigaction(number, &usual, &own);
  sigset_t this_one;
  ::sigemptyset(&this_one);
  ::sigaddset(&this_one, number);
  ::raise(number);
  ::sigprocmask(SIG_UNBLOCK, &this_one, nullptr);  // Delivered now.
  ::sigprocmask(SIG_BLOCK, &this_one, nullptr);
  ::sigaction(number, &own, nullptr);
  ::tcsetattr(silent_terminal, TCSANOW, &silent_settings);
  errno = error;
}

// The terminal, silent as long as this lives.
class SilentTerminal {
 public:
  SilentTerminal() : number_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (number_ < 0 || ::tcgetattr(number_, &loud_settings) != 0) return;
    silent_settings = loud_settings;
    silent_settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_terminal = number_;
    struct sigaction ours = {};
    ours.sa_handler = on_signal;
    ours.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], nullptr, &before_[i]);
      // What is ignored (nohup) goes on being ignored.
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &ours, nullptr);
    }
    silent_ = ::tcsetattr(number_, TCSAFLUSH, &silent_settings) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (silent_terminal == number_ && number_ >= 0) {
      ::tcsetattr(number_, TCSAFLUSH, &loud_settings);
      for (std::size_t i = 0; i < kSignals.size(); ++i)
        ::sigaction(kSignals[i], &before_[i], nullptr);
      silent_terminal = -1;
    }
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
  std::array<struct sigaction, kSignals.size()> before_ = {};
};
}  // namespace

Result<std::string> read_secret(const SecretSource& source, const std::string& variable,
                                const std::string& prompt, bool twice) {
  if (source.descriptor >= 0) return read_line(source.descriptor);
  if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0')
    return std::string(value);
  const SilentTerminal terminal;
  if (!terminal.ok())
    return Error{Errc::Malformed,
                 "no terminal to ask for it: give " + source.option + " or $" + variable};
  TRY_AS(first, terminal.ask(prompt + ": "));
  if (!twice) return std::move(first);
  TRY_AS(second, terminal.ask(prompt + " (再输一次 · once more): "));
  const bool equal = first == second;
  crypto::wipe(second);
  if (!equal) return Error{Errc::Malformed, "the two entries differ"};
  return std::move(first);
}
}  // namespace cunji::terminal
