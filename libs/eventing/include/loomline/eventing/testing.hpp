// Runs a Service purely in memory, deterministically, for domain tests: no Kafka, no SQL, no threads. The same Service
// object that production runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"

namespace loomline::eventing::testing {

class Harness : public Executor, public Reader {
 public:
  explicit Harness(Service service, Time start);
  ~Harness() override;

  // Moves the business clock and fires due timers in order of (due, kind, key, name).
  void advance_to(Time to);
  Time now() const override;

  // Applies an event to every aggregate kind that hears it; the key is found by the topic catalogue. Waiting (not_yet)
  // events of the key are offered again after each applied message.
  Verdict deliver(const Message& event, std::string_view source = "test");
  // Delivers with an explicit event id: the same id again is a duplicate and changes nothing.
  Verdict deliver(const Message& event, std::string_view source, std::string_view event_id);

  Status execute(std::string_view method, const Message& request, Message& response, const Options& options) override;
  using Executor::execute;

  Result<bool> get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) override;
  Result<std::shared_ptr<const Snapshot>> snapshot(std::string_view tenant, std::string_view kind,
                                                   std::string_view key) override;
  Result<std::vector<Found>> find(std::string_view tenant, std::string_view kind, std::string_view name,
                                  std::string_view value, std::string_view after_key, int limit,
                                  bool descending) override;
  Result<Counts> counts(std::string_view tenant, std::string_view kind, std::string_view name) override;

  // Everything published so far, in order; take() also clears it.
  const std::vector<std::shared_ptr<const Message>>& published() const;
  std::vector<std::shared_ptr<const Message>> take();
  // Everything is read again from its stored form, as after a restart of the process: what a service keeps beside its
  // states and parts must not matter.
  void restart();
  // Events that wait for a precondition.
  std::size_t waiting() const;

 private:
  friend void settle(const std::vector<Harness*>& services);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Puts another topic catalogue (text format) in the place of the built-in one, for tests of the kernel itself. Call it
// before any Harness or Runtime is made.
void use_catalog(std::string_view textproto);

// Connects several harnesses in memory: what one publishes is delivered to all that hear it, in order, until nothing is
// left. A whole factory without a broker.
void settle(const std::vector<Harness*>& services);

}  // namespace loomline::eventing::testing
