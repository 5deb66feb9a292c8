#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include "loomline/host/process.hpp"
#include "loomline/http/client.hpp"

namespace loomline::host {
namespace {

bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return condition();
}

class FakeFront final : public Front {
 public:
  FakeFront(std::atomic<bool>& good, std::atomic<int>& stops) : good_(good), stops_(stops) {}
  bool ready(std::string* why_not) const override {
    if (!good_ && why_not != nullptr) *why_not = "no peers yet";
    return good_;
  }
  void stop() override { ++stops_; }
  std::string address() const override { return "127.0.0.1:1"; }

 private:
  std::atomic<bool>& good_;
  std::atomic<int>& stops_;
};

class Host : public ::testing::Test {
 protected:
  Host() {
    config_.state_file = (std::filesystem::temp_directory_path() / ("loomline-" + std::to_string(getpid()))).string();
    config_.grace_seconds = 1;
  }
  Result<std::unique_ptr<Process>> start() {
    std::vector<FrontPart> fronts;
    fronts.push_back({"edge", [this](const Config&, rpc::Directory&) -> Result<std::unique_ptr<Front>> {
                        return std::unique_ptr<Front>(std::make_unique<FakeFront>(good_, stops_));
                      }});
    return Process::start(config_, {}, std::move(fronts));
  }
  std::string state() const {
    std::ifstream in(config_.state_file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Config config_;
  std::atomic<bool> good_{true};
  std::atomic<int> stops_{0};
};

TEST_F(Host, ReadinessIsSeenAtTheAdminPortAndInTheStateFile) {
  good_ = false;
  auto process = start();
  ASSERT_TRUE(process.ok()) << process.status().to_string();
  http::Client admin("http://" + (*process)->admin_address());
  auto answer = admin.get("/readyz");
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ((*answer).status, 503);
  EXPECT_NE((*answer).body.find("edge: no peers yet"), std::string::npos) << (*answer).body;
  EXPECT_EQ((*admin.get("/healthz")).status, 200);
  EXPECT_EQ(state(), "");
  good_ = true;
  EXPECT_TRUE(soon([&] { return !state().empty(); }));
  EXPECT_NE(state().find("\"edge\": \"127.0.0.1:1\""), std::string::npos) << state();
  EXPECT_NE(state().find("\"admin\": \"" + (*process)->admin_address()), std::string::npos) << state();
  EXPECT_EQ((*admin.get("/readyz")).status, 200);
  EXPECT_NE((*admin.get("/metrics")).body.find("process_resident_memory_bytes"), std::string::npos);
  EXPECT_EQ((*process)->front_address("edge"), "127.0.0.1:1");
}

TEST_F(Host, StoppingIsDoneOnceAndTakesTheStateFileAway) {
  auto process = start();
  ASSERT_TRUE(process.ok()) << process.status().to_string();
  ASSERT_TRUE(soon([&] { return !state().empty(); }));
  (*process)->stop();
  (*process)->stop();
  EXPECT_EQ(stops_, 1);
  EXPECT_EQ(state(), "");
  EXPECT_FALSE((*process)->ready());
}

TEST_F(Host, AFrontThatCannotStartFailsTheStartAndStopsTheOthers) {
  std::vector<FrontPart> fronts;
  fronts.push_back({"edge", [this](const Config&, rpc::Directory&) -> Result<std::unique_ptr<Front>> {
                      return std::unique_ptr<Front>(std::make_unique<FakeFront>(good_, stops_));
                    }});
  fronts.push_back({"second", [](const Config&, rpc::Directory&) -> Result<std::unique_ptr<Front>> {
                      return unavailable("ADDRESS_IN_USE", "The port is taken.");
                    }});
  EXPECT_EQ(Process::start(config_, {}, std::move(fronts)).status().reason(), "ADDRESS_IN_USE");
  EXPECT_EQ(stops_, 1);
}

TEST_F(Host, APeerThatIsNoAddressIsNamed) {
  config_.peers = {"intake"};
  EXPECT_EQ(start().status().code(), Code::invalid_argument);
}

TEST(Configuration, EveryMissingOrWrongFlagIsNamedAtOnce) {
  Config config;
  config.clock = "moon";
  config.tls.key = "key.pem";
  const auto status = config.check(true);
  ASSERT_FALSE(status.ok());
  std::string fields;
  for (const auto& violation : status.violations()) fields += violation.field + " ";
  EXPECT_EQ(fields, "--postgres --kafka --clock --tls-authority ");
}

TEST(Configuration, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  const std::string path = ::testing::TempDir() + "loomline.toml";
  std::ofstream(path)
      << "postgres = \"from-file\"\nkafka = \"from-file\"\ninstallation = \"from_file\"\npartitions = 3\n";
  // The test's own environment may name servers for the other tests: out of the way, and back afterwards.
  std::map<std::string, std::string> ambient;
  for (const char* name : {"LOOMLINE_POSTGRES", "LOOMLINE_KAFKA", "LOOMLINE_INSTALLATION", "LOOMLINE_PARTITIONS"}) {
    if (const char* value = std::getenv(name)) ambient[name] = value;
    unsetenv(name);
  }
  setenv("LOOMLINE_KAFKA", "from-environment", 1);
  setenv("LOOMLINE_INSTALLATION", "from-environment", 1);
  CLI::App app;
  Config config;
  add_options(app, config);
  app.parse("--config " + path + " --installation flag_");
  const auto status = read_config_file(app, config);
  EXPECT_TRUE(status.ok()) << status.to_string();
  unsetenv("LOOMLINE_KAFKA");
  unsetenv("LOOMLINE_INSTALLATION");
  for (const auto& [name, value] : ambient) setenv(name.c_str(), value.c_str(), 1);
  EXPECT_EQ(config.postgres, "from-file");
  EXPECT_EQ(config.kafka, "from-environment");
  EXPECT_EQ(config.installation, "flag_");
  EXPECT_EQ(config.partitions, 3);
  std::ofstream(path) << "kafak = \"typo\"\n";
  EXPECT_NE(read_config_file(app, config).to_string().find("'kafak' is no flag"), std::string::npos);
  config.config_file = "/nowhere/loomline.toml";
  EXPECT_EQ(read_config_file(app, config).code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::host
