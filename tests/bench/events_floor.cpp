#include "events_floor.hpp"

#include <array>
#include <map>
#include <optional>
#include <thread>

#include "ledger.hpp"
#include "loomline/base/time.hpp"
#include "loomline/postgres/connection.hpp"
#include "raw_topic.hpp"
#include "src/broker/envelope.hpp"

namespace loomline::bench {
namespace {

namespace kafka = eventing::kafka;
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

// The rows that a batch changes, as the kernel's tables have them.
constexpr const char* kStatement = R"(
WITH s AS (
  INSERT INTO key_state AS k (tenant, kind, key, state, version, last_time)
  SELECT 'main', 'shadow', u.key, u.state, 1, u.time FROM unnest($1::text[], $2::bytea[], $3::bigint[]) AS u(key, state, time)
  ON CONFLICT (tenant, kind, key)
  DO UPDATE SET state = EXCLUDED.state, version = k.version + 1, last_time = EXCLUDED.last_time),
o AS (
  INSERT INTO consumer_offset (topic, partition, next_offset)
  SELECT $4::text, u.partition, u.next FROM unnest($5::bigint[], $6::bigint[]) AS u(partition, next)
  ON CONFLICT (topic, partition) DO UPDATE SET next_offset = EXCLUDED.next_offset),
h AS (
  INSERT INTO source_chain (topic, partition, source, epoch, last_seq)
  SELECT $4::text, u.partition, 'alpha', 1, u.last FROM unnest($5::bigint[], $7::bigint[]) AS u(partition, last)
  ON CONFLICT (topic, partition, source, epoch) DO UPDATE SET last_seq = EXCLUDED.last_seq),
c AS (
  UPDATE chain h SET next_seq = u.next FROM unnest($5::bigint[], $8::bigint[]) AS u(partition, next)
  WHERE h.topic = 't.count' AND h.partition = u.partition AND NOT h.closed)
INSERT INTO outbox (chain, seq, tenant, key, type, causation, traceparent, time, body)
SELECT u.chain, u.seq, 'main', u.key, 'loomline.kerneltest.v1.BoxCounted', u.causation, '', u.time, u.body
FROM unnest($9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::bytea[])
  AS u(chain, seq, key, causation, time, body))";

std::string_view header(const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return {static_cast<const char*>(value), size};
}

struct Out {
  int partition;
  std::int64_t seq;
  Time time;
  std::string key, causation, body;
};

struct Lane {
  std::int64_t chain = 0, seq = 0, next_offset = 0, last_heard = 0;
};

}  // namespace

class EventsFloor::Share {
 public:
  Share(const FloorSettings& settings, int number, std::atomic<std::int64_t>& delivered)
      : settings_(settings), delivered_(delivered), connection_([&] {
          postgres::Options options;
          options.conninfo = settings.conninfo;
          return options;
        }()) {
    kafka::Config producer(settings.brokers, "floor");
    producer.set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "0");
    producer.set("queue.buffering.max.messages", "500000");
    rd_kafka_conf_set_dr_msg_cb(producer.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<Share*>(self)->delivered_;
    });
    rd_kafka_conf_set_opaque(producer.get(), this);
    producer_ = producer.producer();
    to_.emplace(producer_.get(), settings.to);
    kafka::Config consumer(settings.brokers, "floor");
    consumer.set("group.id", settings.from).set("enable.auto.commit", "false").set("check.crcs", "false");
    consumer.set("fetch.message.max.bytes", "524288").set("fetch.max.bytes", "8388608");
    consumer_ = consumer.consumer();
    std::vector<kafka::Place> places;
    for (int lane = number; lane < settings.partitions; lane += settings.threads) {
      places.push_back({settings.from, lane, 0});
      lanes_[lane].chain = connection_
                               .exec("SELECT id FROM chain WHERE topic = 't.count' AND partition = $1::bigint"
                                     " AND NOT closed",
                                     lane)
                               .one()
                               .int64(0);
    }
    rd_kafka_assign(consumer_.get(), kafka::list_of(places).get());
    queue_ = kafka::Queue(rd_kafka_queue_get_consumer(consumer_.get()));
    thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  }
  ~Share() {
    thread_.request_stop();
    thread_.join();
    queue_.reset();
    rd_kafka_consumer_close(consumer_.get());
  }
  const std::string& failure() const { return failure_; }

 private:
  void run(const std::stop_token& stop) {
    std::vector<rd_kafka_message_t*> batch(static_cast<std::size_t>(settings_.batch));
    try {
      while (!stop.stop_requested()) {
        const auto got = rd_kafka_consume_batch_queue(queue_.get(), 20, batch.data(), batch.size());
        std::vector<Out> out;
        std::map<std::string, Time, std::less<>> touched;
        for (ssize_t i = 0; i < got; ++i) {
          const kafka::Message message(batch[static_cast<std::size_t>(i)]);
          if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) handle(*message, out, touched);
        }
        if (!out.empty()) {
          write(out, touched);
          for (auto& one : out) send(one);
        }
        rd_kafka_poll(producer_.get(), 0);
      }
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }

  void handle(const rd_kafka_message_t& message, std::vector<Out>& out,
              std::map<std::string, Time, std::less<>>& touched) {
    rd_kafka_headers_t* headers = nullptr;
    rd_kafka_message_headers(&message, &headers);
    event_.ParseFromArray(message.payload, static_cast<int>(message.len));
    auto& state = states_[event_.box_id()];
    count(state, event_.amount(), event_.tag());
    auto& lane = lanes_[message.partition];
    lane.next_offset = message.offset + 1;
    ++lane.last_heard;
    const auto now = wall_now();
    touched.insert_or_assign(event_.box_id(), now);
    out.push_back({message.partition, ++lane.seq, now, event_.box_id(), std::string(header(headers, "ce_id")),
                   counted(event_.box_id(), state, event_.tag()).SerializeAsString()});
  }

  void write(const std::vector<Out>& out, const std::map<std::string, Time, std::less<>>& touched) {
    Texts keys, states, out_keys, causations, bodies;
    Numbers times, partitions, next, last, seqs_next, chains, seqs, out_times;
    const auto micros = [](Time time) { return static_cast<std::int64_t>(time.time_since_epoch().count()); };
    for (const auto& [key, time] : touched) {
      keys.push_back(key);
      states.push_back(states_[key].SerializeAsString());
      times.push_back(micros(time));
    }
    for (const auto& [partition, lane] : lanes_) {
      if (lane.next_offset == 0) continue;
      partitions.push_back(partition);
      next.push_back(lane.next_offset);
      last.push_back(lane.last_heard);
      seqs_next.push_back(lane.seq + 1);
    }
    for (const auto& one : out) {
      chains.push_back(lanes_[one.partition].chain);
      seqs.push_back(one.seq);
      out_keys.push_back(one.key);
      causations.push_back(one.causation);
      out_times.push_back(micros(one.time));
      bodies.push_back(one.body);
    }
    using namespace postgres;  // NOLINT: encoders
    connection_.call(kStatement, text_array(keys), bytea_array(states), bigint_array(times), "t.box",
                     bigint_array(partitions), bigint_array(next), bigint_array(last), bigint_array(seqs_next),
                     bigint_array(chains), bigint_array(seqs), text_array(out_keys), text_array(causations),
                     bigint_array(out_times), bytea_array(bodies));
  }

  void send(const Out& out) {
    const auto id = eventing::event_id("beta", 1, "t.count", out.partition, out.seq);
    const auto time = format_rfc3339(out.time), seq = std::to_string(out.seq);
    const std::array<RawTopic::Header, 10> headers{{{"ce_specversion", "1.0"},
                                                    {"ce_id", id},
                                                    {"ce_source", "beta"},
                                                    {"ce_type", "loomline.kerneltest.v1.BoxCounted"},
                                                    {"ce_time", time},
                                                    {"content-type", "application/protobuf"},
                                                    {"ce_tenantid", "main"},
                                                    {"ce_causationid", out.causation},
                                                    {"ce_epoch", "1"},
                                                    {"ce_seq", seq}}};
    to_->send(out.partition, out.key, out.body, headers);
  }

  const FloorSettings& settings_;
  std::atomic<std::int64_t>& delivered_;
  postgres::Connection connection_;
  kafka::Client producer_, consumer_;
  std::optional<RawTopic> to_;
  kafka::Queue queue_;
  std::map<int, Lane> lanes_;
  std::map<std::string, BoxState, std::less<>> states_;
  BoxFilled event_;
  std::string failure_;
  std::jthread thread_;
};

EventsFloor::EventsFloor(FloorSettings settings) : settings_(std::move(settings)) {
  for (int i = 0; i < settings_.threads; ++i) shares_.push_back(std::make_unique<Share>(settings_, i, delivered_));
}
EventsFloor::~EventsFloor() = default;

std::string EventsFloor::failure() const {
  for (const auto& share : shares_)
    if (!share->failure().empty()) return share->failure();
  return {};
}

}  // namespace loomline::bench
