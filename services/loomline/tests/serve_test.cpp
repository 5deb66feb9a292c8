// All services in one process on the real broker and database, and the command line against their doors.
#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "cli/commands.hpp"
#include "loomline/host/process.hpp"
#include "loomline/postgres/connection.hpp"
#include "loomline/telemetry/log.hpp"
#include "targets.hpp"

namespace loomline {
namespace {

class Serve : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* postgres = std::getenv("LOOMLINE_POSTGRES");
    const char* kafka = std::getenv("LOOMLINE_KAFKA");
    if (postgres == nullptr || kafka == nullptr) {
      GTEST_SKIP() << "set LOOMLINE_POSTGRES and LOOMLINE_KAFKA (deploy/local env prints them)";
    }
    telemetry::configure_logging({.service = "serve_test", .level = telemetry::Level::warn});
    config_.postgres = postgres;
    config_.kafka = kafka;
    config_.installation = "serve" + std::to_string(getpid()) + "_";
    config_.partitions = 2;
    config_.http_address = "127.0.0.1:0";
    auto chosen = cli::targets("all");
    ASSERT_TRUE(chosen.ok());
    auto process = host::Process::start(config_, std::move((*chosen).services), std::move((*chosen).fronts));
    ASSERT_TRUE(process.ok()) << process.status().to_string();
    process_ = std::move(*process);
    std::string why_not;
    for (int i = 0; i < 600 && !process_->ready(&why_not); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_TRUE(process_->ready(&why_not)) << why_not;
  }

  void TearDown() override {
    if (process_ == nullptr) return;
    process_.reset();
    postgres::Options admin;
    admin.conninfo = config_.postgres;
    postgres::Connection connection(admin);
    for (const char* service : {"intake", "configuration", "scheduling", "quality", "aftersales", "tracking"}) {
      connection.exec_script("DROP DATABASE IF EXISTS " + config_.installation + service + " WITH (FORCE)");
    }
  }

  struct Ran {
    int code;
    std::string out, err;
  };
  static Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), "loomline");
    std::ostringstream out;
    std::ostringstream err;
    cli::Context context(out, err);
    const auto app = cli::make_app(context);
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    const int code = cli::run(*app, context, static_cast<int>(argv.size()), argv.data());
    return {code, out.str(), err.str()};
  }
  Ran edge(std::vector<std::string> words, const std::string& token) {
    words.insert(words.end(), {"--url", process_->front_address("edge"), "--token", token});
    return run(std::move(words));
  }

  host::Config config_;
  std::unique_ptr<host::Process> process_;
};

TEST_F(Serve, TheFirstTokenIsMadeInsideAndOpensTheDoorsThatItsRoleNames) {
  auto made = run({"token", "create", "--role", "staff", "--secret-only", "--peer", process_->grpc_address()});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string staff = made.out.substr(0, made.out.find('\n'));
  EXPECT_EQ(staff.substr(0, 4), "lmt_");

  EXPECT_EQ(edge({"token", "list"}, "lmt_wrong").code, 5);
  const auto list = edge({"token", "list"}, staff);
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_NE(list.out.find("staff"), std::string::npos) << list.out;

  made = edge({"token", "create", "--role", "mes", "--secret-only"}, staff);
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(edge({"token", "list"}, made.out.substr(0, made.out.find('\n'))).code, 5);

  const auto unknown = edge({"order", "show", "ord_nothing"}, staff);
  EXPECT_EQ(unknown.code, 3) << unknown.err;
  EXPECT_EQ(edge({"plan", "show", "plt_nothing"}, staff).code, 3);
  EXPECT_EQ(edge({"ticket", "show", "tkt_nothing"}, staff).code, 3);
  EXPECT_EQ(edge({"model", "show", "mdl_nothing"}, staff).code, 3);
  EXPECT_EQ(edge({"order", "list"}, staff).code, 0);
  EXPECT_EQ(edge({"journey", "rebuild"}, staff).code, 0);
  EXPECT_EQ(edge({"dead-letter", "list"}, staff).code, 0);
  EXPECT_EQ(run({"dead-letter", "list", "--service", "intake", "--peer", process_->grpc_address()}).code, 0);
  EXPECT_EQ(edge({"dead-letter", "replay", "dlq_nothing", "--service", "intake"}, staff).code, 3);
  const auto chains = edge({"chain", "show", "--topic", "loomline.intake.order"}, staff);
  EXPECT_EQ(chains.code, 0) << chains.err;
  EXPECT_NE(chains.out.find("loomline.intake.order/0"), std::string::npos) << chains.out;
  EXPECT_EQ(edge({"chain", "refill", "--service", "intake", "--topic", "no.such", "--partition", "0"}, staff).code, 3);
}

}  // namespace
}  // namespace loomline
