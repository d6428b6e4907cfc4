#pragma once
// The definitions that the county has published, by the day on which they are in force (D12). One
// that does not load together with the others has no effect, and the reason is kept.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/credential/publication.h"
#include "shared/programme/catalogue.h"

namespace cunji::state {
// A definition without effect.
struct RefusedDefinition {
  Digest event;
  std::uint64_t index = 0;
  std::string reason;
};

class Rules {
 public:
  Rules();
  // Looks at what is published. True when something has changed since.
  bool update(const std::vector<credential::Publication>& publications, Symbols& words);
  bool empty() const { return by_day_.empty(); }
  // What is in force on a day. Lives as long as this and its copies: whatever refers to it may be
  // kept.
  const programme::Catalogue& at(Date on) const;
  const std::vector<RefusedDefinition>& refused() const { return refused_; }
  // Forms that, once received, fulfil a duty of somebody else than they are about, on any day.
  std::set<Symbol> forms_received_for_others() const;
  // The days on which something comes into force, ascending.
  std::vector<Date> changes() const;

 private:
  struct Known {
    const Bytes* definition = nullptr;
    std::string programme;
    std::uint32_t version = 0;
    Date from{};
  };
  using ByDay = std::map<Date, std::shared_ptr<const programme::Catalogue>>;
  static std::optional<ByDay> load_all(const std::vector<Known>& known, Symbols& words,
                                       std::string& why);

  std::vector<Digest> seen_;  // Events in force when last looked at.
  ByDay by_day_;
  std::shared_ptr<const programme::Catalogue> empty_;
  std::vector<ByDay> earlier_;  // What cases may still refer to.
  std::vector<RefusedDefinition> refused_;
};
}  // namespace cunji::state
