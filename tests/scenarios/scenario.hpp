// Runs a scenario: a text file of events in and events out, that a planner can review.
//
//   # Comments and blank lines are skipped.
//   at 2026-03-02T08:00:00Z                     moves the business clock (the first one sets it)
//   let chr = {characteristic_id: "chr_x"}      names a piece of text; $chr stands for it from then on
//   let bike = @bicycle.txt                     the text of a file beside the scenario
//   skip WorkOrderOffered WorkOrderCompleted    events that are no part of this story
//   hear OrderPlaced {order_id: "ord_1" ...}    an event, in protobuf text form
//   again                                       the same event under the same id: a duplicate
//   call RecordMeasurements {...}               a command, by the last part of its name
//   ask GetCertificate {...}                    a query, by the last part of its name
//   answer {...}                                the answer of the last call or ask has these values
//   fail FAILED_PRECONDITION SOME_REASON        the last call or ask was refused so
//   say HoldPlaced {hold_id: "$hold" ...}       published since the last hear, call or at; the values given must match;
//                                               a string "$name" not bound yet is bound to what stands there
//   waits 1                                     so many events wait for a precondition
//
// Everything that was published must be expected: events of one type in their order, those of different types that one
// step says in any. What the service says to itself it hears at once. A piece
// in braces may run over several lines. Times, quantities, money and values of enums are written as readable.hpp says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/rpc/query.hpp"

namespace loomline::scenarios {

// A query that a scenario may ask.
struct Query {
  const google::protobuf::Message* request;
  const google::protobuf::Message* response;
  std::function<Status(const google::protobuf::Message& request, google::protobuf::Message& response)> answer;
};
// By the last part of the method's name.
using Queries = std::map<std::string, Query, std::less<>>;

// Adds a member function of a service's api, as rpc::query registers it.
template <class Api, class First, class Request, class Response>
void add_query(Queries& queries, const std::shared_ptr<Api>& api,
               Result<Response> (Api::*handler)(First, const Request&) const) {
  const auto& method = rpc::method_of<Request>();
  queries[method.substr(method.rfind('.') + 1)] = {
      &Request::default_instance(), &Response::default_instance(),
      [api, handler](const google::protobuf::Message& request, google::protobuf::Message& response) -> Status {
        const rpc::CallContext call;
        auto answer =
            (api.get()->*handler)(rpc::detail::first_argument<First>(call), static_cast<const Request&>(request));
        if (!answer.ok()) return answer.status();
        static_cast<Response&>(response) = std::move(*answer);
        return {};
      }};
}

// What a folder of scenarios is about; each tests/scenarios/<service>.cpp defines one.
struct Subject {
  std::string folder;
  std::function<eventing::Service()> make_service;
  // May be empty.
  std::function<Queries(eventing::testing::Harness&)> queries;
};
Subject subject();

// Empty where everything came as written; otherwise what differs, each with its line.
std::vector<std::string> run(const std::string& path, const Subject& subject);

// The *.scenario files of a folder beside this file ("quality"), by name.
std::vector<std::string> files(const std::string& folder);

}  // namespace loomline::scenarios
