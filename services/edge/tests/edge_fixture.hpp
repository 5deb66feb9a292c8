// An edge on a free port in front of fake services.
#pragma once

#include <gtest/gtest.h>

#include "fake_services.hpp"
#include "loomline/edge/edge.hpp"
#include "loomline/http/client.hpp"

namespace loomline::edge {

class EdgeTest : public testing::Test {
 protected:
  void SetUp() override {
    tracking::v1::Journey journey;
    journey.set_order_id("ord_1");
    journey.set_revision(3);
    journey.set_status(tracking::v1::JOURNEY_STATUS_ACTIVE);
    journey.set_milestone(production::v1::MILESTONE_IN_PRODUCTION);
    journey.set_zone("Asia/Shanghai");
    services.put(journey);
    services.start();
    Options options;
    options.http.stream_retry = std::chrono::milliseconds(10);
    limit(options);
    edge.emplace(options, services.peers());
    ASSERT_TRUE(edge->start().ok());
    client.emplace(edge->url());
  }

  // The tests come from one address, and fast.
  virtual void limit(Options& options) { options.limits.by_role.clear(); }

  http::Response send(std::string method, std::string target, std::string authorization = {}, std::string body = {},
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    if (!authorization.empty()) request.headers.set("Authorization", std::move(authorization));
    for (auto& [name, value] : headers) request.headers.set(name, value);
    auto response = client->request(request);
    EXPECT_TRUE(response.ok()) << response.status().to_string();
    return response.ok() ? *response : http::Response{.status = 0, .headers = {}, .body = "", .content_type = ""};
  }
  http::Response get(std::string target, std::string authorization = {}) {
    return send("GET", std::move(target), std::move(authorization));
  }
  http::Response form(std::string target, std::string body, std::string cookie = {}) {
    std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", "application/x-www-form-urlencoded"}};
    if (!cookie.empty()) headers.emplace_back("Cookie", cookie);
    return send("POST", std::move(target), {}, std::move(body), std::move(headers));
  }

  FakeServices services;
  std::optional<Edge> edge;
  std::optional<http::Client> client;
};

}  // namespace loomline::edge
