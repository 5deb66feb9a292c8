#include "src/broker/envelope.hpp"

#include <charconv>

#include "src/decide/utf8.hpp"

namespace loomline::eventing {

std::string event_id(std::string_view source, std::int64_t epoch, std::string_view topic, int partition,
                     std::int64_t seq) {
  std::string id(source);
  id.append("/").append(std::to_string(epoch)).append("/").append(topic);
  return id.append("/").append(std::to_string(partition)).append("/").append(std::to_string(seq));
}

Headers to_headers(const Envelope& e) {
  Headers headers{{"ce_specversion", "1.0"},
                  {"ce_id", e.id},
                  {"ce_source", e.source},
                  {"ce_type", e.type},
                  {"ce_time", format_rfc3339(e.time)},
                  {"content-type", "application/protobuf"},
                  {"ce_tenantid", e.tenant},
                  {"ce_causationid", e.causation},
                  {"ce_epoch", std::to_string(e.epoch)},
                  {"ce_seq", std::to_string(e.seq)}};
  if (!e.traceparent.empty()) headers.emplace_back("traceparent", e.traceparent);
  return headers;
}

Result<Envelope> from_headers(const std::map<std::string, std::string, std::less<>>& headers) {
  const auto text = [&](std::string_view name) -> std::string_view {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  };
  const auto number = [&](std::string_view name, std::int64_t& out) {
    const auto value = text(name);
    const auto end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, out);
    return !value.empty() && read.ec == std::errc() && read.ptr == end && out > 0;
  };
  if (text("ce_specversion") != "1.0")
    return invalid("ce_specversion", "is not 1.0", "send CloudEvents 1.0, binary mode");
  Envelope envelope;
  for (auto [name, field] : {std::pair{"ce_id", &envelope.id},
                             {"ce_source", &envelope.source},
                             {"ce_type", &envelope.type},
                             {"ce_tenantid", &envelope.tenant}}) {
    *field = text(name);
    if (field->empty() || field->size() > 500 || !is_storable(*field)) {
      return invalid(name, "is missing or malformed", "set it as the contracts say");
    }
  }
  if (!number("ce_epoch", envelope.epoch)) return invalid("ce_epoch", "is no positive number", "set it");
  if (!number("ce_seq", envelope.seq)) return invalid("ce_seq", "is no positive number", "set it");
  const auto time = parse_rfc3339(text("ce_time"));
  if (!time.ok()) return invalid("ce_time", "is no RFC 3339 time", "set it in UTC");
  envelope.time = *time;
  envelope.causation = storable(text("ce_causationid"), 500);
  envelope.traceparent = storable(text("traceparent"), 100);
  return envelope;
}

}  // namespace loomline::eventing
