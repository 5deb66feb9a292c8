// Watches of journeys: each gets every revision after the one it knows, in order and once, from the store until it has
// caught up and from the tail of the topic afterwards. One thread for all of them, none waits for a slow client.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "loomline/eventing/service.hpp"
#include "loomline/rpc/stream.hpp"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::api {

// Thread-safe.
class WatchHub {
 public:
  // `recheck`: how often every watch is compared with the store all the same, in case the tail missed something (it
  // starts when the process does, not when the watch does).
  explicit WatchHub(eventing::Reader& reader, std::chrono::milliseconds recheck = std::chrono::seconds(15));
  ~WatchHub();  // no callback runs afterwards; the streams finish

  // Does not block; the thread sends what is missing.
  void watch(std::string tenant, std::string order_id, std::uint64_t after_revision,
             rpc::StreamHandle<v1::WatchJourneyResponse> stream);
  // A revision was published, here or by another replica.
  void heard(const v1::OrderProgressed& progress);
  std::size_t watches() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace loomline::tracking::api
