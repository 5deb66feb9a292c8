#include "src/hear/feed.hpp"

#include <algorithm>
#include <tuple>

#include "loomline/base/hash.hpp"
#include "src/broker/envelope.hpp"
#include "src/decide/utf8.hpp"
#include "src/faults.hpp"

namespace loomline::eventing {

Item Reading::classify(const Feed& feed, const Received& message) const {
  Item item;
  item.offset = message.offset;
  item.offer.topic = feed.topic;
  item.offer.partition = feed.partition;
  item.offer.offset = message.offset;
  const auto foreign = [&](std::string reason) {
    item.what = Item::What::foreign;
    item.reason = std::move(reason);
    item.offer.body = message.body;
    item.offer.recorded = message.time;
    return item;
  };
  const auto envelope = from_headers(message.headers);
  if (!envelope.ok())
    return foreign("foreign bytes: " + envelope.status().violations().front().field + " " +
                   envelope.status().violations().front().problem);
  const auto* topic = registry_.catalog().topic(feed.topic);
  if (topic == nullptr || topic->owner() != envelope->source) {
    return foreign("foreign bytes: " + envelope->source + " does not own topic " + feed.topic);
  }
  if (message.key.empty() || !is_storable(message.key) || message.key.size() > 500) {
    return foreign("foreign bytes: the message has no legal key");
  }
  // A message that was not written by its source's publisher must not use up a number of its chain.
  if (const int lane = lane_of(message.key, partitions_); lane != feed.partition)
    return foreign("foreign bytes: its key belongs to partition " + std::to_string(lane));
  if (envelope->id != event_id(envelope->source, envelope->epoch, feed.topic, feed.partition, envelope->seq))
    return foreign("foreign bytes: ce_id is not that of its place in the chain");
  item.source = envelope->source;
  item.epoch = envelope->epoch;
  item.seq = envelope->seq;
  const auto* declared = registry_.catalog().topic_of(envelope->type);
  item.hearers = registry_.hearers(envelope->type);
  if (declared == topic && item.hearers == nullptr) return item;
  if (declared != topic && faults::planted(faults::Bug::skip_unknown_types)) return item;
  // What a newer producer says is kept until this service is as new.
  item.what = declared == topic ? Item::What::apply : Item::What::unknown;
  item.tenant = envelope->tenant;
  item.key = message.key;
  item.offer.id = envelope->id;
  item.offer.type = envelope->type;
  item.offer.source = envelope->source;
  item.offer.recorded = envelope->time;
  item.offer.traceparent = envelope->traceparent;
  item.offer.body = message.body;
  return item;
}

void Reading::read(Feed& feed, std::size_t most) {
  for (const auto& message : feed.backlog) {
    if (most-- == 0) return;
    auto item = classify(feed, message);
    item.feed = &feed;
    if (item.seq > 0) {
      const std::pair<std::string, std::int64_t> chain{item.source, item.epoch};
      auto found = reading_.find({&feed, chain});
      if (found == reading_.end()) {
        const auto known = feed.last_seq.find(chain);
        // A chain that was never heard begins with 1, or wherever a topic begins from which something was deleted.
        const auto unheard = feed.whole ? 0 : item.seq - 1;
        const auto last = known == feed.last_seq.end() ? unheard : known->second;
        found = reading_.emplace(std::pair{&feed, chain}, last).first;
      }
      if (item.seq <= found->second && faults::planted(faults::Bug::apply_duplicates)) {
        item.seq = 0;
      } else if (item.seq <= found->second) {
        feed.short_at = item.seq < found->second ? message.offset : -1;
        item.what = Item::What::skip;  // a duplicate
        item.seq = 0;
      } else if (item.seq > found->second + 1 && !faults::planted(faults::Bug::pass_over_gaps)) {
        gaps.push_back(
            {&feed, message.offset, item.seq - found->second - 1, item.source, item.epoch, found->second + 1});
        return;
      } else {
        found->second = item.seq;
        feed.short_at = -1;
        feed.gap_at = -1;
        feed.gap_rewinds = 0;
      }
    }
    items.push_back(std::move(item));
  }
}

namespace {

struct Moves {
  std::map<Feed*, std::int64_t> next;
  std::map<std::tuple<Feed*, std::string, std::int64_t>, std::int64_t> chains;

  // The feed as it stands, with what was passed over.
  std::int64_t& of(Feed& feed) {
    const auto [at, fresh] = next.try_emplace(&feed, feed.next_offset);
    if (fresh)
      for (const auto& chain : feed.passed) chains[{&feed, chain.first, chain.second}] = feed.last_seq.at(chain);
    return at->second;
  }

  void fill(Commit& commit) const {
    for (const auto& [feed, offset] : next)
      commit.offsets.push_back({feed->topic, feed->partition, feed->stored_offset, offset, feed->epoch});
    std::sort(commit.offsets.begin(), commit.offsets.end(), [](const auto& a, const auto& b) {
      return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
    });
    for (const auto& [chain, seq] : chains) {
      const auto& [feed, source, epoch] = chain;
      commit.heard.push_back({feed->topic, feed->partition, source, epoch, seq});
    }
  }
};

std::set<Feed*> go_on(const std::vector<const Item*>& items) {
  std::map<Feed*, std::size_t> done;
  for (const auto* item : items) {
    item->feed->next_offset = std::max(item->feed->next_offset, item->offset + 1);
    if (item->seq > 0) item->feed->last_seq[{item->source, item->epoch}] = item->seq;
    ++done[item->feed];
  }
  std::set<Feed*> feeds;
  for (const auto& [feed, count] : done) {
    for (std::size_t i = 0; i < count; ++i) feed->backlog_bytes -= feed->backlog[i].weight();
    feed->backlog.erase(feed->backlog.begin(), feed->backlog.begin() + static_cast<std::ptrdiff_t>(count));
    feeds.insert(feed);
  }
  return feeds;
}

}  // namespace

void move_positions(const std::vector<const Item*>& items, Commit& commit) {
  Moves positions;
  for (const auto* item : items) {
    // After a rewind, duplicates lie below the position: it never goes back.
    auto& to = positions.of(*item->feed);
    to = std::max(to, item->offset + 1);
    if (item->seq > 0) positions.chains[{item->feed, item->source, item->epoch}] = item->seq;
  }
  positions.fill(commit);
}

void move_positions(const std::vector<Feed*>& feeds, Commit& commit) {
  Moves positions;
  for (auto* feed : feeds) positions.of(*feed);
  positions.fill(commit);
}

void advance_feeds(const std::vector<const Item*>& items) {
  for (auto* feed : go_on(items)) {
    feed->stored_offset = feed->next_offset;
    feed->passed.clear();
  }
}

void pass_over(const std::vector<const Item*>& items, std::chrono::steady_clock::time_point now) {
  for (const auto* item : items)
    if (item->feed->stored()) item->feed->passed_since = now;
  go_on(items);
  for (const auto* item : items)
    if (item->seq > 0) item->feed->passed.emplace(item->source, item->epoch);
}

}  // namespace loomline::eventing
