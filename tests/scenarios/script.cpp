#include "script.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

int depth(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '{') - std::count(text.begin(), text.end(), '}'));
}

}  // namespace

std::vector<Line> read_script(const std::string& path) {
  std::ifstream in(path);
  std::vector<Line> lines;
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    if (!lines.empty() && depth(lines.back().rest) > 0) {
      lines.back().rest += " " + text;
      continue;
    }
    std::istringstream words(text);
    Line line{number, {}, {}};
    if (!(words >> line.verb) || line.verb.front() == '#') continue;
    std::getline(words >> std::ws, line.rest);
    lines.push_back(line);
  }
  return lines;
}

const Message* prototype_of(const std::string& short_name) {
  for (const auto& topic : eventing::topic_catalog().topic())
    for (const auto& event : topic.event())
      if (event.substr(event.rfind('.') + 1) == short_name) {
        const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(event);
        return type ? MessageFactory::generated_factory()->GetPrototype(type) : nullptr;
      }
  return nullptr;
}

std::string source_of(const Message& event) {
  for (const auto& topic : eventing::topic_catalog().topic())
    for (const auto& name : topic.event())
      if (name == event.GetDescriptor()->full_name()) return topic.owner();
  return "test";
}

std::vector<std::string> files(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(LOOMLINE_SOURCE_DIR) + "/tests/scenarios/" + folder))
    if (entry.path().extension() == ".scenario") out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace loomline::scenarios
