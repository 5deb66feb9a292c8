// HTTP requests into request messages, messages into JSON.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "api/contracts.hpp"
#include "loomline/base/status.hpp"
#include "loomline/http/message.hpp"

namespace loomline::edge {

// An empty message of a contract's type.
std::unique_ptr<google::protobuf::Message> make_message(const google::protobuf::Descriptor& type);

// invalid_argument, to be answered with 415, where the body is not plain JSON: it would be no use to parse it.
Status check_representation(const http::Request& request);

// Body (POST, PUT) or query (GET, DELETE), then the fields in the path. invalid_argument names every field that is
// wrong.
Status read_request(const ApiRoute& route, const http::Request& request, google::protobuf::Message& message);

// Field names as in the contracts (snake_case), defaults included, 64-bit integers as strings (ProtoJSON).
std::string to_json(const google::protobuf::Message& message);

}  // namespace loomline::edge
