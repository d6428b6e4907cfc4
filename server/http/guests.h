#pragma once
// Who is connected: how many altogether, from one address, without a key that the county knows, and
// with one key. Decides who is let in, and which session gives way. Sans-IO.
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "shared/base/ids.h"

namespace cunji::server {
class Guests {
 public:
  using Id = std::uint64_t;
  struct Bounds {
    std::size_t all = 0, address = 0;
    // Connections that have not shown a key of the county's: anybody's.
    std::size_t strangers = 0, strangers_of_address = 0;
    std::size_t sessions_of_key = 0;
  };
  explicit Guests(Bounds bounds) : bounds_(bounds) {}

  // A connection from `address` (see address_name()), a stranger as yet. Nothing: no place is free.
  std::optional<Id> enter(const std::string& address);
  // It has proven a key that the county knows. Gives the key's oldest session where it has one too
  // many: that one is to be closed, since a device whose line broke comes again long before its
  // old connection is found dead.
  std::optional<Id> know(Id id, const PublicKey& key);
  void leave(Id id);

  std::size_t count() const { return guests_.size(); }
  std::size_t strangers() const { return strangers_; }

 private:
  struct Address {
    std::size_t connections = 0, strangers = 0;
  };
  struct Guest {
    std::string address{};
    std::optional<PublicKey> key{};
  };
  Bounds bounds_;
  Id last_ = 0;
  std::size_t strangers_ = 0;
  std::map<Id, Guest> guests_;
  std::map<std::string, Address> addresses_;
  std::map<PublicKey, std::list<Id>> sessions_;  // Oldest first.
};
}  // namespace cunji::server
