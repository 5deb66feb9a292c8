#include "lint.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "loomline/common/v1/http.pb.h"

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name
using common::v1::HttpRoute;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Requests and responses are documented by their method, messages without fields by their name.
bool speaks_for_itself(const Descriptor& message) {
  return message.field_count() == 0 || ends_with(message.name(), "Request") || ends_with(message.name(), "Response");
}

std::string upper_snake(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    if (std::isupper(static_cast<unsigned char>(c)) && !out.empty()) out += '_';
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

class Lint {
 public:
  explicit Lint(const Contracts& contracts) : contracts_(contracts), linked_(contracts) {}

  std::vector<std::string> all() {
    for (const auto* message : linked_.messages()) check(*message);
    for (const auto* type : linked_.enums()) check(*type);
    for (const auto* service : linked_.services()) {
      documented(*service);
      for (int i = 0; i < service->method_count(); ++i) check(*service->method(i));
    }
    for (const auto& topic : contracts_.topics.topic()) check(topic);
    check_every_event_has_one_topic();
    return std::move(problems_);
  }

 private:
  void problem(const std::string& what) { problems_.push_back(what); }
  template <class Thing>
  void documented(const Thing& thing) {
    if (comment(thing).empty()) problem(thing.full_name() + ": has no comment; say what it is and when it is used");
  }

  void check(const Descriptor& message) {
    if (!speaks_for_itself(message)) documented(message);
  }

  void check(const EnumDescriptor& type) {
    documented(type);
    const auto* zero = type.FindValueByNumber(0);
    const auto name = upper_snake(type.name()) + "_UNSPECIFIED";
    if (!zero || zero->name() != name) problem(type.full_name() + ": its zero value must be " + name);
  }

  void check(const MethodDescriptor& method) {
    documented(method);
    if (method.input_type()->name() != method.name() + "Request" && !shared(*method.input_type()))
      problem(method.full_name() + ": takes " + method.input_type()->name() + "; a method has a request of its own");
    for (int i = 0; i < method.options().ExtensionSize(common::v1::http); ++i)
      check(method, method.options().GetExtension(common::v1::http, i));
  }
  // One request for two methods that decide the same thing either way.
  bool shared(const Descriptor& request) const {
    int users = 0;
    for (const auto* service : linked_.services())
      for (int i = 0; i < service->method_count(); ++i) users += service->method(i)->input_type() == &request ? 1 : 0;
    return users > 1;
  }

  void check(const MethodDescriptor& method, const HttpRoute& route) {
    const auto at = method.full_name() + " " + route.verb() + " " + route.path();
    if (!std::set<std::string>{"GET", "POST", "PUT", "DELETE"}.count(route.verb())) problem(at + ": no such verb");
    if (route.path().rfind("/v1/", 0) != 0 && route.path() != "/v1") problem(at + ": a path begins with /v1/");
    if (route.roles().empty()) problem(at + ": names no role; what is not named is closed");
    bool order = false;
    for (const auto& parameter : parameters(route.path())) {
      order |= parameter == "order_id";
      const auto* field = method.input_type()->FindFieldByName(parameter);
      if (!field || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated())
        problem(at + ": {" + parameter + "} is no string field of " + method.input_type()->name());
    }
    for (const int role : route.roles())
      if (role == common::v1::ROLE_CUSTOMER && !order)
        problem(at + ": a customer's link is for one order, so the path must have {order_id}");
    if (!routes_.insert(route.verb() + " " + shape(route.path())).second)
      problem(at + ": another method has this route");
  }

  static std::vector<std::string> parameters(const std::string& path) {
    std::vector<std::string> out;
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
      out.push_back(path.substr(open + 1, path.find('}', open) - open - 1));
    return out;
  }
  // With every parameter alike: /v1/a/{x} and /v1/a/{y} are the same route.
  static std::string shape(std::string path) {
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
      path.replace(open, path.find('}', open) - open + 1, "{}");
    return path;
  }

  void check(const common::v1::Topic& topic) {
    if (topic.doc().empty()) problem(topic.name() + ": has no doc; say what it tells, in a sentence");
    for (const auto& event : topic.event()) {
      const auto* message = linked_.message(event);
      if (!message) {
        problem(topic.name() + ": there is no message " + event);
        continue;
      }
      check_event(topic, *message);
    }
  }
  void check_event(const common::v1::Topic& topic, const Descriptor& event) {
    const auto* key = event.FindFieldByName(topic.key_field());
    if (!key || key->type() != FieldDescriptor::TYPE_STRING || key->is_repeated())
      problem(event.full_name() + ": has no string field " + topic.key_field() + ", the key of " + topic.name());
    // The clock's own time is what it tells.
    const auto* at = event.FindFieldByName(event.name() == "BusinessClockAdvanced" ? "now" : "occurred_at");
    if (!at || !at->message_type() || at->message_type()->full_name() != "google.protobuf.Timestamp")
      problem(event.full_name() + ": has no google.protobuf.Timestamp occurred_at");
    if (!topic_of_.emplace(event.full_name(), topic.name()).second)
      problem(event.full_name() + ": is on " + topic_of_[event.full_name()] + " and on " + topic.name());
  }

  // An event is told by its occurred_at beside a key of its own; requests have one, too, and parts of events.
  void check_every_event_has_one_topic() {
    std::set<const Descriptor*> used;
    for (const auto* message : linked_.messages())
      for (int i = 0; i < message->field_count(); ++i) used.insert(message->field(i)->message_type());
    for (const auto* message : linked_.messages())
      if (message->FindFieldByName("occurred_at") && !speaks_for_itself(*message) && !used.count(message) &&
          !topic_of_.count(message->full_name()))
        problem(message->full_name() +
                ": looks like an event, but no topic carries it; name one by the option (loomline.common.v1.topic)");
  }

  const Contracts& contracts_;
  const Linked linked_;
  std::set<std::string> routes_;
  std::map<std::string, std::string> topic_of_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> lint(const Contracts& contracts) { return Lint(contracts).all(); }

}  // namespace loomline::contract
