// The installation in one thread: the kernel on the simulation's clock, broker and databases.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "src/broker/envelope.hpp"
#include "tests/conformance/services.hpp"
#include "tests/sim/world.hpp"

namespace loomline::eventing::conformance {

using sim::CommitFate;
using sim::MemoryStore;

class InMemory final : public Installation {
 public:
  InMemory() : world_(services()) {
    for (const auto& name : kServices) store(name).fate = [this, name] { return fate_of(name); };
  }

  std::string lacks(Need need) const override {
    if (need == Need::slow_handlers) return "one thread drives everything: there is none to leave a slow handler to";
    if (need == Need::wire_faults) return "there are no requests, only a log";
    return "";
  }

  Replica start(const std::string& service) override {
    world_.start(service);
    replicas_[++last_] = {service, world_.at(service).replicas.back().get()};
    unbalanced_.insert(service);
    return last_;
  }
  void end(Replica replica) override {
    auto& process = *replicas_.at(replica).process;
    process.work();
    process.publish();
    process.carry(1000);
    process.publish();
    hear_answers();
    process.give_up();
    kill(replica);
  }
  void kill(Replica replica) override {
    const auto [service, process] = replicas_.at(replica);
    replicas_.erase(replica);
    for (auto& one : under_way_)
      if (one.at == replica) one.asked->answer = {unavailable("GONE", "The replica has ended."), 0};
    std::erase_if(under_way_, [&](const auto& one) { return one.at == replica; });
    auto& running = world_.at(service).replicas;
    const auto found = std::find_if(running.begin(), running.end(), [&, p = process](auto& r) { return r.get() == p; });
    world_.kill(service, static_cast<std::size_t>(found - running.begin()));
    unbalanced_.insert(service);
  }
  std::vector<Replica> running(const std::string& service) override {
    std::vector<Replica> all;
    for (const auto& [id, replica] : replicas_)
      if (replica.service == service) all.push_back(id);
    return all;
  }
  AskedPtr submit(Replica replica, const Call& call) override;

  bool eventually(const std::function<bool()>& so) override {
    for (int i = 0; i < 5000; ++i) {
      if (so()) return true;
      round();
    }
    return so();
  }
  std::string unrest() override {
    if (!unbalanced_.empty()) return *unbalanced_.begin() + " is not balanced";
    if (!under_way_.empty()) return under_way_.front().asked->call.key + " is not answered";
    return world_.at_rest() ? "" : "there is something to publish or to consume";
  }

  std::optional<std::string> state(const std::string& service, const std::string& kind,
                                   const std::string& key) override {
    const auto row = store(service).rows.find({"main", kind, key});
    return row == store(service).rows.end() ? std::nullopt : row->second.state;
  }
  std::vector<Letter> letters(const std::string& service) override;
  std::int64_t waiting(const std::string& service) override {
    std::int64_t all = 0;
    for (const auto& [id, row] : store(service).rows) all += static_cast<std::int64_t>(row.waiting.size());
    return all;
  }
  std::vector<Chain> chains(const std::string& service) override {
    std::vector<Chain> all;
    for (const auto& [id, row] : store(service).chains)
      all.push_back(
          {row.chain.topic, row.chain.partition, row.chain.epoch, row.next_seq - 1, row.published});
    return all;
  }
  std::vector<Event> outbox(const std::string& service) override;
  Status replay(const std::string& service, const std::string& letter) override {
    return decide(service, letter, true);
  }
  Status drop(const std::string& service, const std::string& letter) override {
    return decide(service, letter, false);
  }

  std::vector<Event> held(const std::string& topic) override;
  std::int64_t begin_offset(const std::string& topic, int partition) override {
    return world_.log().at({topic, partition}).begin;
  }
  void say(const Event& event) override {
    Envelope envelope{event.id, event.source, event.type, "main", event.cause, "", event.time, event.epoch, event.seq};
    Received message;
    message.key = event.key;
    message.body = event.body;
    if (!event.source.empty())
      for (auto& [name, value] : to_headers(envelope)) message.headers.emplace(name, value);
    world_.log().append({event.topic, event.partition}, message);
  }
  void stop_broker() override { world_.log().down = true; }
  void start_broker() override { world_.log().down = false; }
  void lose_tail(const std::string& topic, int count) override {
    for (int lane = 0; lane < kLanes; ++lane) world_.log().lose_tail({topic, lane}, static_cast<std::size_t>(count));
  }
  void delete_records(const std::string& topic) override {
    for (int lane = 0; lane < kLanes; ++lane)
      world_.log().delete_before({topic, lane}, world_.log().at({topic, lane}).end());
  }
  void wipe(const std::string& topic) override { world_.log().wipe(topic); }

  void stop_databases() override {
    for (const auto& name : kServices) store(name).down = true;
  }
  void start_databases() override {
    for (const auto& name : kServices) store(name).down = false;
  }
  void slow_down(const std::string& service, bool on) override {
    on ? void(slow_.insert(service)) : void(slow_.erase(service));
  }
  void fail_to_serialize(const std::string& service, int count) override {
    fates_[service].insert(fates_[service].end(), static_cast<std::size_t>(count), CommitFate::serialization_failure);
  }
  void lose_connection(const std::string& service, int count) override {
    fates_[service].insert(fates_[service].end(), static_cast<std::size_t>(count), CommitFate::in_doubt_lost);
  }
  void lose_answer(Replica replica) override {
    fates_[replicas_.at(replica).service].push_back(CommitFate::in_doubt_written);
  }
  void end_after_commit(Replica replica) override { doomed_ = {replica, committed(replica)}; }
  void hold_watermarks(const std::string& service, bool on) override { store(service).hold_watermarks = on; }
  void set_clock_back(std::chrono::microseconds span) override { world_.set_back(span); }

  void cure_handlers() override { cured_ = true; }
  void mend() override {
    start_broker();
    start_databases();
    slow_.clear();
    fates_.clear();
    doomed_.reset();
    for (const auto& name : kServices) store(name).hold_watermarks = false;
  }

 private:
  std::vector<Service> services() {
    testing::use_catalog(boxes::kCatalog);
    const Nature nature{[this](auto span) { pass(span); }, [this] { return cured_; }};
    std::vector<Service> made;
    for (const auto& name : kServices) made.push_back(with_nature(service_named(name), nature));
    return made;
  }
  struct Running {
    std::string service;
    sim::Replica* process = nullptr;
  };
  struct UnderWay {
    Replica at = 0;
    AskedPtr asked;
    JobPtr job;
    std::future<Status> done;
  };

  MemoryStore& store(const std::string& service) { return *world_.at(service).store; }
  void pass(std::chrono::microseconds span) { world_.pass(span); }
  CommitFate fate_of(const std::string& service) {
    if (slow_.contains(service)) pass(std::chrono::milliseconds(60));
    auto& next = fates_[service];
    if (next.empty()) return CommitFate::written;
    const auto fate = next.front();
    next.erase(next.begin());
    return fate;
  }
  std::int64_t committed(Replica replica) {
    std::int64_t all = 0;
    for (const auto& chain : chains(replicas_.at(replica).service)) all += chain.head;
    return all;
  }
  void round();
  void balance();
  void hear_answers();
  Status decide(const std::string& service, const std::string& letter, bool again);

  sim::World world_;
  std::map<Replica, Running> replicas_;
  Replica last_ = 0;
  std::set<std::string> unbalanced_, slow_;
  std::map<std::string, std::vector<CommitFate>> fates_;
  std::vector<UnderWay> under_way_;
  std::optional<std::pair<Replica, std::int64_t>> doomed_;  // ends once more than so much is committed
  int rounds_ = 0;
  bool cured_ = false;
};

}  // namespace loomline::eventing::conformance
