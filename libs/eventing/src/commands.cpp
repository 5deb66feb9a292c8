#include "src/commands.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/columns.hpp"
#include "src/faults.hpp"
#include "src/decide/utf8.hpp"

namespace loomline::eventing {
namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kQueue = 5000;
constexpr int kAttempts = 12;

// The same bytes for equal messages, maps included.
std::string canonical(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  return bytes;
}

Status reused() {
  return failed_precondition("IDEMPOTENCY_KEY_REUSED",
                             "The idempotency key was used for another request; use a new key for a new request.");
}

}  // namespace

Commands::Commands(Engine& engine, int threads) : engine_(engine) {
  for (int i = 0; i < std::max(1, threads); ++i) lanes_.push_back(std::make_unique<Lane>());
}

Commands::~Commands() { stop(); }

void Commands::start() {
  for (auto& lane : lanes_) lane->thread = std::thread([this, raw = lane.get()] { run(*raw); });
}

void Commands::stop() {
  for (auto& lane : lanes_) {
    {
      const std::lock_guard lock(lane->mutex);
      lane->stop = true;
    }
    lane->arrived.notify_all();
  }
  for (auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

Status Commands::execute(std::string_view method, const Message& request, Message& response,
                         const Executor::Options& options) {
  const auto* command = engine_.registry.command(method);
  if (command == nullptr) {
    return Status(Code::unimplemented, "METHOD_UNKNOWN", "This service does not execute " + std::string(method) + ".");
  }
  if (engine_.publisher.congested()) {
    return unavailable("OUTBOX_FULL", "Too much is waiting to be published; try again in a few seconds.");
  }
  const auto legal = [](const std::string& text) { return text.size() <= 200 && is_storable(text); };
  if (!legal(options.idempotency_key)) return invalid("idempotency_key", "is too long", "use at most 200 characters");
  Job job;
  job.command = command;
  job.request = &request;
  job.response = &response;
  job.positions = options.positions;
  job.body_hash = sha256_hex(canonical(request));
  // A command without a key gets one of its own: it lets a commit in doubt be found out.
  const std::string key =
      options.idempotency_key.empty() ? "auto:" + random_hex128() : "key:" + options.idempotency_key;
  job.scope = sha256_hex(options.tenant + '\0' + options.caller.id + '\0' + std::string(method) + '\0' + key);
  auto& cause = job.cause;
  cause.tenant = options.tenant;
  cause.id = "cmd/" + engine_.registry.service() + "/" + job.scope;
  cause.type = request.GetDescriptor()->full_name();
  cause.source = engine_.registry.service();
  cause.recorded = wall_now();
  cause.now = engine_.clock.now();
  cause.traceparent = options.traceparent;
  cause.caller = options.caller;
  const auto aggregate = command->handler->key_of(request, cause);
  if (!aggregate.ok()) return aggregate.status();
  if (aggregate->empty() || !legal(*aggregate) || !legal(options.tenant)) {
    return invalid("key", "is empty, too long or malformed", "give the id of the thing that the command is about");
  }
  job.id = {options.tenant, command->def->kind, *aggregate};
  auto done = job.done.get_future();
  auto& lane = *lanes_[murmur2(*aggregate) % lanes_.size()];
  ++running_;
  {
    const std::lock_guard lock(lane.mutex);
    if (lane.stop || lane.queue.size() >= kQueue) {
      --running_;
      return lane.stop
                 ? unavailable("SHUTTING_DOWN", "The service is shutting down; try again.")
                 : Status(Code::resource_exhausted, "TOO_MANY_COMMANDS", "Too many commands wait; try again later.");
    }
    lane.queue.push_back(&job);
  }
  lane.arrived.notify_one();
  auto status = done.get();
  --running_;
  return status;
}

std::vector<Commands::Job*> Commands::take(Lane& lane) {
  std::unique_lock lock(lane.mutex);
  lane.arrived.wait(lock, [&] { return lane.stop || !lane.queue.empty(); });
  std::vector<Job*> jobs;
  std::set<std::string_view> scopes;
  // Two with one idempotency key: the second finds the first's answer in the next batch.
  while (!lane.queue.empty() && jobs.size() < kBatch && scopes.insert(lane.queue.front()->scope).second) {
    jobs.push_back(lane.queue.front());
    lane.queue.pop_front();
  }
  return jobs;
}

void Commands::run(Lane& lane) {
  const telemetry::ServiceScope scope(engine_.registry.service());
  for (;;) {
    auto jobs = take(lane);
    if (jobs.empty()) return;  // stopping, and nothing is left
    work(std::move(jobs));
  }
}

void Commands::finish(const std::vector<Job*>& jobs) {
  for (auto* job : jobs) {
    if (job->replayed) job->response->ParseFromString(job->response_bytes);
    auto done = std::move(job->done);  // the caller may return, and the job end, at once
    done.set_value(std::move(job->status));
  }
}

void Commands::work(std::vector<Job*> jobs) {
  const auto fail = [](const std::vector<Job*>& failed, const Status& status) {
    for (auto* job : failed) job->status = status;
    finish(failed);
  };
  for (int tries = 1;; ++tries) {
    try {
      attempt(jobs);
      finish(jobs);
      return;
    } catch (const postgres::Error& error) {
      using Kind = postgres::ErrorKind;
      // In doubt is tried again too: the idempotency row, inserted again, waits for the truth and tells it.
      const bool again = error.retryable() || error.in_doubt() || error.kind() == Kind::connection ||
                         error.kind() == Kind::timeout || error.kind() == Kind::refused;
      if (again && tries < kAttempts) {
        postgres::back_off({}, tries);
        continue;
      }
      telemetry::log_error("commands failed", {telemetry::field::error(error)});
      if (again) {
        fail(jobs,
             error.in_doubt()
                 ? Status(Code::unknown, "IN_DOUBT", "Whether this happened is not known; ask again with the same key.")
                 : unavailable("DATABASE", "The database does not answer; try again in a few seconds."));
        return;
      }
      if (jobs.size() == 1) {
        fail(jobs, internal("The database refused what this command would write."));
        return;
      }
    } catch (const std::exception& error) {
      telemetry::log_error("commands failed", {telemetry::field::error(error)});
      if (jobs.size() == 1) {
        fail(jobs, internal("The command could not be executed."));
        return;
      }
    }
    // One of them is poison: each alone.
    for (auto* job : jobs) work({job});
    return;
  }
}

void Commands::read_answers(const std::vector<Job*>& jobs, const postgres::Rows& inserted,
                            const postgres::Rows& known) {
  std::set<std::string> fresh;
  for (const auto row : inserted) fresh.insert(row.get<std::string>(0));
  std::map<std::string, postgres::Row> found;
  for (const auto row : known) found.emplace(row.get<std::string>(0), row);
  for (auto* job : jobs) {
    job->status = {};
    job->replayed = !fresh.contains(job->scope);
    if (!job->replayed) continue;
    const auto row = found.find(job->scope);
    // Its first try was rolled back between the two statements: as if it had never been.
    if (row == found.end()) throw postgres::Error(postgres::ErrorKind::retryable, "", "an idempotency key vanished");
    if (row->second.text(1) != job->body_hash) {
      job->replayed = false;
      job->status = reused();
      continue;
    }
    job->response_bytes = row->second.get<std::optional<std::string>>(2).value_or("");
  }
}

void Commands::attempt(const std::vector<Job*>& jobs) {
  Texts scopes, hashes;
  std::set<KeyId> keys;
  std::vector<const Job*> sorted(jobs.begin(), jobs.end());
  std::sort(sorted.begin(), sorted.end(), [](const Job* a, const Job* b) { return a->scope < b->scope; });
  for (const auto* job : sorted) {
    scopes.push_back(job->scope);
    hashes.push_back(job->body_hash);
    keys.insert(job->id);
  }
  auto connection = engine_.pool.acquire();
  postgres::Transaction transaction(*connection);
  transaction.queue(
      "INSERT INTO idempotency (scope, body_hash) SELECT * FROM unnest($1::text[], $2::text[])"
      " ON CONFLICT (scope) DO NOTHING RETURNING scope",
      postgres::text_array(scopes), postgres::text_array(hashes));
  transaction.queue("SELECT scope, body_hash, response FROM idempotency WHERE scope = ANY($1::text[])",
                    postgres::text_array(scopes));
  Batch batch(engine_.registry, engine_.partitions);
  batch.queue_load(transaction, keys);
  const auto answers = transaction.sync();
  read_answers(jobs, answers[0], answers[1]);
  batch.loaded(transaction, answers[3]);
  const Moment moment{engine_.clock.now(), wall_now()};
  std::vector<std::string> responses;
  for (auto* job : jobs) {
    if (job->replayed || !job->status.ok()) continue;
    job->response->Clear();
    job->status =
        batch.fold(job->id).command(*job->command->handler, *job->request, *job->response, job->cause, moment);
    if (job->status.ok()) {
      batch.answered.push_back({job->scope, job->response->SerializeAsString()});
    } else {
      batch.unanswered.push_back(job->scope);
    }
  }
  auto committed = batch.commit(transaction);
  if (faults::lose_commit_answer.exchange(false)) {
    throw postgres::Error(postgres::ErrorKind::in_doubt, "", "a test lost the answer of COMMIT");
  }
  engine_.count(static_cast<std::int64_t>(batch.answered.size()));
  for (auto* job : jobs) {
    if (job->positions == nullptr) continue;
    *job->positions = engine_.publisher.positions(committed, job->replayed ? "" : job->cause.id);
  }
  engine_.publisher.offer(std::move(committed));
  if (batch.earliest_timer() != Time::max()) engine_.on_timer(batch.earliest_timer());
}

}  // namespace loomline::eventing
