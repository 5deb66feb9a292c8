#include "declared_topics.hpp"

#include <map>

namespace loomline::contract {

std::string add_declared_events(const google::protobuf::FileDescriptorSet& files, common::v1::TopicCatalog& catalog) {
  std::map<std::string, common::v1::Topic*> topics;
  for (auto& topic : *catalog.mutable_topic()) {
    if (!topic.event().empty())
      return "topic " + topic.name() +
             " lists events; an event names its topic by the option (loomline.common.v1.topic)";
    topics[topic.name()] = &topic;
  }
  for (const auto& file : files.file()) {
    for (const auto& message : file.message_type()) {
      if (!message.options().HasExtension(common::v1::topic)) continue;
      const auto& name = message.options().GetExtension(common::v1::topic);
      const auto topic = topics.find(name);
      if (topic == topics.end())
        return "event " + file.package() + "." + message.name() + " names the topic " + name +
               ", which topics.textproto does not declare";
      topic->second->add_event(file.package() + "." + message.name());
    }
  }
  return {};
}

}  // namespace loomline::contract
