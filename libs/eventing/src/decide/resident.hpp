// An aggregate in memory, as it was last committed: the process keeps what it works on, so that a step reads nothing.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "loomline/eventing/service.hpp"

namespace loomline::eventing {

// Ordered as PostgreSQL orders them (C collation), so that locks are taken in one order everywhere.
struct KeyId {
  std::string tenant, kind, key;
  auto operator<=>(const KeyId&) const = default;
};

inline std::int64_t micros(Time time) { return time.time_since_epoch().count(); }
inline Time from_micros(std::int64_t value) { return Time(Duration(value)); }

// An event or a due timer on its way to one aggregate.
struct Offer {
  bool timer = false;
  std::string id;      // ce_id, or the timer's id
  std::string type;    // full message name, or the timer's whole name
  std::string source;  // who said it; a timer: "timer/" + name, so that timers queue behind nothing else
  Time recorded{};
  std::string traceparent;
  std::string body;
  std::string topic;  // where it was read; empty for a timer
  int partition = -1;
  std::int64_t offset = -1;
};

// An offer that waits: for its precondition, behind another one of its source, for a parked key, or because it was set
// aside (its handler is slow, or its type was unknown here until now).
struct Waiting {
  Offer offer;
  std::string reason;
  bool stored = false;  // it has a row
  bool aside = false;   // to be offered again by itself, whatever else happens to the key
  int begun = 0;        // how often it was begun by itself; what was begun twice and never ended is not tried again
};

struct Resident {
  Resident(const AggregateDef& d, KeyId key)
      : def(&d), id(std::move(key)), state(d.prototype->New()), parts(&d.collections) {}

  // Takes stored bytes over. Where they cannot be read, `unreadable` says so and the state is left empty.
  void read_state(std::string stored) {
    exists = true;
    bytes = std::move(stored);
    unreadable.clear();
    if (state->ParseFromString(bytes)) return;
    state->Clear();
    unreadable = "its stored state is not a readable " + def->prototype->GetDescriptor()->full_name();
  }
  // After state and parts were read.
  void derive() {
    if (def->derive && unreadable.empty()) derived = def->derive(*state, parts);
  }

  const AggregateDef* def;
  KeyId id;
  std::int64_t version = 0;  // of its row; 0: it has none yet
  std::int64_t row = 0;      // which row that is, where it was read: one that was deleted and made anew is another
  bool behind = false;       // its row may say more by now: to be refreshed before it is used
  bool exists = false;       // has a state
  std::string bytes;         // as stored
  std::unique_ptr<Message> state;
  std::string unreadable;
  Time last_time{};
  std::string parked;  // the dead letter that parks the key, or empty
  std::deque<Waiting> waiting;
  PartStore parts;
  std::unique_ptr<Derived> derived;
};

}  // namespace loomline::eventing
