// A scenario as it is written: its lines, and the events that they name.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace loomline::scenarios {

struct Line {
  int number;
  std::string verb, rest;
};

// Without comments and blank lines; a piece in braces that runs over several lines is one. Empty where there is no
// file.
std::vector<Line> read_script(const std::string& path);

// The event of that name, without its package, by the topic catalogue; null where there is none.
const google::protobuf::Message* prototype_of(const std::string& short_name);
// Who says it.
std::string source_of(const google::protobuf::Message& event);

}  // namespace loomline::scenarios
