// Prometheus metrics of this process. Look a handle up once (it takes a lock), keep it, use it freely from any thread:
//   static const auto placed = telemetry::counter("loomline_orders_placed_total", "Orders placed", {{"tenant",
//   "main"}}); placed.increment();
// Handles are small, copyable, and live as long as the process. The same name and labels give the same metric.
// Names follow Prometheus' rules (unit suffix, _total on counters); a wrong name or a second type throws at look-up.
// Label values are few and fixed by the code: never an id, never a person.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace loomline::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void increment(double by = 1.0) const;  // by >= 0
  double value() const;

 private:
  friend Counter counter(const std::string&, const std::string&, const Labels&);
  explicit Counter(prometheus::Counter* metric) : metric_(metric) {}
  prometheus::Counter* metric_;
};

class Gauge {
 public:
  void set(double value) const;
  void add(double by) const;
  double value() const;

 private:
  friend Gauge gauge(const std::string&, const std::string&, const Labels&);
  explicit Gauge(prometheus::Gauge* metric) : metric_(metric) {}
  prometheus::Gauge* metric_;
};

class Histogram {
 public:
  void observe(double value) const;
  void observe(std::chrono::nanoseconds duration) const;  // as seconds

 private:
  friend Histogram histogram(const std::string&, const std::string&, const std::vector<double>&, const Labels&);
  explicit Histogram(prometheus::Histogram* metric) : metric_(metric) {}
  prometheus::Histogram* metric_;
};

Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
// `buckets` are ascending upper bounds; empty: latency_buckets().
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets = {},
                    const Labels& labels = {});
// Seconds from 0.5 ms to 30 s.
const std::vector<double>& latency_buckets();

// Calls `read` before each exposition (a queue depth, a lag): set gauges in it. Runs until the process ends, from
// whichever thread renders; keep it short and capture nothing that dies earlier.
void before_render(std::function<void()> read);

// The text exposition (content type below) of everything registered, and of the process itself (memory, CPU, start).
std::string render_metrics();
inline constexpr const char* metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace loomline::telemetry
