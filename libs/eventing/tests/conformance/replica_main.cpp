// One replica of a service in a process of its own, driven over its standard input and output (replica.proto). Its
// wall clock can be put back: clock_gettime is this program's own.
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "tests/conformance/pipes.hpp"
#include "tests/conformance/replica.pb.h"
#include "tests/conformance/services.hpp"

namespace {
std::atomic<std::int64_t> clock_back_micros{0};
}

extern "C" int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, out));
  if (result == 0 && clock == CLOCK_REALTIME) {
    const auto back = clock_back_micros.load(std::memory_order_relaxed);
    out->tv_sec -= back / 1'000'000;
    out->tv_nsec -= back % 1'000'000 * 1000;
    if (out->tv_nsec < 0) {
      out->tv_nsec += 1'000'000'000;
      --out->tv_sec;
    }
  }
  return result;
}

namespace loomline::eventing::conformance {
namespace {

constexpr int kThreads = 32;  // callers at a time

class Process {
 public:
  int run() {
    ToReplica asked;
    while (read(asked)) {
      if (asked.has_begin()) begin(asked);
      else if (asked.has_arm()) arm(asked.arm());
      else if (asked.has_end()) return end(asked);
      else give_to_callers(std::move(asked));
    }
    return 0;  // the test is gone
  }

 private:
  bool read(ToReplica& message) {
    char buffer[65536];
    while (!take_framed(input_, message)) {
      const auto size = ::read(STDIN_FILENO, buffer, sizeof buffer);
      if (size <= 0) return false;
      input_.append(buffer, static_cast<std::size_t>(size));
    }
    return true;
  }
  void tell(const FromReplica& message) {
    const auto frame = framed(message);
    const std::lock_guard lock(output_mutex_);
    for (std::size_t sent = 0; sent < frame.size();) {
      const auto size = ::write(STDOUT_FILENO, frame.data() + sent, frame.size() - sent);
      if (size <= 0) std::_Exit(1);
      sent += static_cast<std::size_t>(size);
    }
  }
  void tell(std::int64_t number, const Status& status, FromReplica message = {}) {
    message.set_number(number);
    message.set_code(static_cast<int>(status.code()));
    message.set_reason(status.reason());
    message.set_message(status.message());
    tell(message);
  }

  void begin(const ToReplica& asked) {
    const auto& wanted = asked.begin();
    cured_ = wanted.cured();
    testing::use_catalog(boxes::kCatalog);
    Options options;
    options.postgres = wanted.postgres();
    options.kafka = wanted.kafka();
    options.installation = wanted.installation();
    options.instance = wanted.instance();
    options.partitions = wanted.partitions();
    const Nature nature{[](auto span) { std::this_thread::sleep_for(span); }, [this] { return cured_.load(); }};
    auto started = Runtime::start(with_nature(service_named(wanted.service()), nature), options);
    if (started.ok()) runtime_ = std::move(started).value();
    for (int i = 0; runtime_ && i < kThreads; ++i) callers_.emplace_back([this] { call(); });
    tell(asked.number(), started.status());
  }
  void arm(const Arm& wanted) {
    if (wanted.end_after_commit()) faults::exit_after_commit = true;
    if (wanted.lose_answer()) faults::lose_commit_answer = true;
    if (wanted.cured()) cured_ = true;
    clock_back_micros += wanted.clock_back_micros();
  }
  // Whoever waits for an answer gets one.
  int end(const ToReplica& asked) {
    if (runtime_) runtime_->stop();
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    some_.notify_all();
    for (auto& caller : callers_) caller.join();
    const bool lost = runtime_ && runtime_->lost_threads() > 0;
    tell(asked.number(), {});
    if (lost) std::_Exit(0);
    return 0;
  }

  void give_to_callers(ToReplica asked) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(asked));
    }
    some_.notify_one();
  }
  void call() {
    for (;;) {
      ToReplica asked;
      {
        std::unique_lock lock(mutex_);
        some_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        asked = std::move(waiting_.front());
        waiting_.pop_front();
      }
      if (asked.has_submit()) submit(asked.number(), asked.submit());
      else if (asked.has_decide()) decide(asked.number(), asked.decide());
      else tell_activity(asked.number());
    }
  }
  void submit(std::int64_t number, const Submit& wanted) {
    const Call call{"", wanted.method(), wanted.box(), wanted.tag(), wanted.amount(), wanted.key()};
    const auto response = response_of(call.method);
    const auto status = runtime_->execute(call.method, *request_of(call), *response, options_of(call.key));
    FromReplica answer;
    if (status.ok()) answer.set_total(total_of(*response));
    tell(number, status, std::move(answer));
  }
  void decide(std::int64_t number, const Decide& wanted) {
    const auto decided = wanted.replay() ? runtime_->replay(wanted.letter(), "conformance")
                                         : runtime_->drop(wanted.letter(), "conformance");
    tell(number, decided.ok() ? Status() : decided.status());
  }
  void tell_activity(std::int64_t number) {
    const auto activity = runtime_->activity();
    FromReplica answer;
    if (activity.ok()) answer.set_activity(activity->SerializeAsString());
    tell(number, activity.ok() ? Status() : activity.status(), std::move(answer));
  }

  std::string input_;
  std::mutex output_mutex_, mutex_;
  std::condition_variable some_;
  std::deque<ToReplica> waiting_;
  bool ended_ = false;
  std::atomic<bool> cured_{false};
  std::unique_ptr<Runtime> runtime_;
  std::vector<std::thread> callers_;
};

}  // namespace
}  // namespace loomline::eventing::conformance

int main() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive its test
  loomline::telemetry::LogOptions options;
  options.level = loomline::telemetry::Level::off;
  loomline::telemetry::configure_logging(loomline::telemetry::LogOptions::from_environment("conformance").file.empty()
                                             ? options
                                             : loomline::telemetry::LogOptions::from_environment("conformance"));
  return loomline::eventing::conformance::Process().run();
}
