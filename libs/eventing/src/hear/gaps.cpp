#include "src/hear/gaps.hpp"

#include <algorithm>

#include "loomline/base/thread_name.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/telemetry/log.hpp"
#include "src/hear/tail.hpp"

namespace loomline::eventing {

using common::v1::ChainRefillAsked;
using std::chrono::seconds;

GapDesk::GapDesk(const Registry& registry, ChainStore& store, Publisher& publisher, RefillLine& line,
                 const Clocks& clocks)
    : registry_(registry),
      store_(store),
      publisher_(publisher),
      line_(line),
      clocks_(clocks),
      metrics_(registry.service()) {}

GapDesk::~GapDesk() { stop(); }

void GapDesk::start() {
  if (registry_.catalog().topic(topic) == nullptr) return;
  if (!registry_.owned().empty()) line_.start([this](const ChainRefillAsked& asked) { hear(asked); });
  thread_ = std::thread([this] { run(); });
}

void GapDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
  line_.stop();
}

void GapDesk::met(const GapMet& gap) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = open_.try_emplace(Place(gap.topic, gap.partition), Entry{gap, clocks_.steady()});
  if (!fresh && entry->second.gap.first_missing != gap.first_missing) entry->second = {gap, clocks_.steady()};
  if (fresh) woken_.notify_one();
}

std::optional<GapPassed> GapDesk::take_passed(const std::string& topic_name, int partition) {
  if (!any_passed_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = passed_.find({topic_name, partition});
  if (found == passed_.end()) return std::nullopt;
  auto passed = std::move(found->second);
  passed_.erase(found);
  any_passed_ = !passed_.empty();
  return passed;
}

void GapDesk::forget_all() {
  const std::lock_guard lock(mutex_);
  open_.clear();
  passed_.clear();
  any_passed_ = false;
}

std::vector<GapDesk::Open> GapDesk::open() const {
  const std::lock_guard lock(mutex_);
  std::vector<Open> all;
  for (const auto& [place, entry] : open_) all.push_back({entry.gap, entry.since});
  return all;
}

void GapDesk::run() {
  const telemetry::ServiceScope scope(registry_.service());
  name_thread(registry_.service(), "gaps");
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, seconds(1), [this] { return stop_; });
      if (stop_) return;
    }
    try {
      look();
    } catch (const std::exception& error) {
      telemetry::log_warn("gaps cannot be looked after", {telemetry::field::error(error)});
    }
  }
}

// Which gaps have closed (the row says what was applied, or passed over by an operator), and what to ask for again.
void GapDesk::look() {
  const auto entries = open();
  metrics_.gaps_open.set(static_cast<double>(entries.size()));
  if (entries.empty()) return;
  std::vector<GapMet> gaps;
  for (const auto& entry : entries) gaps.push_back(entry.gap);
  const auto applied = store_.applied(gaps);
  std::vector<GapMet> wanted;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clocks_.steady();
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const auto& gap = gaps[i];
      const auto entry = open_.find({gap.topic, gap.partition});
      if (entry == open_.end() || entry->second.gap.first_missing != gap.first_missing) continue;
      if (applied[i] && *applied[i] >= gap.first_missing) {
        passed_[entry->first] = {gap.source, gap.epoch, *applied[i], gap.offset};
        any_passed_ = true;
        open_.erase(entry);
        continue;
      }
      if (now < entry->second.ask_at) continue;
      entry->second.ask_at = now + entry->second.pause;
      entry->second.pause = std::min(seconds(60), 2 * entry->second.pause);
      wanted.push_back(gap);
      if (now < entry->second.say_at) continue;
      entry->second.say_at = now + seconds(60);
      telemetry::log_error(
          "a lane stands before a gap in a chain; its source is asked to refill it",
          {telemetry::field::id("topic", gap.topic), telemetry::field::number("partition", gap.partition),
           telemetry::field::id("source", gap.source), telemetry::field::number("missing_from", gap.first_missing)});
    }
  }
  for (const auto& gap : wanted) ask_for(gap);
}

void GapDesk::ask_for(const GapMet& gap) {
  ChainRefillAsked asked;
  asked.set_asked_by(registry_.service());
  asked.set_topic(gap.topic);
  asked.set_partition(gap.partition);
  asked.set_source(gap.source);
  asked.set_epoch(gap.epoch);
  asked.set_first_missing(gap.first_missing);
  asked.set_offset(gap.offset);
  ask(std::move(asked));
}

bool GapDesk::ask(ChainRefillAsked asked) {
  asked.set_chain_id("chn_" + asked.source() + "/" + std::to_string(asked.epoch()) + "/" + asked.topic() + "/" +
                     std::to_string(asked.partition()));
  to_proto(clocks_.wall(), *asked.mutable_occurred_at());
  return line_.ask(asked);
}

void GapDesk::hear(const ChainRefillAsked& asked) {
  if (asked.source() != registry_.service()) return;
  publisher_.refill({asked.topic(), asked.partition(), asked.epoch(), asked.first_missing(), asked.offset(),
                     asked.unchecked()});
}

}  // namespace loomline::eventing
