// What a plant costs by how many orders are open at it: a quote, an order placed, one that another replica placed, an
// operation reported. The production handlers, on the harness in memory (no database, no broker): CPU time of the
// process, and the bytes that a step leaves to be written (the root state, the parts it touched, the facts it says).
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>
#include <vector>

#include "api/scheduling_api.hpp"
#include "domain/plant_view.hpp"
#include "domain/unit_facts.hpp"
#include "figure.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/scheduling/service.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words
using eventing::testing::Harness;
using std::chrono::hours;

const Time kStart = parse_rfc3339("2026-03-02T06:00:00Z").value();

template <class Message>
Message text(const std::string& content) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(content, &message)) throw std::logic_error("bad text: " + content);
  return message;
}

// Two shifts on weekdays. The test rigs are the bottleneck: one hour an order on two of them, 160 hours a week, so that
// 10,000 orders are 62 weeks of work.
v1::Plant bench_plant() {
  auto plant = text<v1::Plant>(R"(
    plant_id: "plt_b" name {en: "Bench"} zone: "Europe/Berlin" country: "DE"
    calendars {calendar_id: "two-shift" shifts {weekdays: [1, 2, 3, 4, 5] start_minute: 360 end_minute: 1320}}
    operators {operator_class: "fitter" count: 6 calendar_id: "two-shift"}
    default_supply_hours: 48 allowance_permille: 50
    transport {country: "DE" typical_hours: 24 p95_hours: 36 carrier: "carrier-road"})");
  for (const auto& [name, count] :
       {std::pair("saw", 2), std::pair("cell", 4), std::pair("rig", 2), std::pair("dock", 1)})
    for (int i = 1; i <= count; ++i) {
      auto& machine = *plant.add_equipment();
      machine.set_equipment_id(std::string(name) + "-" + std::to_string(i));
      machine.set_equipment_class(name);
      machine.set_calendar_id("two-shift");
    }
  return plant;
}

ManufacturingSpec bench_spec() {
  return text<ManufacturingSpec>(R"(
    model_id: "mdl_x" product_name {en: "Frame"} plant_ids: "plt_b"
    bom {item {item_id: "itm_bar"} name {en: "Bar"} quantity {value: 1 unit: "C62"} op_id: "op_saw"}
    bom {item {item_id: "itm_motor"} name {en: "Motor"} quantity {value: 1 unit: "C62"} op_id: "op_fit"}
    operations {op_id: "op_saw" name {en: "Saw"} equipment_class: "saw" run_seconds: 1800 milestone: MILESTONE_IN_PRODUCTION}
    operations {op_id: "op_wire" name {en: "Wire"} equipment_class: "cell" operator_class: "fitter" run_seconds: 2400 predecessors: "op_saw"}
    operations {op_id: "op_fit" name {en: "Fit"} equipment_class: "cell" operator_class: "fitter" setup_seconds: 600 run_seconds: 3000
                predecessors: "op_saw" milestone: MILESTONE_IN_PRODUCTION}
    operations {op_id: "op_test" name {en: "Test"} equipment_class: "rig" run_seconds: 3600 predecessors: "op_fit" predecessors: "op_wire"
                milestone: MILESTONE_INSPECTED}
    operations {op_id: "op_label" name {en: "Label"} run_seconds: 300 predecessors: "op_test"}
    operations {op_id: "op_pack" name {en: "Pack"} equipment_class: "dock" run_seconds: 900 predecessors: "op_label" milestone: MILESTONE_PACKED})");
}

constexpr std::size_t kCollections = 11;  // of a plant's parts

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Sample {
  std::vector<double> us, bytes;
  void add(const Sample& more) {
    us.insert(us.end(), more.us.begin(), more.us.end());
    bytes.insert(bytes.end(), more.bytes.begin(), more.bytes.end());
  }
  static double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  static double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const auto value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
  }
  static double highest(const std::vector<double>& values) {
    return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  }
};

class Bench {
 public:
  Bench() : harness_(make_service(), kStart) {
    v1::PublishPlantRequest request;
    *request.mutable_plant() = bench_plant();
    execute<v1::PublishPlantResponse>("loomline.scheduling.v1.SchedulingService.PublishPlant", request);
  }

  void fill(int orders) {
    while (placed_ < orders) place();
    harness_.take();
  }

  Sample quotes(int count) {
    api::SchedulingApi api(harness_, harness_);
    v1::QuotePromiseRequest request;
    request.set_country("DE");
    request.set_zone("Europe/Berlin");
    auto& line = *request.add_lines();
    line.set_line_id("lin_q");
    line.set_quantity(1);
    *line.mutable_spec() = bench_spec();
    Sample sample;
    for (int i = 0; i < count; ++i) {
      const auto began = cpu_us();
      if (!api.quote_promise("main", request).ok()) throw std::runtime_error("no quote");
      sample.us.push_back(cpu_us() - began);
    }
    return sample;
  }

  Sample demands(int count) {
    Sample sample;
    for (int i = 0; i < count; ++i) measure(sample, [&] { place(); });
    return sample;
  }

  // Another replica brings its plan up to orders that were placed here.
  Sample follows(int count) {
    auto known = harness_.snapshot("main", "plant", "plt_b").value();
    const auto board = domain::make_board(known->state<state::v1::Plant>(), known->all_parts());
    Sample sample;
    for (int i = 0; i < count; ++i) {
      place();
      harness_.take();
      const auto next = harness_.snapshot("main", "plant", "plt_b").value();
      const auto changed = differing(known->all_parts(), next->all_parts());
      const auto began = cpu_us();
      domain::follow_parts(*board, next->state<state::v1::Plant>(), next->all_parts(), changed);
      sample.us.push_back(cpu_us() - began);
      known = next;
    }
    return sample;
  }

  // A floor that does what is planned, in order; what it does takes the time planned, or up to `percent` more or less.
  void work(int reports, int percent, Sample& starts, Sample& ends) {
    off_ = percent;
    for (int i = 0; i < reports; ++i) {
      const auto next = view().board().plan->starting(Time::min(), planning::kNever, 1);
      const bool end = !running_.empty() && (next.empty() || running_.begin()->first <= next[0].operation.start);
      // What is late holds up what waits for it.
      if (end || (!next.empty() && !allowed(next[0])))
        finish(ends);
      else if (!next.empty())
        start(next[0], starts);
    }
  }

  double restart_ms() {
    const auto began = cpu_us();
    harness_.restart();
    return (cpu_us() - began) / 1000;
  }
  bool count_bytes = false;
  std::size_t root_bytes() { return view().state().ByteSizeLong(); }

 private:
  struct Running {
    std::string work_order_id, op_id;
  };

  template <class Response, class Request>
  Response execute(const std::string& method, const Request& request) {
    auto answer = harness_.execute<Response>(method, request, {});
    if (!answer.ok()) throw std::runtime_error(answer.status().to_string());
    return *answer;
  }

  domain::PlantView view() { return domain::PlantView(harness_.snapshot("main", "plant", "plt_b").value()); }

  void place() {
    v1::DemandPlaced event;
    const auto number = std::to_string(1'000'000 + ++placed_);
    event.set_plant_id("plt_b");
    event.set_order_id("ord_01KJQKGYG006HEXZB13N" + number);
    event.set_line_id("lin_01KJQKGYG006HEXZB13N" + number);
    *event.mutable_spec() = spec_;
    event.set_quantity(1);
    event.set_country("DE");
    event.set_zone("Europe/Berlin");
    if (harness_.deliver(event, "scheduling").kind() != eventing::Verdict::Kind::applied)
      throw std::runtime_error("an order was not placed");
  }

  // Either the time or the bytes: to find these, all parts are walked, which leaves the caches full of them.
  void measure(Sample& sample, const std::function<void()>& step) {
    if (!count_bytes) {
      harness_.take();
      const auto began = cpu_us();
      step();
      sample.us.push_back(cpu_us() - began);
      return;
    }
    const auto before = harness_.snapshot("main", "plant", "plt_b").value();
    harness_.take();
    step();
    sample.bytes.push_back(static_cast<double>(written_since(*before)));
  }

  static std::vector<eventing::PartStore::Name> differing(const eventing::PartStore& before,
                                                          const eventing::PartStore& after) {
    std::vector<eventing::PartStore::Name> names;
    for (std::size_t c = 0; c < kCollections; ++c) {
      for (const auto entry : after.map(c))
        if (before.find(c, entry.key) != entry.value.get()) names.emplace_back(c, entry.key);
      for (const auto entry : before.map(c))
        if (after.find(c, entry.key) == nullptr) names.emplace_back(c, entry.key);
    }
    return names;
  }

  std::size_t written_since(const eventing::Snapshot& before) {
    const auto after = harness_.snapshot("main", "plant", "plt_b").value();
    auto bytes = after->state<state::v1::Plant>().ByteSizeLong();
    for (std::size_t c = 0; c < kCollections; ++c)
      for (const auto entry : after->all_parts().map(c))
        if (before.all_parts().find(c, entry.key) != entry.value.get())
          bytes += entry.key.size() + entry.value->ByteSizeLong();
    for (const auto& event : harness_.take()) bytes += event->ByteSizeLong();
    return bytes;
  }

  void report(const Running& what, OperationState state, Time at, Sample& sample) {
    harness_.advance_to(at);
    ReportOperationsRequest request;
    request.set_plant_id("plt_b");
    auto& report = *request.add_reports();
    report.set_work_order_id(what.work_order_id);
    report.set_revision(1);
    report.set_op_id(what.op_id);
    report.set_report_number(state == OPERATION_STATE_RUNNING ? 1 : 2);
    report.set_state(state);
    *report.mutable_occurred_at() = wire::to_timestamp(harness_.now());
    report.set_good_quantity(state == OPERATION_STATE_ENDED ? 1 : 0);
    measure(sample, [&] {
      const auto answer =
          execute<ReportOperationsResponse>("loomline.production.v1.ProductionService.ReportOperations", request);
      if (answer.ignored_size() > 0) throw std::runtime_error("a report was ignored: " + answer.ignored(0).reason());
    });
  }

  domain::WorkOrder work_order_of(const planning::Listed& next) {
    const auto plant = view();
    const auto* name = plant.board().index.unit_by_number.find(domain::number_of(next.job_id).value());
    return plant.parts_of<domain::Unit>().find(*name)->work_orders(0);
  }
  bool allowed(const planning::Listed& next) {
    const auto work_order = work_order_of(next);
    return std::any_of(work_order.operations().begin(), work_order.operations().end(), [&](const auto& op) {
      return op.op_id() == next.operation.op_id && op.state() == OPERATION_STATE_ALLOWED_TO_START;
    });
  }

  void start(const planning::Listed& next, Sample& sample) {
    const Running what{work_order_of(next).work_order_id(), next.operation.op_id};
    const auto at = std::max(harness_.now(), next.operation.start);
    report(what, OPERATION_STATE_RUNNING, at, sample);
    const auto length = next.operation.finish - next.operation.start;
    const auto percent = 100 - off_ + static_cast<int>((++begun_ * 7919) % (2 * off_ + 1));
    running_.emplace(at + length * percent / 100, what);
  }

  void finish(Sample& sample) {
    const auto [at, what] = *running_.begin();
    running_.erase(running_.begin());
    report(what, OPERATION_STATE_ENDED, std::max(harness_.now(), at), sample);
  }

  Harness harness_;
  ManufacturingSpec spec_ = bench_spec();
  int placed_ = 0, begun_ = 0, off_ = 0;
  std::multimap<Time, Running> running_;
};

struct Row {
  int orders;
  Sample quote, demand, follow, start, end, late_start, late_end;
  double restart_ms = 0;
  std::size_t root = 0;
};

Row run(int orders) {
  Bench bench;
  bench.fill(orders);
  Row row{orders, {}, {}, {}, {}, {}, {}, {}, 0, 0};
  bench.work(60, 0, row.start, row.end);  // the floor is in its stride
  row.start = row.end = {};
  bench.quotes(10);
  row.quote = bench.quotes(200);
  row.follow = bench.follows(100);
  for (const bool bytes : {false, true}) {
    bench.count_bytes = bytes;
    row.demand.add(bench.demands(bytes ? 20 : 200));
    bench.work(bytes ? 60 : 1000, 0, row.start, row.end);
    bench.work(bytes ? 60 : 300, 10, row.late_start, row.late_end);
  }
  row.root = bench.root_bytes();
  row.restart_ms = bench.restart_ms();
  return row;
}

void print(const char* what, const char* name, const std::vector<Row>& rows, Sample Row::*sample) {
  const auto first = Sample::median((rows.front().*sample).us);
  for (const auto& row : rows) {
    const auto& s = row.*sample;
    const auto median = Sample::median(s.us);
    std::printf("%-18s %8d %10.0f %10.0f %10.0f %8.2f %10.0f %10.0f\n", what, row.orders, median, Sample::mean(s.us),
                Sample::highest(s.us), median / first, Sample::median(s.bytes), Sample::highest(s.bytes));
  }
  const auto most = Sample::median((rows.back().*sample).us);
  bench::print({std::string("plant.") + name, most, "us with " + std::to_string(rows.back().orders) + " orders open",
                "with " + std::to_string(rows.front().orders) + ": " + bench::digits(first), most / first});
}

}  // namespace
}  // namespace loomline::scheduling

// plant_bench [open orders...]
int main(int argc, char** argv) {
  using namespace loomline::scheduling;  // NOLINT
  std::vector<int> sizes{100, 1000, 10'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(std::stoi(argv[i]));
  std::vector<Row> rows;
  for (const int orders : sizes) rows.push_back(run(orders));
  std::printf("%-18s %8s %10s %10s %10s %8s %10s %10s\n", "step", "open", "median us", "mean us", "most us", "ratio",
              "bytes", "most bytes");
  print("quote", "quote", rows, &Row::quote);
  print("order placed", "order_placed", rows, &Row::demand);
  print("placed elsewhere", "order_followed", rows, &Row::follow);
  print("operation started", "operation_started", rows, &Row::start);
  print("operation ended", "operation_ended", rows, &Row::end);
  // On machines that are booked without a gap, what is late by a minute moves everything after it.
  print("started, +-10 %", "started_late", rows, &Row::late_start);
  print("ended, +-10 %", "ended_late", rows, &Row::late_end);
  for (const auto& row : rows)
    std::printf("%d open: root state %zu bytes; read again from what is stored in %.0f ms\n", row.orders, row.root,
                row.restart_ms);
}
