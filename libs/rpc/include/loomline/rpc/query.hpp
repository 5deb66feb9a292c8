// How a service registers the methods that it answers itself, one line each:
//
//   const auto api = std::make_shared<QualityApi>(runtime.reader());
//   rpc::query(server, api, &QualityApi::list_inspections);
//
// Commands need no line here: the host registers what the Service declares.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "loomline/base/status.hpp"
#include "loomline/rpc/context.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::rpc {

// The full name of the method that takes this request, as the contracts declare it beside the request. Throws
// std::logic_error where no method of that file takes it, or several do.
std::string method_of(const google::protobuf::Descriptor& request);

// "loomline.intake.v1.IntakeService.PlaceOrder" for PlaceOrderRequest.
template <class Request>
const std::string& method_of() {
  static const std::string name = method_of(*Request::descriptor());
  return name;
}

namespace detail {
// A handler wants the whole call, or of it only who it works for.
template <class First>
decltype(auto) first_argument(const CallContext& call) {
  if constexpr (std::is_same_v<std::decay_t<First>, CallContext>)
    return (call);
  else
    return First(call.caller.tenant);
}
}  // namespace detail

// Registers a member function of `api`, which the handlers own together, under the method that takes its request. Its
// first argument is the call (const CallContext&) or the tenant alone (std::string_view).
template <class Api, class First, class Request, class Response>
void query(Server& server, const std::shared_ptr<Api>& api,
           Result<Response> (Api::*handler)(First, const Request&) const) {
  server.unary<Request, Response>(method_of<Request>(),
                                  [api, handler](const CallContext& call, const Request& request) {
                                    return (api.get()->*handler)(detail::first_argument<First>(call), request);
                                  });
}
template <class Api, class First, class Request, class Response>
void query(Server& server, const std::shared_ptr<Api>& api, Result<Response> (Api::*handler)(First, const Request&)) {
  server.unary<Request, Response>(method_of<Request>(),
                                  [api, handler](const CallContext& call, const Request& request) {
                                    return (api.get()->*handler)(detail::first_argument<First>(call), request);
                                  });
}

}  // namespace loomline::rpc
