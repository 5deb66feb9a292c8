#include "api/watch.hpp"

#include <condition_variable>
#include <mutex>

#include "api/call.hpp"
#include "api/fields.hpp"
#include "api/transcode.hpp"
#include "loomline/base/planted.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Shared by the gRPC callbacks and the HTTP side.
struct Bridge {
  explicit Bridge(http::EventStream events) : stream(std::move(events)) {}

  http::EventStream stream;
  std::mutex mutex;
  std::condition_variable first;
  bool heard = false;
  bool over = false;
  Status end;
  rpc::Subscription subscription;
};

http::Event event_of(const Message& answer) {
  http::Event event;
  std::vector<const FieldDescriptor*> fields;
  answer.GetReflection()->ListFields(answer, &fields);
  if (fields.size() != 1 || fields[0]->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    event.data = to_json(answer);
    return event;
  }
  const Message& body = answer.GetReflection()->GetMessage(answer, fields[0]);
  event.event = fields[0]->name();
  event.data = to_json(body);
  const auto* revision = body.GetDescriptor()->FindFieldByName("revision");
  if (revision != nullptr && revision->cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
    event.id = std::to_string(body.GetReflection()->GetUInt64(body, revision));
  return event;
}

rpc::StreamEvents callbacks(const std::shared_ptr<Bridge>& bridge) {
  const auto note = [bridge](bool over, const Status& status) {
    {
      const std::lock_guard lock(bridge->mutex);
      bridge->heard = true;
      bridge->over = bridge->over || over;
      if (over) bridge->end = status;
    }
    bridge->first.notify_all();
  };
  rpc::StreamEvents events;
  events.on_message = [bridge, note](const Message& answer) {
    note(false, {});
    // A full queue has cut the reader off: it comes back and reads on. Not reading on holds the service's stream until
    // the close, which cancels it, comes through.
    return bridge->stream.push(event_of(answer));
  };
  events.on_done = [bridge, note](const Status& status) {
    note(true, status);
    bridge->stream.close();
  };
  return events;
}

Status resume_after(const http::Request& request, Message& message) {
  const auto last = request.headers.get("Last-Event-ID");
  if (!last || last->empty()) return {};
  Status status;
  if (message.GetDescriptor()->FindFieldByName("after_revision") != nullptr)
    set_field(message, "after_revision", *last, status);
  if (!status.ok())
    return invalid("Last-Event-ID", "is not a revision", "send the id of the last event that you read, or nothing");
  if (planted::is(planted::Bug::resume_one_late))
    set_field(message, "after_revision", std::to_string(std::stoull(std::string(*last)) + 1), status);
  return {};
}

}  // namespace

std::optional<http::Response> watch(rpc::Directory& peers, const ApiRoute& route, const Principal& principal,
                                    const http::Request& request, http::EventStream stream) {
  // Long enough for a service to refuse; what is merely quiet is then opened and sends heartbeats.
  static constexpr auto kRefusesWithin = std::chrono::milliseconds(200);
  const auto message = make_message(*route.method->input_type());
  Status status = read_request(route, request, *message);
  if (status.ok()) status = resume_after(request, *message);
  const auto channel = peers.for_method(route.method->full_name());
  if (status.ok() && !channel.ok()) status = channel.status();
  if (!status.ok()) return http::problem(status, request.trace_id);

  auto bridge = std::make_shared<Bridge>(std::move(stream));
  auto options = call_options(principal, request);
  options.timeout.reset();  // as long as the reader stays
  const auto prototype = make_message(*route.method->output_type());
  auto subscription = (*channel)->stream(route.method->full_name(), *message, *prototype, options, callbacks(bridge));
  {
    std::unique_lock lock(bridge->mutex);
    bridge->first.wait_for(lock, kRefusesWithin, [&] { return bridge->heard; });
    if (bridge->over && !bridge->end.ok()) return http::problem(bridge->end, request.trace_id);
    bridge->subscription = std::move(subscription);
  }
  // The reader's leaving cancels the call. The callback holds the bridge, and with it the subscription, as long as the
  // stream lives.
  bridge->stream.on_close([bridge] {
    rpc::Subscription ended;
    {
      const std::lock_guard lock(bridge->mutex);
      ended = std::move(bridge->subscription);
    }
    ended.cancel();
  });
  return std::nullopt;
}

}  // namespace loomline::edge
