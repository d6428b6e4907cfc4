// verify(): the node's own audit of all it holds. Trusts the private key and the pin, nothing else
// of the store.
#include "fieldnode/node.h"
#include "shared/event/enrolment.h"

namespace cunji::fieldnode {
namespace {
constexpr std::size_t kPageEvents = 500;

// Stops at the first finding.
struct Finding {
  std::string zh, en;
};
using Checked = Result<std::optional<Finding>>;

std::string place_of(const PublicKey& key, std::uint64_t sequence) {
  return to_hex(key.view()).substr(0, 8) + "/" + std::to_string(sequence);
}

Checked check_chain(const store::NodeStore& store, const PublicKey& key, BytesView request,
                    VerifyReport& report) {
  const auto opened = event::open_request(request);
  if (!opened || opened->key != key)
    return std::optional(Finding{"登记申请损坏 " + place_of(key, 0),
                                 "the enrolment request of " + place_of(key, 0) + " is damaged"});
  event::ChainHead head{.key = key, .digest = event::request_digest(request)};
  while (true) {
    const auto page = store.own_history(key, head.sequence, kPageEvents);
    const std::string next = place_of(key, head.sequence + 1);
    if (!page)
      return std::optional(Finding{"本机记录链自 " + next + " 起无法读取",
                                   "own chain unreadable from " + next + ": " + page.error().what});
    if (page->empty()) break;
    for (const store::OwnEvent& own : *page) {
      const event::SignedEvent& event = own.event.signed_event;
      const std::string here = place_of(key, head.sequence + 1);
      if (event.header().author != key || event::link_of(head, event) != event::ChainLink::Next)
        return std::optional(
            Finding{"本机记录链在 " + here + " 处断开", "own chain broken at " + here});
      if (!event.verify())
        return std::optional(
            Finding{"签名无效 " + here, "the signature of " + here + " does not verify"});
      if (const auto body = event::check_body(event.header(), own.event.body); !body)
        return std::optional(
            Finding{"内容与签名不符 " + here, "the body of " + here + ": " + body.error().what});
      if (own.event.body.parts.empty())
        return std::optional(Finding{"内容已损坏 " + here, "the body of " + here + " is damaged"});
      head = event::advanced(head, event, event.header().seen.size);
      ++report.own_events;
    }
  }
  ++report.chains;
  return std::optional<Finding>{};
}

struct DivisionTail {
  Digest leaf;
  std::uint64_t index = 0;
};

// One entry: link to its division's entry before, signature, body, and that an own event is the
// one that this node signed.
std::optional<Finding> check_entry(const event::LoggedEvent& logged,
                                   const std::optional<event::Event>& own,
                                   std::map<DivisionCode, DivisionTail>& tails) {
  const event::Header& header = logged.entry.event.header();
  const std::string here = std::to_string(logged.index);
  const auto tail = tails.find(header.division);
  const Digest expected = tail == tails.end() ? Digest{} : tail->second.leaf;
  if (logged.entry.division_previous != expected)
    return Finding{"区划链在第 " + here + " 条断开",
                   "division link broken at entry " + here + " (" + header.division.str() + ")"};
  if (!logged.entry.event.verify())
    return Finding{"第 " + here + " 条签名无效", "the signature of entry " + here + " is bad"};
  if (const auto body = event::check_body(header, logged.body); !body)
    return Finding{"第 " + here + " 条内容与签名不符",
                   "the body of entry " + here + ": " + body.error().what};
  if (own && !(own->signed_event == logged.entry.event))
    return Finding{"第 " + here + " 条与本机记录不同",
                   "entry " + here + " is not what this node signed"};
  tails[header.division] = {logged.entry.leaf_hash(), logged.index};
  return std::nullopt;
}

std::optional<Finding> check_cursor(const sync::Cursor& cursor,
                                    const std::map<DivisionCode, DivisionTail>& tails) {
  const auto tail = tails.find(cursor.division);
  const bool fits = tail == tails.end() ? cursor.next_index == 0 && cursor.leaf.is_zero()
                                        : cursor.next_index == tail->second.index + 1 &&
                                              cursor.leaf == tail->second.leaf;
  if (fits) return std::nullopt;
  const std::string code = cursor.division.str();
  return Finding{"区划 " + code + " 的最新一条与已证明的不符",
                 "the newest entry held of " + code + " is not the one that was proven"};
}
}  // namespace

// Nothing may be missing but by an erasure that has its second person (D20).
static std::optional<Finding> check_erased(const credential::Governance& governance,
                                           const event::LoggedEvent& logged) {
  const event::PartSet gone = event::parts_in(logged.body, event::PartState::Erased);
  if (gone.none()) return std::nullopt;
  const event::PartSet named =
      governance.erased_parts(logged.index, logged.entry.event, from_millis(kTimeMillisMax));
  if ((gone & ~named).none()) return std::nullopt;
  const std::string here = std::to_string(logged.index);
  return Finding{"第 " + here + " 条内容被删除而无依据",
                 "a part of entry " + here + " is erased, and no erasure names it"};
}

Result<VerifyReport> Node::verify() {
  VerifyReport report;
  const auto found = [&](const Finding& finding) {
    report.finding_zh = finding.zh;
    report.finding_en = finding.en;
    return report;
  };
  for (const crypto::KeyPair& pair : keys_) {
    TRY_AS(request, store_->setting(request_setting(pair.public_key())));
    if (!request) continue;  // A key that was never used.
    TRY_AS(finding, check_chain(*store_, pair.public_key(), *request, report));
    if (finding) return found(*finding);
  }
  TRY_AS(note, store_->trusted_note());
  if (note && pin_.log_key) {
    const auto checkpoint = log::open_checkpoint(*note, pin_.origin, *pin_.log_key);
    if (!checkpoint)
      return found({"所信任的检查点签名无效",
                    "the trusted checkpoint does not verify: " + checkpoint.error().what});
  }
  TRY(refold());
  std::map<DivisionCode, DivisionTail> tails;
  state::State fresh(programmes::all_calculations());
  std::optional<Finding> finding;
  TRY(store_->scan_entries(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    const event::Header& header = logged.entry.event.header();
    TRY_AS(own, store_->own_event(header.author, header.sequence));
    // The chain of an earlier key ended because the county may hold another branch of it (D4).
    if (header.author != key()) own.reset();
    finding = check_entry(logged, own, tails);
    if (!finding) finding = check_erased(governance(), logged);
    if (finding) return false;
    fresh.apply(logged);
    ++report.entries;
    return true;
  }));
  if (finding) return found(*finding);
  report.divisions = tails.size();
  TRY_AS(cursors, store_->cursors());
  for (const sync::Cursor& cursor : cursors)
    if (const auto wrong = check_cursor(cursor, tails)) return found(*wrong);
  TRY_AS(now_folded, folded());
  if (now_folded->digest() != fresh.digest())
    return found({"重新推算的状态与当前不同", "the state folded anew differs from the one shown"});
  return report;
}
}  // namespace cunji::fieldnode
