// What the conformance cases ask of an installation of the kernel, whatever it runs on: three services (tests/sim/
// box_services.hpp) with their databases, a broker, replicas, and everything that can go wrong. For one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "tests/sim/box_services.hpp"

namespace loomline::eventing::conformance {

using namespace loomline::kerneltest::v1;  // NOLINT: test vocabulary

inline constexpr int kLanes = 3;
inline const std::vector<std::string> kServices{"alpha", "beta", "gamma"};

// A command of a client; asked again under the same key it is the same command.
struct Call {
  std::string service, method, box, tag;
  std::int64_t amount = 0;
  std::string key;
};
struct Answer {
  Status status;
  std::int64_t total = 0;
};
// A call under way. The answer comes while eventually() runs; a replica that ends answers unavailable.
struct Asked {
  Call call;
  std::optional<Answer> answer;
};
using AskedPtr = std::shared_ptr<Asked>;

// A committed event, as its service's outbox or a partition of the broker holds it.
struct Event {
  std::string source, topic;  // without prefix
  int partition = 0;
  std::int64_t epoch = 0, seq = 0;
  std::string id, key, type, cause, body;
  Time time{};
  std::int64_t offset = -1;  // in the broker
};
struct Letter {
  std::string id, key, event, reason;
  std::int64_t queued_behind = 0;
};
struct Chain {
  std::string topic;
  int partition = 0;
  std::int64_t epoch = 1, head = 0, published = 0;
};

// What not every backend can do; lacks() says why.
enum class Need {
  losing,         // the broker loses or deletes what it holds
  roomy_broker,   // the broker takes tens of megabytes
  slow_handlers,  // handlers that take long are left to threads of their own
  wire_faults,    // the broker refuses and delays single requests
};

class Installation {
 public:
  using Replica = int;
  virtual ~Installation() = default;
  virtual std::string lacks(Need) const { return ""; }

  // Replicas. `end` is in order, `kill` as SIGKILL.
  virtual Replica start(const std::string& service) = 0;
  virtual void end(Replica replica) = 0;
  virtual void kill(Replica replica) = 0;
  virtual std::vector<Replica> running(const std::string& service) = 0;
  virtual AskedPtr submit(Replica replica, const Call& call) = 0;

  // Lets everybody work until it is so; false where it does not become so in a long time.
  virtual bool eventually(const std::function<bool()>& so) = 0;
  // What somebody has left to do; empty where nothing is.
  virtual std::string unrest() = 0;

  // What the rows say.
  virtual std::optional<std::string> state(const std::string& service, const std::string& kind,
                                           const std::string& key) = 0;
  virtual std::vector<Letter> letters(const std::string& service) = 0;  // open ones
  virtual std::int64_t waiting(const std::string& service) = 0;         // events kept for later
  virtual std::vector<Chain> chains(const std::string& service) = 0;
  virtual std::vector<Event> outbox(const std::string& service) = 0;
  virtual Status replay(const std::string& service, const std::string& letter) = 0;
  virtual Status drop(const std::string& service, const std::string& letter) = 0;

  // The broker. What it holds, by topic, partition and offset; foreign bytes have no source.
  virtual std::vector<Event> held(const std::string& topic) = 0;
  virtual std::int64_t begin_offset(const std::string& topic, int partition) = 0;
  // Says something in another's name, at any place of any chain; `event.body` as it stands.
  virtual void say(const Event& event) = 0;
  virtual void stop_broker() = 0;
  virtual void start_broker() = 0;
  virtual void refuse_requests(int /*count*/) {}                          // Need::wire_faults
  virtual void delay_answers(std::chrono::milliseconds) {}                // Need::wire_faults
  virtual void lose_tail(const std::string& /*topic*/, int /*count*/) {}  // Need::losing, of each partition
  virtual void delete_records(const std::string& /*topic*/) {}            // Need::losing, all there are
  virtual void wipe(const std::string& /*topic*/) {}                      // Need::losing, made anew

  // Databases.
  virtual void stop_databases() = 0;
  virtual void start_databases() = 0;
  virtual void slow_down(const std::string& service, bool on) = 0;
  // The next `count` commits of a service fail so.
  virtual void fail_to_serialize(const std::string& service, int count) = 0;
  virtual void lose_connection(const std::string& service, int count) = 0;
  // The next commit at a replica is written, and its answer lost.
  virtual void lose_answer(Replica replica) = 0;

  // A replica ends, as by SIGKILL, between its next commit and publishing what was committed.
  virtual void end_after_commit(Replica replica) = 0;
  // Events reach the broker, and no watermark says so.
  virtual void hold_watermarks(const std::string& service, bool on) = 0;
  virtual void set_clock_back(std::chrono::microseconds span) = 0;  // of everybody who runs

  // Another version of beta, whose handlers can apply a fill that asks to be "curable".
  virtual void cure_handlers() = 0;
  // Whatever was broken and never mended works again.
  virtual void mend() = 0;
};

// Each backend; throws std::runtime_error where it cannot be had.
std::unique_ptr<Installation> in_memory();
std::unique_ptr<Installation> on_mock_cluster();
std::unique_ptr<Installation> on_servers();

}  // namespace loomline::eventing::conformance
