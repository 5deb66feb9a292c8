#include "loomline/host/process.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "admin.hpp"
#include "loomline/telemetry/log.hpp"
#include "register.hpp"

namespace loomline::host {
namespace {

using std::chrono::milliseconds;
namespace field = telemetry::field;

// Asking costs a query a service: often while something is waited for, seldom once it is there.
constexpr milliseconds period_while_starting{100};
constexpr milliseconds period_while_ready{1000};

rpc::Server::Options server_options(const Config& config) {
  rpc::Server::Options options;
  options.address = config.grpc_address;
  options.max_message_bytes = std::size_t{8} << 20;  // a product model is the largest request
  options.tls = config.tls_files();
  return options;
}

}  // namespace

class Process::Impl {
 public:
  explicit Impl(const Config& given) : config(given), server(server_options(given)) {}
  ~Impl() { stop(); }

  Status start(std::vector<Part> parts, std::vector<FrontPart> front_parts, const std::function<bool()>& stop_asked) {
    auto port = start_admin(
        config.admin_address, [this](std::string* why_not) { return live(why_not); },
        [this](std::string* why_not) { return ready(why_not); });
    if (!port.ok()) return port.status();
    admin = std::move(*port);
    directory.alias(package_owner.first, package_owner.second);
    for (const auto& peer : config.peers) {
      if (auto status = directory.add_peer(peer, config.tls_files()); !status.ok()) return status;
    }
    if (auto status = start_runtimes(parts, stop_asked); !status.ok()) return status;
    if (auto status = start_server(parts); !status.ok()) return status;
    if (auto status = start_fronts(front_parts); !status.ok()) return status;
    started = true;
    watcher = std::thread([this] { watch(); });
    return {};
  }

  Status start_runtimes(const std::vector<Part>& parts, const std::function<bool()>& stop_asked) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(config.startup_seconds);
    for (const auto& part : parts) {
      while (true) {
        auto runtime = eventing::Runtime::start(part.make(), config.eventing_options());
        if (runtime.ok()) {
          runtimes.push_back(std::move(*runtime));
          break;
        }
        const auto& status = runtime.status();
        if (status.code() != Code::unavailable || std::chrono::steady_clock::now() >= until) return status;
        if (stop_asked()) return Status(Code::cancelled, "STOPPED", "Asked to stop before the start was complete.");
        telemetry::log_warn("waiting for the stores", {field::status(status)});
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    }
    return {};
  }

  Status start_server(const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].serve(*runtimes[i], server, directory, config);
      register_commands(*runtimes[i], server);
    }
    if (parts.empty()) return {};
    register_system(runtimes, server);
    await_positions(runtimes, server);
    for (const auto& service : server.services()) server.finish_registration(service);
    if (auto status = server.start(); !status.ok()) return status;
    const auto channel = server.in_process_channel();
    for (const auto& runtime : runtimes) directory.add(runtime->service().name(), channel);
    return {};
  }

  Status start_fronts(const std::vector<FrontPart>& parts) {
    for (const auto& part : parts) {
      auto front = part.start(config, directory);
      if (!front.ok()) return front.status();
      fronts.emplace_back(part.name, std::move(*front));
    }
    return {};
  }

  // Readiness is looked at, not told: the health service and the state file follow it.
  void watch() {
    bool before = false;
    std::unique_lock lock(mutex);
    while (
        !wake.wait_for(lock, before ? period_while_ready : period_while_starting, [this] { return stopping.load(); })) {
      lock.unlock();
      std::string why_not;
      const bool now = ready(&why_not);
      if (now != before) {
        server.set_ready(now);
        if (now) {
          telemetry::log_info("ready", {field::id("grpc", server.address())});
          write_state();
        } else {
          telemetry::log_warn("not ready", {field::error(why_not)});
        }
      }
      before = now;
      lock.lock();
    }
  }

  void write_state() const {
    if (config.state_file.empty()) return;
    const std::string fresh = config.state_file + ".new";
    {
      std::ofstream out(fresh);
      out << "{\"pid\": " << getpid() << ", \"grpc\": \"" << server.address() << "\", \"admin\": \"" << admin_address()
          << '"';
      for (const auto& [name, front] : fronts) out << ", \"" << name << "\": \"" << front->address() << '"';
      out << "}\n";
    }
    std::rename(fresh.c_str(), config.state_file.c_str());  // readers see all of it or nothing
  }

  bool ready(std::string* why_not) const {
    if (!started || stopping) {
      if (why_not != nullptr) *why_not = stopping ? "stopping" : "starting";
      return false;
    }
    for (const auto& runtime : runtimes) {
      if (!runtime->ready(why_not)) return name_it(runtime->service().name(), why_not);
    }
    for (const auto& [name, front] : fronts) {
      if (!front->ready(why_not)) return name_it(name, why_not);
    }
    return true;
  }

  bool live(std::string* why_not) const {
    if (!started || stopping) return true;
    for (const auto& runtime : runtimes) {
      if (!runtime->live(why_not)) return name_it(runtime->service().name(), why_not);
    }
    return true;
  }

  static bool name_it(const std::string& service, std::string* why_not) {
    if (why_not != nullptr) *why_not = service + ": " + *why_not;
    return false;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      if (stopping.exchange(true)) return;
    }
    wake.notify_all();
    if (watcher.joinable()) watcher.join();
    if (!config.state_file.empty()) ::unlink(config.state_file.c_str());
    for (auto front = fronts.rbegin(); front != fronts.rend(); ++front) front->second->stop();
    server.shutdown(std::chrono::seconds(config.grace_seconds));
    std::vector<std::thread> stoppers;
    for (auto& runtime : runtimes) stoppers.emplace_back([&runtime] { runtime->stop(); });
    for (auto& stopper : stoppers) stopper.join();
    if (admin != nullptr) admin->stop(milliseconds(500));
  }

  std::string admin_address() const {
    if (admin == nullptr) return {};
    return config.admin_address.substr(0, config.admin_address.rfind(':') + 1) + std::to_string(admin->port());
  }

  const Config config;
  rpc::Directory directory;
  // Handlers of the server use the runtimes: members die from the last to the first.
  Runtimes runtimes;
  rpc::Server server;
  std::vector<std::pair<std::string, std::unique_ptr<Front>>> fronts;
  std::unique_ptr<http::Server> admin;
  std::atomic<bool> started{false};
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable wake;
  std::thread watcher;
};

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::~Process() = default;

Result<std::unique_ptr<Process>> Process::start(const Config& config, std::vector<Part> parts,
                                                std::vector<FrontPart> fronts,
                                                const std::function<bool()>& stop_asked) {
  if (auto status = config.check(!parts.empty()); !status.ok()) return status;
  auto impl = std::make_unique<Impl>(config);
  if (auto status = impl->start(std::move(parts), std::move(fronts), stop_asked); !status.ok()) return status;
  return std::unique_ptr<Process>(new Process(std::move(impl)));
}

void Process::stop() { impl_->stop(); }
bool Process::ready(std::string* why_not) const { return impl_->ready(why_not); }
bool Process::live(std::string* why_not) const { return impl_->live(why_not); }
int Process::lost_threads() const {
  int sum = 0;
  for (const auto& runtime : impl_->runtimes) sum += runtime->lost_threads();
  return sum;
}
rpc::Directory& Process::directory() { return impl_->directory; }
std::string Process::grpc_address() const { return impl_->server.address(); }
std::string Process::admin_address() const { return impl_->admin_address(); }

std::string Process::front_address(std::string_view name) const {
  for (const auto& [front, part] : impl_->fronts) {
    if (front == name) return part->address();
  }
  return {};
}

}  // namespace loomline::host
