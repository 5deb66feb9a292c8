#include "api/system.hpp"

#include <google/protobuf/descriptor.h>
#include <loomline/common/v1/system.pb.h>

#include "loomline/rpc/query.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;
using google::protobuf::Message;

Status list_dead_letters(rpc::Directory& peers, const Message& request, Message& response,
                         const rpc::CallOptions& options) {
  const auto& asked = static_cast<const v1::ListDeadLettersRequest&>(request);
  auto& all = static_cast<v1::ListDeadLettersResponse&>(response);
  std::vector<std::string> services = peers.services();
  if (!asked.service().empty()) services = {asked.service()};
  for (const auto& service : services) {
    const auto channel = peers.find(service);
    if (!channel.ok()) return channel.status();
    auto ask = asked;
    ask.set_service(service);
    const auto answer = (*channel)->call<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>(
        rpc::method_of<v1::ListDeadLettersRequest>(), ask, options);
    if (!answer.ok()) return answer.status();
    for (const auto& letter : answer->dead_letters()) *all.add_dead_letters() = letter;
  }
  return {};
}

}  // namespace

Status call_system(rpc::Directory& peers, const google::protobuf::MethodDescriptor& method, const Message& request,
                   Message& response, const rpc::CallOptions& options) {
  if (method.name() == "ListDeadLetters") return list_dead_letters(peers, request, response, options);
  const auto* field = method.input_type()->FindFieldByName("service");
  const std::string service = request.GetReflection()->GetString(request, field);
  if (service.empty()) return invalid("service", "is missing", "name the service that the dead letter belongs to");
  const auto channel = peers.find(service);
  if (!channel.ok()) return not_found("SERVICE_UNKNOWN", "There is no service " + service + " in this installation.");
  return (*channel)->call_untyped(method.full_name(), request, response, options);
}

}  // namespace loomline::edge
