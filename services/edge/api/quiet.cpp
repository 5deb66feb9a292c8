#include "api/quiet.hpp"

#include <loomline/common/v1/edge.pb.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "loomline/wire/convert.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;
using Activity = v1::GetActivityResponse;
using Partition = std::pair<std::string, int>;
using Clock = std::chrono::steady_clock;

constexpr const char* kMethod = "loomline.common.v1.SystemService.GetActivity";

// Asks all replicas of all services at once.
class Look {
 public:
  Look(rpc::Directory& peers, const rpc::CallOptions& options) {
    for (const auto& service : peers.services())
      for (const auto& channel : peers.replicas(service)) asked_.push_back({service, channel, nullptr, {}});
    waiting_ = asked_.size();
    for (auto& ask : asked_) {
      v1::GetActivityRequest request;
      request.set_service(ask.service);
      ask.answer = std::make_shared<Activity>();
      ask.channel->call_async(kMethod, request, ask.answer, options,
                              [this, &ask](const Status& status, const rpc::Reply&) {
                                const std::lock_guard lock(mutex_);
                                ask.status = status;
                                if (--waiting_ == 0) done_.notify_all();
                              });
    }
  }

  Activities wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return waiting_ == 0; });  // every call has a deadline
    Activities out;
    for (const auto& ask : asked_) {
      if (ask.status.ok())
        out.heard.push_back(*ask.answer);
      else
        out.silent.emplace(ask.service, ask.status);
    }
    std::sort(out.heard.begin(), out.heard.end(), [](const Activity& a, const Activity& b) {
      return std::tie(a.service(), a.instance()) < std::tie(b.service(), b.instance());
    });
    return out;
  }

 private:
  struct Ask {
    std::string service;
    std::shared_ptr<rpc::Channel> channel;
    std::shared_ptr<Activity> answer;
    Status status;
  };
  std::vector<Ask> asked_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t waiting_ = 0;
};

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

}  // namespace

std::string why_not_quiet(const std::vector<Activity>& services) {
  std::map<Partition, std::int64_t> produced;
  std::map<std::pair<std::string, Partition>, std::int64_t> consumed;  // by service: the furthest of its replicas
  for (const auto& activity : services) {
    if (auto why = busy(activity); !why.empty()) return why;
    for (const auto& p : activity.produced()) {
      auto& offset = produced[{p.topic(), p.partition()}];
      offset = std::max(offset, p.offset());
    }
    for (const auto& p : activity.consumed()) {
      auto& offset = consumed[{activity.service(), {p.topic(), p.partition()}}];
      offset = std::max(offset, p.offset());
    }
  }
  for (const auto& [who, offset] : consumed) {
    const auto& [service, partition] = who;
    const auto made = produced.find(partition);
    if (made != produced.end() && made->second > offset)
      return service + ": " + partition.first + "/" + std::to_string(partition.second) + " is " +
             std::to_string(made->second - offset) + " behind";
  }
  for (const auto& activity : services)
    if (wire::to_time(activity.business_time()) != wire::to_time(services.front().business_time()))
      return activity.service() + ": has not seen the newest business time";
  return {};
}

Activities look_at_all(rpc::Directory& peers, const rpc::CallOptions& options) { return Look(peers, options).wait(); }

Status answer_quiet(rpc::Directory& peers, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const rpc::CallOptions& options) {
  static constexpr std::uint32_t kLongest = 30'000;
  const auto wait = static_cast<const v1::GetQuietRequest&>(request).wait_milliseconds();
  if (wait > kLongest) return invalid("wait_milliseconds", "is more than 30000", "ask again instead");
  auto& out = static_cast<v1::GetQuietResponse&>(response);
  const auto give_up = Clock::now() + std::chrono::milliseconds(wait);
  std::vector<Activity> before;
  bool before_was_quiet = false;
  for (auto pause = std::chrono::milliseconds(1);; pause = std::min(pause * 2, std::chrono::milliseconds(20))) {
    auto [now, silent] = look_at_all(peers, options);
    if (!silent.empty()) return silent.begin()->second;
    std::string why = now.empty() ? "no service is known" : why_not_quiet(now);
    const bool quiet_twice = why.empty() && before_was_quiet && same_figures(before, now);
    if (quiet_twice || (Clock::now() >= give_up && (!why.empty() || before_was_quiet || wait > 0))) {
      out.set_quiet(quiet_twice);
      out.set_why_not(quiet_twice ? "" : why.empty() ? "figures are still changing" : why);
      if (!now.empty()) *out.mutable_business_time() = now.front().business_time();
      for (auto& activity : now) *out.add_services() = std::move(activity);
      return {};
    }
    before_was_quiet = why.empty();
    if (!before_was_quiet) std::this_thread::sleep_for(pause);
    before = std::move(now);
  }
}

}  // namespace loomline::edge
