#pragma once
// A field device in the simulation: the real fieldnode::Node on a disk of its own, its keys, its
// clock, and a session now and then.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fieldnode/node.h"
#include "shared/store/memory_vfs.h"
#include "tools/simulate/county.h"

namespace cunji::simulate {
class Device {
 public:
  using Trace = std::function<void(const std::string&)>;
  struct Surroundings {  // All outlive the device.
    std::uint64_t seed;
    Schedule& schedule;
    Chance& chance;
    Network& network;
    County& county;
    Evidence& evidence;
    Trace trace;
  };
  // All that a thief or a backup program copies.
  struct Copy {
    std::map<std::string, Bytes> files;
    fieldnode::MemoryKeyKeeper keys;
    std::size_t works = 0;  // Length of Evidence::recorded when it was made.
  };

  Device(std::string name, const PersonId& person, std::vector<DivisionCode> divisions,
         const Surroundings& around);
  ~Device();
  // A second device from a copy of this one. The keys in the copy are twofold from now on.
  std::unique_ptr<Device> clone(const std::string& name);

  const std::string& name() const { return name_; }
  bool on() const { return node_ != nullptr; }
  std::optional<ConnectionId> connection() const {
    return session_ ? std::optional(connection_) : std::nullopt;
  }
  store::MemoryVfs& disk() { return *disk_; }

  void boot();   // Nothing if it is on. It stays off while the disk refuses.
  void crash();  // The power goes.
  void set_clock(Duration offset) { clock_offset_ = offset; }

  void record();
  void connect();  // Nothing if it is off, connected, or the server is down.
  bool receive(BytesView message);
  void lost();
  // Everything of its own, sealed to the county, for somebody to carry; nothing if there is none.
  std::optional<Bytes> bundle();

  Copy backup() const;
  void restore(const Copy& backup);

  // The request that the registrar is to decide on; nothing where the county knows the key.
  std::optional<Bytes> request_to_approve();
  const PersonId& person() const { return person_; }
  const std::vector<DivisionCode>& divisions() const { return divisions_; }

  // In the end: what is not as it should be; empty when level.
  std::string missing();
  // Its fold, after it has verified all that it holds.
  HeldFold fold();

 private:
  TimePoint clock() const { return around_.schedule.now() + clock_offset_; }
  void trace(const std::string& what) const { around_.trace(name_ + ": " + what); }
  void finding(const std::string& what) const {
    around_.evidence.on_the_way.push_back(name_ + ": " + what);
  }
  Result<void> open();
  Result<void> check_confirmed();
  void fail(const Error& error);
  void end_session();
  bool carry_out(Result<sync::NodeSession::Output> output);
  void level(bool enrolled);
  Result<void> settle(bool enrolled);
  void tick(ConnectionId id);
  void make_twofold();

  std::string name_;
  PersonId person_;
  std::vector<DivisionCode> divisions_;
  Surroundings around_;
  crypto::SeededEntropy entropy_, torn_;
  std::unique_ptr<store::MemoryVfs> disk_;
  int disks_ = 0;  // A restored device gets a fresh one.
  fieldnode::MemoryKeyKeeper keys_;
  Duration clock_offset_{};
  std::unique_ptr<fieldnode::Node> node_;
  std::optional<sync::NodeSession> session_;
  ConnectionId connection_ = 0;
  std::uint64_t labels_ = 0;
  std::optional<Work> confirmed_;  // The newest event that this device said was recorded.
};
}  // namespace cunji::simulate
