// Installations on PostgreSQL and something that speaks Kafka's protocol: each replica is a process of its own, so that
// a kill is a kill. What differs is who the broker is and how it is hurt.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "loomline/common/v1/system.pb.h"
#include "loomline/postgres/connection.hpp"
#include "src/broker/kafka.hpp"
#include "tests/conformance/installation.hpp"
#include "tests/conformance/replica_process.hpp"

namespace loomline::eventing::conformance {

class Processes : public Installation {
 public:
  ~Processes() override;

  Replica start(const std::string& service) override;
  void end(Replica replica) override;
  void kill(Replica replica) override;
  std::vector<Replica> running(const std::string& service) override;
  AskedPtr submit(Replica replica, const Call& call) override;

  bool eventually(const std::function<bool()>& so) override;
  std::string unrest() override;

  std::optional<std::string> state(const std::string& service, const std::string& kind,
                                   const std::string& key) override;
  std::vector<Letter> letters(const std::string& service) override;
  std::int64_t waiting(const std::string& service) override;
  std::vector<Chain> chains(const std::string& service) override;
  std::vector<Event> outbox(const std::string& service) override;
  Status replay(const std::string& service, const std::string& letter) override {
    return decide(service, letter, true);
  }
  Status drop(const std::string& service, const std::string& letter) override {
    return decide(service, letter, false);
  }

  std::vector<Event> held(const std::string& topic) override;
  std::int64_t begin_offset(const std::string& topic, int partition) override;
  void say(const Event& event) override;

  // Sessions are cut and new ones refused.
  void stop_databases() override;
  void start_databases() override;
  void slow_down(const std::string& service, bool on) override;
  void fail_to_serialize(const std::string& service, int count) override;
  void lose_connection(const std::string& service, int count) override;
  void lose_answer(Replica replica) override;

  void end_after_commit(Replica replica) override;
  void hold_watermarks(const std::string& service, bool on) override;
  void set_clock_back(std::chrono::microseconds span) override;
  void cure_handlers() override;
  void mend() override;

 protected:
  Processes(std::string postgres, std::string kafka);
  std::string topic_name(const std::string& topic) const { return prefix_ + topic; }
  rd_kafka_t* client() const { return client_.get(); }
  void drop_databases();
  // The databases do not answer for a while.
  void forget_connections();
  void remember_connections() { databases_down_ = false; }

 private:
  struct Running {
    std::string service, instance;
    std::unique_ptr<ReplicaProcess> process;
  };
  template <class... Args>
  postgres::Rows rows(const std::string& service, const std::string& sql, const Args&... args);
  void script(const std::string& service, const std::string& sql);
  void trip(const std::string& service, const std::string& trigger, const std::string& table, const std::string& how);
  void tell(const Arm& arm);
  Status decide(const std::string& service, const std::string& letter, bool again);
  void listen();
  std::vector<common::v1::GetActivityResponse> activities();
  kafka::Span span(const std::string& topic, int partition);

  std::string postgres_, kafka_, prefix_;
  kafka::Client client_;
  std::map<Replica, Running> replicas_;
  Replica last_ = 0;
  std::map<std::string, std::unique_ptr<postgres::Connection>> connections_;
  bool cured_ = false, databases_down_ = false;
  std::string rested_;  // what everybody had done when all was at rest last
};

}  // namespace loomline::eventing::conformance
