// What the broker has at the end of a chain's partition, read without a group.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/broker/kafka.hpp"
#include "src/publish/progress.hpp"

namespace loomline::eventing {

struct TailSeen {
  std::int64_t epoch = 0;           // the highest of ours among the messages that were read; 0: none of ours
  std::int64_t seq = 0;             // the highest of that epoch
  std::int64_t reach = 0;           // how far a consumer comes that reads them in order, duplicates dropped
  std::int64_t begin = 0, end = 0;  // the partition's watermarks
  std::int64_t from = 0;            // the offset from which on was read
  std::vector<std::pair<std::int64_t, Time>> said{};  // of that epoch, by offset: number and recorded time
};

// How far a consumer comes that stands after `after` and meets these numbers in this order. `after` negative: what was
// before them is whole, so it stands before the smallest.
std::int64_t reach_of(std::span<const std::int64_t> seqs, std::int64_t after, const Holes& holes = {});

// From which offset on a look reads.
std::int64_t first_offset(const Look& look, const kafka::Span& span);

// What stands in a tail, from its messages in order.
class TailReading {
 public:
  explicit TailReading(std::string source) : source_(std::move(source)) {}
  void see(const std::map<std::string, std::string, std::less<>>& headers);
  TailSeen seen(const Chain& chain, const Look& look, const kafka::Span& span) const;

 private:
  std::string source_;
  std::int64_t epoch_ = 0;
  std::vector<std::pair<std::int64_t, Time>> said_;  // as TailSeen
};

struct TailWanted {
  Chain chain;
  Look look;
};
// By index of `wanted`; nothing where the broker did not answer for that partition (it is down, or the topic is gone).
std::vector<std::optional<TailSeen>> read_tails(const std::string& brokers, const std::string& prefix,
                                                const std::string& source, const std::vector<TailWanted>& wanted);

}  // namespace loomline::eventing
