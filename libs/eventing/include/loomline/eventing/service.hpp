// How a service registers what it does. One line a handler:
//
//   eventing::Service service("scheduling");
//   auto& plants = service.aggregate<PlantState>("plant", prefix::plant);
//   plants.on<PlantDemandRequested>(domain::on_demand);
//   plants.command<ReportOperationsRequest, ReportOperationsResponse>(
//       "loomline.production.v1.ProductionService.ReportOperations", key_of_plant, domain::report_operations);
//   plants.timer<ReservationExpired>("reservation", domain::on_reservation_expired);
//
// An aggregate's state is one protobuf message, kept by the kernel under (tenant, kind, key). Handlers take it by
// reference, change it, and say the rest to the Step. When a handler answers not_yet, ignored, refused or an error,
// nothing that it changed or said is kept.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/eventing/parts.hpp"
#include "loomline/eventing/step.hpp"

namespace loomline::eventing {

using Message = google::protobuf::Message;

struct EventHandler {
  const Message* prototype;
  std::function<Verdict(Message& state, const Message& event, Step& step)> apply;
};
struct TimerHandler {
  const Message* prototype;
  std::function<Verdict(Message& state, const Message& payload, Step& step)> apply;
};
struct CommandHandler {
  std::string method;  // "loomline.intake.v1.IntakeService.PlaceOrder"; an internal command: any unique name
  const Message* request;
  const Message* response;
  // The aggregate's key. `key_cause.key` is empty, everything else of the Cause is set.
  std::function<Result<std::string>(const Message& request, const Cause& key_cause)> key_of;
  std::function<Status(Message& state, const Message& request, Message& response, Step& step)> apply;
};

// All the handlers of one kind of aggregate in one service.
struct AggregateDef {
  std::string kind;
  std::string key_type;  // id prefix; must equal the key type of each topic it hears
  const Message* prototype = nullptr;
  std::map<std::string, EventHandler, std::less<>> events;      // by full message name
  std::map<std::string, TimerHandler, std::less<>> timers;      // by name (the part before '/')
  std::map<std::string, CommandHandler, std::less<>> commands;  // by method
  std::vector<CollectionDef> collections = {};                  // its parts, in the order of registration
  // Makes what is derived, from a state and its parts.
  std::function<std::unique_ptr<Derived>(const Message& state, const PartStore& parts)> derive = {};
  // Follows what another process changed: the parts named in `changed` are new, other or gone. Empty: derived anew.
  std::function<void(Derived& derived, const Message& state, const PartStore& parts,
                     const std::vector<PartStore::Name>& changed)>
      follow = {};

  // Read through snapshots; the aggregate is large.
  bool large() const { return !collections.empty() || derive != nullptr; }
};

// A committed aggregate with its parts and what is derived from them. Immutable; shared between threads.
class Snapshot {
 public:
  Snapshot(std::shared_ptr<const Message> state, PartStore parts, std::shared_ptr<const Derived> derived,
           std::int64_t version)
      : state_(std::move(state)), parts_(std::move(parts)), derived_(std::move(derived)), version_(version) {}
  template <class State>
  const State& state() const {
    return static_cast<const State&>(*state_);
  }
  template <class P>
  PartsView<P> parts() const {
    return PartsView<P>(parts_);
  }
  // All of them.
  const PartStore& all_parts() const { return parts_; }
  template <class D>
  const D& derived() const {
    return static_cast<const D&>(*derived_);
  }
  // Rises with each step.
  std::int64_t version() const { return version_; }

 private:
  std::shared_ptr<const Message> state_;
  PartStore parts_;
  std::shared_ptr<const Derived> derived_;
  std::int64_t version_;
};

template <class State>
class Aggregate {
 public:
  explicit Aggregate(AggregateDef& def) : def_(&def) {}

  // Hears an event. Its topic, by the catalogue, must have this aggregate's key type.
  template <class Event>
  Aggregate& on(std::function<Verdict(State&, const Event&, Step&)> handler) {
    return on(Event::default_instance(), [handler = std::move(handler)](State& s, const Message& e, Step& step) {
      return handler(s, static_cast<const Event&>(e), step);
    });
  }
  // Hears an event whose type is known at run time only. `prototype` lives as long as the service.
  Aggregate& on(const Message& prototype, std::function<Verdict(State&, const Message&, Step&)> handler) {
    const std::string name{prototype.GetDescriptor()->full_name()};
    if (!def_->events
             .emplace(name, EventHandler{&prototype,
                                         [handler = std::move(handler)](Message& s, const Message& e, Step& step) {
                                           return handler(static_cast<State&>(s), e, step);
                                         }})
             .second)
      throw std::logic_error(def_->kind + " hears " + name + " twice");
    return *this;
  }

  // The aggregate keeps parts of this type in a collection of this name (see parts.hpp). One collection a type.
  template <class P>
  Aggregate& parts(std::string name) {
    for (const auto& known : def_->collections)
      if (known.name == name || known.prototype == &P::default_instance())
        throw std::logic_error(def_->kind + " has the collection " + name + " or its type twice");
    def_->collections.push_back({std::move(name), &P::default_instance()});
    return *this;
  }

  // Something is derived from state and parts and resident beside them (see Derived). `derive` makes it when the
  // aggregate is loaded; handlers change it in place; `follow`, where given, brings it up to parts that another process
  // changed, else it is derived anew then.
  template <class D>
  Aggregate& derived(
      std::function<std::unique_ptr<D>(const State&, const PartStore&)> derive,
      std::function<void(D&, const State&, const PartStore&, const std::vector<PartStore::Name>&)> follow = nullptr) {
    if (def_->derive) throw std::logic_error(def_->kind + " has something derived already");
    def_->derive = [derive = std::move(derive)](const Message& state, const PartStore& parts) {
      return std::unique_ptr<Derived>(derive(static_cast<const State&>(state), parts));
    };
    if (follow)
      def_->follow = [follow = std::move(follow)](Derived& derived, const Message& state, const PartStore& parts,
                                                  const std::vector<PartStore::Name>& changed) {
        follow(static_cast<D&>(derived), static_cast<const State&>(state), parts, changed);
      };
    return *this;
  }

  // Executes a command. `key_of` gives the aggregate's key from the request (mint it from the Cause where the command
  // creates the aggregate: the Cause's id is stable over retries with the same idempotency key).
  template <class Request, class Response>
  Aggregate& command(std::string method, std::function<Result<std::string>(const Request&, const Cause&)> key_of,
                     std::function<Result<Response>(State&, const Request&, Step&)> handler) {
    CommandHandler command{
        method, &Request::default_instance(), &Response::default_instance(),
        [key_of = std::move(key_of)](const Message& r, const Cause& c) {
          return key_of(static_cast<const Request&>(r), c);
        },
        [handler = std::move(handler)](Message& s, const Message& r, Message& out, Step& step) -> Status {
          auto result = handler(static_cast<State&>(s), static_cast<const Request&>(r), step);
          if (!result.ok()) return result.status();
          static_cast<Response&>(out) = std::move(result).value();
          return {};
        }};
    if (!def_->commands.emplace(method, std::move(command)).second)
      throw std::logic_error("command " + method + " is registered twice");
    return *this;
  }

  // Takes a timer set by Step::timer(name or "name/...", ...). After it has fired it is gone.
  template <class Payload>
  Aggregate& timer(std::string name, std::function<Verdict(State&, const Payload&, Step&)> handler) {
    TimerHandler timer{&Payload::default_instance(),
                       [handler = std::move(handler)](Message& s, const Message& p, Step& step) {
                         return handler(static_cast<State&>(s), static_cast<const Payload&>(p), step);
                       }};
    if (!def_->timers.emplace(name, std::move(timer)).second)
      throw std::logic_error("timer " + name + " is registered twice");
    return *this;
  }

 private:
  AggregateDef* def_;
};

// Reads committed state. Thread-safe; each call takes a pooled connection.
class Reader {
 public:
  virtual ~Reader() = default;
  // Fills `state`; false where there is no such aggregate.
  virtual Result<bool> get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) = 0;
  // The aggregate with its parts and what is derived from them, as last committed; null where there is none. Cheap
  // where this process executes the aggregate's commands; else what changed since the last call is read.
  virtual Result<std::shared_ptr<const Snapshot>> snapshot(std::string_view tenant, std::string_view kind,
                                                           std::string_view key) = 0;
  struct Found {
    std::string key;
    std::string state;  // serialized
  };
  // The aggregates whose index `name` holds `value`, by key, after `after_key` (exclusive; empty: from the start).
  // `descending` walks keys from the largest down (newest first, since ids sort by time), `after_key` then is an upper
  // bound.
  virtual Result<std::vector<Found>> find(std::string_view tenant, std::string_view kind, std::string_view name,
                                          std::string_view value, std::string_view after_key, int limit,
                                          bool descending = false) = 0;
  // How many aggregates the index `name` holds under each value.
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  virtual Result<Counts> counts(std::string_view tenant, std::string_view kind, std::string_view name) = 0;
};

// Executes commands from outside the lanes (rpc handlers). Thread-safe, blocks until committed.
class Executor {
 public:
  virtual ~Executor() = default;
  // `idempotency_key` empty: at most once, a retry is a new command. Same key and same body: the same answer; another
  // body: failed_precondition IDEMPOTENCY_KEY_REUSED.
  struct Options {
    std::string tenant = "main";
    std::string idempotency_key = {};
    std::string traceparent = {};
    Caller caller = {};
    // Where given: set to the chain positions of what the command published, for Runtime::await in the services that
    // hear it (reading one's own writes). Opaque; empty for a repeated command.
    std::string* positions = nullptr;
  };
  virtual Status execute(std::string_view method, const Message& request, Message& response,
                         const Options& options) = 0;
  template <class Response>
  Result<Response> execute(std::string_view method, const Message& request, const Options& options) {
    Response response;
    if (auto status = execute(method, request, static_cast<Message&>(response), options); !status.ok()) return status;
    return response;
  }
  // Business time now.
  virtual Time now() const = 0;
};

// A service's own SQL migration, for the few tables that are no aggregates (vault, model texts).
struct Migration {
  int version;       // 1, 2, 3... within the service
  std::string name;  // "create_vault"
  std::string sql;
};

class Service {
 public:
  explicit Service(std::string name) : name_(std::move(name)) {}
  Service(Service&&) = default;
  Service& operator=(Service&&) = default;

  // The service's name: its ce_source, its consumer group, and its database (with the installation's prefix).
  const std::string& name() const { return name_; }

  // A kind of aggregate and the prefix of its keys. Calling it again with the same kind gives the same aggregate.
  template <class State>
  Aggregate<State> aggregate(std::string kind, std::string_view key_type) {
    auto& def = defs_[kind];
    if (!def)
      def = std::make_unique<AggregateDef>(
          AggregateDef{kind, std::string(key_type), &State::default_instance(), {}, {}, {}, {}, {}, {}});
    if (def->prototype != &State::default_instance()) throw std::logic_error("kind " + kind + " has two state types");
    return Aggregate<State>(*def);
  }

  void migration(Migration migration) { migrations_.push_back(std::move(migration)); }

  const std::map<std::string, std::unique_ptr<AggregateDef>, std::less<>>& aggregates() const { return defs_; }
  const std::vector<Migration>& migrations() const { return migrations_; }

 private:
  std::string name_;
  std::map<std::string, std::unique_ptr<AggregateDef>, std::less<>> defs_;
  std::vector<Migration> migrations_;
};

}  // namespace loomline::eventing
