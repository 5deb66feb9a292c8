#include "src/operate/activity.hpp"

#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/hear/tail.hpp"
#include "src/operate/chain_operator.hpp"
#include "src/operate/stalls.hpp"

namespace loomline::eventing {
namespace {

// All that the database knows about what is to be done, in one round trip: due timers (lane by lane, as the index has
// them; those of another program are not waited for) and the next one; kept events and dead letters; heads and ends of
// chains; positions.
constexpr const char* kActivity =
    "SELECT 'timers', '', 0, coalesce(sum(d.due)::bigint, 0), min(n.due), NULL::bigint, NULL::bigint,"
    " NULL::bigint"
    " FROM generate_series(0, $2::bigint - 1) AS l(lane)"
    " CROSS JOIN LATERAL (SELECT count(*) AS due FROM timer t WHERE t.lane = l.lane AND t.due <= $1::bigint"
    "  AND t.kind || '/' || split_part(t.name, '/', 1) = ANY($3::text[])) d"
    " LEFT JOIN LATERAL (SELECT t.due FROM timer t WHERE t.lane = l.lane"
    "  AND t.kind || '/' || split_part(t.name, '/', 1) = ANY($3::text[]) ORDER BY t.due LIMIT 1) n ON true"
    " UNION ALL SELECT 'kept', '', 0, (SELECT count(*) FROM pending),"
    " (SELECT count(*) FROM dead_letter WHERE state = 1), NULL, NULL, NULL"
    " UNION ALL SELECT 'chain', c.topic, c.partition, c.id, c.next_seq - 1, p.published, p.end_offset, c.epoch"
    " FROM chain c JOIN publication p ON p.chain = c.id WHERE NOT c.closed"
    " UNION ALL SELECT 'heard', o.topic, o.partition, o.next_offset, s.last_seq, NULL, NULL, s.epoch"
    " FROM consumer_offset o LEFT JOIN LATERAL (SELECT c.epoch, c.last_seq FROM source_chain c"
    "  WHERE c.topic = o.topic AND c.partition = o.partition ORDER BY c.epoch DESC LIMIT 1) s ON true";

void fill(const Positions& positions, google::protobuf::RepeatedPtrField<common::v1::TopicPosition>* out) {
  positions.for_each([out](int topic, int partition, const Position& at) {
    auto* position = out->Add();
    position->set_topic(topic_name(topic));
    position->set_partition(partition);
    position->set_offset(at.offset);
    position->set_epoch(at.epoch);
    position->set_seq(at.seq);
  });
}

}  // namespace

// Read again only where this process has changed some of it, a timer has come due, or others may have written. Heads
// and positions move with every commit; this process knows its own.
std::shared_ptr<const Activity::Stored> Activity::stored(Time now) {
  constexpr std::chrono::seconds kLongest{1};
  const std::lock_guard lock(stored_mutex_);
  const bool same = engine_.publisher.alone() && stored_->stirred == engine_.stirred &&
                    std::chrono::steady_clock::now() - stored_->read < kLongest && stored_->timers_due == 0 &&
                    (!stored_->next_timer || *stored_->next_timer > now);
  if (same) return stored_;
  Stored fresh;
  fresh.stirred = engine_.stirred;
  fresh.read = std::chrono::steady_clock::now();
  const Texts timers_of_ours(engine_.registry.timers().begin(), engine_.registry.timers().end());
  const auto rows =
      pool_.acquire()->exec(kActivity, micros(now), engine_.partitions, postgres::text_array(timers_of_ours));
  for (const auto row : rows) {
    const auto what = row.text(0);
    if (what == "timers") {
      fresh.timers_due = row.int64(3);
      if (!row.is_null(4)) fresh.next_timer = from_micros(row.int64(4));
    } else if (what == "kept") {
      fresh.kept = row.int64(3);
      fresh.dead_letters = row.int64(4);
    } else if (what == "chain") {
      fresh.chains.push_back({row.int64(3),
                              row.int64(7),
                              row.int64(4),
                              row.int64(5),
                              row.is_null(6) ? 0 : row.int64(6),
                              topic_number(row.text(1)),
                              row.get<int>(2)});
    } else {
      Position at{row.int64(3)};
      if (!row.is_null(7)) at = {at.offset, row.int64(7), row.int64(4)};
      fresh.heard.set(topic_number(row.text(1)), row.get<int>(2), at);
    }
  }
  return stored_ = std::make_shared<const Stored>(std::move(fresh));
}

Result<common::v1::GetActivityResponse> Activity::tell(bool with_positions) {
  try {
    common::v1::GetActivityResponse activity;
    activity.set_service(engine_.registry.service());
    activity.set_instance(engine_.instance);
    const auto now = engine_.clock.now();
    to_proto(now, *activity.mutable_business_time());
    // Read before the database: what starts later is seen as not yet applied rather than missed.
    activity.set_commands_running(commands_.running());
    // What was just committed is in one of the two: looked for where it comes first.
    engine_.publisher.take_reports();
    std::int64_t outbox = engine_.publisher.untaken();
    const auto reaches = engine_.publisher.reaches();
    Positions produced, consumed;
    if (with_positions) {
      produced = engine_.publisher.produced();
      for (const auto& topic : engine_.registry.topics())
        for (int partition = 0; partition < engine_.partitions; ++partition)
          consumed.set(topic_number(topic), partition, {0});
      // A row may be a moment behind what was passed over.
      group_.positions(consumed);
    }
    const auto known = stored(now);
    const auto& said = *known;
    activity.set_timers_due(said.timers_due);
    if (said.next_timer) to_proto(*said.next_timer, *activity.mutable_next_timer_at());
    activity.set_events_waiting(said.kept);
    activity.set_dead_letters(said.dead_letters);
    for (const auto& chain : said.chains) {
      const auto mine = reaches.find(chain.id);
      const bool other = mine == reaches.end();  // another replica publishes it
      const auto head = other ? chain.head : std::max(chain.head, mine->second.known);
      outbox += std::max<std::int64_t>(0, head - (other ? chain.published : mine->second.acknowledged));
      if (other && chain.end_offset > 0)
        produced.set(chain.topic, chain.partition, {chain.end_offset, chain.epoch, chain.published});
    }
    activity.set_outbox_pending(outbox);
    add_alarms(engine_, activity);
    add_stalls(group_.stalled_lanes(), group_.slow_keys(), activity);
    activity.set_steps_applied(engine_.steps);
    if (!with_positions) return activity;
    said.heard.for_each([&consumed](int topic, int partition, const Position& at) {
      if (consumed.at(topic, partition).known()) consumed.at_least(topic, partition, at);
    });
    fill(consumed, activity.mutable_consumed());
    fill(produced, activity.mutable_produced());
    return activity;
  } catch (const postgres::Error& error) {
    telemetry::log_warn("activity cannot be read", {telemetry::field::error(error)});
    return unavailable("DATABASE", "The database does not answer; try again in a few seconds.");
  }
}

}  // namespace loomline::eventing
