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

}  // namespace

bool await_positions(postgres::Pool& pool, const Registry& registry, std::string_view positions,
                     std::chrono::milliseconds patience) {
  Texts topics, sources;
  Numbers partitions, epochs, seqs;
  while (!positions.empty()) {
    const auto end = std::min(positions.find(';'), positions.size());
    const auto position = parse(positions.substr(0, end));
    if (!position) return false;
    positions.remove_prefix(std::min(end + 1, positions.size()));
    const auto& heard = registry.topics();
    if (!std::binary_search(heard.begin(), heard.end(), position->topic)) continue;
    const auto* topic = registry.catalog().topic(position->topic);
    topics.push_back(topic->name());
    sources.push_back(topic->owner());
    partitions.push_back(position->partition);
    epochs.push_back(position->epoch);
    seqs.push_back(position->seq);
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto pause = std::chrono::milliseconds(1);
  while (!topics.empty()) {
    const auto applied =
        pool.acquire()
            ->exec(
                "SELECT count(*) FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])"
                " AS n(topic, partition, source, epoch, seq) JOIN source_chain s ON s.topic = n.topic"
                " AND s.partition = n.partition AND s.source = n.source AND s.epoch = n.epoch"
                " WHERE s.last_seq >= n.seq",
                postgres::text_array(topics), postgres::bigint_array(partitions), postgres::text_array(sources),
                postgres::bigint_array(epochs), postgres::bigint_array(seqs))
            .one()
            .int64(0);
    if (applied >= static_cast<std::int64_t>(topics.size())) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace loomline::eventing
