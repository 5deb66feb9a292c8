// A private installation on the real servers: databases and topics with a prefix of their own, dropped afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "loomline/base/id.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/postgres/connection.hpp"
#include "tests/boxes.hpp"

namespace loomline::eventing {

using namespace boxes;  // NOLINT: test vocabulary

inline FillRequest fill(const std::string& box, std::int64_t amount, const std::string& tag = "t") {
  FillRequest request;
  request.set_box_id(box);
  request.set_amount(amount);
  request.set_tag(tag);
  return request;
}

class RigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* postgres = std::getenv("LOOMLINE_POSTGRES");
    const char* kafka = std::getenv("LOOMLINE_KAFKA");
    if (postgres == nullptr || kafka == nullptr) {
      GTEST_SKIP() << "set LOOMLINE_POSTGRES (conninfo) and LOOMLINE_KAFKA (bootstrap servers)";
    }
    testing::use_catalog(kCatalog);
    options_.postgres = postgres;
    options_.kafka = kafka;
    options_.installation = "kt" + random_hex128().substr(0, 10) + "_";
    options_.partitions = 4;
  }

  void TearDown() override {
    if (options_.installation.empty()) return;
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection connection(admin);
    for (const char* service : {"alpha", "beta"}) {
      connection.exec_script("DROP DATABASE IF EXISTS " + options_.installation + service + " WITH (FORCE)");
    }
  }

  std::unique_ptr<Runtime> start(Service service, const std::string& instance = "") {
    auto options = options_;
    options.instance = instance;
    auto runtime = Runtime::start(std::move(service), options);
    if (!runtime.ok()) throw std::runtime_error(runtime.status().to_string());
    return std::move(runtime).value();
  }

  static bool eventually(const std::function<bool()>& what, int seconds = 20) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < deadline) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return what();
  }

  static BoxState state_of(Runtime& runtime, const std::string& kind, const std::string& key) {
    BoxState state;
    (void)runtime.reader().get("main", kind, key, state);
    return state;
  }

  postgres::Connection database(const std::string& service) const {
    postgres::Options options;
    options.conninfo = postgres::with_database(options_.postgres, options_.installation + service);
    return postgres::Connection(options);
  }

  Options options_;
};

}  // namespace loomline::eventing
