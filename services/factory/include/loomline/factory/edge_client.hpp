// Calls methods of the contracts through the public HTTP interface, by the routes that the contracts declare: what a
// MES, a carrier, a portal or a person's tool does. Not thread-safe.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::http {
class Client;
}

namespace loomline::factory {

// How a request travels: made from the method's route and the message. Fields in the path leave the body; GET and
// DELETE carry the others in the query.
struct Travel {
  std::string verb, target, body;
};
// invalid_argument where the method is unknown or has no public route, or a path field is empty.
Result<Travel> travel_of(std::string_view method, const google::protobuf::Message& request);

class EdgeClient {
 public:
  // `token` empty: no credential is sent.
  EdgeClient(std::string base_url, std::string token);
  ~EdgeClient();
  EdgeClient(EdgeClient&&) noexcept;

  // "loomline.intake.v1.IntakeService.PlaceOrder". The error is what the edge answered. With an idempotency key, and
  // for GET, a lost connection or a busy server is tried again for up to a minute.
  Status call_untyped(std::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message& response, const std::string& idempotency_key = {});
  template <class Response, class Request>
  Result<Response> call(std::string_view method, const Request& request, const std::string& idempotency_key = {}) {
    Response response;
    if (auto status = call_untyped(method, request, response, idempotency_key); !status.ok()) return status;
    return response;
  }

  // From now on what it does is answered only when all that follows from it is done, at most `wait` later; `heard`
  // gets what the answer's "Loomline-Quiet" says.
  void wait_quiet(std::chrono::milliseconds wait, std::function<void(std::string_view)> heard);
  void wait_no_more();

  std::size_t calls() const { return calls_; }
  // Calls that may have changed something: all but GET.
  std::size_t writes() const { return writes_; }

 private:
  std::unique_ptr<http::Client> client_;
  std::string token_;
  std::size_t calls_ = 0, writes_ = 0;
  std::string wait_quiet_;
  std::function<void(std::string_view)> heard_quiet_;
};

}  // namespace loomline::factory
