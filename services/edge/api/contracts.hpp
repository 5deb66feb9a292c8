// The contracts as data: files, methods with public routes, and their comments.
#pragma once

#include <google/protobuf/descriptor.h>
#include <loomline/common/v1/http.pb.h>

#include <string>
#include <vector>

namespace loomline::edge {

// A method's public route.
struct ApiRoute {
  const google::protobuf::MethodDescriptor* method = nullptr;
  common::v1::HttpRoute http;
};

// Of every contract that is linked, ordered by path, then verb. Throws std::logic_error where a route cannot be served
// (a path field that the request lacks, a customer's route without {order_id}): the contract is wrong.
const std::vector<ApiRoute>& api_routes();

// The same contracts with their comments, for documents.
const google::protobuf::DescriptorPool& documented_pool();

// The field names in a path template.
std::vector<std::string> path_fields(const std::string& path);

}  // namespace loomline::edge
