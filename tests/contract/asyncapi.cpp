// AsyncAPI 3.0 of the topics.
#include "documents.hpp"
#include "schema.hpp"

namespace loomline::contract {
namespace {

std::string short_name(const std::string& full_name) { return full_name.substr(full_name.rfind('.') + 1); }
Json reference(const std::string& to) { return {{"$ref", to}}; }

Json text_header(const std::string& description) { return {{"type", "string"}, {"description", description}}; }

// CloudEvents 1.0.2 in Kafka's binary mode: the value is the message, everything else stands in headers.
Json headers() {
  Json properties{
      {"ce_specversion", {{"type", "string"}, {"const", "1.0"}}},
      {"ce_id", text_header("Unique: source, epoch, topic, partition and sequence. Published again, it stays.")},
      {"ce_source", text_header("The service that says it.")},
      {"ce_type", text_header("Full name of the message.")},
      {"ce_time",
       {{"type", "string"},
        {"format", "date-time"},
        {"description", "Recorded time: rises by key and source, never before its cause. It only orders."}}},
      {"ce_tenantid", text_header("The tenant; \"main\" by default.")},
      {"ce_causationid", text_header("ce_id of the event, or id of the command or timer, that caused it.")},
      {"ce_epoch", text_header("Epoch of the chain (source, topic, partition).")},
      {"ce_seq", text_header("Number in its chain, without gaps.")},
      {"content-type", {{"type", "string"}, {"const", "application/protobuf"}}},
      {"traceparent", text_header("W3C trace context; may be absent.")}};
  return {{"type", "object"}, {"properties", properties}};
}

Json message(const google::protobuf::Descriptor& event, const common::v1::Topic& topic) {
  Json out{{"name", event.full_name()}, {"title", event.name()}};
  if (const auto text = comment(event); !text.empty()) out["summary"] = text;
  out["contentType"] = "application/protobuf";
  out["headers"] = reference("#/components/schemas/CloudEventHeaders");
  out["payload"] = reference("#/components/schemas/" + event.full_name());
  out["bindings"]["kafka"] = {{"key",
                               {{"type", "string"},
                                {"description", "The " + topic.key_field() + " of the event: an id with the prefix " +
                                                    topic.key_type() + "_."}}},
                              {"bindingVersion", "0.5.0"}};
  return out;
}

Json channel(const common::v1::Topic& topic) {
  Json out{{"address", topic.name()}, {"title", topic.name()}, {"description", topic.doc()}};
  for (const auto& event : topic.event())
    out["messages"][short_name(event)] = reference("#/components/messages/" + event);
  const auto hours = static_cast<std::int64_t>(topic.retention_hours());
  out["bindings"]["kafka"] = {
      {"topic", topic.name()},
      {"topicConfiguration", {{"cleanup.policy", {"delete"}}, {"retention.ms", hours == 0 ? -1 : hours * 3'600'000}}},
      {"bindingVersion", "0.5.0"}};
  return out;
}

Json operation(const common::v1::Topic& topic) {
  return {{"action", "send"},
          {"channel", reference("#/channels/" + topic.name())},
          {"summary", "Published by " + topic.owner() + ", by nobody else."}};
}

}  // namespace

std::string asyncapi(const Contracts& contracts) {
  const Linked linked(contracts);
  Json out{
      {"asyncapi", "3.0.0"},
      {"info",
       {{"title", "Loomline events"},
        {"version", "1.0.0"},
        {"description",
         "Every topic that others may hear. The value is the protobuf message in binary form; the schemas show it in "
         "protobuf's JSON mapping. An installation may put a prefix before the names of its topics. Generated from "
         "the contracts; do not edit."}}},
      {"defaultContentType", "application/protobuf"}};
  Json messages = Json::object(), schemas = Json::object();
  schemas["CloudEventHeaders"] = headers();
  for (const auto& topic : contracts.topics.topic()) {
    if (topic.internal()) continue;
    out["channels"][topic.name()] = channel(topic);
    out["operations"]["publish." + topic.name()] = operation(topic);
    for (const auto& name : topic.event()) {
      const auto* event = linked.message(name);
      if (!event) continue;
      messages[name] = message(*event, topic);
      add_schemas(*event, schemas);
    }
  }
  out["components"] = {{"messages", messages}, {"schemas", schemas}};
  return out.dump(2) + "\n";
}

}  // namespace loomline::contract
