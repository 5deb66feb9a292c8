#include "src/commit/schema.hpp"

#include <array>

#include "kernel_commit_sql.hpp"

namespace loomline::eventing {
namespace {

// Times are microseconds since 1970 (recorded or business time); `timestamptz` is used where only people look at it.
constexpr const char* kFirst = R"sql(
CREATE FUNCTION kernel_require(boolean, text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT coalesce($1, false) THEN RAISE EXCEPTION '%', $2 USING ERRCODE = 'LM001'; END IF;
END $$;

-- The one number of partitions, the same for every topic and service of the installation.
CREATE TABLE installation (one boolean PRIMARY KEY DEFAULT true CHECK (one), partitions int NOT NULL);

-- One row an aggregate: its lock, its state, whether it is parked, how many offers wait.
CREATE TABLE key_state (
  tenant text NOT NULL, kind text NOT NULL, key text NOT NULL,
  state bytea, version bigint NOT NULL DEFAULT 0, last_time bigint NOT NULL DEFAULT 0,
  parked text NOT NULL DEFAULT '', waiting bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, kind, key)) WITH (fillfactor = 60);

CREATE TABLE key_index (
  tenant text NOT NULL, kind text NOT NULL, name text NOT NULL, value text NOT NULL, key text NOT NULL,
  PRIMARY KEY (tenant, kind, name, value, key));
CREATE INDEX key_index_by_key ON key_index (tenant, kind, key, name);

CREATE TABLE timer (
  tenant text NOT NULL, kind text NOT NULL, key text NOT NULL, name text NOT NULL,
  lane bigint NOT NULL, due bigint NOT NULL, payload bytea NOT NULL, traceparent text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant, kind, key, name));
CREATE INDEX timer_by_due ON timer (lane, due);

-- A chain is (this service, epoch, topic, partition); its seq has no gaps.
CREATE TABLE chain (
  id serial PRIMARY KEY, epoch bigint NOT NULL, topic text NOT NULL, partition bigint NOT NULL,
  next_seq bigint NOT NULL DEFAULT 1, last_time bigint NOT NULL DEFAULT 0,
  closed boolean NOT NULL DEFAULT false, previous int REFERENCES chain (id), previous_seq bigint,
  UNIQUE (epoch, topic, partition)) WITH (fillfactor = 20);
CREATE UNIQUE INDEX chain_open ON chain (topic, partition) WHERE NOT closed;

-- Who publishes a chain, and up to where the broker has it.
CREATE TABLE publication (
  chain bigint PRIMARY KEY REFERENCES chain (id), published bigint NOT NULL DEFAULT 0,
  owner text NOT NULL DEFAULT '', until timestamptz NOT NULL DEFAULT '-infinity') WITH (fillfactor = 40);

CREATE TABLE outbox (
  chain bigint NOT NULL, seq bigint NOT NULL, tenant text NOT NULL, key text NOT NULL, type text NOT NULL,
  causation text NOT NULL, traceparent text NOT NULL, time bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  body bytea NOT NULL, PRIMARY KEY (chain, seq));

CREATE TABLE consumer_offset (
  topic text NOT NULL, partition bigint NOT NULL, next_offset bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 1, owner text NOT NULL DEFAULT '',
  PRIMARY KEY (topic, partition)) WITH (fillfactor = 20);

-- The last seq applied of every chain that this service hears.
CREATE TABLE source_chain (
  topic text NOT NULL, partition bigint NOT NULL, source text NOT NULL, epoch bigint NOT NULL, last_seq bigint NOT NULL,
  PRIMARY KEY (topic, partition, source, epoch)) WITH (fillfactor = 20);

CREATE TABLE idempotency (
  scope text PRIMARY KEY, body_hash text NOT NULL, response bytea, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX idempotency_by_age ON idempotency USING brin (at);

-- Offers that wait: for their precondition, behind another, or for a parked key.
CREATE TABLE pending (
  id bigserial PRIMARY KEY, tenant text NOT NULL, kind text NOT NULL, key text NOT NULL,
  is_timer boolean NOT NULL, event_id text NOT NULL, type text NOT NULL, source text NOT NULL, recorded bigint NOT NULL,
  traceparent text NOT NULL, body bytea NOT NULL, topic text NOT NULL, partition bigint NOT NULL,
  position bigint NOT NULL, reason text NOT NULL, since timestamptz NOT NULL DEFAULT now());
CREATE INDEX pending_by_key ON pending (tenant, kind, key, id);

CREATE TABLE dead_letter (
  id text PRIMARY KEY, tenant text NOT NULL, kind text NOT NULL, key text NOT NULL,
  is_timer boolean NOT NULL, event_id text NOT NULL, type text NOT NULL, source text NOT NULL, recorded bigint NOT NULL,
  traceparent text NOT NULL, body bytea NOT NULL, topic text NOT NULL, partition bigint NOT NULL,
  position bigint NOT NULL, reason text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  state bigint NOT NULL DEFAULT 1, note text NOT NULL DEFAULT '', resolved_at timestamptz);
CREATE INDEX dead_letter_open ON dead_letter (id) WHERE state = 1;

-- Event types that no topic declares.
CREATE TABLE skipped (
  topic text NOT NULL, type text NOT NULL, count bigint NOT NULL, first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, type));

CREATE TABLE replica (instance text PRIMARY KEY, seen timestamptz NOT NULL);
)sql";

constexpr const char* kEnds = R"sql(
-- The offset after the last acknowledged message, so that every replica can say what was produced.
ALTER TABLE publication ADD COLUMN end_offset bigint NOT NULL DEFAULT 0;
)sql";

// What the broker has for sure is thrown away an hour at a time: dropping a table costs nothing, where deleting
// millions of rows would leave their space to be vacuumed.
constexpr const char* kOutbox = R"sql(
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  chain bigint NOT NULL, seq bigint NOT NULL, tenant text NOT NULL, key text NOT NULL, type text NOT NULL,
  causation text NOT NULL, traceparent text NOT NULL, time bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  body bytea NOT NULL) PARTITION BY RANGE (at);
CREATE INDEX outbox_by_seq ON outbox (chain, seq);
-- For hours that have no table of their own.
CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;
INSERT INTO outbox SELECT * FROM outbox_before;
DROP TABLE outbox_before;

-- Makes the tables of the hour of `moment` and the next two; drops those that ended six hours before where the broker has
-- everything of them, and answers how many. One replica at a time does it, and gives up rather than keep others waiting.
CREATE FUNCTION kernel_rotate_outbox(moment timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  hour timestamptz;
  part text;
  unpublished boolean;
  dropped bigint := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('kernel_rotate_outbox')) THEN RETURN 0; END IF;
  SET LOCAL lock_timeout = '1s';
  FOR i IN 0..2 LOOP
    hour := date_trunc('hour', moment) + i * interval '1 hour';
    part := 'outbox_' || to_char(hour AT TIME ZONE 'UTC', 'YYYYMMDDHH24');
    CONTINUE WHEN to_regclass(part) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)', part, hour,
                     hour + interval '1 hour');
    EXCEPTION WHEN check_violation OR lock_not_available THEN  -- its rows are in the rest already, or another time
    END;
  END LOOP;
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_[0-9]{10}$'
      AND c.relname < 'outbox_' || to_char((moment - interval '7 hours') AT TIME ZONE 'UTC', 'YYYYMMDDHH24')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I o LEFT JOIN publication p ON p.chain = o.chain'
                   ' WHERE o.seq > coalesce(p.published, 0))', part) INTO unpublished;
    CONTINUE WHEN unpublished;
    BEGIN
      EXECUTE format('DROP TABLE %I', part);
      dropped := dropped + 1;
    EXCEPTION WHEN lock_not_available THEN
    END;
  END LOOP;
  DELETE FROM outbox_rest o USING publication p
  WHERE o.chain = p.chain AND o.seq <= p.published AND o.at < moment - interval '6 hours';
  RETURN dropped;
END $$;
SELECT kernel_rotate_outbox(now());
)sql";

// A step is one call of one function. An aggregate's row has a number by which its parts name it; parts that were taken
// out stay for a while without a body, so that other processes see that they went.
constexpr const char* kParts = R"sql(
ALTER TABLE key_state ADD COLUMN id bigserial;
CREATE TABLE key_part (
  owner bigint NOT NULL, collection text NOT NULL, name text NOT NULL, version bigint NOT NULL, body bytea,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (owner, collection, name)) WITH (fillfactor = 80);
CREATE INDEX key_part_by_version ON key_part (owner, version);
CREATE INDEX key_part_gone ON key_part (at) WHERE body IS NULL;

-- What is offered again by itself, and how often it was begun so.
ALTER TABLE pending ADD COLUMN aside boolean NOT NULL DEFAULT false, ADD COLUMN begun bigint NOT NULL DEFAULT 0;
CREATE INDEX pending_aside ON pending (id) WHERE aside;

-- Events of types that this program does not know; a later one may.
CREATE TABLE unknown_event (
  topic text NOT NULL, partition bigint NOT NULL, position bigint NOT NULL, tenant text NOT NULL, key text NOT NULL,
  event_id text NOT NULL, type text NOT NULL, source text NOT NULL, recorded bigint NOT NULL, traceparent text NOT NULL,
  body bytea NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (event_id));
DROP TABLE skipped;
)sql";

// Up to which version of an aggregate the parts that were taken out of it are forgotten: who knows it as it was before
// that reads it anew. A program from before does not look: it sees what went within the day that forget_parts leaves.
constexpr const char* kForgottenParts = R"sql(-- additive
CREATE TABLE part_floor (owner bigint PRIMARY KEY, version bigint NOT NULL);
)sql";

}  // namespace

std::span<const postgres::Migration> kernel_migrations() {
  static const std::array<postgres::Migration, 7> migrations{{{1, "kernel tables", kFirst},
                                                              {2, "produced ends", kEnds},
                                                              {3, "outbox by the hour", kOutbox},
                                                              {4, "parts, set aside, unknown types", kParts},
                                                              {5, "a step is one call", kKernelCommit},
                                                              {6, "forgotten parts", kForgottenParts},
                                                              {7, "a step beside nobody", kKernelCommitAlone}}};
  return migrations;
}

}  // namespace loomline::eventing
