// Watches of journeys: each gets every revision after the one it knows, in order and once: from the store until it has
// caught up and whenever this process has changed it; from the topic's tail where another replica did. One thread for
// all of them, none waits for a slow client. The topic is read only while somebody watches, and a while longer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "loomline/eventing/runtime.hpp"
#include "loomline/eventing/service.hpp"
#include "loomline/rpc/stream.hpp"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::api {

// Thread-safe.
class WatchHub {
 public:
  // Starts to call heard() with what is published from its return on; throws std::exception.
  using Listen = std::function<std::unique_ptr<eventing::Tail>(WatchHub&)>;
  struct Pace {
    // How often every watch is compared with the store all the same, in case the tail missed something.
    std::chrono::milliseconds recheck = std::chrono::seconds(15);
    // How long the topic is read on after the last watch.
    std::chrono::milliseconds linger = std::chrono::seconds(30);
  };
  WatchHub(eventing::Reader& reader, Listen listen) : WatchHub(reader, std::move(listen), Pace{}) {}
  WatchHub(eventing::Reader& reader, Listen listen, Pace pace);
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;
  ~WatchHub();  // no callback runs afterwards; the streams finish

  // Does not block; the thread sends what is missing.
  void watch(std::string tenant, std::string order_id, std::uint64_t after_revision,
             rpc::StreamHandle<v1::WatchJourneyResponse> stream);
  // A revision was published, here or by another replica.
  void heard(const v1::OrderProgressed& progress);
  // The store knows more of an order than before. Short: the thread reads it.
  void changed(const std::string& order_id);
  std::size_t watches() const;
  bool listens() const;  // reads the topic now

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace loomline::tracking::api
