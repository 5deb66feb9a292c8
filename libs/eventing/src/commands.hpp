// Commands: steps that are asked for from outside. Batched, by lane, many a transaction; each answers its caller once
// committed.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "src/lanes.hpp"

namespace loomline::eventing {

class Commands {
 public:
  Commands(Engine& engine, int threads);
  ~Commands();
  void start();
  void stop();

  // Blocks until committed or refused.
  Status execute(std::string_view method, const Message& request, Message& response, const Executor::Options& options);
  std::int64_t running() const { return running_; }

 private:
  struct Job {
    const CommandRef* command = nullptr;
    const Message* request = nullptr;
    Message* response = nullptr;
    Cause cause;
    KeyId id;
    std::string scope, body_hash;
    std::promise<Status> done;
    // While a batch is worked on.
    Status status;
    bool replayed = false;
    std::string response_bytes;
    std::string* positions = nullptr;
  };
  struct Lane {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Job*> queue;
    bool stop = false;
    std::thread thread;
  };
  void run(Lane& lane);
  std::vector<Job*> take(Lane& lane);
  void work(std::vector<Job*> jobs);
  void attempt(const std::vector<Job*>& jobs);
  void read_answers(const std::vector<Job*>& jobs, const postgres::Rows& inserted, const postgres::Rows& known);
  static void finish(const std::vector<Job*>& jobs);

  Engine& engine_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::int64_t> running_{0};
};

}  // namespace loomline::eventing
