#include "tests/sim/memory_log.hpp"

#include <algorithm>

namespace loomline::eventing::sim {

std::int64_t MemoryLog::append(const Place& place, Received message) {
  auto& partition = partitions_[place];
  message.offset = partition.end();
  partition.messages.push_back(std::move(message));
  return partition.end() - 1;
}

const MemoryLog::Partition& MemoryLog::at(const Place& place) const {
  static const Partition none;
  const auto found = partitions_.find(place);
  return found == partitions_.end() ? none : found->second;
}

void MemoryLog::delete_before(const Place& place, std::int64_t offset) {
  auto& partition = partitions_[place];
  for (; partition.begin < offset && !partition.messages.empty(); ++partition.begin) partition.messages.pop_front();
}

void MemoryLog::lose_tail(const Place& place, std::size_t count) {
  auto& partition = partitions_[place];
  for (; count > 0 && !partition.messages.empty(); --count) partition.messages.pop_back();
}

void MemoryLog::wipe(const std::string& topic) {
  for (auto& [place, partition] : partitions_)
    if (place.first == topic) partition = {};
}

bool MemoryInlet::take(std::int64_t first, std::vector<Received>& out) {
  if (log_.down) return false;
  const auto& partition = log_.at(place_);
  // As with auto.offset.reset=earliest: a position that the partition does not have.
  if (next_ < partition.begin || next_ > partition.end()) next_ = partition.begin;
  for (std::size_t taken = 0; next_ < partition.end() && taken < most; ++next_, ++taken) {
    if (next_ >= first) out.push_back(partition.messages[static_cast<std::size_t>(next_ - partition.begin)]);
  }
  return next_ < partition.end();
}

MemoryProducer::MemoryProducer(MemoryLog& log, std::string source, std::function<SendFate()> fate,
                               std::function<void()> wake, std::function<void(const Delivery&)> on_delivery)
    : log_(log),
      source_(std::move(source)),
      fate_(std::move(fate)),
      wake_(std::move(wake)),
      on_delivery_(std::move(on_delivery)) {}

rd_kafka_resp_err_t MemoryProducer::send(const Chain& chain, int round, const Committed& event) {
  if (fatal_) return RD_KAFKA_RESP_ERR__FATAL;
  Received message;
  message.key = event.key;
  message.body = event.body;
  for (auto& [name, value] : to_headers(envelope_of(source_, chain, event))) message.headers.emplace(name, std::move(value));
  under_way_.push_back({{chain.topic, chain.partition},
                        std::move(message),
                        {chain.id, event.seq, round % kRounds, -1, RD_KAFKA_RESP_ERR_NO_ERROR}});
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void MemoryProducer::carry(std::size_t most) {
  if (log_.down) return;
  for (; most > 0 && !under_way_.empty() && !fatal_; --most) {
    auto sent = std::move(under_way_.front());
    under_way_.pop_front();
    const auto fate = fate_();
    if (fate.fatal) {
      fatal_ = true;
    } else if (fate.refused) {
      sent.delivery.error = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
    } else if (!fate.lost) {
      const auto offset = log_.append(sent.place, sent.message);
      if (fate.duplicate) log_.append(sent.place, sent.message);
      if (!fate.unsure) sent.delivery.offset = offset;
    }
    if (!fatal_) reports_.push_back(sent.delivery);
  }
  wake_();
}

void MemoryProducer::poll() {
  for (const auto& report : std::exchange(reports_, {})) on_delivery_(report);
}

std::int64_t MemoryProducer::unacknowledged() const {
  auto bytes = static_cast<std::int64_t>(under_way_.size() + reports_.size()) * 500;
  for (const auto& sent : under_way_) bytes += static_cast<std::int64_t>(sent.message.body.size());
  return bytes;
}

std::unique_ptr<Producer> MemoryOutlet::producer(std::function<void()> wake,
                                                 std::function<void(const Delivery&)> on_delivery) {
  auto made = std::make_unique<MemoryProducer>(log_, source_, fate_, std::move(wake), std::move(on_delivery));
  current_ = made.get();
  return made;
}

std::vector<std::optional<TailSeen>> MemoryOutlet::read_tails(const std::vector<TailWanted>& wanted) {
  std::vector<std::optional<TailSeen>> tails(wanted.size());
  if (log_.down) return tails;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [chain, look] = wanted[i];
    const auto& partition = log_.at({chain.topic, chain.partition});
    const kafka::Span span{partition.begin, partition.end()};
    TailReading reading(source_);
    for (auto at = first_offset(look, span); at < span.end; ++at)
      reading.see(partition.messages[static_cast<std::size_t>(at - span.begin)].headers);
    tails[i] = reading.seen(chain, look, span);
  }
  return tails;
}

std::map<Place, kafka::Span> MemoryOutlet::spans(const std::vector<Place>& places, std::chrono::milliseconds) {
  std::map<Place, kafka::Span> out;
  if (log_.down) return out;
  for (const auto& place : places) out[place] = {log_.at(place).begin, log_.at(place).end()};
  return out;
}

}  // namespace loomline::eventing::sim
