#include "loomline/factory/edge_client.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <loomline/common/v1/http.pb.h>

#include <chrono>
#include <thread>
#include <utility>

#include "loomline/http/client.hpp"
#include "loomline/wire/read_json.hpp"

namespace loomline::factory {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string scalar_text(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection.GetRepeatedString(message, &field, index) : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::string(
          (many ? reflection.GetRepeatedEnum(message, &field, index) : reflection.GetEnum(message, &field))->name());
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? reflection.GetRepeatedBool(message, &field, index) : reflection.GetBool(message, &field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(many ? reflection.GetRepeatedInt32(message, &field, index)
                                 : reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(many ? reflection.GetRepeatedUInt32(message, &field, index)
                                 : reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(many ? reflection.GetRepeatedInt64(message, &field, index)
                                 : reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(many ? reflection.GetRepeatedUInt64(message, &field, index)
                                 : reflection.GetUInt64(message, &field));
    default:
      return {};
  }
}

// "a=1&b=x&b=y"; nested messages as "page.page_size=100".
void add_query(const Message& message, const std::string& prefix, std::string& query) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    const std::string name = prefix + std::string(field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) add_query(message.GetReflection()->GetMessage(message, field), name + ".", query);
      continue;
    }
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i)
      query += (query.empty() ? "" : "&") + name + "=" + percent_encode(scalar_text(message, *field, i));
  }
}

// Fills "{field}" in the path from the message, and takes it out of the message.
Result<std::string> bind_path(const std::string& path, Message& message) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const auto open = path.find('{', at);
    if (open == std::string::npos) return out + path.substr(at);
    const auto close = path.find('}', open);
    out += path.substr(at, open - at);
    const std::string name = path.substr(open + 1, close - open - 1);
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) return invalid(name, "is in the path but not in the request", "mend the contract");
    const std::string value = scalar_text(message, *field, 0);
    if (value.empty()) return invalid(name, "is missing", "give it: it is part of the path");
    out += percent_encode(value);
    message.GetReflection()->ClearField(&message, field);
    at = close + 1;
  }
  return out;
}

bool worth_repeating(const Status& status) {
  return status.code() == Code::unavailable || status.code() == Code::resource_exhausted ||
         status.code() == Code::aborted || status.code() == Code::deadline_exceeded;
}

}  // namespace

Result<Travel> travel_of(std::string_view method, const Message& request) {
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
  if (found == nullptr || found->options().ExtensionSize(common::v1::http) == 0)
    return invalid("method", std::string(method) + " has no public route", "see the contracts for what has one");
  const auto& route = found->options().GetExtension(common::v1::http, 0);
  const std::unique_ptr<Message> rest(request.New());
  rest->CopyFrom(request);
  auto path = bind_path(route.path(), *rest);
  if (!path.ok()) return path.status();
  Travel out{route.verb(), std::move(path).value(), {}};
  if (out.verb == "GET" || out.verb == "DELETE") {
    std::string query;
    add_query(*rest, "", query);
    if (!query.empty()) out.target += "?" + query;
    return out;
  }
  if (const auto status = google::protobuf::util::MessageToJsonString(*rest, &out.body); !status.ok())
    return invalid("request", status.ToString(), "mend the request");
  return out;
}

EdgeClient::EdgeClient(std::string base_url, std::string token) : token_(std::move(token)) {
  http::ClientOptions options;
  options.request_timeout = std::chrono::seconds(60);
  options.max_body_bytes = std::size_t{64} << 20;
  if (!token_.empty()) options.headers.add("Authorization", "Bearer " + token_);
  client_ = std::make_unique<http::Client>(std::move(base_url), std::move(options));
}
EdgeClient::~EdgeClient() = default;
EdgeClient::EdgeClient(EdgeClient&&) noexcept = default;

void EdgeClient::wait_quiet(std::chrono::milliseconds wait, std::function<void(std::string_view)> heard) {
  wait_quiet_ = std::to_string(wait.count());
  heard_quiet_ = std::move(heard);
}

void EdgeClient::wait_no_more() {
  wait_quiet_.clear();
  heard_quiet_ = nullptr;
}

Status EdgeClient::call_untyped(std::string_view method, const Message& request, Message& response,
                                const std::string& idempotency_key) {
  auto travel = travel_of(method, request);
  if (!travel.ok()) return travel.status();
  http::Request out;
  out.method = travel->verb;
  out.target = travel->target;
  out.body = travel->body;
  if (!out.body.empty()) out.headers.add("Content-Type", "application/json");
  if (!idempotency_key.empty()) out.headers.add("Idempotency-Key", idempotency_key);
  if (out.method != "GET" && !wait_quiet_.empty()) out.headers.add("Loomline-Wait-Quiet", wait_quiet_);
  const bool repeatable = out.method == "GET" || !idempotency_key.empty();
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (auto pause = std::chrono::milliseconds(50);; pause = std::min(pause * 2, std::chrono::milliseconds(2000))) {
    ++calls_;
    writes_ += out.method == "GET" ? 0 : 1;
    Status failed;
    auto answer = client_->request(out);
    if (!answer.ok()) {
      failed = answer.status();
    } else if (answer->status >= 300) {
      failed = http::status_of(*answer);
    } else {
      const auto parsed = wire::read_json(answer->body, response, wire::Unknown::ignore);
      if (const auto quiet = answer->headers.get("Loomline-Quiet"); quiet && heard_quiet_) heard_quiet_(*quiet);
      return parsed.ok() ? Status() : internal("The answer cannot be read: " + parsed.to_string());
    }
    if (!repeatable || !worth_repeating(failed) || std::chrono::steady_clock::now() + pause > give_up) return failed;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace loomline::factory
