#pragma once
// The definition of the fold, written down without regard to cost: which parts of a log have an
// effect, and what register and visits follow from those. Shares no code with shared/state.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class NaiveFold {
 public:
  struct Item {
    std::uint64_t index = 0;
    Digest digest;
    event::Header header;
    event::Verdict verdict{};
    TimePoint lower{}, upper{};
    std::vector<std::optional<event::Part>> parts;
    event::PartSet erased;
  };
  // An effective part with its effective time.
  struct Effect {
    TimePoint occurred{};
    const Item* item = nullptr;
    std::size_t part = 0;
    SubjectId subject;
  };

  explicit NaiveFold(const std::vector<event::LoggedEvent>& entries) {
    std::map<PublicKey, std::uint64_t> seen;
    std::vector<std::pair<std::uint64_t, TimePoint>> anchors;
    for (const event::LoggedEvent& logged : entries) {
      const event::Header& header = logged.entry.event.header();
      if (header.seen.size <= logged.index)
        seen[header.author] = std::max(seen[header.author], header.seen.size);
      governance_.apply(logged);
      Item item{.index = logged.index,
                .digest = logged.entry.event.digest(),
                .header = header,
                .verdict = logged.entry.verdict,
                .upper = logged.entry.received,
                .parts = {},
                .erased = event::parts_in(logged.body, event::PartState::Erased)};
      for (const auto& [index, time] : anchors)
        if (index < seen[header.author]) item.lower = std::max(item.lower, time);
      for (const event::PartSlot& slot : logged.body.parts) {
        auto part = event::parse_part(slot.padded);
        item.parts.push_back(part ? std::optional(*part) : std::nullopt);
      }
      if (const auto anchor = event::first_content<event::AnchorPart>(logged.body))
        anchors.emplace_back(logged.index, anchor->at);
      items_.push_back(std::move(item));
    }
  }

  std::set<Digest> disputed() const {
    std::set<Digest> out;
    for (const Item& item : items_)
      if (!authority(item) && !(governance(item) && accepted(item))) out.insert(item.digest);
    return out;
  }
  std::set<Digest> doubtful() const {
    std::set<Digest> out;
    for (const Item& item : items_) {
      const TimePoint clamped = std::clamp(item.header.recorded, item.lower, item.upper);
      const auto off = std::chrono::abs(clamped - item.header.recorded);
      if (authority(item) && off > std::chrono::minutes{10} && !confirmed(item))
        out.insert(item.digest);
    }
    return out;
  }
  bool contradicted(const Item& item) const {
    return item.lower > item.header.recorded + std::chrono::minutes{10} && !confirmed(item);
  }

  // Of whoever signed it, as the key's first credential says; empty where it has none.
  std::string role_of(const Item& item) const {
    const credential::KeyStatus* status = governance_.find(item.header.author);
    return status == nullptr || status->grants.empty() ? "" : status->grants.front().role;
  }

  // All effective parts with this content, in order of effective occurred, index, part.
  template <class Content>
  std::vector<Effect> effects() const {
    std::vector<Effect> out;
    for (const Item& item : items_) {
      for (std::size_t part = 0; part < item.parts.size(); ++part) {
        if (!is<Content>(item, part) || !effective(item, part)) continue;
        const event::PartFrame& frame = item.parts[part]->frame;
        out.push_back({occurred(item, frame), &item, part,
                       frame.subject.is_zero() ? item.header.subject : frame.subject});
      }
    }
    std::sort(out.begin(), out.end(), [](const Effect& a, const Effect& b) {
      return std::tie(a.occurred, a.item->index, a.part) <
             std::tie(b.occurred, b.item->index, b.part);
    });
    return out;
  }

 private:
  static bool governance(const Item& item) { return event::is_governance(item.header.kind); }
  static bool accepted(const Item& item) { return event::is_accepted(item.verdict); }
  template <class Content>
  static bool is(const Item& item, std::size_t part) {
    return item.parts[part] && std::holds_alternative<Content>(item.parts[part]->content);
  }
  static bool carries(Kind kind, const event::PartContent& content) {
    const bool visit = std::holds_alternative<event::VisitPart>(content);
    const bool check_in = std::holds_alternative<event::CheckInPart>(content);
    const bool registration = std::holds_alternative<event::RegistrationPart>(content);
    if (kind == Kind::Visit) return visit || check_in;
    if (kind == Kind::CheckIn) return check_in;
    if (kind == Kind::Registration) return registration;
    if (kind == Kind::Endorsement) return std::holds_alternative<event::EndorsementPart>(content);
    if (kind == Kind::Correction)
      return visit || check_in || registration ||
             std::holds_alternative<event::CorrectionPart>(content);
    return false;
  }

  bool endorsed(const Item& item, EndorsementPurpose purpose) const {
    for (const Item& by : items_) {
      const bool there = by.header.division == item.header.division ||
                         by.header.division == the_county().division();
      if (!accepted(by) || by.header.author == item.header.author || !there) continue;
      for (std::size_t part = 0; part < by.parts.size(); ++part) {
        if (!is<event::EndorsementPart>(by, part)) continue;
        const auto& said = std::get<event::EndorsementPart>(by.parts[part]->content);
        const bool named = std::count(said.events.begin(), said.events.end(), item.digest) > 0;
        if (said.purpose == purpose && named && effective(by, part)) return true;
      }
    }
    return false;
  }
  bool confirmed(const Item& item) const { return endorsed(item, EndorsementPurpose::Time); }
  bool authority(const Item& item) const {
    if (governance(item)) return false;
    const credential::KeyStatus* status = governance_.find(item.header.author);
    const bool withdrawn = status != nullptr && status->compromised_at &&
                           item.header.sequence > status->last_vouched_sequence;
    return (accepted(item) && !withdrawn) || endorsed(item, EndorsementPurpose::Effect);
  }
  static bool may_correct(const Item& by, const Item& wrong) {
    return by.header.division == wrong.header.division && !governance(wrong) &&
           (by.header.author == wrong.header.author || accepted(by));
  }
  bool corrected(const Item& item, std::size_t part) const {
    for (const Item& by : items_) {
      if (!may_correct(by, item)) continue;
      for (std::size_t k = 0; k < by.parts.size(); ++k) {
        if (!is<event::CorrectionPart>(by, k)) continue;
        const auto& said = std::get<event::CorrectionPart>(by.parts[k]->content);
        if (said.event == item.digest && (said.part == 0 || said.part == part + 1) &&
            effective(by, k))
          return true;
      }
    }
    return false;
  }
  bool replaces(const Item& item, std::size_t part) const {
    for (std::size_t k = 0; k < item.parts.size(); ++k) {
      if (!is<event::CorrectionPart>(item, k) || !effective(item, k)) continue;
      const auto& said = std::get<event::CorrectionPart>(item.parts[k]->content);
      for (const Item& wrong : items_) {
        if (wrong.digest != said.event || !may_correct(item, wrong) || !authority(wrong)) continue;
        for (std::size_t old = 0; old < wrong.parts.size(); ++old) {
          const bool meant = said.part == 0 || said.part == old + 1;
          const auto wrong_kind = static_cast<Kind>(wrong.header.kind);
          if (meant && wrong.erased[old] && wrong_kind != Kind::Correction &&
              carries(wrong_kind, item.parts[part]->content))
            return true;
          if (meant && wrong.parts[old] &&
              carries(static_cast<Kind>(wrong.header.kind), wrong.parts[old]->content) &&
              wrong.parts[old]->content.index() == item.parts[part]->content.index())
            return true;
        }
      }
    }
    return false;
  }
  bool effective(const Item& item, std::size_t part) const {
    const auto known = known_.find({item.index, part});
    if (known != known_.end()) return known->second;
    const auto kind = static_cast<Kind>(item.header.kind);
    const bool replacement = kind == Kind::Correction && !is<event::CorrectionPart>(item, part);
    const bool out = item.parts[part] && carries(kind, item.parts[part]->content) &&
                     authority(item) && !corrected(item, part) &&
                     (!replacement || replaces(item, part));
    return known_[{item.index, part}] = out;
  }
  TimePoint occurred(const Item& item, const event::PartFrame& frame) const {
    const TimePoint recorded = confirmed(item)
                                   ? std::min(item.header.recorded, item.upper)
                                   : std::clamp(item.header.recorded, item.lower, item.upper);
    return std::min(frame.occurred.value_or(item.header.recorded), recorded);
  }

  credential::Governance governance_;
  std::vector<Item> items_;
  mutable std::map<std::pair<std::uint64_t, std::size_t>, bool> known_;
};
}  // namespace cunji::state
