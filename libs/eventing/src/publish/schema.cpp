#include "src/publish/schema.hpp"

#include <array>

namespace loomline::eventing {
namespace {

constexpr const char* first = R"sql(
-- Events of a chain of this service that the broker lost and that the outbox no longer held.
CREATE TABLE chain_hole (
  chain bigint NOT NULL, first_seq bigint NOT NULL, last_seq bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (chain, first_seq));

-- What an operator let this service pass over in a chain that it hears.
CREATE TABLE chain_skip (
  id bigserial PRIMARY KEY, topic text NOT NULL, partition bigint NOT NULL, source text NOT NULL, epoch bigint NOT NULL,
  after_seq bigint NOT NULL, to_seq bigint NOT NULL, note text NOT NULL, at timestamptz NOT NULL DEFAULT now());
)sql";

}  // namespace

std::span<const postgres::Migration> publish_migrations() {
  static const std::array<postgres::Migration, 1> migrations{{{1, "holes and skips", first}}};
  return migrations;
}

}  // namespace loomline::eventing
