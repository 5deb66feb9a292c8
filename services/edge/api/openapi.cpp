#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/contracts.hpp"
#include "api/openapi_schema.hpp"
#include "api/quiet.hpp"
#include "loomline/base/id.hpp"
#include "loomline/edge/edge.hpp"

namespace loomline::edge {
namespace {

namespace json = boost::json;
namespace v1 = common::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr const char* kAbout =
    "Loomline's only public door. Field names are those of the contracts (snake_case); 64-bit integers are written as "
    "strings. Requests are read by the rules of the proto3 JSON mapping: names also in camelCase, integers also as "
    "strings, an enum's value also as its number, and a member that is null as one that is not there. Errors have one "
    "form everywhere (`Problem`). Commands take an `Idempotency-Key`: the same key with the same body gives the same "
    "answer, so that a request may safely be sent again. Answers carry `Loomline-Positions`; a read that sends them "
    "back sees what was written. Each caller (a token, a customer's order, or an address) has a bucket of calls; where "
    "it is empty the answer is 429 with `Retry-After`.";

json::object problem_schema() {
  const json::object text{{"type", "string"}};
  return {{"type", "object"},
          {"description", "What went wrong, in which field, and what to do about it."},
          {"required", {"code", "reason", "message", "violations", "trace_id"}},
          {"properties",
           {{"code", {{"type", "string"}, {"description", "Canonical code: invalid_argument, not_found..."}}},
            {"reason",
             {{"type", "string"}, {"description", "Stable upper-snake identifier that a program may switch on."}}},
            {"message", {{"type", "string"}, {"description", "A whole sentence for a person, in English."}}},
            {"violations",
             {{"type", "array"},
              {"items", {{"type", "object"}, {"properties", {{"field", text}, {"problem", text}, {"remedy", text}}}}}}},
            {"trace_id", {{"type", "string"}, {"description", "For support."}}}}}};
}

json::object security_schemes() {
  return {{"token",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "A token of a program or a colleague: `Authorization: Bearer lmt_...`."}}},
          {"link",
           {{"type", "apiKey"},
            {"in", "header"},
            {"name", "Authorization"},
            {"description", "A customer's signed link: `Authorization: Link ...`, for the order in its scope."}}}};
}

bool has_role(const v1::HttpRoute& route, v1::Role role) {
  return std::count(route.roles().begin(), route.roles().end(), role) > 0;
}

json::array security(const v1::HttpRoute& route) {
  json::array out;
  if (has_role(route, v1::ROLE_ANYONE)) return out;
  const bool only_customers = route.roles_size() == 1 && has_role(route, v1::ROLE_CUSTOMER);
  if (!only_customers) out.push_back(json::object{{"token", json::array{}}});
  if (has_role(route, v1::ROLE_CUSTOMER)) out.push_back(json::object{{"link", json::array{}}});
  return out;
}

json::array roles(const v1::HttpRoute& route) {
  json::array out;
  for (const int role : route.roles()) out.emplace_back(v1::Role_Name(static_cast<v1::Role>(role)));
  return out;
}

json::object header_parameter(const char* name, const char* text, json::object schema, bool required = false) {
  return {{"name", name},
          {"in", "header"},
          {"required", required},
          {"description", text},
          {"schema", std::move(schema)}};
}

// What a field of a path is: an id of its kind where the services check its form (base, id.hpp), else any text.
json::object path_schema(const std::string& name) {
  static const std::map<std::string, std::string_view> kinds = {{"order_id", prefix::order},
                                                                {"model_id", prefix::model},
                                                                {"plant_id", prefix::plant},
                                                                {"subject_id", prefix::subject},
                                                                {"ticket_id", prefix::ticket},
                                                                {"shipment_id", prefix::shipment},
                                                                {"inspection_id", prefix::inspection},
                                                                {"nonconformity_id", prefix::nonconformance},
                                                                {"token_id", "tok"}};
  json::object out{{"type", "string"}};
  if (const auto kind = kinds.find(name); kind != kinds.end())
    out["pattern"] = "^" + std::string(kind->second) + "_[0-9A-Za-z-]{1,40}$";
  return out;
}

// Fields of GET and DELETE requests that the path does not hold; groups by their dotted names.
void query_parameters(const google::protobuf::Descriptor& type, const std::string& prefix,
                      const std::vector<std::string>& in_path, Schemas& schemas, json::array& out) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const std::string name = prefix + field.name();
    if (std::count(in_path.begin(), in_path.end(), name) > 0) continue;
    const bool group = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                       field.message_type()->full_name() != "google.protobuf.Timestamp";
    if (group && !field.is_repeated()) query_parameters(*field.message_type(), name + ".", in_path, schemas, out);
    if (group) continue;
    json::object parameter{{"name", name}, {"in", "query"}};
    if (auto text = comment_of(field); !text.empty()) parameter["description"] = text;
    parameter["schema"] = schemas.field(field);
    out.push_back(std::move(parameter));
  }
}

json::array parameters(const ApiRoute& route, const MethodDescriptor& method, Schemas& schemas) {
  json::array out;
  const auto in_path = path_fields(route.http.path());
  for (const auto& name : in_path) {
    json::object parameter{{"name", name}, {"in", "path"}, {"required", true}};
    if (auto text = comment_of(*method.input_type()->FindFieldByName(name)); !text.empty())
      parameter["description"] = text;
    parameter["schema"] = path_schema(name);
    out.push_back(std::move(parameter));
  }
  if (route.http.verb() == "GET" || route.http.verb() == "DELETE")
    query_parameters(*method.input_type(), "", in_path, schemas, out);
  if (route.http.verb() != "GET")
    out.push_back(header_parameter("Idempotency-Key",
                                   "1 to 200 characters of printable ASCII, fresh for each command, the same when it is "
                                   "tried again.",
                                   {{"type", "string"}, {"pattern", "^[!-~]([ -~]{0,198}[!-~])?$"}},
                                   route.http.idempotency_key_required()));
  if (route.http.verb() != "GET" && (has_role(route.http, v1::ROLE_STAFF) || has_role(route.http, v1::ROLE_MES)))
    out.push_back(header_parameter(
        "Loomline-Wait-Quiet",
        "Milliseconds, 1 to 30000, for staff and MES: answer only when all that follows from this is done in every "
        "service, at most so much later. The answer's header Loomline-Quiet (a dictionary of RFC 8941) says how it "
        "stands: quiet, business_time, next_timer_at, events_waiting, dead_letters, and steps.<service>; or quiet=?0 "
        "and why_not.",
        {{"type", "integer"}, {"minimum", 1}, {"maximum", kLongestQuiet.count()}}));
  if (method.server_streaming())
    out.push_back(
        header_parameter("Last-Event-ID", "Go on after this event.", {{"type", "integer"}, {"minimum", 0}}));
  return out;
}

json::object responses(const MethodDescriptor& method, Schemas& schemas) {
  const json::object schema = schemas.reference(*method.output_type());
  json::object good{
      {"description", method.server_streaming() ? "Server-sent events, until the reader leaves" : "Done"}};
  good["content"] = {{method.server_streaming() ? "text/event-stream" : "application/json", {{"schema", schema}}}};
  json::object bad{{"description", "Not done; the body says why"}};
  bad["content"] = {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}};
  json::object often = bad;
  often["description"] = "Called too often, or a service has no room; the body says what to do";
  often["headers"] = {{"Retry-After", {{"description", "Seconds until the call may be made again"},
                                       {"required", true},
                                       {"schema", {{"type", "integer"}, {"minimum", 1}}}}}};
  return {{"200", std::move(good)}, {"429", std::move(often)}, {"default", std::move(bad)}};
}

json::object operation(const ApiRoute& route, Schemas& schemas, bool first_of_method) {
  const auto& method = *documented_pool().FindMethodByName(route.method->full_name());
  const std::string comment = comment_of(method);
  const std::size_t sentence = comment.find(". ");
  json::object out{
      {"operationId", method.service()->name() + "_" + method.name() + (first_of_method ? "" : "_Customer")},
      {"tags", {method.service()->name()}}};
  if (!comment.empty()) out["summary"] = comment.substr(0, sentence == comment.npos ? comment.size() : sentence + 1);
  if (sentence != comment.npos) out["description"] = comment;
  out["x-loomline-roles"] = roles(route.http);
  out["security"] = security(route.http);
  if (auto all = parameters(route, method, schemas); !all.empty()) out["parameters"] = std::move(all);
  if (route.http.verb() == "POST" || route.http.verb() == "PUT")
    out["requestBody"] = {{"content", {{"application/json", {{"schema", schemas.reference(*method.input_type())}}}}}};
  out["responses"] = responses(method, schemas);
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return text;
}

// Two spaces a level, so that a change of the contracts is a readable change of the document.
void print(const json::value& value, const std::string& indent, std::string& out) {
  const std::string deeper = indent + "  ";
  const char* separator = "";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{";
    for (const auto& [key, member] : *object) {
      out += separator + std::string("\n") + deeper + json::serialize(json::value(key)) + ": ";
      print(member, deeper, out);
      separator = ",";
    }
    out += "\n" + indent + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty() && !array->front().is_string()) {
    out += "[";
    for (const auto& element : *array) {
      out += separator + std::string("\n") + deeper;
      print(element, deeper, out);
      separator = ",";
    }
    out += "\n" + indent + "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string openapi_document(const std::string& public_url) {
  Schemas schemas;
  json::object paths;
  std::set<const MethodDescriptor*> seen;
  for (const auto& route : api_routes()) {
    json::value& item = paths[route.http.path()];
    if (!item.is_object()) item.emplace_object();
    item.get_object()[lower(route.http.verb())] = operation(route, schemas, seen.insert(route.method).second);
  }
  json::object components = schemas.all();
  components["Problem"] = problem_schema();
  json::object document{{"openapi", "3.1.0"},
                        {"info", {{"title", "Loomline"}, {"version", "1"}, {"description", kAbout}}},
                        {"servers", json::array{json::object{{"url", public_url.empty() ? "/" : public_url}}}},
                        {"paths", std::move(paths)},
                        {"components", {{"schemas", std::move(components)}, {"securitySchemes", security_schemes()}}}};
  std::string out;
  print(document, "", out);
  return out + "\n";
}

}  // namespace loomline::edge
