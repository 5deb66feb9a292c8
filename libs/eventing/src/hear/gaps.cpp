#include "src/hear/gaps.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/base/thread_name.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/telemetry/log.hpp"
#include "src/broker/envelope.hpp"
#include "src/commit/columns.hpp"
#include "src/hear/tail.hpp"

namespace loomline::eventing {

using common::v1::ChainRefillAsked;
using std::chrono::seconds;

GapDesk::GapDesk(const Registry& registry, postgres::Pool& pool, Publisher& publisher, const Options& options)
    : registry_(registry), pool_(pool), publisher_(publisher), options_(options), metrics_(registry.service()) {}

GapDesk::~GapDesk() { stop(); }

void GapDesk::start() {
  if (registry_.catalog().topic(topic) == nullptr) return;
  if (!registry_.owned().empty()) {
    tail_ = SharedTail::subscribe(SharedTail::of(options_.kafka, options_.installation, std::string(topic)),
                                  [this](const TailedEvent& event) { hear(event); });
  }
  thread_ = std::thread([this] { run(); });
}

void GapDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
  tail_.reset();
}

void GapDesk::met(const GapMet& gap) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = open_.try_emplace(Place(gap.topic, gap.partition), Entry{gap, Clock::now()});
  if (!fresh && entry->second.gap.first_missing != gap.first_missing) entry->second = {gap, Clock::now()};
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
  Texts topics, sources;
  Numbers partitions, epochs;
  const auto gaps = open();
  metrics_.gaps_open.set(static_cast<double>(gaps.size()));
  if (gaps.empty()) return;
  for (const auto& [gap, since] : gaps) {
    topics.push_back(gap.topic);
    partitions.push_back(gap.partition);
    sources.push_back(gap.source);
    epochs.push_back(gap.epoch);
  }
  const auto rows = pool_.acquire()->exec(
      "SELECT n.place, s.last_seq FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])"
      " WITH ORDINALITY AS n(topic, partition, source, epoch, place) JOIN source_chain s ON s.topic = n.topic"
      " AND s.partition = n.partition AND s.source = n.source AND s.epoch = n.epoch",
      postgres::text_array(topics), postgres::bigint_array(partitions), postgres::text_array(sources),
      postgres::bigint_array(epochs));
  std::map<std::size_t, std::int64_t> applied;
  for (const auto row : rows) applied[static_cast<std::size_t>(row.int64(0) - 1)] = row.int64(1);
  std::vector<GapMet> wanted;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const auto& gap = gaps[i].gap;
      const auto entry = open_.find({gap.topic, gap.partition});
      if (entry == open_.end() || entry->second.gap.first_missing != gap.first_missing) continue;
      if (const auto last = applied.find(i); last != applied.end() && last->second >= gap.first_missing) {
        passed_[entry->first] = {gap.source, gap.epoch, last->second, gap.offset};
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
  to_proto(wall_now(), *asked.mutable_occurred_at());
  Envelope envelope;
  envelope.source = registry_.service();
  envelope.epoch = envelope.seq = 1;  // it belongs to no chain
  envelope.id = asked.chain_id() + "/" + random_hex128();
  envelope.type = ChainRefillAsked::descriptor()->full_name();
  envelope.tenant = "main";
  envelope.time = wall_now();
  auto* headers = rd_kafka_headers_new(12);
  for (const auto& [name, value] : to_headers(envelope)) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const auto body = asked.SerializeAsString();
  const std::lock_guard lock(client_mutex_);
  if (!client_) {
    kafka::Config config(options_.kafka, "loomline-gaps");
    config.set("acks", "all").set("message.timeout.ms", "5000");
    client_ = config.producer();
  }
  const auto name = options_.installation + topic;
  const int partition = lane_of(asked.chain_id(), options_.partitions);
// librdkafka's own macros cast in C style.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
  const auto error = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_TOPIC(name.c_str()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(asked.chain_id().data(), asked.chain_id().size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_headers_destroy(headers);
    return false;
  }
  return rd_kafka_flush(client_.get(), 5000) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void GapDesk::hear(const TailedEvent& event) {
  const auto* asked = dynamic_cast<const ChainRefillAsked*>(event.event.get());
  if (asked == nullptr || asked->source() != registry_.service()) return;
  publisher_.refill({asked->topic(), asked->partition(), asked->epoch(), asked->first_missing(), asked->offset(),
                     asked->unchecked()});
}

}  // namespace loomline::eventing
