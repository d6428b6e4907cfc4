#include "shared/credential/verify_log.h"

#include <vector>

#include "shared/event/chain.h"
#include "shared/event/kinds.h"
#include "shared/log/merkle.h"

namespace cunji::credential {
static constexpr std::uint64_t kProgressEvery = 256;

// The complete subtrees of the log so far, in memory.
class Hashes final : public log::HashReader {
 public:
  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override {
    if (level >= levels_.size() || index >= levels_[level].size())
      return Error{Errc::Corrupt, "no such subtree"};
    return levels_[level][static_cast<std::size_t>(index)];
  }
  void append(const Digest& leaf) {
    std::vector<log::Subtree> completed;
    frontier_.append(leaf, completed);
    for (const log::Subtree& subtree : completed) {
      if (subtree.level >= levels_.size()) levels_.emplace_back();
      CHECK(subtree.index == levels_[subtree.level].size());
      levels_[subtree.level].push_back(subtree.hash);
    }
  }
  std::uint64_t size() const { return frontier_.size(); }
  Digest root() const { return frontier_.root(); }

 private:
  log::Frontier frontier_;
  std::vector<std::vector<Digest>> levels_;
};

struct LogVerifier::State {
  LogReport report;
  Governance governance;
  Hashes hashes;
  std::map<PublicKey, event::ChainHead> chains;
  std::map<DivisionCode, Digest> division_leaves;
  std::map<std::uint64_t, Digest> seen;  // Size -> digest of this log's checkpoint text there.
  TimePoint received{};
  // Bodies of which something is marked as erased: what says so may come later in the log.
  struct Erased {
    std::uint64_t index = 0;
    event::SignedEvent event;
    event::PartSet parts;
  };
  std::vector<Erased> erased;

  // Each gives what is wrong, or nothing.
  std::optional<std::string> check(const event::LoggedEvent& logged, bool body_included);
  std::optional<std::string> check_founding(const event::LoggedEvent& logged);
  std::optional<std::string> check_place(const event::LoggedEvent& logged) const;
  std::optional<std::string> check_chain(const event::LoggedEvent& logged);
  std::optional<std::string> check_body(const event::LoggedEvent& logged, bool body_included);
  std::optional<std::string> check_verdict(const event::LoggedEvent& logged, bool body_included,
                                           std::uint64_t seen_size_max) const;
  std::uint64_t verified_seen(std::uint64_t index, const event::Seen& said);
  std::optional<LogFinding> check_erased() const;
  std::optional<LogFinding> check_tree(std::string_view note, const LogExpectation& expectation);
};

LogVerifier::LogVerifier() : state_(std::make_unique<State>()) {}
LogVerifier::~LogVerifier() = default;
LogVerifier::LogVerifier(LogVerifier&&) noexcept = default;

// The seen size if the log had this checkpoint before entry `index`, else 0 (D8).
std::uint64_t LogVerifier::State::verified_seen(std::uint64_t index, const event::Seen& said) {
  if (said.size == 0 || said.size > index) return 0;
  auto found = seen.find(said.size);
  if (found == seen.end()) {
    const log::Checkpoint checkpoint{.origin = governance.county()->origin,
                                     .size = said.size,
                                     .root = log::root_at(hashes, said.size).value()};
    found = seen.emplace(said.size, log::seen_of(checkpoint).digest).first;
  }
  return found->second == said.digest ? said.size : 0;
}

// The first entry says what the log is: nothing can be checked before it.
std::optional<std::string> LogVerifier::State::check_founding(const event::LoggedEvent& logged) {
  const event::Header& header = logged.entry.event.header();
  if (header.kind != static_cast<std::uint16_t>(event::Kind::Founding) || header.sequence != 1)
    return "the first entry is not a founding event";
  governance.apply(logged);
  if (!governance.county()) return "the founding event does not say what the county's log is";
  report.root_digest = governance.county()->root_digest();
  return std::nullopt;
}

std::optional<std::string> LogVerifier::State::check_place(const event::LoggedEvent& logged) const {
  const event::Entry& entry = logged.entry;
  if (entry.event.header().county != governance.county()->code) return "another county's event";
  if (entry.received < received) return "received before the entry before it";
  const auto found = division_leaves.find(entry.event.header().division);
  const Digest expected = found == division_leaves.end() ? Digest{} : found->second;
  if (entry.division_previous != expected)
    return "the division link does not lead to the division's entry before";
  return std::nullopt;
}

std::optional<std::string> LogVerifier::State::check_chain(const event::LoggedEvent& logged) {
  const event::SignedEvent& event = logged.entry.event;
  const PublicKey& key = event.header().author;
  auto found = chains.find(key);
  if (found == chains.end()) {
    const auto enrolment = governance.enrolment_of(key);
    if (!enrolment) return "no credential before it names its key";
    found = chains.emplace(key, event::ChainHead{.key = key, .digest = *enrolment}).first;
  }
  switch (event::link_of(found->second, event)) {
    case event::ChainLink::Next: break;
    case event::ChainLink::Known: return "its sequence is in the log already";
    case event::ChainLink::Gap: return "an event of its chain before it is missing";
    case event::ChainLink::Broken:
      return event.header().sequence == 1 ? "it does not begin at its key's enrolment request"
                                          : "it does not name the digest of the event before";
  }
  if (!event.verify()) return "its signature does not verify";
  const std::uint64_t size = verified_seen(logged.index, event.header().seen);
  found->second = event::advanced(found->second, event, size);
  return std::nullopt;
}

std::optional<std::string> LogVerifier::State::check_body(const event::LoggedEvent& logged,
                                                          bool body_included) {
  if (!body_included) {
    if (log::needs_body(logged.entry.event.header()))
      return "its body, which is public, is left out";
    ++report.bodies_left_out;
    return std::nullopt;
  }
  const auto sound = event::check_body(logged.entry.event.header(), logged.body);
  if (!sound) return sound.error().what;
  const event::PartSet gone = event::parts_in(logged.body, event::PartState::Erased);
  if (gone.any()) erased.push_back({logged.index, logged.entry.event, gone});
  report.parts_erased += gone.count();
  ++(logged.body.whole()  ? report.bodies_whole
     : logged.body.lost() ? report.bodies_lost
                          : report.bodies_partial);
  return std::nullopt;
}

std::optional<std::string> LogVerifier::State::check_verdict(const event::LoggedEvent& logged,
                                                             bool body_included,
                                                             std::uint64_t seen_size_max) const {
  const event::Verdict said = logged.entry.verdict;
  const bool lost = body_included ? logged.body.lost() : said == event::Verdict::AcceptedBodyLost;
  const event::Verdict found =
      governance.judge(logged.index, logged.entry.event.header(), logged.entry.received,
                       seen_size_max == 0 ? std::nullopt : std::optional(seen_size_max), lost);
  if (found == said) return std::nullopt;
  return "its verdict is " + std::string(event::name_of(said)) + ", recomputed " +
         std::string(event::name_of(found));
}

std::optional<std::string> LogVerifier::State::check(const event::LoggedEvent& logged,
                                                     bool body_included) {
  const bool founding = logged.index == 0;
  if (founding) {
    if (const auto reason = check_founding(logged)) return reason;
  }
  if (const auto reason = check_place(logged)) return reason;
  if (const auto reason = check_chain(logged)) return reason;
  if (const auto reason = check_body(logged, body_included)) return reason;
  const PublicKey& key = logged.entry.event.header().author;
  if (const auto reason = check_verdict(logged, body_included, chains[key].seen_size_max))
    return reason;
  if (!founding) governance.apply(logged);
  return std::nullopt;
}

bool LogVerifier::take(const event::LoggedEvent& logged, bool body_included) {
  State& s = *state_;
  if (s.report.finding) return false;
  auto reason = logged.index == s.report.entries
                    ? s.check(logged, body_included)
                    : std::optional<std::string>("entries are missing");
  if (reason) {
    s.report.finding = {s.report.entries, std::move(*reason)};
    return false;
  }
  const Digest leaf = logged.entry.leaf_hash();
  s.hashes.append(leaf);
  s.division_leaves[logged.entry.event.header().division] = leaf;
  s.received = logged.entry.received;
  ++s.report.verdicts[logged.entry.verdict];
  ++s.report.entries;
  return true;
}

// Nothing is erased but by an erasure that has its second person. Its seven days are not looked at:
// an export says when it was made by its newest entry only, and its holder may have heard of later.
std::optional<LogFinding> LogVerifier::State::check_erased() const {
  for (const Erased& each : erased) {
    const event::PartSet allowed =
        governance.erased_parts(each.index, each.event, from_millis(kTimeMillisMax));
    if ((each.parts & ~allowed).any())
      return LogFinding{each.index, "a part of it is erased, and no erasure names it"};
  }
  return std::nullopt;
}

std::optional<LogFinding> LogVerifier::State::check_tree(std::string_view note,
                                                         const LogExpectation& expectation) {
  const std::uint64_t size = hashes.size();
  if (size == 0) return LogFinding{0, "the log is empty"};
  const County& county = *governance.county();
  if (expectation.root_digest && *expectation.root_digest != report.root_digest)
    return LogFinding{0, "the founding event is not signed by the expected root key"};
  const auto checkpoint = log::open_checkpoint(note, county.origin, county.log_key);
  if (!checkpoint) return LogFinding{size, checkpoint.error().what};
  report.checkpoint = *checkpoint;
  if (checkpoint->size != size)
    return LogFinding{size, "the checkpoint is of " + std::to_string(checkpoint->size) +
                                " entries, there are " + std::to_string(size)};
  if (checkpoint->root != hashes.root())
    return LogFinding{size, "the tree's root is not the checkpoint's"};
  return std::nullopt;
}

LogReport LogVerifier::finish(std::string_view note, const LogExpectation& expectation) {
  State& s = *state_;
  s.report.keys = s.chains.size();
  s.report.divisions = s.division_leaves.size();
  if (!s.report.finding) s.report.finding = s.check_tree(note, expectation);
  if (!s.report.finding) s.report.finding = s.check_erased();
  return s.report;
}

static void show(const VerifyProgress& progress, std::uint64_t done, std::uint64_t total) {
  if (progress && (done % kProgressEvery == 0 || done == total)) progress(done, total);
}

// The tree size that a note speaks of, before the log key that signed it is known: how many entries
// to take. finish() opens the note properly.
static std::optional<std::uint64_t> size_said(std::string_view note) {
  const std::size_t line = note.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const std::string_view size = note.substr(line + 1, note.find('\n', line + 1) - line - 1);
  if (!is_digits(size) || size.size() > 16) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : size) out = out * 10 + static_cast<std::uint64_t>(c - '0');
  return out;
}

Result<LogReport> verify_log(const log::EventLog& log, std::string_view note,
                             const LogExpectation& expectation, const VerifyProgress& progress) {
  LogVerifier verifier;
  const std::uint64_t size = size_said(note).value_or(0);
  std::uint64_t done = 0;
  const auto take = [&](const event::LoggedEvent& logged) -> Result<bool> {
    if (done == size || !verifier.take(logged)) return false;
    show(progress, ++done, size);
    return done < size;
  };
  TRY(log.scan(0, take));
  return verifier.finish(note, expectation);
}

Result<LogReport> verify_export(log::ByteSource source, const LogExpectation& expectation,
                                const VerifyProgress& progress) {
  LogVerifier verifier;
  const auto stopped = [&](const Error& error, std::uint64_t done) -> Result<LogReport> {
    if (error.code == Errc::Io) return error;
    LogReport report = verifier.finish({}, {});
    report.finding = {done, error.what};
    return report;
  };
  auto reader = log::ExportReader::open(std::move(source));
  if (!reader) return stopped(reader.error(), 0);
  for (std::uint64_t done = 0;; ++done) {
    const auto next = reader->next();
    if (!next) return stopped(next.error(), done);
    if (!*next || !verifier.take((*next)->logged, (*next)->body_included)) break;
    show(progress, done + 1, reader->size());
  }
  return verifier.finish(reader->note(), expectation);
}
}  // namespace cunji::credential
