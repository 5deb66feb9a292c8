#include "figure.hpp"

#include <cstdio>
#include <cstdlib>

namespace loomline::bench {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

std::string is_met(const Figure& figure) {
  if (figure.goal.empty() || !figure.ratio) return "null";
  const double bound = std::strtod(figure.goal.c_str() + 2, nullptr);
  const bool met = figure.goal[0] == '>' ? *figure.ratio >= bound : *figure.ratio <= bound;
  return met ? "true" : "false";
}

}  // namespace

std::string digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, value >= 1000 || value <= -1000 ? "%.0f" : "%.3g", value);
  return text;
}

void print(const Figure& figure) {
  const std::string ratio = figure.ratio ? digits(*figure.ratio) : "null";
  const std::string goal = figure.goal.empty() ? "null" : quoted(figure.goal);
  std::printf("{\"name\": %s, \"value\": %s, \"unit\": %s, \"against\": %s, \"ratio\": %s, \"goal\": %s, \"met\": %s}\n",
              quoted(figure.name).c_str(), digits(figure.value).c_str(), quoted(figure.unit).c_str(),
              quoted(figure.against).c_str(), ratio.c_str(), goal.c_str(), is_met(figure).c_str());
  std::fflush(stdout);
}

void print_skipped(const std::string& name, const std::string& why) {
  std::printf("{\"name\": %s, \"value\": null, \"unit\": \"\", \"against\": %s, \"ratio\": null, \"goal\": null, "
              "\"met\": null}\n",
              quoted(name).c_str(), quoted("skipped: " + why).c_str());
  std::fflush(stdout);
}

}  // namespace loomline::bench
