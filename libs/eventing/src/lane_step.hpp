// One step of a lane worker: from messages of one or several partitions to one transaction.
#pragma once

#include <optional>
#include <span>

#include "src/lanes.hpp"

namespace loomline::eventing {

// A message with its partition, and what is to be done with it.
struct Item {
  Part* part = nullptr;
  const Received* message = nullptr;
  enum class What { apply, skip, undeclared, foreign } what = What::skip;
  Offer offer;
  KeyId id;  // tenant and key; the kind comes with each hearer
  const std::vector<Hearer>* hearers = nullptr;
  std::string reason;  // of foreign
  // The chain that it moves, if any.
  std::string source;
  std::int64_t epoch = 0, seq = 0;
};

struct Gap {
  Part* part = nullptr;
  std::int64_t offset = 0, missing = 0;
  std::string source;
  std::int64_t epoch = 0, first_missing = 0;
};

class LaneStep {
 public:
  explicit LaneStep(Engine& engine) : engine_(engine) {}

  // Reads up to `most` messages of a backlog in order; stops before a gap and reports it.
  void read(Part& part, std::size_t most);
  const std::vector<Gap>& gaps() const { return gaps_; }
  bool empty() const { return items_.empty(); }

  // Applies and commits everything that was read. A message whose effects the database refuses is found by halving and
  // dead-lettered. Throws postgres::Error for what a retry or a reclaim must mend.
  void commit();

 private:
  Item classify(const Part& part, const Received& message) const;
  void commit(std::span<Item> items, const std::optional<std::string>& condemned);
  void apply(Batch& batch, std::span<Item> items, const std::optional<std::string>& condemned);
  void positions(Batch& batch, std::span<Item> items) const;
  void advance(std::span<Item> items);

  Engine& engine_;
  std::vector<Item> items_;
  std::vector<Gap> gaps_;
  // Seqs as they will be once what was read is applied.
  std::map<std::pair<Part*, std::pair<std::string, std::int64_t>>, std::int64_t> reading_;
};

// Fires the due timers of the given lanes, at most 200; answers the next due time of what is left (Time::max(): none).
Time fire_timers(Engine& engine, const std::set<int>& lanes);

}  // namespace loomline::eventing
