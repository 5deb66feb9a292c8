// Reading one's own writes: chain positions, and waiting for them.
#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "src/commit/columns.hpp"
#include "src/operate/reader.hpp"

namespace loomline::eventing {
namespace {

struct Position {
  std::string_view topic;
  std::int64_t partition = 0, epoch = 0, seq = 0;
};

std::optional<Position> parse(std::string_view text) {
  Position position;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  position.topic = text.substr(0, slash);
  const char* at = text.data() + slash;
  const char* end = text.data() + text.size();
  for (auto* number : {&position.partition, &position.epoch, &position.seq}) {
    if (at == end || *at != '/') return std::nullopt;
    const auto read = std::from_chars(at + 1, end, *number);
    if (read.ec != std::errc()) return std::nullopt;
    at = read.ptr;
  }
  return at == end ? std::optional(position) : std::nullopt;
}

struct Awaited {
  std::pair<std::string, int> place;           // topic and partition
  std::pair<std::string, std::int64_t> chain;  // source and epoch
  std::int64_t seq = 0;
};

bool applied(postgres::Pool& pool, const std::vector<Awaited>& awaited) {
  Texts topics, sources;
  Numbers partitions, epochs, seqs;
  for (const auto& [place, chain, seq] : awaited) {
    topics.push_back(place.first);
    partitions.push_back(place.second);
    sources.push_back(chain.first);
    epochs.push_back(chain.second);
    seqs.push_back(seq);
  }
  const auto rows = pool.acquire()->exec(
      "SELECT count(*) FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])"
      " AS n(topic, partition, source, epoch, seq) JOIN source_chain s ON s.topic = n.topic"
      " AND s.partition = n.partition AND s.source = n.source AND s.epoch = n.epoch"
      " WHERE s.last_seq >= n.seq",
      postgres::text_array(topics), postgres::bigint_array(partitions), postgres::text_array(sources),
      postgres::bigint_array(epochs), postgres::bigint_array(seqs));
  return rows.one().int64(0) >= static_cast<std::int64_t>(awaited.size());
}

}  // namespace

bool await_positions(postgres::Pool& pool, const Registry& registry, std::string_view positions,
                     std::chrono::milliseconds patience, const HasPassed& passed) {
  std::vector<Awaited> missing;
  while (!positions.empty()) {
    const auto end = std::min(positions.find(';'), positions.size());
    const auto position = parse(positions.substr(0, end));
    if (!position) return false;
    positions.remove_prefix(std::min(end + 1, positions.size()));
    const auto& heard = registry.topics();
    if (!std::binary_search(heard.begin(), heard.end(), position->topic)) continue;
    const auto* topic = registry.catalog().topic(position->topic);
    missing.push_back(
        {{topic->name(), static_cast<int>(position->partition)}, {topic->owner(), position->epoch}, position->seq});
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto pause = std::chrono::milliseconds(1);
  for (;;) {
    std::erase_if(missing, [&](const Awaited& one) { return passed(one.place, one.chain, one.seq); });
    if (missing.empty() || applied(pool, missing)) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(20));
  }
}

}  // namespace loomline::eventing
