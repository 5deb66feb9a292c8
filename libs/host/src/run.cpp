// From main() to the exit code.
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <thread>

#include "loomline/host/process.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::host {
namespace {

namespace field = telemetry::field;

enum Exit { stopped = 0, usage = 2, unavailable_stores = 4 };

// The signals are taken by waiting for them, never by a handler: all threads inherit the mask.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return set;
}

bool signalled(const sigset_t& set, long milliseconds) {
  const timespec wait{milliseconds / 1000, (milliseconds % 1000) * 1'000'000};
  return sigtimedwait(&set, nullptr, &wait) > 0;
}

void protobuf_log(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  if (level >= google::protobuf::LOGLEVEL_ERROR) telemetry::log_debug("protobuf", {field::error(message)});
}

int fail(const Status& status) {
  telemetry::log_error("cannot start", {field::status(status)});
  telemetry::flush_logs();
  std::cerr << "loomline: " << status.message() << '\n';
  for (const auto& violation : status.violations()) {
    std::cerr << "  " << violation.field << ' ' << violation.problem << ": " << violation.remedy << '\n';
  }
  return status.code() == Code::invalid_argument ? usage : unavailable_stores;
}

constexpr std::chrono::seconds longest_stop{40};

int serve_until_signal(Process& process, const sigset_t& signals) {
  while (!signalled(signals, 1000)) {
  }
  telemetry::log_info("stopping");
  // A second signal means now. The watcher is detached: it dies with the process.
  std::thread([signals] {
    while (!signalled(signals, 1000)) {
    }
    _exit(128 + SIGINT);
  }).detach();
  // Nothing keeps a process from ending: not a query that never answers, not a handler that does not end.
  std::thread([] {
    std::this_thread::sleep_for(longest_stop);
    telemetry::log_error("stopping takes too long; the process ends as it is");
    telemetry::flush_logs();
    _exit(stopped);
  }).detach();
  process.stop();
  telemetry::log_info("stopped");
  telemetry::flush_logs();
  // A thread that is still in a handler must not meet a process that is half taken down.
  if (process.lost_threads() > 0) _exit(stopped);
  return stopped;
}

int parse_and_run(int argc, char** argv, const std::string& name, std::vector<Part> parts,
                  std::vector<FrontPart> fronts) {
  CLI::App app("Loomline's service " + name + ", alone in its process. See services/" + name + "/README.md.");
  Config config;
  add_options(app, config);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? stopped : usage;
  }
  if (auto status = read_config_file(app, config); !status.ok()) return fail(status);
  return run(config, std::move(parts), std::move(fronts), name);
}

}  // namespace

int run(const Config& config, std::vector<Part> parts, std::vector<FrontPart> fronts, const std::string& name) {
  const auto signals = block_signals();
  telemetry::configure_logging(config.log_options(name));
  google::protobuf::SetLogHandler(protobuf_log);
  bool asked = false;
  try {
    auto process = Process::start(config, std::move(parts), std::move(fronts), [&] {
      asked = asked || signalled(signals, 0);
      return asked;
    });
    if (!process.ok()) return asked ? stopped : fail(process.status());
    return serve_until_signal(**process, signals);
  } catch (const std::exception& error) {
    telemetry::log_error("broken invariant", {field::error(error)});
    telemetry::flush_logs();
    std::cerr << "loomline: " << error.what() << '\n';
    return unavailable_stores;
  }
}

int run_service(int argc, char** argv, const std::string& name, Part part) {
  std::vector<Part> parts;
  parts.push_back(std::move(part));
  return parse_and_run(argc, argv, name, std::move(parts), {});
}

int run_service(int argc, char** argv, Part::Make make, Part::Serve serve) {
  const std::string name = make().name();
  return run_service(argc, argv, name, {std::move(make), std::move(serve)});
}

int run_front(int argc, char** argv, FrontPart front) {
  const std::string name = front.name;
  std::vector<FrontPart> fronts;
  fronts.push_back(std::move(front));
  return parse_and_run(argc, argv, name, {}, std::move(fronts));
}

}  // namespace loomline::host
