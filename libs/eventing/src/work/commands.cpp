#include "src/work/commands.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "src/decide/utf8.hpp"

namespace loomline::eventing {
namespace {

// The same bytes for equal messages, maps included.
std::string canonical(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  return bytes;
}

}  // namespace

Result<JobPtr> Commands::prepare(std::string_view method, const Message& request, const Message& response,
                                 const Executor::Options& options) const {
  const auto* command = engine_.registry.command(method);
  if (command == nullptr)
    return Status(Code::unimplemented, "METHOD_UNKNOWN", "This service does not execute " + std::string(method) + ".");
  const auto legal = [](const std::string& text) { return text.size() <= 200 && is_storable(text); };
  if (!legal(options.idempotency_key)) return invalid("idempotency_key", "is too long", "use at most 200 characters");
  auto job = std::make_shared<Job>();
  job->command = command;
  job->request.reset(request.New());
  job->request->CopyFrom(request);
  job->response.reset(response.New());
  job->body_hash = sha256_hex(canonical(request));
  job->with_key = !options.idempotency_key.empty();
  // A command without a key gets one of its own: it lets a commit in doubt be found out.
  const std::string key = job->with_key ? "key:" + options.idempotency_key : "auto:" + random_hex128();
  job->scope = sha256_hex(options.tenant + '\0' + options.caller.id + '\0' + std::string(method) + '\0' + key);
  auto& cause = job->cause;
  cause.tenant = options.tenant;
  cause.id = "cmd/" + engine_.registry.service() + "/" + job->scope;
  cause.type = request.GetDescriptor()->full_name();
  cause.source = engine_.registry.service();
  cause.recorded = engine_.clocks.wall();
  cause.now = engine_.clock.now();
  cause.traceparent = options.traceparent;
  cause.caller = options.caller;
  const auto aggregate = command->handler->key_of(request, cause);
  if (!aggregate.ok()) return aggregate.status();
  if (aggregate->empty() || !legal(*aggregate) || !legal(options.tenant))
    return invalid("key", "is empty, too long or malformed", "give the id of the thing that the command is about");
  job->id = {options.tenant, command->def->kind, *aggregate};
  return job;
}

Status Commands::execute(std::string_view method, const Message& request, Message& response,
                         const Executor::Options& options) {
  if (engine_.publisher.congested())
    return unavailable("OUTBOX_FULL", "Too much is waiting to be published; try again in a few seconds.");
  auto prepared = prepare(method, request, response, options);
  if (!prepared.ok()) return prepared.status();
  const auto& job = *prepared;
  auto done = job->done.get_future();
  ++running_;
  Status status;
  switch (worker_of_(lane_of(job->id.key, engine_.partitions)).submit(job)) {
    case LaneWorker::Submitted::yes:
      status = done.get();
      break;
    case LaneWorker::Submitted::full:
      status = Status(Code::resource_exhausted, "TOO_MANY_COMMANDS", "Too many commands wait; try again later.");
      break;
    case LaneWorker::Submitted::stopping:
      status = shutting_down();
      break;
  }
  --running_;
  if (!status.ok()) return status;
  response.GetReflection()->Swap(&response, job->response.get());
  if (options.positions != nullptr) *options.positions = std::move(job->positions);
  return status;
}

}  // namespace loomline::eventing
