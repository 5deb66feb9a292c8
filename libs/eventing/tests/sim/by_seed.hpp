// How a test program of lives by seed is asked: LOOMLINE_SEED, LOOMLINE_SEEDS, LOOMLINE_FIRST_SEED. What cannot be read
// ends the program before any test (exit status 2): one that tried nothing must not look like one that found nothing.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "loomline/telemetry/log.hpp"

namespace loomline::eventing::sim {

// What is asked; `wrong` says in a line what cannot be read.
struct Asked {
  std::uint64_t seed = 1, first = 1, count = 0;
  bool replays = false;  // one life, by LOOMLINE_SEED
  std::string wrong;
};

// Digits alone, and not too many of them.
inline std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || read != end) return std::nullopt;
  return number;
}

// Reads, by `variable` (as std::getenv does; nothing: not set); `count` lives where none are named.
inline Asked read_asked(const std::function<const char*(const char*)>& variable, std::uint64_t count) {
  Asked asked;
  asked.count = count;
  const auto complain = [&](const char* name, const std::string& problem, const char* example) {
    const char* text = variable(name);
    asked.wrong = std::string(name) + "=" + (text == nullptr ? "" : text) + ": " + problem + "; for example " + name +
                  "=" + example;
  };
  const auto read = [&](const char* name, std::uint64_t least, std::uint64_t& number, const char* example) {
    const char* text = variable(name);
    if (text == nullptr || !asked.wrong.empty()) return false;
    const auto told = whole_number(text);
    if (!told || *told < least)
      complain(name, "must be a whole number from " + std::to_string(least) + " to 18446744073709551615", example);
    else
      number = *told;
    return true;
  };
  asked.replays = read("LOOMLINE_SEED", 0, asked.seed, "43");
  read("LOOMLINE_SEEDS", 1, asked.count, "300");
  read("LOOMLINE_FIRST_SEED", 0, asked.first, "1000");
  if (asked.wrong.empty() && asked.count - 1 > std::numeric_limits<std::uint64_t>::max() - asked.first)
    complain(variable("LOOMLINE_FIRST_SEED") == nullptr ? "LOOMLINE_SEEDS" : "LOOMLINE_FIRST_SEED",
             "the last of " + std::to_string(asked.count) + " seeds from " + std::to_string(asked.first) +
                 " on is beyond 18446744073709551615",
             "1000");
  return asked;
}

// As a shell reads it as one word.
inline std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// `planted`: the mistake that is planted by the environment, if any. `test`: which is to be run, "FromASeed".
inline std::string replay_words(std::uint64_t seed, const char* planted, const std::string& program,
                                const std::string& test) {
  return "replay with: " + (planted == nullptr ? "" : "LOOMLINE_PLANTED=" + shell_word(planted) + " ") +
         "LOOMLINE_SEED=" + std::to_string(seed) + " " + shell_word(program) + " --gtest_filter='*" + test + "*'";
}

// As gtest failures tell it, and as one runs it again.
inline std::string replay_line(std::uint64_t seed, const std::string& test = "FromASeed") {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
  return replay_words(seed, std::getenv("LOOMLINE_PLANTED"), program, test);
}

// What this run is asked. What the kernel logs of thousands of faults would bury what is told.
inline Asked asked_or_exit(std::uint64_t count) {
  auto asked = read_asked([](const char* name) -> const char* { return std::getenv(name); }, count);
  if (!asked.wrong.empty()) {
    std::fprintf(stderr, "%s\n", asked.wrong.c_str());
    std::exit(2);
  }
  telemetry::LogOptions options;
  options.level = asked.replays ? telemetry::Level::warn : telemetry::Level::off;
  telemetry::configure_logging(options);
  return asked;
}

// Gives the seeds one after another, and says in the end how many were tried, whether or not one broke a rule.
class Lives {
 public:
  Lives(std::uint64_t first, std::uint64_t count) : first_(first), count_(count) {}
  Lives(const Lives&) = delete;
  Lives& operator=(const Lives&) = delete;
  ~Lives() { std::cout << tried_ << " lives tried, from seed " << first_ << " on\n"; }

  std::optional<std::uint64_t> next() {
    if (tried_ == count_) return std::nullopt;
    return first_ + tried_++;
  }

 private:
  const std::uint64_t first_, count_;
  std::uint64_t tried_ = 0;
};

}  // namespace loomline::eventing::sim
