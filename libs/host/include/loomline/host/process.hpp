// Puts services into a process: starts their runtimes, registers commands and queries on one gRPC server, connects them
// to each other (in the process, or to peers), answers SystemService, serves the admin port, follows readiness, and
// stops everything in order.
//
//   int main(int argc, char** argv) { return loomline::host::run_service(argc, argv, quality::make_service,
//   quality::serve); }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/eventing/runtime.hpp"
#include "loomline/host/config.hpp"
#include "loomline/rpc/directory.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::host {

// A service with state. Its commands are registered from what make() declares, unless serve() registered the method
// itself; its queries by serve().
struct Part {
  using Make = std::function<eventing::Service()>;
  // What it is given outlives the server.
  using Serve = std::function<void(eventing::Runtime&, rpc::Server&, rpc::Directory&, const Config&)>;

  Make make;
  Serve serve;
};

// A part without state (the edge): started last, stopped first.
class Front {
 public:
  virtual ~Front() = default;
  virtual bool ready(std::string* why_not) const = 0;
  // Stops taking new work, lets what is under way end. Called once.
  virtual void stop() = 0;
  // "http" -> "127.0.0.1:8080": goes into the state file. May be empty.
  virtual std::string address() const { return {}; }
};
struct FrontPart {
  std::string name;  // "edge"
  std::function<Result<std::unique_ptr<Front>>(const Config&, rpc::Directory& peers)> start;
};

class Process {
 public:
  // Waits up to config.startup_seconds for the database and the broker. `stop_asked` is looked at meanwhile.
  static Result<std::unique_ptr<Process>> start(
      const Config& config, std::vector<Part> parts, std::vector<FrontPart> fronts,
      const std::function<bool()>& stop_asked = [] { return false; });
  ~Process();  // stops
  void stop();

  bool ready(std::string* why_not = nullptr) const;
  bool live(std::string* why_not = nullptr) const;
  // Threads in handlers that do not end; see eventing::Runtime.
  int lost_threads() const;
  rpc::Directory& directory();
  std::string grpc_address() const;
  std::string admin_address() const;  // "127.0.0.1:43211"
  // The address of a front by its name; empty where it is not here.
  std::string front_address(std::string_view name) const;

 private:
  class Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Starts the process and stays until SIGTERM or SIGINT; a second signal ends it at once. Gives the exit code: 0 stopped
// as asked, 2 the configuration is wrong, 4 it could not start. Call it before any thread exists.
int run(const Config& config, std::vector<Part> parts, std::vector<FrontPart> fronts, const std::string& name);

// The main function of one service alone: flags, --help, run().
int run_service(int argc, char** argv, const std::string& name, Part part);
int run_service(int argc, char** argv, Part::Make make, Part::Serve serve);
int run_front(int argc, char** argv, FrontPart front);

}  // namespace loomline::host
