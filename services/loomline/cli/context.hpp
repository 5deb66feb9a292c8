// What every command shares: how to reach Loomline, and how to say what came of it.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "exit_code.hpp"
#include "loomline/base/status.hpp"

namespace loomline::http {
class Client;
}

namespace loomline::cli {

struct Context {
  Context(std::ostream& output_stream, std::ostream& error_stream) : out(output_stream), err(error_stream) {}

  // Flags that every command takes.
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  std::string token_file;
  std::string peer;  // HOST:PORT of an inner gRPC port: instead of the edge, for those who may reach it
  std::string output = "table";
  std::string idempotency_key;
  int timeout_seconds = 60;
  bool no_colour = false;

  std::ostream& out;
  std::ostream& err;
  // Set by the command that was chosen; gives the exit code.
  std::function<int()> action;

  bool json() const { return output == "json"; }
  bool colour() const;            // standard output is a terminal that wants colours
  bool progress_visible() const;  // standard error is a terminal

  // Says the error on standard error; gives its exit code.
  int fail(const Status& status) const;
  // The message as JSON on standard output.
  void print(const google::protobuf::Message& message) const;

  // Calls a method of the contracts, by its public route or (with `peer`) directly. Writes carry an idempotency key, so
  // that they and reads may be, and are, tried again where the connection was lost.
  Status call_untyped(std::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message& response) const;
  template <class Response, class Request>
  Result<Response> call(std::string_view method, const Request& request) const {
    Response response;
    if (auto status = call_untyped(method, request, response); !status.ok()) return status;
    return response;
  }

  // A client of the edge with the token set; invalid_argument where the token file cannot be read.
  Result<std::unique_ptr<http::Client>> client() const;
  // The bearer token, from the flag or the file; empty where there is none.
  Result<std::string> credential() const;

 private:
  Status over_http(std::string_view method, const google::protobuf::Message& request,
                   google::protobuf::Message& response) const;
  Status over_grpc(std::string_view method, const google::protobuf::Message& request,
                   google::protobuf::Message& response) const;
};

// Reads a message of the contracts from a JSON file; "-" is standard input. invalid_argument names file and place.
Status read_message(const std::string& path, google::protobuf::Message& message);
Result<std::string> read_file(const std::string& path);

}  // namespace loomline::cli
