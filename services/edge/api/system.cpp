#include "api/system.hpp"

#include <google/protobuf/descriptor.h>
#include <loomline/common/v1/system.pb.h>

#include "loomline/rpc/query.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;
using google::protobuf::Message;

// What is asked for is misspelt; that a service is away is another matter.
Status unknown_service(const rpc::Directory& peers) {
  std::string names;
  for (const auto& service : peers.services()) names += (names.empty() ? "" : ", ") + service;
  return invalid("service", "is not a service of this installation", "use one of " + names + ", or leave it out");
}

// Asks one service or all, and puts the answers together.
template <class Request, class Response>
Status list(rpc::Directory& peers, const std::string& method, const Message& request, Message& response,
            const rpc::CallOptions& options) {
  const auto& asked = static_cast<const Request&>(request);
  auto& all = static_cast<Response&>(response);
  std::vector<std::string> services = peers.services();
  if (!asked.service().empty()) services = {asked.service()};
  for (const auto& service : services) {
    const auto channel = peers.find(service);
    if (!channel.ok()) return unknown_service(peers);
    auto ask = asked;
    ask.set_service(service);
    const auto answer = (*channel)->call<Request, Response>(method, ask, options);
    if (!answer.ok()) return answer.status();
    all.MergeFrom(*answer);
  }
  return {};
}

}  // namespace

Status call_system(rpc::Directory& peers, const google::protobuf::MethodDescriptor& method, const Message& request,
                   Message& response, const rpc::CallOptions& options) {
  if (method.name() == "ListDeadLetters") {
    return list<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>(peers, method.full_name(), request, response,
                                                                         options);
  }
  if (method.name() == "ListChains") {
    return list<v1::ListChainsRequest, v1::ListChainsResponse>(peers, method.full_name(), request, response, options);
  }
  const auto* field = method.input_type()->FindFieldByName("service");
  const std::string service = request.GetReflection()->GetString(request, field);
  if (service.empty()) return invalid("service", "is missing", "name the service that it belongs to");
  const auto channel = peers.find(service);
  if (!channel.ok()) return not_found("SERVICE_UNKNOWN", "There is no service " + service + " in this installation.");
  return (*channel)->call_untyped(method.full_name(), request, response, options);
}

}  // namespace loomline::edge
