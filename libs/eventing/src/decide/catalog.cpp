#include "src/decide/catalog.hpp"

#include <google/protobuf/text_format.h>

#include <memory>
#include <mutex>
#include <stdexcept>

#include "loomline/eventing/runtime.hpp"
#include "topics_textproto.hpp"

namespace loomline::eventing {
namespace {

common::v1::TopicCatalog parse(std::string_view text) {
  common::v1::TopicCatalog catalog;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &catalog)) {
    throw std::logic_error("the topic catalogue is not a legal TopicCatalog text");
  }
  return catalog;
}

std::mutex current_mutex;
std::unique_ptr<Catalog>& current_slot() {
  static std::unique_ptr<Catalog> slot;
  return slot;
}

void check_event(const Topic& topic, const std::string& type) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  // A test links only the contracts that it needs; an event that is linked must have the key field.
  if (descriptor == nullptr) return;
  const auto* field = descriptor->FindFieldByName(topic.key_field());
  if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
      field->is_repeated()) {
    throw std::logic_error("event " + type + " has no string field " + topic.key_field() + ", the key of topic " +
                           topic.name());
  }
}

}  // namespace

Catalog::Catalog(common::v1::TopicCatalog declaration) : declaration_(std::move(declaration)) {
  for (const auto& topic : declaration_.topic()) {
    if (!by_name_.emplace(topic.name(), &topic).second) {
      throw std::logic_error("topic " + topic.name() + " is declared twice");
    }
    for (const auto& type : topic.event()) {
      check_event(topic, type);
      if (!by_type_.emplace(type, &topic).second) throw std::logic_error("event " + type + " is declared twice");
    }
  }
}

const Topic* Catalog::topic_of(std::string_view type) const {
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? nullptr : found->second;
}

const Topic* Catalog::topic(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<const Topic*> Catalog::owned_by(std::string_view service) const {
  std::vector<const Topic*> out;
  for (const auto& topic : declaration_.topic()) {
    if (topic.owner() == service) out.push_back(&topic);
  }
  return out;
}

const Catalog& Catalog::current() {
  const std::lock_guard lock(current_mutex);
  auto& slot = current_slot();
  if (!slot) slot = std::make_unique<Catalog>(parse(kTopicsTextproto));
  return *slot;
}

void Catalog::replace(std::string_view textproto) {
  auto fresh = std::make_unique<Catalog>(parse(textproto));
  const std::lock_guard lock(current_mutex);
  current_slot().swap(fresh);
  static std::vector<std::unique_ptr<Catalog>> kept;  // references that were handed out stay valid
  kept.push_back(std::move(fresh));
}

const common::v1::TopicCatalog& topic_catalog() { return Catalog::current().declaration(); }

namespace {

const google::protobuf::FieldDescriptor* key_field(const Topic& topic, const google::protobuf::Message& event) {
  const auto* field = event.GetDescriptor()->FindFieldByName(topic.key_field());
  if (field == nullptr) {
    throw std::logic_error("event " + event.GetDescriptor()->full_name() + " has no field " + topic.key_field());
  }
  return field;
}

}  // namespace

bool has_key(const Topic& topic, const google::protobuf::Message& event, std::string_view key) {
  std::string room;
  return event.GetReflection()->GetStringReference(event, key_field(topic, event), &room) == key;
}

std::string key_of(const Topic& topic, const google::protobuf::Message& event) {
  const auto* field = key_field(topic, event);
  auto key = event.GetReflection()->GetString(event, field);
  if (key.empty()) {
    throw std::logic_error("event " + event.GetDescriptor()->full_name() + " has an empty key field " +
                           topic.key_field());
  }
  return key;
}

}  // namespace loomline::eventing
