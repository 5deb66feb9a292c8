#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "echo_fixture.hpp"

namespace loomline::rpc {
namespace {

TEST(Directory, FindsByServiceNameAndByMethod) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Directory directory;
  const auto missing = directory.call<Ping, Pong>(echo_method, ping("x"));
  EXPECT_EQ(missing.status().reason(), "PEER_UNKNOWN");
  EXPECT_NE(missing.status().message().find("--peer rpctest=HOST:PORT"), std::string::npos);
  ASSERT_TRUE(directory.add_peer("rpctest=" + echo.server->address()).ok());
  EXPECT_TRUE((directory.call<Ping, Pong>(echo_method, ping("x"))).ok());
  directory.add("rpctest", echo.local);
  EXPECT_TRUE((directory.call<Ping, Pong>(echo_method, ping("x"))).ok());
  EXPECT_EQ(directory.services(), std::vector<std::string>{"rpctest"});
  EXPECT_EQ(directory.for_method("nonsense").status().code(), Code::invalid_argument);
}

TEST(Directory, ReplicasShareCallsAndOneMayBeDown) {
  EchoServer first;
  EchoServer second;
  ASSERT_NO_FATAL_FAILURE(first.start());
  std::atomic<int> calls{0};
  second.echo = [&](const CallContext&, const Ping&) -> Result<Pong> { return ++calls, Pong(); };
  ASSERT_NO_FATAL_FAILURE(second.start());
  Directory directory;
  ASSERT_TRUE(directory.add_peer("rpctest=" + first.server->address() + "," + second.server->address()).ok());
  EXPECT_EQ(directory.replicas("rpctest").size(), 2U);
  // Both are connected in the background; until then only the first to answer is used.
  ASSERT_TRUE(soon([&] {
    return (directory.call<Ping, Pong>(echo_method, ping("x"), {.wait_for_ready = true})).ok() && calls > 0;
  }));
  first.server->shutdown();
  for (int i = 0; i < 20; ++i) {
    const auto pong = directory.call<Ping, Pong>(echo_method, ping("x"), {.idempotent = true});
    EXPECT_TRUE(pong.ok()) << pong.status().to_string();
  }
}

TEST(Directory, AnAliasLeadsToTheServiceThatServesThePackage) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Directory directory;
  directory.add("scheduling", echo.local);
  directory.alias("rpctest", "scheduling");
  EXPECT_TRUE((directory.call<Ping, Pong>(echo_method, ping("x"))).ok());
}

TEST(Directory, APeerThatIsNoAddressIsRefusedWithAnExample) {
  Directory directory;
  for (const char* bad : {"", "intake", "intake=", "=host:1", "intake=host", "intake=host:", "intake=:1"}) {
    EXPECT_EQ(directory.add_peer(bad).code(), Code::invalid_argument) << bad;
  }
}

// A throw-away authority with one certificate for both sides, made by the openssl program where there is one.
class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("loomline-tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const std::string make = "cd '" + folder_.string() +
                             "' && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 "
                             "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null";
    if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the openssl program is not here to make certificates";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  TlsFiles files() const {
    const auto cert = (folder_ / "cert.pem").string();
    return {cert, cert, (folder_ / "key.pem").string()};
  }
  std::filesystem::path folder_;
};

TEST_F(Tls, OnlyAClientWithACertificateIsServed) {
  EchoServer echo;
  echo.options.tls = files();
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const auto trusted = Channel::connect(echo.server->address(), files());
  const auto pong = trusted->call<Ping, Pong>(echo_method, ping("x"));
  EXPECT_TRUE(pong.ok()) << pong.status().to_string();
  EXPECT_EQ((echo.socket->call<Ping, Pong>(echo_method, ping("x"), {.timeout = seconds(2)})).status().code(),
            Code::unavailable);
}

TEST_F(Tls, AMissingFileIsNamed) {
  auto wrong = files();
  wrong.key = "/nowhere/key.pem";
  Server server({.tls = wrong});
  const Status status = server.start();
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_NE(status.to_string().find("/nowhere/key.pem"), std::string::npos);
  const auto channel = Channel::connect("127.0.0.1:1", wrong);
  EXPECT_EQ((channel->call<Ping, Pong>(echo_method, ping("x"))).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::rpc
