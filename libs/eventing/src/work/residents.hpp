// The aggregates that one worker keeps in memory, least recently used first out.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "src/decide/resident.hpp"

namespace loomline::eventing {

class Residents {
 public:
  explicit Residents(std::size_t most_bytes) : most_(most_bytes) {}

  std::shared_ptr<Resident> find(const KeyId& id);
  void keep(std::shared_ptr<Resident> resident);
  void drop(const KeyId& id);
  // What their rows say is not known for sure: small ones go, large ones are refreshed before they are used again. To
  // read a plant of thousands of orders anew takes seconds, in which the database may be lost once more.
  void doubt(const KeyId& id);
  void doubt_all();
  template <class Gone>
  void drop_if(Gone gone) {
    for (auto it = by_id_.begin(); it != by_id_.end();) {
      const auto& id = (it++)->first;
      if (gone(id)) drop(id);
    }
  }
  // Lets the oldest go until the rest is small enough, but for large ones in use. Not while a step uses them.
  void trim();
  // What it counts for: an estimate.
  static std::size_t cost_of(const Resident& resident);

 private:
  struct Entry {
    std::shared_ptr<Resident> resident;
    std::size_t cost = 0;
    std::list<const KeyId*>::iterator place;
    std::int64_t used = 0;
  };
  std::size_t most_, sum_ = 0;
  std::int64_t uses_ = 0;
  std::map<KeyId, Entry> by_id_;
  std::list<const KeyId*> order_;  // oldest first
};

}  // namespace loomline::eventing
