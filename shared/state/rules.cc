#include "shared/state/rules.h"

#include <algorithm>
#include <utility>

#include "protocol/definition.pb.h"
#include "shared/programme/load.h"

namespace cunji::state {
Rules::Rules() {
  Symbols words;
  empty_ = std::make_shared<const programme::Catalogue>(
      std::vector<std::shared_ptr<const programme::Definition>>{}, words);
}

const programme::Catalogue& Rules::at(Date on) const {
  const auto after = by_day_.upper_bound(on);
  return after == by_day_.begin() ? *empty_ : *std::prev(after)->second;
}

std::vector<Date> Rules::changes() const {
  std::vector<Date> out;
  for (const auto& [day, catalogue] : by_day_) out.push_back(day);
  return out;
}

// The newest version of each programme from each day on; nothing, and why, where they do not fit.
std::optional<Rules::ByDay> Rules::load_all(const std::vector<Known>& known, Symbols& words,
                                            std::string& why) {
  ByDay out;
  for (const Known& begins : known) {
    if (out.contains(begins.from)) continue;
    std::map<std::string, const Known*> newest;
    for (const Known& each : known) {
      if (each.from > begins.from) continue;
      const Known*& best = newest[each.programme];
      if (best == nullptr || each.version > best->version) best = &each;
    }
    std::vector<BytesView> encoded;
    for (const auto& [programme, each] : newest) encoded.push_back(*each->definition);
    programme::Loaded loaded = programme::load(encoded, words);
    if (!loaded.problems.empty()) {
      const programme::Problem& first = loaded.problems.front();
      why = (first.id.empty() ? std::string() : first.id + ": ") + first.what;
      return std::nullopt;
    }
    out.emplace(begins.from,
                std::make_shared<const programme::Catalogue>(std::move(loaded.definitions), words));
  }
  return out;
}

bool Rules::update(const std::vector<credential::Publication>& publications, Symbols& words) {
  std::vector<const credential::Publication*> in_force;
  for (const credential::Publication& each : publications)
    if (each.is_in_force()) in_force.push_back(&each);
  std::sort(in_force.begin(), in_force.end(), [](const auto* a, const auto* b) {
    return std::pair(*a->confirmed_at, a->index) < std::pair(*b->confirmed_at, b->index);
  });
  std::vector<Digest> seen;
  for (const auto* each : in_force) seen.push_back(each->event);
  if (seen == seen_) return false;
  seen_ = std::move(seen);
  earlier_.push_back(std::exchange(by_day_, {}));
  refused_.clear();
  std::vector<Known> known;
  for (const credential::Publication* each : in_force) {
    std::vector<Known> with = known;
    std::string why;
    for (const Bytes& bytes : each->definitions) {
      definition::Definition said;
      const bool parsed = said.ParseFromString(bytes);
      const auto from = parse_date(said.effective_from());
      const bool twice = std::any_of(with.begin(), with.end(), [&](const Known& other) {
        return other.programme == said.programme() && other.version >= said.version();
      });
      if (!parsed || !from) {
        why = "it is no definition";
      } else if (twice) {
        why = said.programme() + ": version " + std::to_string(said.version()) +
              " or a newer one is there already";
      } else {
        with.push_back({&bytes, said.programme(), said.version(), *from});
      }
    }
    if (why.empty()) {
      if (auto loaded = load_all(with, words, why)) {
        by_day_ = std::move(*loaded);
        known = std::move(with);
        continue;
      }
    }
    refused_.push_back({each->event, each->index, why});
  }
  return true;
}

std::set<Symbol> Rules::forms_received_for_others() const {
  std::set<Symbol> out;
  for (const auto& [from, catalogue] : by_day_) {
    for (const auto& [id, duty] : catalogue->duties.all()) {
      if (duty->judged_by != programme::JudgedBy::Received) continue;
      for (const auto& by : duty->fulfilled_by) {
        const programme::Form* form = catalogue->forms.find(by.form);
        if (form != nullptr && form->subject != duty->each) out.insert(form->id);
      }
    }
  }
  return out;
}
}  // namespace cunji::state
