// Registration of a method by the request that it takes.
#include "loomline/rpc/query.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include "echo_fixture.hpp"

namespace loomline::rpc {
namespace {

TEST(MethodOf, is_the_one_that_takes_the_request) {
  EXPECT_EQ(method_of<Pong>(), "loomline.rpctest.v1.RawService.Send");
  EXPECT_THROW(method_of<Ping>(), std::logic_error) << "four methods take it";
  EXPECT_THROW(method_of<google::protobuf::Timestamp>(), std::logic_error) << "no method takes it";
}

struct Api {
  Result<Ping> with_call(const CallContext& call, const Pong& request) { return ping(call.method + request.text()); }
  Result<Ping> with_tenant(std::string_view tenant, const Pong& request) const {
    return ping(std::string(tenant) + "/" + request.text());
  }
};

Result<Ping> ask(Server& server) {
  EXPECT_TRUE(server.start().ok());
  Pong request;
  request.set_text("x");
  CallOptions options;
  options.caller.tenant = "acme";
  return server.in_process_channel()->call<Pong, Ping>("loomline.rpctest.v1.RawService.Send", request, options);
}

TEST(Query, gives_the_handler_the_tenant) {
  Server server({.address = ""});
  query(server, std::make_shared<Api>(), &Api::with_tenant);
  EXPECT_EQ(ask(server)->text(), "acme/x");
}

TEST(Query, or_the_whole_call) {
  Server server({.address = ""});
  query(server, std::make_shared<Api>(), &Api::with_call);
  EXPECT_EQ(ask(server)->text(), "loomline.rpctest.v1.RawService.Sendx");
}

}  // namespace
}  // namespace loomline::rpc
