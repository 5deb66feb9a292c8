#include "src/publish/chain_tail.hpp"

#include <algorithm>
#include <chrono>

#include "loomline/base/id.hpp"
#include "src/broker/envelope.hpp"

namespace loomline::eventing {
namespace {

using Place = std::pair<std::string, int>;
using Clock = std::chrono::steady_clock;

// The messages of one partition, as they are read.
struct Reading {
  std::size_t index = 0;
  TailReading tail;
  bool open = true;
};

void read(rd_kafka_t* client, std::map<Place, Reading>& readings) {
  std::size_t open = readings.size();
  auto deadline = Clock::now() + std::chrono::seconds(5);
  while (open > 0 && Clock::now() < deadline) {
    const kafka::Message message(rd_kafka_consumer_poll(client, 100));
    if (!message || message->rkt == nullptr) continue;
    const auto found = readings.find({rd_kafka_topic_name(message->rkt), message->partition});
    if (found == readings.end()) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && std::exchange(found->second.open, false)) --open;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    found->second.tail.see(kafka::headers_of(*message));
    deadline = std::max(deadline, Clock::now() + std::chrono::seconds(2));  // it moves on
  }
}

}  // namespace

std::int64_t first_offset(const Look& look, const kafka::Span& span) {
  const auto from = look.offset < 0 ? span.end : std::min(look.offset, span.end);
  return std::max(span.begin, from - look.depth);
}

void TailReading::see(const std::map<std::string, std::string, std::less<>>& headers) {
  const auto envelope = from_headers(headers);
  if (!envelope.ok() || envelope->source != source_ || envelope->epoch < epoch_) return;
  if (envelope->epoch > epoch_) said_.clear();
  epoch_ = envelope->epoch;
  said_.emplace_back(envelope->seq, envelope->time);
}

TailSeen TailReading::seen(const Chain& chain, const Look& look, const kafka::Span& span) const {
  TailSeen tail{epoch_, 0, 0, span.begin, span.end, first_offset(look, span)};
  tail.said = said_;
  std::vector<std::int64_t> seqs;
  for (const auto& [seq, time] : said_) seqs.push_back(seq);
  if (!seqs.empty()) tail.seq = *std::max_element(seqs.begin(), seqs.end());
  auto after = epoch_ == chain.epoch ? look.after : -1;
  // Where everything was read that the topic ever held, the chain begins with 1.
  if (after < 0 && first_offset(look, span) == 0) after = 0;
  tail.reach = reach_of(seqs, after, look.holes);
  return tail;
}

std::int64_t reach_of(std::span<const std::int64_t> seqs, std::int64_t after, const Holes& holes) {
  if (seqs.empty()) return std::max<std::int64_t>(after, 0);
  auto reach = after >= 0 ? after : *std::min_element(seqs.begin(), seqs.end()) - 1;
  const auto pass_holes = [&] {
    for (auto hole = holes.upper_bound(reach + 1); hole != holes.begin();) {
      --hole;
      if (hole->second <= reach) return;
      reach = hole->second;
      hole = holes.upper_bound(reach + 1);
    }
  };
  pass_holes();
  for (const auto seq : seqs) {
    if (seq != reach + 1) continue;
    ++reach;
    pass_holes();
  }
  return reach;
}

std::vector<std::optional<TailSeen>> read_tails(const std::string& brokers, const std::string& prefix,
                                                const std::string& source, const std::vector<TailWanted>& wanted) {
  std::vector<std::optional<TailSeen>> tails(wanted.size());
  if (wanted.empty()) return tails;
  kafka::Config config(brokers, "loomline-tail-check");
  config.set("group.id", "loomline-check-" + random_hex128()).set("enable.auto.commit", "false");
  config.set("auto.offset.reset", "earliest").set("fetch.wait.max.ms", "50").set("enable.partition.eof", "true");
  config.set("queued.max.messages.kbytes", "8192");
  const auto client = config.consumer();
  rd_kafka_poll_set_consumer(client.get());
  std::map<Place, std::size_t> index;
  std::vector<Place> places;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    places.emplace_back(prefix + wanted[i].chain.topic, wanted[i].chain.partition);
    index[places.back()] = i;
  }
  std::map<Place, Reading> readings;
  std::vector<kafka::Place> starts;
  for (const auto& [place, span] : kafka::spans(client.get(), places, std::chrono::seconds(3))) {
    const auto i = index.at(place);
    tails[i] = TailSeen{0, 0, 0, span.begin, span.end, span.begin};
    if (span.begin >= span.end) continue;
    readings.emplace(place, Reading{i, TailReading(source)});
    starts.push_back({place.first, place.second, first_offset(wanted[i].look, span)});
  }
  if (!starts.empty()) {
    const auto list = kafka::list_of(starts);
    rd_kafka_assign(client.get(), list.get());
    read(client.get(), readings);
  }
  for (const auto& [place, reading] : readings) {
    if (reading.open) {
      tails[reading.index].reset();
      continue;
    }
    auto& tail = *tails[reading.index];
    const auto& [chain, look] = wanted[reading.index];
    tail = reading.tail.seen(chain, look, {tail.begin, tail.end});
  }
  rd_kafka_consumer_close(client.get());
  return tails;
}

}  // namespace loomline::eventing
