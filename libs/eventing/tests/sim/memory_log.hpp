// A broker in memory: partitions of messages, and what can go wrong with them. For one thread.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/hear/inlet.hpp"
#include "src/publish/outlet.hpp"

namespace loomline::eventing::sim {

using Place = std::pair<std::string, int>;  // topic without prefix, partition

class MemoryLog {
 public:
  struct Partition {
    std::int64_t begin = 0;
    std::deque<Received> messages;
    std::int64_t end() const { return begin + static_cast<std::int64_t>(messages.size()); }
  };

  // Answers the message's offset.
  std::int64_t append(const Place& place, Received message);
  const Partition& at(const Place& place) const;
  const std::map<Place, Partition>& all() const { return partitions_; }

  // As retention or an operator would: what stands before `offset` is gone.
  void delete_before(const Place& place, std::int64_t offset);
  // As a broker that did not sync its disk: the last messages are gone, and their offsets are given again.
  void lose_tail(const Place& place, std::size_t count);
  // The topic is made anew.
  void wipe(const std::string& topic);

  bool down = false;  // nobody is answered

 private:
  std::map<Place, Partition> partitions_;
};

class MemoryInlet final : public Inlet {
 public:
  MemoryInlet(const MemoryLog& log, Place place, std::int64_t offset)
      : log_(log), place_(std::move(place)), next_(offset) {}
  bool take(std::int64_t first, std::vector<Received>& out) override;
  void seek(std::int64_t offset) override { next_ = offset; }
  void on_arrival(std::function<void()>) override {}
  std::size_t most = 256;  // at a time

 private:
  const MemoryLog& log_;
  Place place_;
  std::int64_t next_;
};

// What becomes of what a producer sends. The default is a broker without faults.
struct SendFate {
  bool refused = false;    // reported as an error, not written
  bool unsure = false;     // written, but reported without an offset
  bool lost = false;       // not written, and reported without an offset
  bool fatal = false;      // the producer is at its end; what it holds is lost
  bool duplicate = false;  // written twice
};

class MemoryProducer final : public Producer {
 public:
  MemoryProducer(MemoryLog& log, std::string source, std::function<SendFate()> fate, std::function<void()> wake,
                 std::function<void(const Delivery&)> on_delivery);
  rd_kafka_resp_err_t send(const Chain& chain, int round, const Committed& event) override;
  // What was sent reaches the log in order, up to `most` of it; the reports come with the next poll().
  void carry(std::size_t most);
  void poll() override;
  std::int64_t unacknowledged() const override;
  bool fatal() const override { return fatal_; }
  bool take_disturbance() override { return false; }

 private:
  struct Sent {
    Place place;
    Received message;
    Delivery delivery;
  };

  MemoryLog& log_;
  std::string source_;
  std::function<SendFate()> fate_;
  std::function<void()> wake_;
  std::function<void(const Delivery&)> on_delivery_;
  std::deque<Sent> under_way_;
  std::vector<Delivery> reports_;
  bool fatal_ = false;
};

class MemoryOutlet final : public Outlet {
 public:
  MemoryOutlet(MemoryLog& log, std::string source, std::function<SendFate()> fate)
      : log_(log), source_(std::move(source)), fate_(std::move(fate)) {}
  std::unique_ptr<Producer> producer(std::function<void()> wake,
                                     std::function<void(const Delivery&)> on_delivery) override;
  std::vector<std::optional<TailSeen>> read_tails(const std::vector<TailWanted>& wanted) override;
  std::map<Place, kafka::Span> spans(const std::vector<Place>& places, std::chrono::milliseconds) override;
  // The one that was made last; null before.
  MemoryProducer* current() const { return current_; }

 private:
  MemoryLog& log_;
  std::string source_;
  std::function<SendFate()> fate_;
  MemoryProducer* current_ = nullptr;
};

}  // namespace loomline::eventing::sim
