// What a handler sees and may do. Handlers are pure: the same state, message and Step inputs give the same outcome.
// They know nothing of Kafka, offsets or SQL; the kernel applies what they ask for in one transaction, once.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/base/id.hpp"
#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/eventing/parts.hpp"

namespace loomline::eventing {

// Who asks for a command. Empty for events and timers.
struct Caller {
  std::string id;    // opaque: a token's id, "link:ord_...", a service's name; never a person's name
  std::string role;  // "staff", "portal", "mes", "ticketing", "customer", "service"
};

// What is being applied.
struct Cause {
  std::string tenant = "main";
  std::string key;          // the aggregate's key
  std::string id;           // ce_id of the event, or the id of the command or timer: unique, stable over retries
  std::string type;         // full protobuf name of the event or request; the timer's name
  std::string source;       // the service that said it
  Time recorded{};          // ce_time: only orders
  Time now{};               // business time of this step
  std::string traceparent;  // W3C; may be empty
  Caller caller;
};

// The answer of an event or timer handler.
class Verdict {
 public:
  enum class Kind { applied, ignored, not_yet, refused };
  // The state and what was said to the Step are kept.
  static Verdict applied() { return Verdict(Kind::applied, {}); }
  // Nothing is kept; the event counts as handled (a duplicate in the domain's eyes, or nothing of ours).
  static Verdict ignored() { return Verdict(Kind::ignored, {}); }
  // A precondition is missing; nothing is kept. The event waits, later ones of the same key and source queue behind
  // it, and it is offered again after any event, command or timer of the key.
  static Verdict not_yet(std::string what) { return Verdict(Kind::not_yet, std::move(what)); }
  // It can never be applied: dead-lettered, and the key is parked until an operator replays or drops it.
  static Verdict refused(std::string why) { return Verdict(Kind::refused, std::move(why)); }

  Kind kind() const { return kind_; }
  const std::string& reason() const { return reason_; }

 private:
  Verdict(Kind kind, std::string reason) : kind_(kind), reason_(std::move(reason)) {}
  Kind kind_;
  std::string reason_;
};

// What a handler asks for. One Step a message; the kernel reads it back when the handler has answered.
class Step {
 public:
  explicit Step(Cause cause, bool existed, PartStore* parts = nullptr, Derived* derived = nullptr)
      : cause_(std::move(cause)), existed_(existed), parts_(parts), derived_(derived) {}

  const Cause& cause() const { return cause_; }
  const std::string& key() const { return cause_.key; }
  // Business time. The only clock a domain knows.
  Time now() const { return cause_.now; }
  // Whether the aggregate had a state before this step.
  bool existed() const { return existed_; }

  // A new id, deterministic in the cause and the number of ids minted in this step before.
  std::string mint(std::string_view id_prefix) {
    return mint_id(id_prefix, cause_.now, cause_.id + "/" + cause_.key + "/" + std::to_string(minted_++));
  }

  // Publishes a fact. Topic and key come from the topic catalogue (proto/loomline/topics.textproto); a type that is
  // not declared there, or not owned by this service, is a broken invariant (throws when the step is read back).
  void publish(const google::protobuf::Message& event) {
    published_.emplace_back(event.New());
    published_.back()->CopyFrom(event);
  }

  // Sets or moves the timer `name` of this key. It fires once, in the key's lane, when the business clock reaches
  // `due`, with `payload` (any message; the handler registered for `name` takes its type). One timer a name a key:
  // use names like "survey" or "quote-expiry/quo_...": the handler is found by the part before the slash.
  void timer(std::string name, Time due, const google::protobuf::Message& payload) {
    timers_.push_back({std::move(name), due, payload.SerializeAsString()});
  }
  void cancel_timer(std::string name) { timers_.push_back({std::move(name), std::nullopt, {}}); }

  // Replaces the values under which this key is found by Reader::find(kind, name, value). Empty values: not found.
  void index(std::string name, std::vector<std::string> values) {
    indexes_.push_back({std::move(name), std::move(values)});
  }
  void index(std::string name, std::string value) {
    std::vector<std::string> values;
    if (!value.empty()) values.push_back(std::move(value));
    index(std::move(name), std::move(values));
  }

  // The aggregate's state is removed with this step, and all its parts (it was only a shadow and is no longer needed).
  void forget() { forget_ = true; }

  // The parts of one type; std::logic_error where the aggregate has none of it.
  template <class P>
  Parts<P> parts() const {
    if (parts_ == nullptr) throw std::logic_error("the aggregate has no parts");
    return Parts<P>(*parts_);
  }
  // All of them, for what works on parts of every type (indexes, going back).
  PartStore& all_parts() const {
    if (parts_ == nullptr) throw std::logic_error("the aggregate has no parts");
    return *parts_;
  }
  // What is derived from state and parts, as it was registered. The handler keeps it in step with them.
  template <class D>
  D& derived() const {
    if (derived_ == nullptr) throw std::logic_error("the aggregate has nothing derived");
    return static_cast<D&>(*derived_);
  }

  // Forgets what was said and minted. A handler that can go on without what has just failed puts state, parts and what
  // is derived back to where it found them, and begins again.
  void begin_again() {
    minted_ = 0;
    forget_ = false;
    published_.clear();
    timers_.clear();
    indexes_.clear();
  }

  struct TimerChange {
    std::string name;
    std::optional<Time> due;  // none: cancel
    std::string payload;      // serialized
  };
  struct IndexChange {
    std::string name;
    std::vector<std::string> values;
  };
  const std::vector<std::unique_ptr<google::protobuf::Message>>& published() const { return published_; }
  const std::vector<TimerChange>& timers() const { return timers_; }
  const std::vector<IndexChange>& indexes() const { return indexes_; }
  bool forgotten() const { return forget_; }

 private:
  Cause cause_;
  bool existed_;
  PartStore* parts_;
  Derived* derived_;
  int minted_ = 0;
  bool forget_ = false;
  std::vector<std::unique_ptr<google::protobuf::Message>> published_;
  std::vector<TimerChange> timers_;
  std::vector<IndexChange> indexes_;
};

}  // namespace loomline::eventing
