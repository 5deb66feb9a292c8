#include "src/lane_step.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/columns.hpp"
#include "src/faults.hpp"
#include "src/utf8.hpp"

namespace loomline::eventing {

Item LaneStep::classify(const Part& part, const Received& message) const {
  Item item;
  item.message = &message;
  item.offer.topic = part.topic;
  item.offer.partition = part.partition;
  item.offer.offset = message.offset;
  const auto foreign = [&](std::string reason) {
    item.what = Item::What::foreign;
    item.reason = std::move(reason);
    item.offer.body = message.body;
    return item;
  };
  const auto envelope = from_headers(message.headers);
  if (!envelope.ok())
    return foreign("foreign bytes: " + envelope.status().violations().front().field + " " +
                   envelope.status().violations().front().problem);
  const auto* topic = engine_.registry.catalog().topic(part.topic);
  if (topic == nullptr || topic->owner() != envelope->source) {
    return foreign("foreign bytes: " + envelope->source + " does not own topic " + part.topic);
  }
  if (message.key.empty() || !is_storable(message.key) || message.key.size() > 500) {
    return foreign("foreign bytes: the message has no legal key");
  }
  // A message that was not written by its source's publisher must not use up a number of its chain.
  if (const int lane = lane_of(message.key, engine_.partitions); lane != part.partition)
    return foreign("foreign bytes: its key belongs to partition " + std::to_string(lane));
  if (envelope->id != event_id(envelope->source, envelope->epoch, part.topic, part.partition, envelope->seq))
    return foreign("foreign bytes: ce_id is not that of its place in the chain");
  item.source = envelope->source;
  item.epoch = envelope->epoch;
  item.seq = envelope->seq;
  const auto* declared = engine_.registry.catalog().topic_of(envelope->type);
  if (declared != topic) {
    item.what = Item::What::undeclared;
    item.offer.type = envelope->type;
    return item;
  }
  item.hearers = engine_.registry.hearers(envelope->type);
  if (item.hearers == nullptr) return item;
  item.what = Item::What::apply;
  item.id = {envelope->tenant, "", message.key};
  item.offer.id = envelope->id;
  item.offer.type = envelope->type;
  item.offer.source = envelope->source;
  item.offer.recorded = envelope->time;
  item.offer.traceparent = envelope->traceparent;
  item.offer.body = message.body;
  return item;
}

void LaneStep::read(Part& part, std::size_t most) {
  for (const auto& message : part.backlog) {
    if (most-- == 0) return;
    auto item = classify(part, message);
    item.part = &part;
    if (item.seq > 0) {
      const std::pair<std::string, std::int64_t> chain{item.source, item.epoch};
      auto found = reading_.find({&part, chain});
      if (found == reading_.end()) {
        const auto known = part.last_seq.find(chain);
        // A chain that was never heard begins with 1, or wherever a topic begins from which something was deleted.
        const auto unheard = part.whole ? 0 : item.seq - 1;
        const auto last = known == part.last_seq.end() ? unheard : known->second;
        found = reading_.emplace(std::pair{&part, chain}, last).first;
      }
      if (item.seq <= found->second) {
        item.what = Item::What::skip;  // a duplicate
        item.seq = 0;
      } else if (item.seq > found->second + 1) {
        gaps_.push_back(
            {&part, message.offset, item.seq - found->second - 1, item.source, item.epoch, found->second + 1});
        return;
      } else {
        found->second = item.seq;
        part.gap_at = -1;
        part.gap_rewinds = 0;
      }
    }
    items_.push_back(std::move(item));
  }
}

void LaneStep::commit() { commit(items_, std::nullopt); }

void LaneStep::commit(std::span<Item> items, const std::optional<std::string>& condemned) {
  if (items.empty()) return;
  try {
    auto connection = engine_.pool.acquire();
    postgres::Transaction transaction(*connection);
    Batch batch(engine_.registry, engine_.partitions);
    std::set<KeyId> keys;
    for (const auto& item : items) {
      if (item.what != Item::What::apply) continue;
      for (const auto& hearer : *item.hearers) keys.insert({item.id.tenant, hearer.def->kind, item.id.key});
    }
    if (!keys.empty()) {
      batch.queue_load(transaction, keys);
      const auto answers = transaction.sync();
      batch.loaded(transaction, answers[1]);
    }
    apply(batch, items, condemned);
    positions(batch, items);
    auto committed = batch.commit(transaction);
    if (faults::lose_commit_answer.exchange(false)) {
      throw postgres::Error(postgres::ErrorKind::in_doubt, "", "a test lost the answer of COMMIT");
    }
    advance(items);
    engine_.publisher.offer(std::move(committed));
    if (batch.earliest_timer() != Time::max()) engine_.on_timer(batch.earliest_timer());
    return;
  } catch (const postgres::Error& error) {
    using Kind = postgres::ErrorKind;
    const bool data =
        error.kind() == Kind::other || error.kind() == Kind::constraint || error.kind() == Kind::unique_violation;
    // A full disk or a missing table is nobody's event.
    if (!data || error.sqlstate().starts_with("53") || error.sqlstate().starts_with("42P01") || condemned) throw;
    if (items.size() == 1) {
      telemetry::log_error("the database refuses an event's effects", {telemetry::field::error(error)});
      commit(items, std::string("the database refused its effects: ") + error.what());
      return;
    }
  } catch (const std::exception& error) {
    if (condemned) throw;
    if (items.size() == 1) {
      telemetry::log_error("an event cannot be applied", {telemetry::field::error(error)});
      items[0].what = Item::What::foreign;
      items[0].reason = std::string("cannot be applied: ") + error.what();
      commit(items, items[0].reason);
      return;
    }
  }
  // The poison is found by halving, so that the others go through in few transactions.
  const auto half = items.size() / 2;
  commit(items.first(half), std::nullopt);
  commit(items.subspan(half), std::nullopt);
}

void LaneStep::apply(Batch& batch, std::span<Item> items, const std::optional<std::string>& condemned) {
  const Moment moment{engine_.clock.now(), wall_now()};
  for (auto& item : items) {
    switch (item.what) {
      case Item::What::skip:
        break;
      case Item::What::undeclared:
        ++batch.skipped[{item.part->topic, item.offer.type}];
        break;
      case Item::What::foreign: {
        const auto where =
            item.part->topic + "/" + std::to_string(item.part->partition) + "/" + std::to_string(item.offer.offset);
        batch.foreign.push_back({mint_id("dlq", moment.wall, engine_.registry.service() + "/" + where), item.offer,
                                 storable(item.message->key, 200), storable(item.reason, 2000)});
        engine_.metrics.dead.increment();
        telemetry::log_error("foreign bytes are dead-lettered", {telemetry::field::id("topic", item.part->topic)});
        break;
      }
      case Item::What::apply:
        for (const auto& hearer : *item.hearers) {
          auto& fold = batch.fold({item.id.tenant, hearer.def->kind, item.id.key});
          if (condemned) {
            fold.condemn(item.offer, *condemned, moment);
            continue;
          }
          const auto verdict = fold.offer(item.offer, moment);
          if (verdict.kind() == Verdict::Kind::refused) {
            engine_.metrics.dead.increment();
            telemetry::log_error(
                "an event is dead-lettered and its key parked",
                {telemetry::field::id("event", item.offer.id), telemetry::field::id("type", item.offer.type),
                 telemetry::field::error(verdict.reason())});
          }
        }
        break;
    }
  }
}

void LaneStep::positions(Batch& batch, std::span<Item> items) const {
  std::map<Part*, std::int64_t> next;
  std::map<std::tuple<Part*, std::string, std::int64_t>, std::int64_t> chains;
  for (const auto& item : items) {
    // After a rewind, duplicates lie below the position: it never goes back.
    next[item.part] = std::max(item.part->next_offset, item.message->offset + 1);
    if (item.seq > 0) chains[{item.part, item.source, item.epoch}] = item.seq;
  }
  for (const auto& [part, offset] : next) {
    batch.offsets.push_back({part->topic, part->partition, part->next_offset, offset, part->epoch});
  }
  std::sort(batch.offsets.begin(), batch.offsets.end(), [](const auto& a, const auto& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  for (const auto& [chain, seq] : chains) {
    const auto& [part, source, epoch] = chain;
    batch.heard.push_back({part->topic, part->partition, source, epoch, seq});
  }
}

void LaneStep::advance(std::span<Item> items) {
  engine_.count(
      std::count_if(items.begin(), items.end(), [](const Item& item) { return item.what == Item::What::apply; }));
  for (auto& item : items) {
    item.part->next_offset = std::max(item.part->next_offset, item.message->offset + 1);
    if (item.seq > 0) item.part->last_seq[{item.source, item.epoch}] = item.seq;
  }
  // Only now: items point into the backlogs.
  std::map<Part*, std::size_t> done;
  for (const auto& item : items) ++done[item.part];
  for (auto& item : items) item.message = nullptr;
  for (const auto& [part, count] : done) {
    part->backlog.erase(part->backlog.begin(), part->backlog.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

}  // namespace loomline::eventing
