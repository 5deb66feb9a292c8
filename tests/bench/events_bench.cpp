// Events a second through the kernel (consume, handle, state; outbox, publish) beside raw librdkafka with one array
// statement a batch, which writes the same rows and bytes: the same messages from the same topic, in turns.
//
//   events_bench [--events 100000] [--keys 2000] [--rounds 3]
//
// The first tenth of a round is not counted: connections, statements and caches are made in it.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <thread>

#include "events_floor.hpp"
#include "figure.hpp"
#include "installation.hpp"
#include "ledger.hpp"
#include "loomline/base/hash.hpp"
#include "own_cpu.hpp"
#include "raw_topic.hpp"
#include "servers_cpu.hpp"
#include "src/broker/envelope.hpp"

namespace {

using namespace loomline;  // NOLINT: a program, not a header
using Steady = std::chrono::steady_clock;
using eventing::kafka::Config;

struct Given {
  int events = 100'000, keys = 2000, rounds = 3;
};

struct Run {
  double seconds = 0, cpu = 0, database_cpu = 0, a_commit = 0;  // the last: events
};

// What another service has said before: every partition a chain without gaps.
void say(const bench::Installation& installation, const Given& given) {
  Config config(installation.options().kafka, "bench");
  config.set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "20");
  config.set("queue.buffering.max.messages", "1000000");
  const auto producer = config.producer();
  std::vector<eventing::kafka::TopicPlan> plans;
  for (const auto& topic : eventing::topic_catalog().topic())
    plans.push_back({installation.topic(topic.name()), bench::Installation::kPartitions, -1});
  eventing::kafka::ensure_topics(producer.get(), plans);
  bench::RawTopic topic(producer.get(), installation.topic("t.box"));
  std::map<int, std::int64_t> seqs;
  for (int i = 0; i < given.events; ++i) {
    eventing::Envelope envelope;
    const auto key = bench::box_name(i % given.keys);
    const int lane = lane_of(key, bench::Installation::kPartitions);
    envelope.source = "alpha", envelope.epoch = 1, envelope.seq = ++seqs[lane], envelope.tenant = "main";
    envelope.type = "loomline.kerneltest.v1.BoxFilled", envelope.causation = "bench", envelope.time = wall_now();
    envelope.id = eventing::event_id("alpha", 1, "t.box", lane, envelope.seq);
    const auto texts = eventing::to_headers(envelope);
    std::vector<bench::RawTopic::Header> headers;
    for (const auto& [name, value] : texts) headers.emplace_back(name.c_str(), value);
    topic.send(lane, key, bench::make<bench::BoxFilled>(key, 1, bench::tag_of(i)).SerializeAsString(), headers);
    if (i % 1000 == 0) rd_kafka_poll(producer.get(), 0);
  }
  if (rd_kafka_flush(producer.get(), 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error("the broker does not take the messages");
}

Run measure(const Given& given, const std::string& conninfo, const std::function<std::int64_t()>& done,
            const std::function<bool()>& at_rest) {
  postgres::Options options;
  options.conninfo = conninfo;
  postgres::Connection watcher(options);
  const auto give_up = Steady::now() + std::chrono::seconds(120);
  const auto wait = [&](const std::function<bool()>& what) {
    while (!what()) {
      if (Steady::now() > give_up)
        throw std::runtime_error("only " + std::to_string(done()) + " events are done after 120 s");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  std::int64_t first = 0;
  wait([&] { return (first = done()) >= given.events / 10; });
  const auto began = Steady::now();
  const double cpu = bench::cpu_seconds(), database = bench::database_cpu_seconds(watcher);
  wait([&] { return done() >= given.events && at_rest(); });
  const auto counted = static_cast<double>(given.events - first);
  const auto each = [&](double total) { return total / counted; };
  return {each(std::chrono::duration<double>(Steady::now() - began).count()), each(bench::cpu_seconds() - cpu),
          each(bench::database_cpu_seconds(watcher) - database)};
}

// Each must have the same rows, or the figures say nothing. Answers how many events a transaction wrote.
double check(const std::string& conninfo, const Given& given) {
  postgres::Options options;
  options.conninfo = conninfo;
  postgres::Connection connection(options);
  const auto keys = connection.exec("SELECT count(*) FROM key_state WHERE state IS NOT NULL").one().int64(0);
  const auto out = connection.exec("SELECT count(*) FROM outbox").one().int64(0);
  if (keys != given.keys || out != given.events)
    throw std::runtime_error(std::to_string(keys) + " states and " + std::to_string(out) + " events instead of " +
                             std::to_string(given.keys) + " and " + std::to_string(given.events));
  const auto transactions = connection.exec("SELECT count(DISTINCT xmin::text) FROM outbox").one().int64(0);
  return static_cast<double>(out) / static_cast<double>(transactions);
}

Run run_kernel(bench::Installation& installation, const Given& given) {
  auto runtime = installation.start(bench::counts());
  auto run = measure(given, installation.database("beta"), [&] { return runtime->steps(); },
                           [&] { return !runtime->busy(); });
  runtime.reset();
  run.a_commit = check(installation.database("beta"), given);
  return run;
}

Run run_floor(const bench::Installation& installation, const Given& given) {
  bench::Installation own;
  own.start(bench::counts());  // makes tables and chains, and ends
  bench::FloorSettings settings;
  settings.brokers = installation.options().kafka;
  settings.conninfo = own.database("beta");
  settings.from = installation.topic("t.box");
  settings.to = own.topic("t.count");
  settings.partitions = bench::Installation::kPartitions;
  Run run;
  {
    bench::EventsFloor floor(settings);
    run = measure(given, settings.conninfo, [&] {
      if (const auto failure = floor.failure(); !failure.empty()) throw std::runtime_error("floor: " + failure);
      return floor.done();
    }, [] { return true; });
  }
  run.a_commit = check(settings.conninfo, given);
  return run;
}

void say_round(int round, const char* whose, const Run& run) {
  std::printf("round %d, %s: %.0f events/s, %.1f us of CPU an event, the database's %.1f, %.0f events a commit\n", round,
              whose, 1 / run.seconds, 1e6 * run.cpu, 1e6 * run.database_cpu, run.a_commit);
  std::fflush(stdout);
}

Given read(int argc, char** argv) {
  Given given;
  for (int i = 1; i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--events") == 0) given.events = value;
    if (std::strcmp(argv[i], "--keys") == 0) given.keys = value;
    if (std::strcmp(argv[i], "--rounds") == 0) given.rounds = value;
  }
  return given;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto given = read(argc, argv);
  std::vector<double> speed, cpu, database, ours, floors, our_cpu, floor_cpu, our_database, floor_database;
  for (int round = 0; round < given.rounds; ++round) {
    bench::Installation installation;
    say(installation, given);
    // In turns, and not always the same one first.
    Run kernel, floor;
    if (round % 2 == 0) kernel = run_kernel(installation, given);
    floor = run_floor(installation, given);
    if (round % 2 == 1) kernel = run_kernel(installation, given);
    say_round(round + 1, "kernel", kernel);
    say_round(round + 1, "floor", floor);
    speed.push_back(floor.seconds / kernel.seconds), cpu.push_back(kernel.cpu / floor.cpu);
    database.push_back(kernel.database_cpu / floor.database_cpu);
    ours.push_back(1 / kernel.seconds), floors.push_back(1 / floor.seconds);
    our_cpu.push_back(1e6 * kernel.cpu), floor_cpu.push_back(1e6 * floor.cpu);
    our_database.push_back(1e6 * kernel.database_cpu), floor_database.push_back(1e6 * floor.database_cpu);
  }
  const auto beside = [](double value) { return "librdkafka + one array statement: " + bench::digits(value); };
  bench::print({"events.throughput", bench::median(ours), "events/s", beside(bench::median(floors)),
                bench::median(speed), ">= 0.5"});
  bench::print({"events.cpu", bench::median(our_cpu), "us of CPU an event", beside(bench::median(floor_cpu)),
                bench::median(cpu), "<= 2"});
  bench::print({"events.database_cpu", bench::median(our_database), "us of the database's CPU an event",
                beside(bench::median(floor_database)), bench::median(database)});
} catch (const std::exception& error) {
  std::fprintf(stderr, "events_bench: %s\n", error.what());
  return 1;
}
