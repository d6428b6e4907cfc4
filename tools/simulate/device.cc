#include "tools/simulate/device.h"

#include <algorithm>

#include "shared/event/parts.h"

namespace cunji::simulate {
static constexpr const char* kPath = "node.sqlite";
static constexpr const char* kSuffixes[] = {"", "-wal", "-journal"};
// One key for all: a copied disk opens on the copier's device as with a stolen PIN, which is the
// case worth simulating.
static const crypto::SealKey kDataKey{crypto::SealKey::Raw{}};
static constexpr Duration kLookEvery = std::chrono::seconds{20};
// Small batches, so that a cut finds a session in the middle of its work.
static constexpr std::uint64_t kBatchMax = 20;

Device::Device(std::string name, const PersonId& person, std::vector<DivisionCode> divisions,
               const Surroundings& around)
    : name_(std::move(name)),
      person_(person),
      divisions_(std::move(divisions)),
      around_(around),
      entropy_(around.seed, "device " + name_),
      torn_(around.seed, "torn writes of " + name_),
      disk_(std::make_unique<store::MemoryVfs>("simulated-" + name_)) {}

Device::~Device() {
  session_.reset();
  node_.reset();
}

// --- Power.

Result<void> Device::open() {
  TRY_AS(store, store::NodeStore::open(kPath, kDataKey, entropy_, disk_->name()));
  TRY_AS(node, fieldnode::Node::open(std::move(store), keys_, entropy_));
  node_ = std::move(node);
  // The code stands for what a person types; here the registrar decides (County::approve).
  TRY(node_->enrol(around_.county.root_digest(), Bytes(32, 'c')));
  return check_confirmed();
}

// What was confirmed as recorded must have outlived the crash.
Result<void> Device::check_confirmed() {
  if (!confirmed_) return {};
  TRY_AS(own, node_->store().own_event(confirmed_->key, confirmed_->sequence));
  if (!own || own->signed_event.digest() != confirmed_->digest)
    finding("lost " + confirmed_->label + ", which it had confirmed");
  return {};
}

void Device::boot() {
  if (on()) return;
  const auto opened = open();
  if (opened) return trace("on");
  if (opened.error().code != Errc::Io) finding("does not start: " + opened.error().what);
  fail(opened.error());
}

void Device::crash() {
  trace("loses power");
  if (!disk_->crashed()) disk_->crash(around_.chance.per_mille(500) ? &torn_ : nullptr);
  if (session_) around_.network.fall_silent(connection_);
  session_.reset();
  node_.reset();
}

// The disk refused or lost power. The program ends, and is started again.
void Device::fail(const Error& error) {
  trace("stops: " + error.what);
  if (disk_->crashed()) return crash();
  if (error.code != Errc::Io) finding("stopped by: " + error.what);
  end_session();
  node_.reset();
}

// --- Work.

void Device::record() {
  if (!on()) return;
  const DivisionCode village = around_.chance.one_of(divisions_);
  const auto& households = around_.county.households(village);
  Work work;
  work.label = name_ + "/" + std::to_string(++labels_);
  work.device = name_;
  work.key = node_->key();
  fieldnode::RecordDraft draft;
  draft.division = village;
  draft.subject = households[around_.chance.below(households.size())];
  draft.recorded = clock();
  event::PartFrame frame;
  frame.programme = "village_coordinators";
  frame.form = "visit";
  frame.form_version = 1;
  if (around_.chance.per_mille(300))
    frame.occurred = clock() - around_.chance.between({}, std::chrono::hours{72});
  if (around_.chance.per_mille(800)) {
    event::VisitPart visit;
    visit.outcome = event::VisitOutcome::Met;
    visit.remark = work.label;
    draft.kind = event::Kind::Visit;
    draft.parts.push_back(event::encode_part(visit, frame));
  } else {
    event::CheckInPart check_in;
    check_in.outcome = event::VisitOutcome::NobodyHome;
    check_in.remark = work.label;
    draft.kind = event::Kind::CheckIn;
    draft.parts.push_back(event::encode_part(check_in, frame));
  }
  const auto recorded = node_->record(draft);
  if (recorded) {
    work.sequence = recorded->sequence;
    work.digest = recorded->digest;
    around_.evidence.recorded.push_back(work);
    confirmed_ = work;
    trace("recorded " + work.label);
    return;
  }
  const Errc code = recorded.error().code;
  // Before the first contact nothing can be recorded; after trouble with the chain not either.
  if (code != Errc::Protocol && code != Errc::Conflict) fail(recorded.error());
}

std::optional<Bytes> Device::bundle() {
  if (!on()) return std::nullopt;
  std::vector<event::Event> events;
  const auto collect = [&]() -> Result<void> {
    TRY_AS(lines, node_->own_lines(/*unsent_only=*/false));
    for (const fieldnode::OwnLine& line : lines) events.push_back(line.own.event);
    return {};
  }();
  if (!collect) {
    fail(collect.error());
    return std::nullopt;
  }
  if (events.empty()) return std::nullopt;
  // A stick holds what was new when it was filled: any part of the chains.
  const std::size_t from = around_.chance.below(events.size());
  const auto file = sync::write_bundle(around_.county.code(), around_.county.box_key(),
                                       std::span(events).subspan(from), entropy_);
  if (file) return *file;
  finding("can't write a bundle: " + file.error().what);
  return std::nullopt;
}

// --- Sessions.

void Device::connect() {
  if (!on() || session_ || !around_.county.up()) return;
  sync::NodeSession::Options options;
  options.batch_events_max = 1 + around_.chance.below(kBatchMax);
  options.feed_entries_max = 1 + around_.chance.below(kBatchMax);
  auto session = node_->start_session(options, around_.schedule.now());
  if (!session) return fail(session.error());
  session_.emplace(std::move(*session));
  connection_ = around_.network.open();
  trace("connects, connection " + std::to_string(connection_));
  around_.county.accept(connection_);
  tick(connection_);
}

void Device::tick(ConnectionId id) {
  around_.schedule.after(kLookEvery, [this, id] {
    if (!session_ || connection_ != id) return;
    if (carry_out(session_->on_tick(around_.schedule.now())) && session_) tick(id);
  });
}

void Device::end_session() {
  if (!session_) return;
  session_.reset();
  around_.network.close(connection_, End::Node);
}

bool Device::receive(BytesView message) {
  if (!session_) return false;
  return carry_out(session_->on_message(message, around_.schedule.now()));
}

void Device::lost() {
  trace("connection lost");
  session_.reset();
}

// False when the session took offence at what came.
bool Device::carry_out(Result<sync::NodeSession::Output> output) {
  if (!output) {
    trace("session ends: " + output.error().what);
    end_session();
    return false;
  }
  if (output->split_view) finding("sees a split view: " + output->split_view->reason);
  for (const sync::EventOutcome& outcome : output->outcomes) {
    if (outcome.status == sync::EventOutcome::Status::Logged)
      around_.evidence.acknowledged.push_back(outcome);
    if (outcome.status == sync::EventOutcome::Status::Refused)
      trace("refused at " + std::to_string(outcome.sequence) + ": " + outcome.reason);
  }
  const bool is_level = output->level, new_note = output->trusted_note.has_value();
  const bool enrolled = session_->enrolled();
  const auto send = node_->take(std::move(*output));
  if (!send) {
    fail(send.error());
    return true;
  }
  if (new_note) {
    const auto trusted = node_->store().trusted();
    if (trusted && *trusted) around_.evidence.trusted.push_back(**trusted);
  }
  for (const Bytes& message : *send) around_.network.send(connection_, End::Node, message);
  if (is_level) level(enrolled);
  return true;
}

void Device::level(bool enrolled) {
  trace(enrolled ? "level" : "not enrolled");
  end_session();
  if (const auto settled = settle(enrolled); !settled) fail(settled.error());
}

// What the program does after each session, as cunji-node does.
Result<void> Device::settle(bool enrolled) {
  if (node_->trouble()) {
    trace("goes on with a new key after sequence " + std::to_string(node_->trouble()->sequence));
    TRY(node_->succeed());
    return {};
  }
  if (!enrolled) return {};
  TRY(node_->widen(around_.schedule.now()));
  TRY_AS(again, node_->resume(clock()));
  if (again > 0) trace("recorded again: " + std::to_string(again));
  return {};
}

std::optional<Bytes> Device::request_to_approve() {
  if (!on() || !around_.county.up() || around_.county.governance().find(node_->key()) != nullptr)
    return std::nullopt;
  const auto offer = node_->enrol(around_.county.root_digest(), Bytes(32, 'c'));
  if (offer) return offer->request;
  fail(offer.error());
  return std::nullopt;
}

// --- Copies.

void Device::make_twofold() {
  for (const crypto::KeyPair& key : *keys_.keys())
    around_.evidence.twofold.insert(key.public_key());
}

Device::Copy Device::backup() const {
  Copy out{.files = {}, .keys = keys_, .works = around_.evidence.recorded.size()};
  for (const char* suffix : kSuffixes) {
    if (const auto file = disk_->read_file(std::string(kPath) + suffix))
      out.files[std::string(kPath) + suffix] = *file;
  }
  return out;
}

std::unique_ptr<Device> Device::clone(const std::string& name) {
  trace("is copied to " + name);
  make_twofold();
  const Copy copy = backup();
  auto out = std::make_unique<Device>(name, person_, divisions_, around_);
  for (const auto& [path, content] : copy.files) out->disk_->write_file(path, content);
  out->keys_ = copy.keys;
  return out;
}

void Device::restore(const Copy& backup) {
  trace("is set back to a backup");
  make_twofold();
  end_session();
  node_.reset();
  std::vector<Work>& works = around_.evidence.recorded;
  for (std::size_t i = backup.works; i < works.size(); ++i) {
    if (works[i].device == name_) works[i].forgotten = true;
  }
  disk_ = std::make_unique<store::MemoryVfs>("simulated-" + name_ + "-" + std::to_string(++disks_));
  for (const auto& [path, content] : backup.files) disk_->write_file(path, content);
  // The keys lie apart from the data folder: some are restored with it, some are not.
  if (around_.chance.per_mille(500)) keys_ = backup.keys;
  make_twofold();
  confirmed_.reset();
}

// --- The end.

std::string Device::missing() {
  if (!on()) return name_ + " is off";
  std::string out;
  const auto look = [&]() -> Result<void> {
    if (node_->trouble()) out = "its chain is in trouble";
    TRY_AS(lines, node_->own_lines(/*unsent_only=*/true));
    if (!lines.empty())
      out = std::to_string(lines.size()) + " own events are not logged, first sequence " +
            std::to_string(lines.front().own.event.signed_event.header().sequence) +
            (lines.front().own.reason.empty() ? "" : ", refused: " + lines.front().own.reason);
    TRY_AS(trusted, node_->store().trusted());
    const std::uint64_t size = trusted ? trusted->size : 0;
    if (size != around_.county.head().size)
      out = "trusts size " + std::to_string(size) + " of " +
            std::to_string(around_.county.head().size);
    TRY_AS(cursors, node_->store().cursors());
    if (cursors.size() != divisions_.size() + 1)
      out = "holds " + std::to_string(cursors.size()) + " divisions";
    for (const sync::Cursor& cursor : cursors) {
      TRY_AS(head, around_.county.log().division_head(cursor.division));
      if (head && cursor.next_index != head->index + 1)
        out = "lacks entries of " + cursor.division.str();
    }
    return {};
  }();
  if (!look) out = look.error().what;
  return out.empty() ? out : name_ + ": " + out;
}

HeldFold Device::fold() {
  HeldFold out{.device = name_, .digest = {}, .divisions = {}};
  const auto look = [&]() -> Result<void> {
    TRY_AS(report, node_->verify());
    if (!report.sound()) finding("does not verify: " + report.finding_en);
    TRY_AS(folded, node_->folded());
    out.digest = folded->digest();
    TRY_AS(cursors, node_->store().cursors());
    for (const sync::Cursor& cursor : cursors) out.divisions.insert(cursor.division);
    return {};
  }();
  if (!look) finding(look.error().what);
  return out;
}
}  // namespace cunji::simulate
