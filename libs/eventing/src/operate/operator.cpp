#include "src/operate/operator.hpp"

#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/commit.hpp"
#include "src/commit/load.hpp"
#include "src/decide/utf8.hpp"
#include "src/hear/tail.hpp"

namespace loomline::eventing {
namespace {

constexpr const char* kColumns =
    "SELECT d.id, d.topic, d.partition, d.position, d.key, d.type, d.event_id, d.reason, d.at, d.state,"
    " (SELECT count(*) FROM pending p WHERE p.tenant = d.tenant AND p.kind = d.kind AND p.key = d.key)"
    " FROM dead_letter d ";

common::v1::DeadLetter to_message(const Engine& engine, const postgres::Row& row) {
  common::v1::DeadLetter letter;
  letter.set_service(engine.registry.service());
  letter.set_dead_letter_id(row.get<std::string>(0));
  letter.set_topic(row.get<std::string>(1));
  letter.set_partition(row.get<int>(2));
  letter.set_offset(row.int64(3));
  letter.set_key(row.get<std::string>(4));
  letter.set_event_type(row.get<std::string>(5));
  letter.set_event_id(row.get<std::string>(6));
  letter.set_reason(row.get<std::string>(7));
  to_proto(row.time(8), *letter.mutable_recorded_at());
  letter.set_state(static_cast<common::v1::DeadLetterState>(row.int64(9)));
  letter.set_queued_behind(row.int64(10));
  return letter;
}

struct Letter {
  KeyId id;
  Offer offer;
};

std::optional<Letter> read_open(postgres::Connection& connection, std::string_view id) {
  const auto rows = connection.exec(
      "SELECT tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body, topic, partition,"
      " position FROM dead_letter WHERE id = $1 AND state = 1",
      id);
  if (rows.empty()) return std::nullopt;
  const auto row = rows[0];
  return Letter{{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)}, read_offer(row, 3)};
}

// The decision as a step of the key: computed on its state as it is now, and written with the letter's record.
// Result<bool>: false where another has written the key meanwhile, and it must be computed again.
Result<bool> decide(Engine& engine, postgres::Connection& connection, std::string_view id, std::string_view note,
                    Decision decision) {
  const auto letter = read_open(connection, id);
  if (!letter) {
    const bool known = !connection.exec("SELECT 1 FROM dead_letter WHERE id = $1", id).empty();
    if (!known) return not_found("DEAD_LETTER_UNKNOWN", "There is no dead letter " + std::string(id) + ".");
    return failed_precondition("DEAD_LETTER_CLOSED", "It was replayed or dropped already.");
  }
  const bool keyed = engine.registry.kind(letter->id.kind) != nullptr;
  if (decision == Decision::replay && (!keyed || (letter->offer.topic.empty() && !letter->offer.timer)))
    return failed_precondition("NOT_REPLAYABLE", "There is nothing in it that could be applied; drop the letter.");
  Commit commit(engine.registry, engine.partitions);
  std::optional<Fold> fold;
  if (keyed) {
    fold.emplace(engine.registry, load(Session(connection), engine.registry, {letter->id}).front());
    const Moment moment{engine.clock.now(), wall_now()};
    // A letter that parks nothing any more only has its record closed.
    if (fold->parked() == id) {
      if (decision == Decision::drop) {
        fold->drop(moment);
      } else {
        const auto verdict = fold->replay(letter->offer, moment);
        if (verdict.kind() == Verdict::Kind::not_yet || verdict.kind() == Verdict::Kind::refused)
          return failed_precondition("STILL_FAILS", "It still cannot be applied: " + verdict.reason());
      }
    }
    if (fold->touched()) commit.folds.push_back(&*fold);
  }
  postgres::Transaction transaction(connection);
  transaction.exec(
      "UPDATE dead_letter SET state = $2::bigint, note = $3, resolved_at = now() WHERE id = $1 AND state = 1", id,
      decision == Decision::replay ? 2 : 3, note);
  CommitOutcome outcome;
  outcome.committed = true;
  if (!commit.empty()) outcome = commit.run(Session(transaction));
  if (!outcome.committed) return false;
  transaction.commit();
  engine.count(1, true);
  engine.publisher.offer(std::move(outcome.events));
  if (outcome.earliest_timer != Time::max()) engine.on_timer(outcome.earliest_timer);
  return true;
}

Status from_error(const postgres::Error& error) {
  telemetry::log_warn("an operator's request failed", {telemetry::field::error(error)});
  return unavailable("DATABASE", "The database does not answer; try again in a few seconds.");
}

}  // namespace

Result<common::v1::ListDeadLettersResponse> list_dead_letters(Engine& engine, postgres::Pool& pool,
                                                              bool include_closed) {
  try {
    const std::string where =
        include_closed ? "ORDER BY d.id LIMIT 1000" : "WHERE d.state = 1 ORDER BY d.id LIMIT 1000";
    common::v1::ListDeadLettersResponse response;
    for (const auto row : pool.acquire()->exec(kColumns + where)) {
      *response.add_dead_letters() = to_message(engine, row);
    }
    return response;
  } catch (const postgres::Error& error) {
    return from_error(error);
  }
}

Result<common::v1::DeadLetter> resolve_dead_letter(Engine& engine, postgres::Pool& pool, std::string_view id,
                                                   std::string_view note,
                                                   Decision decision) {
  if (!is_storable(id) || !is_storable(note)) {
    return invalid("note", "is not UTF-8 text", "send text");
  }
  try {
    for (int attempt = 1;; ++attempt) {
      try {
        const auto decided = decide(engine, *pool.acquire(), id, note, decision);
        if (!decided.ok()) return decided.status();
        if (*decided) break;
        if (attempt > 50) return unavailable("KEY_BUSY", "Others keep working on the key; try again in a few seconds.");
      } catch (const postgres::Error& error) {
        if (!error.retryable() || attempt > 5) throw;
      }
      postgres::back_off({}, attempt);
    }
    const auto rows = pool.acquire()->exec(std::string(kColumns) + "WHERE d.id = $1", id);
    return to_message(engine, rows.one());
  } catch (const postgres::Error& error) {
    return from_error(error);
  }
}

}  // namespace loomline::eventing
