// The server's inside: what is registered, and the calls that are alive.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "loomline/base/worker_pool.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/telemetry/metrics.hpp"

namespace loomline::rpc {

class LocalCalls;
class StreamCall;

// Threads for the handlers of `service`, which names their log lines; `limit` tasks may wait beside those that run.
std::unique_ptr<WorkerPool> make_pool(const std::string& service, int threads, std::size_t limit);

// Counts and times of one method. A counter is made when its code first occurs: most never do.
class MethodMetrics {
 public:
  explicit MethodMetrics(std::string method);
  void record(Code code, std::chrono::steady_clock::time_point begun);

 private:
  struct Slot {
    std::once_flag made;
    std::optional<telemetry::Counter> counter;
  };
  const std::string method_;
  std::array<Slot, static_cast<std::size_t>(Code::unauthenticated) + 1> by_code_;
  const telemetry::Histogram seconds_;
};

struct Method {
  std::string name;
  const google::protobuf::Message* request = nullptr;
  const google::protobuf::Message* response = nullptr;
  std::function<Status(const CallContext&, const google::protobuf::Message&, google::protobuf::Message&)> unary;
  std::function<Status(const CallContext&, const google::protobuf::Message&, std::shared_ptr<Stream>)> stream;
  WorkerPool* pool = nullptr;
  std::string folder;  // of its service: names its log lines
  std::unique_ptr<MethodMetrics> metrics;
};

class Server::Impl final : public grpc::CallbackGenericService {
 public:
  explicit Impl(Options options);

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

  Status start();
  void shutdown(Duration grace);
  void serving(bool ready);

  // False where the server is draining: the call must be refused.
  bool enter(StreamCall* call);
  void leave(StreamCall* call);

  const Options options;
  std::map<std::string, Method, std::less<>> methods;        // by full protobuf name
  std::map<std::string, std::unique_ptr<WorkerPool>> pools;  // by service
  std::unique_ptr<WorkerPool> streams;                       // blocking stream handlers
  std::unique_ptr<WorkerPool> notifiers;                     // on_gone callbacks
  std::unique_ptr<grpc::Server> server;
  const std::shared_ptr<LocalCalls> local;                   // blocking calls from this process
  std::set<std::string> services;
  std::function<Status(const CallContext&)> before_each;
  int port = 0;
  bool started = false;

 private:
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::set<StreamCall*> live_;
};

// Reads the request and answers it on the method's pool; deletes itself.
grpc::ServerGenericBidiReactor* begin_unary(Server::Impl& server, const Method& method,
                                            grpc::GenericCallbackServerContext* context);
grpc::ServerGenericBidiReactor* begin_stream(Server::Impl& server, const Method& method,
                                             grpc::GenericCallbackServerContext* context);
// Ends a call at once with `status`.
grpc::ServerGenericBidiReactor* refuse(const Status& status);

// Not ok where a call that waited in a queue need not be answered any more: the caller has left, or its time is over.
Status still_wanted(const CallContext& call);
Status server_busy();
Status shutting_down();

// Runs what comes before each handler, then `handler`, turning an exception into INTERNAL with a log line.
Status guarded(const Server::Impl& server, const CallContext& call, const std::function<Status()>& handler);

}  // namespace loomline::rpc
