// The publisher's door and its thread.
#include "src/publish/publisher.hpp"

#include <algorithm>

#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"

namespace loomline::eventing {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
constexpr std::int64_t kManyEvents = 200;  // after which tables may have grown
}

Publisher::Publisher(const Registry& registry, ChainStore& store, Outlet& outlet, std::string instance,
                     const Clocks& clocks)
    : registry_(registry),
      store_(store),
      outlet_(outlet),
      instance_(std::move(instance)),
      clocks_(clocks),
      metrics_(registry.service()) {}

Publisher::~Publisher() { stop(milliseconds(0)); }

void Publisher::begin() {
  reload_chains();
  note_sent();
  if (chains_.empty()) return;  // a service that says nothing
  make_producer();
  renew_leases();
  look_at_tails();
  due_.leases = clocks_.steady() + seconds(2);
}

void Publisher::start() {
  begin();
  if (!chains_.empty()) thread_ = std::thread([this] { run(); });
}

void Publisher::stop(milliseconds patience) {
  if (!thread_.joinable()) return;
  const auto deadline = clocks_.steady() + patience;
  for (note_sent(); clocks_.steady() < deadline && !all_sent_; note_sent()) {
    wake();
    clocks_.sleep(milliseconds(2));
  }
  {
    const std::lock_guard lock(inbox_mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  thread_.join();
  try {
    flush_watermarks();
    store_.give_up_leases(instance_);
  } catch (const std::exception&) {
    // The lease runs out by itself, and the look at the tail makes up for the watermark.
  }
  const std::lock_guard lock(producer_mutex_);
  producer_.reset();
}

void Publisher::wake() {
  {
    const std::lock_guard lock(inbox_mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

void Publisher::offer(std::vector<Committed> events) {
  if (events.empty()) return;
  if (faults::exit_after_commit) _exit(9);
  if (faults::lose_offers) return;
  std::int64_t bytes = 0;
  for (const auto& event : events) bytes += weight(event);
  backlog_ += bytes;
  untaken_ += static_cast<std::int64_t>(events.size());
  {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.insert(inbox_.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
    wake_ = true;
  }
  woken_.notify_one();
}

void Publisher::refill(RefillRequest request) {
  {
    const std::lock_guard lock(inbox_mutex_);
    requests_.push_back(std::move(request));
    wake_ = true;
  }
  woken_.notify_one();
}

void Publisher::run() {
  const telemetry::ServiceScope scope(registry_.service());
  name_thread(registry_.service(), "publish");
  for (;;) {
    // Whatever gives it work wakes it; what it looks for by itself is in its own turns, or another replica's.
    const auto longest = milliseconds(!alone_ ? 10 : at_rest() ? 500 : 50);
    {
      std::unique_lock lock(inbox_mutex_);
      woken_.wait_for(lock, longest, [this] { return wake_ || stop_; });
      if (stop_) return;
    }
    if (!take_turn()) clocks_.sleep(milliseconds(200));
  }
}

bool Publisher::take_turn() {
  std::vector<Committed> events;
  std::vector<RefillRequest> requests;
  {
    const std::lock_guard lock(inbox_mutex_);
    wake_ = false;
    events.swap(inbox_);
    requests.swap(requests_);
  }
  take_offers(std::move(events));
  take_requests(std::move(requests));
  try {
    turn();
    return true;
  } catch (const std::exception& error) {
    telemetry::log_warn("the publisher has to wait", {telemetry::field::error(error)});
    return false;
  }
}

// Each task at most once, those that carry events first; a task that throws is tried again in the next turn.
void Publisher::turn() {
  const auto now = clocks_.steady();
  last_turn_ms_ = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  const auto due = [&](Clock::time_point& at, Clock::duration every) {
    if (now < at) return false;
    at = now + every;
    return true;
  };
  if (due(due_.stalls, seconds(1))) report_stalls();
  take_reports();
  if (producer_->fatal()) rebuild();
  if (producer_->take_disturbance()) due_.ends = std::min(due_.ends, now + seconds(1));
  look_at_tails();
  if (due(due_.heads, milliseconds(alone_ ? 1000 : 15))) poll_heads();
  send_all();
  note_sent();
  waits_for_reports_ = waits_for_reports();
  if (waits_for_reports_ && reported_) wake();  // it came before that was known
  if (due(due_.leases, seconds(2))) renew_leases();
  if (due(due_.watermarks, milliseconds(alone_ ? 500 : 50))) flush_watermarks();
  if (due(due_.ends, seconds(10))) check_ends();
  if (due(due_.observe, seconds(10))) observe();
  // As soon as much was written; and once more when the server has counted it.
  if (written_ >= kManyEvents && due(due_.statistics, seconds(1))) {
    written_ = 0;
    due_.statistics_again = now + seconds(12);
    store_.follow_growth();
  } else if (now >= due_.statistics_again) {
    due_.statistics_again = Clock::time_point::max();
    store_.follow_growth();
  }
  if (due(due_.trim, std::chrono::minutes(5))) store_.trim();
  note_sent();
}

void Publisher::take_offers(std::vector<Committed> events) {
  const std::lock_guard lock(mutex_);
  for (auto& event : events) {
    const auto bytes = weight(event);
    const auto found = chains_.find(event.chain);
    if (found != chains_.end()) found->second.known = std::max(found->second.known, event.seq);
    // What is left out here is fetched from the outbox when its turn comes. A chain that is behind comes to what is
    // kept for it.
    const bool no_room = found != chains_.end() && found->second.behind && backlog_ > kMostBytes / 4;
    if (found == chains_.end() || event.seq <= found->second.sent || !found->second.leased || no_room) {
      backlog_ -= bytes;
      if (found != chains_.end() && event.seq > found->second.sent) found->second.left_out += bytes;
      continue;
    }
    const auto seq = event.seq;
    if (!found->second.buffer.emplace(seq, std::move(event)).second) backlog_ -= bytes;
  }
  if (!events.empty()) all_sent_ = false;
  written_ += static_cast<std::int64_t>(events.size());
  untaken_ -= static_cast<std::int64_t>(events.size());
}

// Nothing to send, and no tail to look at.
bool Publisher::at_rest() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(chains_.begin(), chains_.end(), [](const auto& entry) {
    const auto& progress = entry.second;
    return !progress.leased || (progress.acked >= progress.known && progress.buffer.empty() && !progress.look);
  });
}

// Something cannot go on before the broker has said more.
bool Publisher::waits_for_reports() const {
  if (backlog_ + unacknowledged_ > kMostBytes / 4) return true;
  const std::lock_guard lock(mutex_);
  return std::any_of(chains_.begin(), chains_.end(), [](const auto& entry) {
    const auto& progress = entry.second;
    return progress.leased && (progress.look || progress.sent < progress.known);
  });
}

// On a thread of librdkafka.
void Publisher::reported() {
  reported_ = true;
  if (waits_for_reports_) wake();
}

void Publisher::take_reports() {
  if (!reported_.exchange(false)) return;
  const std::lock_guard lock(producer_mutex_);
  if (!producer_) return;
  producer_->poll();
  if (producer_->fatal()) wake();
  note_sent();
}

// Kept as one flag, and one number: they are asked all the time. Written under the lock only, so that no older answer
// comes later.
void Publisher::note_sent() {
  const std::lock_guard lock(mutex_);
  bool all_sent = true;
  std::int64_t left_out = 0;
  for (auto& [id, progress] : chains_) {
    if (!progress.leased || progress.acked >= progress.known) progress.left_out = 0;
    left_out += progress.left_out;
    all_sent = all_sent && (!progress.leased || (progress.acked >= progress.known && progress.buffer.empty()));
  }
  all_sent_ = all_sent;
  left_out_ = left_out;
}

bool Publisher::idle() {
  if (untaken_ != 0) return false;
  take_reports();
  return all_sent_;
}

Positions Publisher::produced() const {
  const std::lock_guard lock(mutex_);
  Positions out;
  for (const auto& [id, progress] : chains_) {
    if (progress.leased && progress.end > 0)
      out.set(progress.chain.topic_number, progress.chain.partition,
              {progress.end, progress.chain.epoch, progress.acked});
  }
  return out;
}

std::string Publisher::positions(const std::vector<Committed>& events, std::string_view causation) const {
  std::map<std::int64_t, std::int64_t> last;
  for (const auto& event : events) {
    if (event.causation == causation) last[event.chain] = event.seq;
  }
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [id, seq] : last) {
    const auto found = chains_.find(id);
    if (found == chains_.end()) continue;
    const auto& chain = found->second.chain;
    if (!text.empty()) text += ';';
    text += chain.topic + "/" + std::to_string(chain.partition) + "/" + std::to_string(chain.epoch) + "/" +
            std::to_string(seq);
  }
  return text;
}

std::map<std::int64_t, Publisher::Reach> Publisher::reaches() const {
  const std::lock_guard lock(mutex_);
  std::map<std::int64_t, Reach> out;
  for (const auto& [id, progress] : chains_) {
    if (progress.leased) out[id] = {progress.known, progress.acked};
  }
  return out;
}

}  // namespace loomline::eventing
