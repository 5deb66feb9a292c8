// What a service has still to do, for operators and for whoever waits until all is at rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/positions.hpp"
#include "loomline/postgres/pool.hpp"
#include "src/engine.hpp"
#include "src/work/commands.hpp"
#include "src/work/group.hpp"

namespace loomline::eventing {

class Activity {
 public:
  // All of them outlive it.
  Activity(Engine& engine, postgres::Pool& pool, Group& group, Commands& commands)
      : engine_(engine), pool_(pool), group_(group), commands_(commands) {}
  // `with_positions`: how far each topic was produced and consumed, too.
  Result<common::v1::GetActivityResponse> tell(bool with_positions);

 private:
  // What the database says of what is to be done.
  struct Stored {
    std::int64_t stirred = 0;  // the engine's, when it was read
    std::chrono::steady_clock::time_point read{};
    std::int64_t timers_due = 0, kept = 0, dead_letters = 0;
    std::optional<Time> next_timer;
    struct Chain {
      std::int64_t id = 0, epoch = 0, head = 0, published = 0, end_offset = 0;
      int topic = 0, partition = 0;
    };
    std::vector<Chain> chains;
    Positions heard;
  };
  std::shared_ptr<const Stored> stored(Time now);

  Engine& engine_;
  postgres::Pool& pool_;
  Group& group_;
  Commands& commands_;
  std::mutex stored_mutex_;
  std::shared_ptr<const Stored> stored_ = std::make_shared<Stored>();
};

}  // namespace loomline::eventing
