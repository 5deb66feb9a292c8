// Commands: steps that are asked for from outside. Each joins the worker of its key's lane and answers its caller once
// committed.
#pragma once

#include "src/work/worker.hpp"

namespace loomline::eventing {

class Commands {
 public:
  // `worker_of` gives the worker of a lane.
  Commands(Engine& engine, std::function<LaneWorker&(int lane)> worker_of)
      : engine_(engine), worker_of_(std::move(worker_of)) {}

  // Blocks until committed or refused.
  Status execute(std::string_view method, const Message& request, Message& response, const Executor::Options& options);
  std::int64_t running() const { return running_; }

  // The command as its worker takes it. `response`: of which type the answer is.
  Result<JobPtr> prepare(std::string_view method, const Message& request, const Message& response,
                         const Executor::Options& options) const;

 private:
  Engine& engine_;
  std::function<LaneWorker&(int lane)> worker_of_;
  std::atomic<std::int64_t> running_{0};
};

}  // namespace loomline::eventing
