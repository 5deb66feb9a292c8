#include "loomline/telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <mutex>

namespace loomline::telemetry {
namespace {

// Never destroyed: handles may be used by threads that outlive main's statics.
prometheus::Registry& registry() {
  static auto* instance = new prometheus::Registry();
  return *instance;
}

struct Hooks {
  std::mutex mutex;
  std::vector<std::function<void()>> before;
};
Hooks& hooks() {
  static auto* instance = new Hooks();
  return *instance;
}

std::map<std::string, std::string> as_map(const Labels& labels) { return {labels.begin(), labels.end()}; }

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void read_process() {
  static const auto memory = gauge("process_resident_memory_bytes", "Resident memory of the process in bytes");
  static const auto cpu = gauge("process_cpu_seconds_total", "User and system CPU time spent in seconds");
  static const auto peak = gauge("process_resident_memory_max_bytes", "Largest resident memory so far in bytes");
  long pages = 0;
  long resident = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> resident) {
    memory.set(static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    cpu.set(seconds(usage.ru_utime) + seconds(usage.ru_stime));
    peak.set(static_cast<double>(usage.ru_maxrss) * 1024.0);
  }
}

}  // namespace

void Counter::increment(double by) const { metric_->Increment(by); }
double Counter::value() const { return metric_->Value(); }
void Gauge::set(double value) const { metric_->Set(value); }
void Gauge::add(double by) const { metric_->Increment(by); }
double Gauge::value() const { return metric_->Value(); }
void Histogram::observe(double value) const { metric_->Observe(value); }
void Histogram::observe(std::chrono::nanoseconds duration) const {
  metric_->Observe(std::chrono::duration<double>(duration).count());
}

Counter counter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter(&prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(as_map(labels)));
}
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge(&prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(as_map(labels)));
}
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                    const Labels& labels) {
  return Histogram(&prometheus::BuildHistogram()
                        .Name(name)
                        .Help(help)
                        .Register(registry())
                        .Add(as_map(labels), buckets.empty() ? latency_buckets() : buckets));
}

const std::vector<double>& latency_buckets() {
  static const std::vector<double> buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                           0.25,   0.5,   1,      2.5,   5,    10,    30};
  return buckets;
}

void before_render(std::function<void()> read) {
  const std::lock_guard lock(hooks().mutex);
  hooks().before.push_back(std::move(read));
}

std::string render_metrics() {
  {
    const std::lock_guard lock(hooks().mutex);
    for (const auto& read : hooks().before) read();
  }
  read_process();
  return prometheus::TextSerializer().Serialize(registry().Collect());
}

}  // namespace loomline::telemetry
