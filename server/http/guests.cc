#include "server/http/guests.h"

#include "shared/base/check.h"

namespace cunji::server {
std::optional<Guests::Id> Guests::enter(const std::string& address) {
  const auto found = addresses_.find(address);
  const Address there = found == addresses_.end() ? Address{} : found->second;
  if (guests_.size() >= bounds_.all || strangers_ >= bounds_.strangers ||
      there.connections >= bounds_.address || there.strangers >= bounds_.strangers_of_address)
    return std::nullopt;
  Address& at = addresses_[address];
  ++at.connections;
  ++at.strangers;
  ++strangers_;
  guests_.emplace(++last_, Guest{.address = address, .key = std::nullopt});
  return last_;
}

std::optional<Guests::Id> Guests::know(Id id, const PublicKey& key) {
  Guest& guest = guests_.at(id);
  if (guest.key) return std::nullopt;
  guest.key = key;
  --strangers_;
  --addresses_.at(guest.address).strangers;
  std::list<Id>& sessions = sessions_[key];
  sessions.push_back(id);
  if (sessions.size() <= bounds_.sessions_of_key) return std::nullopt;
  return sessions.front();
}

void Guests::leave(Id id) {
  const auto guest = guests_.find(id);
  CHECK(guest != guests_.end());
  const auto address = addresses_.find(guest->second.address);
  if (guest->second.key) {
    const auto sessions = sessions_.find(*guest->second.key);
    sessions->second.remove(id);
    if (sessions->second.empty()) sessions_.erase(sessions);
  } else {
    --strangers_;
    --address->second.strangers;
  }
  if (--address->second.connections == 0) addresses_.erase(address);
  guests_.erase(guest);
}
}  // namespace cunji::server
