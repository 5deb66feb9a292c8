#include "api/contracts.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "api/embedded.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptorSet;

const FileDescriptorSet& descriptor_set() {
  static const FileDescriptorSet set = [] {
    FileDescriptorSet out;
    const auto bytes = embedded::descriptors();
    if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      throw std::logic_error("the embedded contracts cannot be read");
    return out;
  }();
  return set;
}

void check(const ApiRoute& route) {
  const auto fail = [&](const std::string& why) { throw std::logic_error(route.method->full_name() + ": " + why); };
  const auto fields = path_fields(route.http.path());
  for (const auto& name : fields) {
    const auto* field = route.method->input_type()->FindFieldByName(name);
    if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated())
      fail("the path needs a string field " + name);
  }
  const auto& verb = route.http.verb();
  if (verb != "GET" && verb != "POST" && verb != "PUT" && verb != "DELETE") fail("unknown verb " + verb);
  if (route.http.roles().empty()) fail("names no role");
  const auto& roles = route.http.roles();
  const bool customers = std::count(roles.begin(), roles.end(), common::v1::ROLE_CUSTOMER) > 0;
  if (customers && std::count(fields.begin(), fields.end(), "order_id") == 0) fail("customers need {order_id}");
  if (route.method->server_streaming() && verb != "GET") fail("a stream is a GET");
  if (route.method->client_streaming()) fail("streams from the client cannot be served");
}

std::vector<ApiRoute> collect() {
  std::vector<ApiRoute> routes;
  for (const auto& file : descriptor_set().file()) {
    const auto* known = DescriptorPool::generated_pool()->FindFileByName(file.name());
    if (known == nullptr) continue;
    for (int s = 0; s < known->service_count(); ++s) {
      for (int m = 0; m < known->service(s)->method_count(); ++m) {
        const auto* method = known->service(s)->method(m);
        const auto& options = method->options();
        for (int i = 0; i < options.ExtensionSize(common::v1::http); ++i)
          routes.push_back({method, options.GetExtension(common::v1::http, i)});
      }
    }
  }
  std::sort(routes.begin(), routes.end(), [](const ApiRoute& a, const ApiRoute& b) {
    return std::tie(a.http.path(), a.http.verb()) < std::tie(b.http.path(), b.http.verb());
  });
  for (const auto& route : routes) check(route);
  return routes;
}

}  // namespace

const std::vector<ApiRoute>& api_routes() {
  static const auto routes = collect();
  return routes;
}

const DescriptorPool& documented_pool() {
  static const auto* pool = [] {
    auto* out = new DescriptorPool;  // never destroyed: descriptors are handed out
    for (const auto& file : descriptor_set().file())
      if (out->BuildFile(file) == nullptr)
        throw std::logic_error("the embedded contracts do not build: " + file.name());
    return out;
  }();
  return *pool;
}

std::vector<std::string> path_fields(const std::string& path) {
  std::vector<std::string> fields;
  for (std::size_t open = path.find('{'); open != path.npos; open = path.find('{', open + 1))
    fields.push_back(path.substr(open + 1, path.find('}', open) - open - 1));
  return fields;
}

}  // namespace loomline::edge
