// Going on under a new key after a fork, a loss or a broken chain (D4), and recording again what
// the county had not accepted: each event once, also over a crash.
#include <algorithm>

#include "fieldnode/node.h"
#include "protocol/event.pb.h"
#include "shared/event/enrolment.h"

namespace cunji::fieldnode {
// A succession makes one plan, seldom two; more than this is no honest node's store.
static constexpr std::size_t kPlansMax = 1'000;

static std::string plan_setting(std::size_t number) { return "resume/" + std::to_string(number); }

Result<void> Node::succeed() {
  if (!trouble_) return Error{Errc::Protocol, "the chain of this key is sound"};
  // The predecessor's position is what both sides can hold on to: the county's head where the
  // county told us, else the last sound event here.
  const crypto::KeyPair old_key = keys_.back();
  const crypto::KeyPair fresh = crypto::KeyPair::generate(entropy_);
  TRY(keeper_.keep(fresh));  // A crash after this leaves an unused key, no more.
  TRY(begin(fresh,
            {.root_digest = pin_.root_digest,
             .key = fresh.public_key(),
             .predecessor = old_key.public_key(),
             .predecessor_sequence = trouble_->sequence,
             .predecessor_digest = trouble_->digest,
             .nonce = entropy_.next<Salt>()},
            &old_key));
  keys_.push_back(fresh);
  trouble_.reset();
  shown_.reset();
  return {};
}

static Bytes encode_plan(const PublicKey& key, std::uint64_t base,
                         const std::vector<std::pair<PublicKey, std::uint64_t>>& originals) {
  ByteWriter out;
  out.raw(key.view()).u64(base);
  for (const auto& [author, sequence] : originals) out.raw(author.view()).u64(sequence);
  return out.take();
}

Result<std::vector<Node::ResumePlan>> Node::resume_plans() const {
  std::vector<ResumePlan> out;
  for (std::size_t number = 1; number <= kPlansMax; ++number) {
    TRY_AS(bytes, store_->setting(plan_setting(number)));
    if (!bytes) break;
    ByteReader in(*bytes);
    ResumePlan plan;
    plan.key = in.fixed<PublicKey>();
    plan.base = in.u64();
    while (in.ok() && !in.at_end()) {
      const auto author = in.fixed<PublicKey>();
      plan.originals.emplace_back(author, in.u64());
    }
    if (!in.ok()) return Error{Errc::Corrupt, "the node's store: what a succession recorded"};
    out.push_back(std::move(plan));
  }
  return out;
}

Result<void> Node::keep_plan(std::size_t number, const ResumePlan& plan) {
  return store_->set_setting(plan_setting(number),
                             encode_plan(plan.key, plan.base, plan.originals));
}

Result<std::set<std::pair<PublicKey, std::uint64_t>>> Node::re_recorded() const {
  std::set<std::pair<PublicKey, std::uint64_t>> out;
  TRY_AS(plans, resume_plans());
  for (const ResumePlan& plan : plans) {
    TRY_AS(done, store_->own_history(plan.key, plan.base, plan.originals.size()));
    for (std::size_t i = 0; i < done.size(); ++i) out.insert(plan.originals[i]);
  }
  return out;
}

Result<std::vector<std::pair<PublicKey, std::uint64_t>>> Node::resumable() const {
  std::vector<std::pair<PublicKey, std::uint64_t>> out;
  if (keys_.size() < 2) return out;
  TRY_AS(lines, own_lines(/*unsent_only=*/false));
  for (const OwnLine& line : lines) {
    const event::Header& header = line.own.event.signed_event.header();
    // Not accepted is also what was logged after the key was frozen: it has no effect.
    const bool accepted = line.own.standing == store::OwnEvent::Standing::Logged &&
                          line.own.verdict != event::Verdict::Frozen;
    // A body that was lost on this device can't be said again.
    if (!accepted && !line.re_recorded && !line.current_key && line.own.event.body.whole())
      out.emplace_back(header.author, header.sequence);
  }
  return out;
}

Result<std::uint64_t> Node::resume(TimePoint recorded) {
  if (trouble_)
    return Error{Errc::Conflict, "the chain of this key has ended: go on with a new key first"};
  TRY_AS(plans, resume_plans());
  std::uint64_t done = 0;
  if (!plans.empty() && plans.back().key == key()) {
    TRY_AS(some, carry_out(plans.back(), recorded));
    done += some;
  }
  TRY_AS(left, resumable());
  if (left.empty()) return done;
  TRY_AS(head, store_->current_chain());
  const ResumePlan plan{.key = key(), .base = head->sequence, .originals = left};
  // One plan a key: what an old key's session still brings (parked, refused later) joins it.
  TRY(keep_plan(plans.size() + 1, plan));
  TRY_AS(some, carry_out(plan, recorded));
  return done + some;
}

// The copy says when it happened, for the new header can't: without a time of its own a part
// happened when it was first recorded.
static Result<Bytes> restated(const event::PartSlot& slot, TimePoint first_recorded) {
  TRY_AS(bytes, event::unpad_part(slot.padded));
  proto::Part part;
  if (!part.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || part.occurred() != 0)
    return Bytes(bytes);
  part.set_occurred(to_millis(first_recorded));
  return part.SerializeAsString();
}

Result<std::uint64_t> Node::carry_out(const ResumePlan& plan, TimePoint recorded) {
  TRY_AS(head, store_->current_chain());
  if (head->key != plan.key) return std::uint64_t{0};  // Of an earlier succession: closed.
  std::uint64_t done = 0;
  for (std::uint64_t i = head->sequence - plan.base; i < plan.originals.size(); ++i) {
    const auto& [author, sequence] = plan.originals[static_cast<std::size_t>(i)];
    TRY_AS(original, store_->own_event(author, sequence));
    if (!original) return Error{Errc::Corrupt, "an event to be recorded again is missing"};
    const event::Header& header = original->signed_event.header();
    RecordDraft draft{.kind = static_cast<event::Kind>(header.kind),
                      .division = header.division,
                      .subject = header.subject,
                      .recorded = recorded,
                      .parts = {}};
    for (const event::PartSlot& slot : original->body.parts) {
      TRY_AS(part, restated(slot, header.recorded));
      draft.parts.push_back(part);
    }
    TRY_AS(now_head, store_->current_chain());
    TRY(append(draft, *now_head));
    ++done;
  }
  return done;
}
}  // namespace cunji::fieldnode
