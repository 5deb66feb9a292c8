#include "api/watch_hub.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "api/journey_api.hpp"
#include "domain/journey.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::tracking::api {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t chunk = 64;
constexpr auto retry_full = std::chrono::milliseconds(20);
constexpr auto retry_listen = std::chrono::seconds(1);  // to the broker, after a failure

struct Watch {
  std::string tenant, order_id;
  std::uint64_t sent;       // the last revision pushed
  std::uint64_t heard = 0;  // the last revision that the tail told of
  bool behind = false;      // the thread reads the store for it; until it has, the tail does not push
  bool changed = false;     // the store knows more since the thread began to read it
  rpc::StreamHandle<v1::WatchJourneyResponse> stream;
};

}  // namespace

struct WatchHub::Impl {
  Impl(eventing::Reader& r, Listen l, Pace p) : reader(r), listen(std::move(l)), pace(p) {}

  eventing::Reader& reader;
  const Listen listen;
  const Pace pace;
  std::unique_ptr<eventing::Tail> tail;  // only the thread's
  Clock::time_point listen_again{};
  mutable std::mutex mutex;
  bool listening = false;
  Clock::time_point last_watched = Clock::now();
  std::condition_variable work;
  std::multimap<std::string, std::shared_ptr<Watch>> watches;  // by order
  std::vector<std::shared_ptr<Watch>> behind;                  // those that fell behind and are not read for yet
  bool stopping = false;
  std::thread thread;

  // All of the following under the mutex.
  void drop(const std::shared_ptr<Watch>& watch) {
    const auto [first, last] = watches.equal_range(watch->order_id);
    const auto at = std::find_if(first, last, [&](const auto& entry) { return entry.second == watch; });
    if (at != last) watches.erase(at);
  }
  void fall_behind(const std::shared_ptr<Watch>& watch) {
    if (std::exchange(watch->behind, true)) return;
    behind.push_back(watch);
  }
  // False where the stream takes no more for now, or never.
  bool push(const std::shared_ptr<Watch>& watch, const v1::OrderProgressed& progress) {
    v1::WatchJourneyResponse response;
    *response.mutable_progress() = progress;
    switch (watch->stream.push(response)) {
      case rpc::Push::accepted:
        watch->sent = progress.revision();
        return true;
      case rpc::Push::full:
        fall_behind(watch);
        return false;
      default:
        drop(watch);
        return false;
    }
  }
  std::vector<std::shared_ptr<Watch>> of(const std::string& order_id) const {
    std::vector<std::shared_ptr<Watch>> found;
    const auto [first, last] = watches.equal_range(order_id);
    for (auto it = first; it != last; ++it) found.push_back(it->second);
    return found;
  }
  void all_fall_behind() {
    for (const auto& [order, watch] : watches) fall_behind(watch);
  }

  // Reads the store without the mutex. False where it or the stream is to be tried again.
  bool catch_up(const std::shared_ptr<Watch>& watch) {
    for (;;) {
      {
        const std::lock_guard lock(mutex);
        watch->changed = false;
      }
      const auto known = reader.snapshot(watch->tenant, journey_kind, watch->order_id);
      const std::lock_guard lock(mutex);
      if (stopping || watch->stream.gone()) return drop(watch), true;
      if (!known.ok() || *known == nullptr) return false;  // the store is away for a moment
      const auto missing = domain::progress_after(**known, watch->sent, chunk);
      for (const auto& progress : missing)
        if (!push(watch, progress)) return watch->stream.gone();
      const auto stored = (*known)->state<domain::State>().revision();
      if (missing.size() == chunk || watch->changed || watch->heard > std::max(watch->sent, stored)) continue;
      watch->behind = false;
      return true;
    }
  }

  void listen_to(WatchHub& hub) {
    if (tail || Clock::now() < listen_again) return;
    try {
      tail = listen(hub);
      const std::lock_guard lock(mutex);
      listening = true;
      all_fall_behind();  // the store is read once more: nobody heard what was said before
    } catch (const std::exception& error) {
      // The store is read instead, until the broker is back.
      telemetry::log_warn("order progress cannot be heard; watches are slow", {telemetry::field::error(error)});
      listen_again = Clock::now() + retry_listen;
    }
  }
  void listen_no_longer() {
    tail.reset();  // without the mutex: a callback may want it
    const std::lock_guard lock(mutex);
    listening = false;
  }

  void run(WatchHub& hub) {
    auto next_check = Clock::now() + pace.recheck;
    std::vector<std::shared_ptr<Watch>> todo, again;  // again: full streams, or the store was away
    for (;;) {
      bool idle = false;
      {
        std::unique_lock lock(mutex);
        auto until = again.empty() ? next_check : Clock::now() + retry_full;
        if (!watches.empty()) {
          last_watched = Clock::now();
          if (!listening) until = std::min(until, Clock::now() + retry_listen);
        }
        if (listening) until = std::min(until, last_watched + pace.linger);
        work.wait_until(lock, until, [&] { return stopping || !behind.empty(); });
        if (stopping) return;
        if (Clock::now() >= next_check || (!listening && !watches.empty())) {
          all_fall_behind();
          next_check = Clock::now() + pace.recheck;
        }
        todo = std::exchange(behind, {});
        idle = watches.empty() && listening && Clock::now() >= last_watched + pace.linger;
      }
      if (idle) listen_no_longer();
      const bool more = !todo.empty();
      todo.insert(todo.end(), again.begin(), again.end());
      again.clear();
      for (auto& watch : todo)
        if (!catch_up(watch)) again.push_back(std::move(watch));
      todo.clear();
      if (more) listen_to(hub);
    }
  }
};

WatchHub::WatchHub(eventing::Reader& reader, Listen listen, Pace pace)
    : impl_(std::make_shared<Impl>(reader, std::move(listen), pace)) {
  impl_->thread = std::thread([this] { impl_->run(*this); });
}

WatchHub::~WatchHub() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work.notify_all();
  impl_->thread.join();
  impl_->tail.reset();
  const std::lock_guard lock(impl_->mutex);
  impl_->watches.clear();
}

void WatchHub::watch(std::string tenant, std::string order_id, std::uint64_t after_revision,
                     rpc::StreamHandle<v1::WatchJourneyResponse> stream) {
  const auto watch = std::make_shared<Watch>();
  watch->tenant = std::move(tenant);
  watch->order_id = std::move(order_id);
  watch->sent = after_revision;
  watch->stream = stream;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->watches.emplace(watch->order_id, watch);
    impl_->fall_behind(watch);
  }
  impl_->work.notify_all();
  stream.on_gone([impl = std::weak_ptr(impl_), gone = std::weak_ptr(watch)] {
    const auto hub = impl.lock();
    const auto left = gone.lock();
    if (!hub || !left) return;
    const std::lock_guard lock(hub->mutex);
    hub->drop(left);
  });
}

void WatchHub::heard(const v1::OrderProgressed& progress) {
  bool wake = false;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& watch : impl_->of(progress.order_id())) {
      watch->heard = std::max(watch->heard, progress.revision());
      if (watch->behind || progress.revision() <= watch->sent) continue;
      // One that was missed is read from the store, in order.
      if (progress.revision() == watch->sent + 1)
        impl_->push(watch, progress);
      else
        impl_->fall_behind(watch);
      wake |= watch->behind;
    }
  }
  if (wake) impl_->work.notify_all();
}

void WatchHub::changed(const std::string& order_id) {
  bool wake = false;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& watch : impl_->of(order_id)) {
      watch->changed = true;
      impl_->fall_behind(watch);
      wake = true;
    }
  }
  if (wake) impl_->work.notify_all();
}

std::size_t WatchHub::watches() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->watches.size();
}

bool WatchHub::listens() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->listening;
}

}  // namespace loomline::tracking::api
