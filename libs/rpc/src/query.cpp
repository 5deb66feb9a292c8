#include "loomline/rpc/query.hpp"

#include <stdexcept>

namespace loomline::rpc {

std::string method_of(const google::protobuf::Descriptor& request) {
  const google::protobuf::MethodDescriptor* found = nullptr;
  const auto& file = *request.file();
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const auto* method = file.service(s)->method(m);
      if (method->input_type() != &request) continue;
      if (found != nullptr)
        throw std::logic_error(request.full_name() + " is taken by " + found->full_name() + " and by " +
                               method->full_name() + "; name the method");
      found = method;
    }
  }
  if (found == nullptr) throw std::logic_error("no method of " + file.name() + " takes " + request.full_name());
  return found->full_name();
}

}  // namespace loomline::rpc
