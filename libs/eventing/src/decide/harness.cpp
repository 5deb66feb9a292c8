#include <algorithm>
#include <set>

#include "loomline/base/hash.hpp"
#include "loomline/eventing/testing.hpp"
#include "src/decide/fold.hpp"

namespace loomline::eventing::testing {
namespace {

constexpr int kPartitions = 12;

// What one harness said and another has to hear.
struct Said {
  Outgoing event;
  std::string id;
};

std::shared_ptr<const Message> parse(const Outgoing& event) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(event.type);
  std::shared_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  message->ParseFromString(event.body);
  return message;
}

}  // namespace

struct Harness::Impl {
  using Id = KeyId;
  struct TimerAt {
    Time due;
    std::string kind, key, name, tenant, payload;
    auto order() const { return std::tie(due, kind, key, name, tenant); }
    bool operator<(const TimerAt& other) const { return order() < other.order(); }
  };

  explicit Impl(Service s, Time start)
      : service(std::move(s)), registry(service, Catalog::current()), now(start), wall(start) {}

  Service service;
  Registry registry;
  Time now;
  Time wall;  // recorded time: moves one microsecond a step, so that runs repeat
  std::map<Id, std::shared_ptr<Resident>> aggregates;
  std::map<Id, std::map<std::string, std::vector<std::string>>> indexes;
  std::set<TimerAt> timers;
  std::set<std::pair<std::string, std::string>> seen;  // event id, kind
  struct Answer {
    std::string body, response;
  };
  std::map<std::string, Answer> answers;
  std::map<std::pair<std::string, int>, std::int64_t> sequences;
  std::vector<std::shared_ptr<const Message>> published;
  std::vector<Said> unsettled;
  std::int64_t next_id = 0;

  template <class Work>
  auto with(const std::string& tenant, const AggregateDef& def, const std::string& key, Work&& work) {
    const Id id{tenant, def.kind, key};
    wall = std::max(wall + Duration(1), now);
    auto& resident = aggregates[id];
    if (!resident) {
      resident = std::make_shared<Resident>(def, id);
      resident->derive();
    }
    Fold fold(registry, resident);
    auto answer = work(fold, Moment{now, wall});
    const auto out = assign_times({&fold}, kPartitions);
    keep(id, fold);
    for (const auto* event : out) say(*event);
    return answer;
  }

  void keep(const Id& id, Fold& fold) {
    fold.keep(fold.version() + 1);
    for (const auto& [name, values] : fold.indexes()) indexes[id][name] = values;
    for (const auto& [name, change] : fold.timers()) {
      std::erase_if(timers, [&, n = name](const TimerAt& timer) {
        return timer.name == n && Id{timer.tenant, timer.kind, timer.key} == id;
      });
      if (change.due) timers.insert({*change.due, id.kind, id.key, name, id.tenant, change.payload});
    }
    if (fold.empty()) {
      aggregates.erase(id);
      indexes.erase(id);
    }
  }

  // What another process would read: from the stored bytes.
  static std::shared_ptr<Resident> read_again(const Resident& known) {
    auto fresh = std::make_shared<Resident>(*known.def, known.id);
    if (known.exists) fresh->read_state(known.bytes);
    fresh->version = known.version;
    fresh->last_time = known.last_time;
    fresh->parked = known.parked;
    fresh->waiting = known.waiting;
    for (std::size_t c = 0; c < known.def->collections.size(); ++c) {
      for (const auto entry : known.parts.map(c)) {
        auto* part = entry.value->New();
        part->ParseFromString(entry.value->SerializeAsString());
        fresh->parts.put(c, entry.key, PartStore::Body(part));
      }
    }
    fresh->derive();
    return fresh;
  }

  void say(Outgoing event) {
    const int partition = lane_of(event.key, kPartitions);
    const auto seq = ++sequences[{event.topic->name(), partition}];
    published.push_back(parse(event));
    event.from = nullptr;
    unsettled.push_back({event, service.name() + "/1/" + event.topic->name() + "/" + std::to_string(partition) + "/" +
                                    std::to_string(seq)});
  }

  Verdict hear(const std::string& tenant, const std::string& key, const Offer& offer) {
    const auto* hearers = registry.hearers(offer.type);
    auto answer = Verdict::ignored();
    if (hearers == nullptr) return answer;
    for (const auto& hearer : *hearers) {
      if (!seen.emplace(offer.id, hearer.def->kind).second) continue;
      auto verdict =
          with(tenant, *hearer.def, key, [&](Fold& fold, const Moment& moment) { return fold.offer(offer, moment); });
      // Of several kinds the least happy answer counts: refused, not_yet, applied, ignored.
      const auto rank = [](Verdict::Kind kind) {
        switch (kind) {
          case Verdict::Kind::refused:
            return 3;
          case Verdict::Kind::not_yet:
            return 2;
          case Verdict::Kind::applied:
            return 1;
          case Verdict::Kind::ignored:
            return 0;
        }
        return 0;
      };
      if (rank(verdict.kind()) > rank(answer.kind())) answer = verdict;
    }
    return answer;
  }
};

void use_catalog(std::string_view textproto) { Catalog::replace(textproto); }

Harness::Harness(Service service, Time start) : impl_(std::make_unique<Impl>(std::move(service), start)) {}
Harness::~Harness() = default;

Time Harness::now() const { return impl_->now; }

void Harness::advance_to(Time to) {
  impl_->now = std::max(impl_->now, to);
  while (!impl_->timers.empty() && impl_->timers.begin()->due <= impl_->now) {
    const auto timer = *impl_->timers.begin();
    impl_->timers.erase(impl_->timers.begin());
    auto offer = timer_offer({timer.tenant, timer.kind, timer.key}, timer.name, timer.due, timer.payload);
    offer.recorded = impl_->wall;
    impl_->with(timer.tenant, *impl_->registry.kind(timer.kind), timer.key,
                [&](Fold& fold, const Moment& moment) { return fold.offer(offer, moment); });
  }
}

Verdict Harness::deliver(const Message& event, std::string_view source) {
  return deliver(event, source, std::string(source) + "/delivered/" + std::to_string(++impl_->next_id));
}

Verdict Harness::deliver(const Message& event, std::string_view source, std::string_view event_id) {
  const std::string& type = event.GetDescriptor()->full_name();
  const auto* topic = impl_->registry.catalog().topic_of(type);
  if (topic == nullptr) throw std::logic_error("no topic declares " + type);
  Offer offer;
  offer.id = event_id;
  offer.type = type;
  offer.source = source;
  offer.recorded = impl_->wall;
  offer.body = event.SerializeAsString();
  offer.topic = topic->name();
  return impl_->hear("main", key_of(*topic, event), offer);
}

Status Harness::execute(std::string_view method, const Message& request, Message& response, const Options& options) {
  const auto* command = impl_->registry.command(method);
  if (command == nullptr) return Status(Code::unimplemented, "METHOD_UNKNOWN", "No such command here.");
  const std::string scope =
      options.tenant + "/" + options.caller.id + "/" + std::string(method) + "/" +
      (options.idempotency_key.empty() ? "auto-" + std::to_string(++impl_->next_id) : options.idempotency_key);
  const std::string body = request.SerializeAsString();
  if (const auto found = impl_->answers.find(scope); found != impl_->answers.end()) {
    if (found->second.body != body) {
      return failed_precondition("IDEMPOTENCY_KEY_REUSED", "The idempotency key was used for another request.");
    }
    response.ParseFromString(found->second.response);
    return {};
  }
  Cause cause;
  cause.tenant = options.tenant;
  cause.id = "cmd/" + sha256_hex(scope);
  cause.type = request.GetDescriptor()->full_name();
  cause.source = impl_->service.name();
  cause.recorded = impl_->wall;
  cause.now = impl_->now;
  cause.traceparent = options.traceparent;
  cause.caller = options.caller;
  const auto key = command->handler->key_of(request, cause);
  if (!key.ok()) return key.status();
  auto status = impl_->with(options.tenant, *command->def, *key, [&](Fold& fold, const Moment& moment) {
    return fold.command(*command->handler, request, response, cause, moment);
  });
  if (status.ok()) impl_->answers[scope] = {body, response.SerializeAsString()};
  return status;
}

Result<bool> Harness::get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) {
  const auto found = impl_->aggregates.find({std::string(tenant), std::string(kind), std::string(key)});
  state.Clear();
  if (found == impl_->aggregates.end() || !found->second->exists) return false;
  state.ParseFromString(found->second->bytes);
  return true;
}

Result<std::shared_ptr<const Snapshot>> Harness::snapshot(std::string_view tenant, std::string_view kind,
                                                          std::string_view key) {
  const auto found = impl_->aggregates.find({std::string(tenant), std::string(kind), std::string(key)});
  if (found == impl_->aggregates.end() || !found->second->exists) return std::shared_ptr<const Snapshot>();
  const auto& resident = *found->second;
  std::shared_ptr<Message> state(resident.state->New());
  state->CopyFrom(*resident.state);
  std::shared_ptr<const Derived> derived;
  if (resident.derived) derived = resident.derived->copy();
  return std::make_shared<const Snapshot>(std::move(state), resident.parts, std::move(derived), resident.version);
}

void Harness::restart() {
  for (auto& [id, resident] : impl_->aggregates) resident = Impl::read_again(*resident);
}

Result<std::vector<Reader::Found>> Harness::find(std::string_view tenant, std::string_view kind, std::string_view name,
                                                 std::string_view value, std::string_view after_key, int limit,
                                                 bool descending) {
  std::vector<Found> found;
  for (const auto& [id, names] : impl_->indexes) {
    if (id.tenant != tenant || id.kind != kind) continue;
    const auto& key = id.key;
    if (!after_key.empty() && (descending ? key >= after_key : key <= after_key)) continue;
    const auto values = names.find(std::string(name));
    if (values == names.end() ||
        std::find(values->second.begin(), values->second.end(), value) == values->second.end()) {
      continue;
    }
    found.push_back({key, impl_->aggregates.at(id)->bytes});
  }
  if (descending) std::reverse(found.begin(), found.end());
  if (limit > 0 && found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  return found;
}

Result<Reader::Counts> Harness::counts(std::string_view tenant, std::string_view kind, std::string_view name) {
  Counts counts;
  for (const auto& [id, names] : impl_->indexes) {
    if (id.tenant != tenant || id.kind != kind) continue;
    if (const auto values = names.find(std::string(name)); values != names.end())
      for (const auto& value : std::set<std::string>(values->second.begin(), values->second.end())) ++counts[value];
  }
  return counts;
}

const std::vector<std::shared_ptr<const Message>>& Harness::published() const { return impl_->published; }

std::vector<std::shared_ptr<const Message>> Harness::take() { return std::exchange(impl_->published, {}); }

std::size_t Harness::waiting() const {
  std::size_t count = 0;
  for (const auto& [id, aggregate] : impl_->aggregates) count += aggregate->waiting.size();
  return count;
}

void settle(const std::vector<Harness*>& services) {
  for (bool quiet = false; !quiet;) {
    quiet = true;
    for (auto* from : services) {
      for (auto& said : std::exchange(from->impl_->unsettled, {})) {
        quiet = false;
        Offer offer;
        offer.id = said.id;
        offer.type = said.event.type;
        offer.source = from->impl_->service.name();
        offer.recorded = said.event.time;
        offer.traceparent = said.event.traceparent;
        offer.body = said.event.body;
        offer.topic = said.event.topic->name();
        for (auto* to : services) to->impl_->hear(said.event.tenant, said.event.key, offer);
      }
    }
  }
}

}  // namespace loomline::eventing::testing
