// A step as the columns that the commit functions take. Views into what is committed, which must live as long.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/postgres/param.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/commit.hpp"

namespace loomline::eventing {

using Bodies = std::vector<std::optional<std::string_view>>;

enum class Role : std::int64_t { waits = 0, aside = 1, letter = 2, unknown = 3 };  // of an offer that is kept

// Rows and what hangs on them. What is made here is kept in `made`.
struct RowColumns {
  KeyColumns keys;
  std::map<KeyId, std::int64_t> place;
  Numbers expected, last_times, waiting;
  std::vector<bool> bump, write, remove;
  Bodies states;
  Texts parked;
  Numbers part_of;
  Texts part_collections, part_names;
  Bodies part_bodies;
  Numbers index_of, value_of;
  Texts index_names, value_names, index_values;
  Numbers gone_of, gone_due, timer_of, timer_lanes, timer_due;
  Texts gone_names, timer_names, timer_payloads;
  Numbers settled_of;
  Texts settled_events;
  Numbers offer_role, offer_of, offer_recorded, offer_partitions, offer_positions;
  std::vector<bool> offer_timer;
  Texts offer_letter, offer_tenant, offer_key, offer_event, offer_type, offer_source, offer_trace, offer_body,
      offer_topic, offer_reason;
  std::deque<std::string> made;

  void add_row(const KeyId& id, std::int64_t version, bool written);
  // Timers that it sets lower `earliest`.
  void add_fold(Fold& fold, int partitions, Time& earliest);
  void keep(Role role, std::int64_t owner, std::string_view letter, std::string_view tenant, std::string_view key,
            const Offer& offer, std::string_view reason);
  // kernel_commit_alone can write it.
  bool plain() const;
};

// The events by chain, in order, as the numbering statement wants them.
struct EventColumns {
  EventColumns(const std::vector<const Outgoing*>& out, int lanes);
  // Those of one chain, which is given this first number.
  void committed(std::int64_t place, std::int64_t chain, std::int64_t first, std::string_view shift_text,
                 std::vector<Committed>& out) const;

  std::map<std::pair<std::string_view, int>, std::vector<const Outgoing*>> by_chain;
  Texts topics, tenants, keys, types, causations, traces, bodies;
  Numbers partitions, counts, first_times, last_times, chain_of, places, times;
};

// Positions, heard chains and scopes.
struct MoveColumns {
  MoveColumns(const std::vector<OffsetMove>& offsets, const std::vector<ChainHeard>& heard,
              const std::vector<Scope>& asked);

  Texts offset_topics, heard_topics, heard_sources, scopes, hashes;
  Numbers offset_partitions, offset_expected, offset_next, offset_epochs, heard_partitions, heard_epochs, heard_last;
  Bodies answers;
};

// The parameters of kernel_commit, or of kernel_commit_alone, in their order.
class Parameters {
 public:
  Parameters(const RowColumns& in, const MoveColumns& moves, const EventColumns& events, bool alone);
  std::span<const postgres::Param> list() const { return list_; }

 private:
  void add_one(const Texts& values) { list_.push_back(postgres::text_array(values)); }
  void add_one(const Numbers& values) { list_.push_back(postgres::bigint_array(values)); }
  void add_one(const std::vector<bool>& values) { list_.push_back(postgres::bool_array(values)); }
  void add_one(const Bodies& values) { list_.push_back(postgres::bytea_array(values)); }
  template <class... Columns>
  void add(const Columns&... columns) {
    (add_one(columns), ...);
  }
  void add_offers(const RowColumns& in);

  std::vector<postgres::Param> list_;
};

}  // namespace loomline::eventing
