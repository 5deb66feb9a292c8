#include "loomline/telemetry/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "loomline/telemetry/trace.hpp"

namespace loomline::telemetry {
namespace {

class Log : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("loomline-log-" + std::to_string(getpid()) + ".jsonl");
    std::filesystem::remove(path_);
    open(LogFormat::json);
  }
  void TearDown() override {
    configure_logging({});
    std::filesystem::remove(path_);
  }
  void open(LogFormat format, Level level = Level::debug) {
    configure_logging({.service = "intake", .level = level, .format = format, .file = path_.string()});
  }
  std::vector<std::string> lines() const {
    flush_logs();
    std::vector<std::string> all;
    std::ifstream in(path_);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  std::string only_line() const {
    return lines().size() == 1 ? lines().front() : "lines: " + std::to_string(lines().size());
  }
  std::filesystem::path path_;
};

bool has(const std::string& line, const std::string& part) { return line.find(part) != std::string::npos; }

TEST_F(Log, OneLineIsOneObjectWithTraceAndTypedFields) {
  const auto trace = TraceContext::root();
  const TraceScope scope(trace);
  log_info("order placed", {field::id("order_id", "ord_01HF7YAT00N9QJ4V8Z0K3C5T7R"), field::number("lines", 3),
                            field::flag("rush", true), field::millis("took_ms", std::chrono::microseconds(1500))});
  const auto line = only_line();
  EXPECT_EQ(line.front(), '{');
  EXPECT_EQ(line.back(), '}');
  EXPECT_TRUE(has(line, R"("level":"info","service":"intake","message":"order placed")")) << line;
  EXPECT_TRUE(has(line, "\"trace_id\":\"" + trace.trace_id_hex() + "\"")) << line;
  EXPECT_TRUE(has(line, R"("order_id":"ord_01HF7YAT00N9QJ4V8Z0K3C5T7R","lines":3,"rush":true,"took_ms":1.5)")) << line;
}

TEST_F(Log, FreeTextAndAddressesCannotPassAsIdentifiers) {
  log_info("seen", {field::id("a", "Anna Example wants red"), field::id("b", "anna@example.com"),
                    field::id("c", std::string(300, 'x')), field::id("d", "\"},{"), field::id("e", "10.0.0.1:5432")});
  EXPECT_TRUE(
      has(only_line(), R"("a":"[redacted]","b":"[redacted]","c":"[redacted]","d":"[redacted]","e":"10.0.0.1:5432")"))
      << only_line();
}

TEST_F(Log, WhatADriverSaysIsMasked) {
  log_error("insert failed",
            {field::error("ERROR: duplicate key\nDETAIL: Key (email, phone)=(a@b.example, +49 170 1234567) exists; ask "
                          "anna.b@example.com or 01701234567, see \"row\"")});
  const auto line = only_line();
  EXPECT_TRUE(has(line, "Key (email, phone)=(...) exists; ask [mail] or [digits], see \\\"row\\\"")) << line;
  EXPECT_TRUE(has(line, "\\u000a")) << line;
}

TEST_F(Log, BytesThatAreNotTextDoNotBreakTheLine) {
  log_warn("foreign", {field::error(std::string_view("\xff\xfe ok \xe6\xb1\x89 \xe6\xb1"))});
  EXPECT_TRUE(has(only_line(), "\\ufffd\\ufffd ok \xe6\xb1\x89 \\ufffd")) << only_line();
}

TEST_F(Log, LevelsFilterAndServiceScopesName) {
  open(LogFormat::json, Level::warn);
  log_info("not written");
  EXPECT_FALSE(log_enabled(Level::info));
  {
    const ServiceScope scope("quality");
    log_warn("written");
  }
  EXPECT_TRUE(has(only_line(), R"("service":"quality")")) << only_line();
}

TEST_F(Log, TextIsForPeople) {
  open(LogFormat::text);
  log_info("started", {field::number("port", 8080)});
  EXPECT_TRUE(has(only_line(), "Z info  [intake] started  port=8080")) << only_line();
}

TEST_F(Log, ThreadsDoNotTearLines) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) log_info("line", {field::number("i", i)});
    });
  }
  for (auto& thread : threads) thread.join();
  const auto all = lines();
  ASSERT_EQ(all.size(), 400U);
  for (const auto& line : all) EXPECT_TRUE(line.front() == '{' && line.back() == '}') << line;
}

TEST(LogLevels, NamesAreParsedAndOthersRefusedWithTheList) {
  EXPECT_EQ(*parse_level("debug"), Level::debug);
  const auto bad = parse_level("loud");
  ASSERT_FALSE(bad.ok());
  EXPECT_TRUE(has(bad.status().to_string(), "trace, debug, info")) << bad.status().to_string();
  EXPECT_EQ(*parse_log_format("text"), LogFormat::text);
}

}  // namespace
}  // namespace loomline::telemetry
