// The topic catalogue, indexed: which topic an event type belongs to, and where its key stands.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/common/v1/topics.pb.h"

namespace loomline::eventing {

using Topic = common::v1::Topic;

class Catalog {
 public:
  // std::logic_error where the declaration contradicts itself (an event in two topics, an unknown message, a key field
  // that is no string).
  explicit Catalog(common::v1::TopicCatalog declaration);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  const common::v1::TopicCatalog& declaration() const { return declaration_; }
  // The topic that carries events of this type; null where it is not declared.
  const Topic* topic_of(std::string_view type) const;
  const Topic* topic(std::string_view name) const;
  std::vector<const Topic*> owned_by(std::string_view service) const;

  // The one in use: built into the executable, or the one a test has put in its place.
  static const Catalog& current();
  static void replace(std::string_view textproto);

 private:
  common::v1::TopicCatalog declaration_;
  std::map<std::string, const Topic*, std::less<>> by_type_;
  std::map<std::string, const Topic*, std::less<>> by_name_;
};

// The key of an event by its topic's key field; std::logic_error where it is empty.
std::string key_of(const Topic& topic, const google::protobuf::Message& event);
// Whether the event's key is this one.
bool has_key(const Topic& topic, const google::protobuf::Message& event, std::string_view key);

}  // namespace loomline::eventing
