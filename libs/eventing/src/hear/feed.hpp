// A partition that this process consumes, and what its messages ask for.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loomline/eventing/positions.hpp"
#include "src/commit/commit.hpp"
#include "src/decide/registry.hpp"
#include "src/hear/inlet.hpp"

namespace loomline::eventing {

struct Feed {
  std::string topic;  // without prefix
  int topic_number = 0;
  int partition = 0;
  std::int64_t epoch = 0;                                                 // of ownership
  std::int64_t next_offset = 0;                                           // the position: what is before it is done
  std::int64_t fetched = 0;                                               // the position after what is in the backlog
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> last_seq;  // (source, epoch) -> last applied
  // What asks for nothing is passed over without a commit: read again it asks for nothing again. The row stays behind
  // until something else is committed, or for a moment.
  std::int64_t stored_offset = 0;
  std::set<std::pair<std::string, std::int64_t>> passed;  // the chains that have moved since
  std::chrono::steady_clock::time_point passed_since{};
  bool stored() const { return stored_offset == next_offset; }
  // A topic has one owner: the last of its chains is the newest.
  Position position() const {
    if (last_seq.empty()) return {next_offset};
    const auto& [chain, seq] = *last_seq.rbegin();
    return {next_offset, chain.second, seq};
  }
  std::deque<Received> backlog;
  std::size_t backlog_bytes = 0;
  std::unique_ptr<Inlet> inlet;
  bool has_more = true;  // the inlet may hold messages
  bool whole = false;    // nothing was deleted from the topic yet: a chain that was never heard begins with 1
  // The partition holds more, and nothing of it comes: up to where it was read then, and since when.
  std::int64_t silent_at = -1;
  std::chrono::steady_clock::time_point silent_since{};
  // A gap that was met: how often it was rewound for, and how far it reaches.
  std::int64_t gap_at = -1;
  int gap_rewinds = 0;
  // Where an old number stood last, with nothing behind it up to the chain's last: who sends again goes on to the end,
  // so that somebody else repeated it, or the partition lost its end and has grown over what was read of it. What
  // stands before it is read again, once.
  std::int64_t short_at = -1, short_checked = -1;
  bool ends_short() const { return short_at > short_checked; }
};

// A message, and what is to be done with it.
struct Item {
  Feed* feed = nullptr;
  std::int64_t offset = 0;
  enum class What { apply, skip, unknown, foreign } what = What::skip;
  Offer offer;
  std::string tenant, key;
  const std::vector<Hearer>* hearers = nullptr;
  std::string reason;  // of foreign
  // The chain that it moves, if any.
  std::string source;
  std::int64_t epoch = 0, seq = 0;
};

struct Gap {
  Feed* feed = nullptr;
  std::int64_t offset = 0, missing = 0;
  std::string source;
  std::int64_t epoch = 0, first_missing = 0;
};

// Reads backlogs in order: tells duplicates, gaps and foreign bytes from what is to be applied.
class Reading {
 public:
  Reading(const Registry& registry, int partitions) : registry_(registry), partitions_(partitions) {}
  // Up to `most` messages; stops before a gap and reports it.
  void read(Feed& feed, std::size_t most);
  std::vector<Item> items;
  std::vector<Gap> gaps;

 private:
  Item classify(const Feed& feed, const Received& message) const;

  const Registry& registry_;
  int partitions_;
  // Seqs as they will be once what was read is applied.
  std::map<std::pair<Feed*, std::pair<std::string, std::int64_t>>, std::int64_t> reading_;
};

// The feeds stand behind these items, which ask for nothing; their rows do not yet.
void pass_over(const std::vector<const Item*>& items, std::chrono::steady_clock::time_point now);
// The rows are to say where the feeds stand.
void move_positions(const std::vector<Feed*>& feeds, Commit& commit);
// The positions that a step moves by having handled these items.
void move_positions(const std::vector<const Item*>& items, Commit& commit);
// After the commit: the feeds stand there, and their backlogs begin there.
void advance_feeds(const std::vector<const Item*>& items);

}  // namespace loomline::eventing
