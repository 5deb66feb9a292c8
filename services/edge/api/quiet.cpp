#include "api/quiet.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "loomline/eventing/positions.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;
using Activity = v1::GetActivityResponse;
using Partition = std::pair<std::string, int>;
using Clock = std::chrono::steady_clock;

// Questions to many at once, and their answers.
template <class Response>
class Asking {
 public:
  struct Ask {
    std::string service;
    std::shared_ptr<Response> answer = std::make_shared<Response>();
    Status status;
  };

  void ask(const std::string& service, rpc::Channel& channel, const std::string& method,
           const google::protobuf::Message& request, const rpc::CallOptions& options) {
    auto& ask = asked_.emplace_back();
    ask.service = service;
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    channel.call_async(method, request, ask.answer, options, [this, &ask](const Status& status, const rpc::Reply&) {
      const std::lock_guard lock(mutex_);
      ask.status = status;
      if (--waiting_ == 0) done_.notify_all();
    });
  }

  // One question alone: the thread would only wait for it, and a blocking call may need no transport.
  void ask_and_wait(const std::string& service, rpc::Channel& channel, const std::string& method,
                    const google::protobuf::Message& request, const rpc::CallOptions& options) {
    auto& ask = asked_.emplace_back();
    ask.service = service;
    ask.status = channel.call_untyped(method, request, *ask.answer, options);
  }

  const std::deque<Ask>& wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return waiting_ == 0; });  // every call has a deadline
    return asked_;
  }

 private:
  std::deque<Ask> asked_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t waiting_ = 0;
};

using ByWho = std::map<std::pair<std::string, std::string>, Activity>;  // service and instance

std::vector<Activity> values(ByWho by_who) {
  std::vector<Activity> out;
  for (auto& [who, activity] : by_who) out.push_back(std::move(activity));
  return out;
}

struct Look {
  std::vector<Activity> services;
  // Everything is in one process, which had nothing to do while the figures were read.
  bool settled = false;
};

Result<Look> look(rpc::Directory& peers, const rpc::CallOptions& options, std::chrono::milliseconds wait) {
  v1::WaitIdleRequest request;
  request.set_wait_milliseconds(static_cast<std::uint32_t>(wait.count()));
  Asking<v1::WaitIdleResponse> processes;
  std::map<std::shared_ptr<rpc::Channel>, std::string> seen;  // the services of one process share a channel
  for (const auto& service : peers.services())
    for (const auto& channel : peers.replicas(service)) seen.emplace(channel, service);
  request.set_brief(seen.size() == 1);
  static const std::string method = "loomline.common.v1.SystemService.WaitIdle";
  for (const auto& [channel, service] : seen) {
    if (seen.size() == 1)
      processes.ask_and_wait(service, *channel, method, request, options);
    else
      processes.ask(service, *channel, method, request, options);
  }
  Look look;
  look.settled = seen.size() == 1;
  ByWho found;  // a process that was asked twice counts once
  for (const auto& process : processes.wait()) {
    if (!process.status.ok()) return process.status;
    look.settled = look.settled && process.answer->idle();
    for (auto& activity : *process.answer->mutable_services())
      found.insert_or_assign({activity.service(), activity.instance()}, std::move(activity));
  }
  look.services = values(std::move(found));
  return look;
}

std::string busy(const Activity& a) {
  const auto say = [&](std::int64_t n, const std::string& what) {
    return a.service() + ": " + std::to_string(n) + " " + what;
  };
  if (a.commands_running() > 0) return say(a.commands_running(), "commands are running");
  if (a.slow_keys_size() > 0) return say(a.slow_keys_size(), "handlers take long and have not ended");
  if (a.outbox_pending() > 0) return say(a.outbox_pending(), "events wait in the outbox");
  if (a.timers_due() > 0) return say(a.timers_due(), "timers are due");
  return {};
}

bool same_figures(const std::vector<Activity>& a, const std::vector<Activity>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Activity& x, const Activity& y) {
    return x.SerializeAsString() == y.SerializeAsString();
  });
}

eventing::Position position_of(const v1::TopicPosition& place) { return {place.offset(), place.epoch(), place.seq()}; }

std::map<Partition, eventing::Position> ends(const std::vector<Activity>& services) {
  std::map<Partition, eventing::Position> produced;
  for (const auto& activity : services)
    for (const auto& p : activity.produced()) produced[{p.topic(), p.partition()}].at_least(position_of(p));
  return produced;
}

// Hundreds of positions that say nothing make a long answer.
void leave_what_is_behind(std::vector<Activity>& services) {
  const auto produced = ends(services);
  std::set<Partition> behind;
  for (auto& activity : services) {
    auto& list = *activity.mutable_consumed();
    const auto caught_up = [&](const v1::TopicPosition& p) {
      const auto end = produced.find({p.topic(), p.partition()});
      return end == produced.end() || position_of(p).reaches(end->second);
    };
    list.erase(std::remove_if(list.begin(), list.end(), caught_up), list.end());
    for (const auto& p : list) behind.emplace(p.topic(), p.partition());
  }
  for (auto& activity : services) {
    auto& list = *activity.mutable_produced();
    const auto heard = [&](const v1::TopicPosition& p) { return !behind.contains({p.topic(), p.partition()}); };
    list.erase(std::remove_if(list.begin(), list.end(), heard), list.end());
  }
}

}  // namespace

std::string why_not_quiet(const std::vector<Activity>& services) {
  std::map<std::pair<std::string, Partition>, eventing::Position> consumed;  // by service: the furthest of its replicas
  for (const auto& activity : services)
    if (auto why = busy(activity); !why.empty()) return why;
  const auto produced = ends(services);
  for (const auto& activity : services) {
    for (const auto& p : activity.consumed())
      consumed[{activity.service(), {p.topic(), p.partition()}}].at_least(position_of(p));
  }
  for (const auto& [who, reached] : consumed) {
    const auto& [service, partition] = who;
    const auto made = produced.find(partition);
    if (made == produced.end() || reached.reaches(made->second)) continue;
    const auto& end = made->second;
    const auto missing = reached.offset < end.offset ? end.offset - reached.offset : end.seq - reached.seq;
    return service + ": " + partition.first + "/" + std::to_string(partition.second) + " is " +
           std::to_string(missing) + " behind";
  }
  for (const auto& activity : services)
    if (wire::to_time(activity.business_time()) != wire::to_time(services.front().business_time()))
      return activity.service() + ": has not seen the newest business time";
  return {};
}

Activities look_at_all(rpc::Directory& peers, const rpc::CallOptions& options) {
  Asking<Activity> replicas;
  for (const auto& service : peers.services())
    for (const auto& channel : peers.replicas(service)) {
      v1::GetActivityRequest request;
      request.set_service(service);
      replicas.ask(service, *channel, "loomline.common.v1.SystemService.GetActivity", request, options);
    }
  ByWho heard;
  Activities out;
  for (const auto& replica : replicas.wait()) {
    if (replica.status.ok())
      heard.insert_or_assign({replica.answer->service(), replica.answer->instance()}, std::move(*replica.answer));
    else
      out.silent.emplace(replica.service, replica.status);
  }
  out.heard = values(std::move(heard));
  return out;
}

Status find_quiet(rpc::Directory& peers, std::chrono::milliseconds wait, Time business_time, v1::GetQuietResponse& out,
                  const rpc::CallOptions& options) {
  // A process waits for itself only: what it says to others may give it work again.
  static constexpr std::chrono::milliseconds kPatience{1000};
  if (wait > kLongestQuiet) return invalid("wait_milliseconds", "is more than 30000", "ask again instead");
  const auto give_up = Clock::now() + wait;
  std::vector<Activity> before;
  bool before_was_quiet = false;
  for (auto pause = std::chrono::milliseconds(1);; pause = std::min(pause * 2, std::chrono::milliseconds(20))) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - Clock::now());
    auto looked = look(peers, options, std::clamp(left, std::chrono::milliseconds(0), kPatience));
    if (!looked.ok()) return looked.status();
    auto& now = looked->services;
    std::string why = now.empty() ? "no service is known" : why_not_quiet(now);
    if (why.empty() && wire::to_time(now.front().business_time()) < business_time)
      why = "the newest business time has not been seen yet";
    const bool quiet = why.empty() && (looked->settled || (before_was_quiet && same_figures(before, now)));
    if (quiet || (Clock::now() >= give_up && (!why.empty() || before_was_quiet || wait.count() > 0))) {
      out.set_quiet(quiet);
      out.set_why_not(quiet ? "" : why.empty() ? "figures are still changing" : why);
      if (!now.empty()) *out.mutable_business_time() = now.front().business_time();
      leave_what_is_behind(now);
      for (auto& activity : now) *out.add_services() = std::move(activity);
      return {};
    }
    before_was_quiet = why.empty();
    if (!before_was_quiet) std::this_thread::sleep_for(pause);
    before = std::move(now);
  }
}

Status answer_quiet(rpc::Directory& peers, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const rpc::CallOptions& options) {
  const std::chrono::milliseconds wait(static_cast<const v1::GetQuietRequest&>(request).wait_milliseconds());
  return find_quiet(peers, wait, Time::min(), static_cast<v1::GetQuietResponse&>(response), options);
}

}  // namespace loomline::edge
