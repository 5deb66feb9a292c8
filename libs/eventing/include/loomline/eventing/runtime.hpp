// Runs a Service: lanes, publisher, timers, commands. One Runtime a service a process.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loomline/eventing/positions.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::common::v1 {
class GetActivityResponse;
class ListDeadLettersResponse;
class DeadLetter;
class ListChainsResponse;
class ChainStatus;
class RefillChainRequest;
class SkipChainRequest;
class TopicCatalog;
}  // namespace loomline::common::v1

namespace loomline::eventing {

// The topic catalogue that is built into the executable (proto/loomline/topics.textproto).
const common::v1::TopicCatalog& topic_catalog();

enum class ClockMode {
  wall,   // business time is the wall clock
  topic,  // business time is what `loomline.clock` says last
};

struct Options {
  std::string postgres;           // conninfo of a role that may create databases; the service's own is made from it
  std::string kafka;              // bootstrap servers
  std::string installation = "";  // prefix of topics, groups and databases ("" or "t4711_"), to share servers
  std::string instance;           // stable replica name for static membership; empty: a random one
  int partitions = 12;            // the installation's one partition count; checked at start
  int workers = 2;                // threads that execute events, commands and timers, each a share of the lanes
  ClockMode clock = ClockMode::wall;
  std::chrono::milliseconds step_budget{30};            // of handlers before a step is committed
  std::chrono::milliseconds slow_handler{200};          // one that takes longer is left to a thread of its own
  std::chrono::milliseconds endless_handler{60'000};    // one that takes longer parks its key
  std::size_t resident_bytes = std::size_t{256} << 20;  // of states kept in memory (estimated)
};

// What a service of this process has to do, as far as memory tells. Costs no query.
struct Pulse {
  bool busy = false;  // a command runs, a timer is due, or an event waits for the broker
  std::int64_t steps = 0;
  // Behind the last acknowledged message; where to apply next. Empty while busy.
  Positions produced, consumed;
};

class Listening {
 public:
  virtual ~Listening() = default;  // ends
};

class Runtime : public Executor {
 public:
  // Creates the database where it is missing, migrates it, creates missing topics, checks the partition count.
  static Result<std::unique_ptr<Runtime>> start(Service service, eventing::Options options);
  // Stops polling, finishes transactions, flushes, leaves the group.
  ~Runtime() override;
  virtual void stop() = 0;

  virtual const Service& service() const = 0;
  virtual Reader& reader() = 0;
  // Calls back when this process has committed a change to an aggregate of `kind` that has parts, and
  // reader().snapshot() knows it; the broker may not have its events yet. On the thread that committed it: keep it
  // short, wait for nothing. What other replicas commit is not told. Ends with the handle, which is not destroyed by a
  // callback.
  using OnChange = std::function<void(const std::string& tenant, const std::string& key)>;
  virtual std::unique_ptr<Listening> listen(std::string kind, OnChange on_change) = 0;
  // Conninfo of the service's own database, for its own tables (libs/postgres Pool).
  virtual const std::string& database() const = 0;

  // Ready: partitions assigned, database reachable, and in topic clock mode the topic has been read.
  virtual bool ready(std::string* why_not = nullptr) const = 0;
  // Live: every worker's watchdog was fed lately.
  virtual bool live(std::string* why_not = nullptr) const = 0;
  // Threads in handlers that do not end. They cannot be stopped: a process that has some ends with std::_Exit.
  virtual int lost_threads() const = 0;

  // Waits until this service has applied what `positions` (Executor::Options) names, of the topics that it hears. False
  // after `patience`, or where the text is none of ours.
  virtual bool await(std::string_view positions, std::chrono::milliseconds patience) = 0;

  virtual Pulse pulse() const = 0;
  // pulse().busy and pulse().steps, without what it costs to gather the rest.
  virtual bool busy() const = 0;
  virtual std::int64_t steps() const = 0;
  // pulse().consumed at one place (not known() where it is not heard here), for whoever waits for just that.
  virtual Position consumed(int topic, int partition) const = 0;
  // Without positions it is short: hundreds of them say nothing where all is applied.
  virtual Result<common::v1::GetActivityResponse> activity(bool with_positions = true) = 0;
  virtual Result<common::v1::ListDeadLettersResponse> dead_letters(bool include_closed) = 0;
  virtual Result<common::v1::DeadLetter> replay(std::string_view dead_letter_id, std::string_view note) = 0;
  virtual Result<common::v1::DeadLetter> drop(std::string_view dead_letter_id, std::string_view note) = 0;

  // The chains that the service writes and hears; `topic` empty: all.
  virtual Result<common::v1::ListChainsResponse> chains(std::string_view topic) = 0;
  // Sends a chain's events again; lets a consumer pass over what is lost for good. See SystemService.
  virtual Result<common::v1::ChainStatus> refill(const common::v1::RefillChainRequest& request) = 0;
  virtual Result<common::v1::ChainStatus> skip(const common::v1::SkipChainRequest& request) = 0;
};

// Reads topics from an offset without a group and without a database: for server-sent events and for tests.
struct TailedEvent {
  std::string topic;  // without the installation's prefix
  int partition = 0;
  std::int64_t offset = 0;
  std::string key, type, id, source;
  Time recorded{};
  std::shared_ptr<const Message> event;  // parsed
};
class Tail {
 public:
  virtual ~Tail() = default;  // stops
};
// Calls back on one thread, in order a partition. `from_beginning` false: only what comes from now on.
std::unique_ptr<Tail> tail(const std::string& kafka, const std::string& installation, std::vector<std::string> topics,
                           bool from_beginning, std::function<void(const TailedEvent&)> on_event);

}  // namespace loomline::eventing
