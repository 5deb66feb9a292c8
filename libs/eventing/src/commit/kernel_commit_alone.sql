-- additive
-- One step, as kernel_commit writes it, where nobody else is expected to write: rows are compared as they are written,
-- not locked and looked at before, and half of the statements fall away. What is otherwise than the step was computed
-- for raises LM002, nothing is written, and the caller asks kernel_commit, which says what it was. Of what that one
-- can do it leaves out what is rare: offers that are kept or settled, rows that are only compared, aggregates that go,
-- scopes that are only looked up. The columns mean what they mean there; each row is written, its version rises.
CREATE FUNCTION kernel_commit_alone(
  _tenants text[], _kinds text[], _keys text[], _expected bigint[], _write boolean[], _states bytea[],
  _last_times bigint[], _parked text[],
  _part_of bigint[], _part_collections text[], _part_names text[], _part_bodies bytea[],
  _index_of bigint[], _index_names text[], _value_of bigint[], _value_names text[], _index_values text[],
  _gone_of bigint[], _gone_names text[], _gone_due bigint[],
  _timer_of bigint[], _timer_names text[], _timer_lanes bigint[], _timer_due bigint[], _timer_payloads bytea[],
  _offset_topics text[], _offset_partitions bigint[], _offset_expected bigint[], _offset_next bigint[],
  _offset_epochs bigint[],
  _heard_topics text[], _heard_partitions bigint[], _heard_sources text[], _heard_epochs bigint[], _heard_last bigint[],
  _scopes text[], _hashes text[], _answers bytea[],
  _chain_topics text[], _chain_partitions bigint[], _chain_counts bigint[], _chain_first bigint[], _chain_last bigint[],
  _out_chain bigint[], _out_place bigint[], _out_tenants text[], _out_keys text[], _out_types text[],
  _out_causations text[], _out_traces text[], _out_times bigint[], _out_bodies bytea[])
RETURNS TABLE (what text, a bigint, b bigint, c bigint, t text, d bytea) LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[];
  n bigint;
  tenants text[];
  kinds text[];
  keys text[];
BEGIN
  IF cardinality(_keys) > 0 THEN
    IF 0 = ANY (_expected) THEN
      INSERT INTO key_state AS k (tenant, kind, key)
      SELECT u.tenant, u.kind, u.key FROM unnest(_tenants, _kinds, _keys, _expected) AS u(tenant, kind, key, expected)
      WHERE u.expected = 0 ON CONFLICT DO NOTHING;
    END IF;
    WITH written AS (
      UPDATE key_state k SET state = CASE WHEN u.write THEN u.state ELSE k.state END, version = k.version + 1,
          last_time = greatest(k.last_time, u.last_time), parked = u.parked
        FROM unnest(_tenants, _kinds, _keys, _expected, _write, _states, _last_times, _parked)
          WITH ORDINALITY AS u(tenant, kind, key, expected, write, state, last_time, parked, place)
       WHERE k.tenant = u.tenant AND k.kind = u.kind AND k.key = u.key AND k.version = u.expected
      RETURNING u.place, k.id)
    SELECT array_agg(w.id ORDER BY w.place), count(*) INTO ids, n FROM written w;
    IF n <> cardinality(_keys) THEN RAISE EXCEPTION 'a row' USING ERRCODE = 'LM002'; END IF;
  END IF;

  IF cardinality(_offset_topics) > 0 THEN
    UPDATE consumer_offset o SET next_offset = u.next
      FROM unnest(_offset_topics, _offset_partitions, _offset_expected, _offset_next, _offset_epochs)
        AS u(topic, partition, expected, next, epoch)
     WHERE o.topic = u.topic AND o.partition = u.partition AND o.epoch = u.epoch AND o.next_offset = u.expected;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> cardinality(_offset_topics) THEN RAISE EXCEPTION 'a position' USING ERRCODE = 'LM002'; END IF;
  END IF;
  IF cardinality(_heard_topics) > 0 THEN
    INSERT INTO source_chain AS s (topic, partition, source, epoch, last_seq)
    SELECT * FROM unnest(_heard_topics, _heard_partitions, _heard_sources, _heard_epochs, _heard_last)
    ON CONFLICT (topic, partition, source, epoch) DO UPDATE SET last_seq = EXCLUDED.last_seq;
  END IF;

  IF cardinality(_scopes) > 0 THEN
    INSERT INTO idempotency AS i (scope, body_hash, response)
    SELECT u.scope, u.hash, u.answer FROM unnest(_scopes, _hashes, _answers) AS u(scope, hash, answer)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> cardinality(_scopes) THEN RAISE EXCEPTION 'a scope' USING ERRCODE = 'LM002'; END IF;
  END IF;

  IF cardinality(_part_of) > 0 THEN
    INSERT INTO key_part AS p (owner, collection, name, version, body)
    SELECT ids[u.owner], u.collection, u.name, _expected[u.owner] + 1, u.body
      FROM unnest(_part_of, _part_collections, _part_names, _part_bodies) AS u(owner, collection, name, body)
    ON CONFLICT (owner, collection, name)
    DO UPDATE SET version = EXCLUDED.version, body = EXCLUDED.body, at = EXCLUDED.at;
  END IF;
  IF cardinality(_index_of) > 0 OR cardinality(_gone_of) > 0 OR cardinality(_timer_of) > 0 THEN
    -- Variables are held taken apart, so that one element of many is found at once; parameters are not.
    tenants := _tenants;
    kinds := _kinds;
    keys := _keys;
  END IF;
  IF cardinality(_index_of) > 0 THEN
    DELETE FROM key_index i USING unnest(_index_of, _index_names) AS u(owner, name)
     WHERE i.tenant = tenants[u.owner] AND i.kind = kinds[u.owner] AND i.key = keys[u.owner] AND i.name = u.name;
    INSERT INTO key_index (tenant, kind, key, name, value)
    SELECT tenants[u.owner], kinds[u.owner], keys[u.owner], u.name, u.value
      FROM unnest(_value_of, _value_names, _index_values) AS u(owner, name, value) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(_gone_of) > 0 THEN
    WITH gone AS (
      DELETE FROM timer m USING unnest(_gone_of, _gone_names, _gone_due) AS u(owner, name, due)
       WHERE m.tenant = tenants[u.owner] AND m.kind = kinds[u.owner] AND m.key = keys[u.owner] AND m.name = u.name
         AND (u.due < 0 OR m.due = u.due) RETURNING u.due)
    SELECT count(*) FILTER (WHERE g.due >= 0) INTO n FROM gone g;
    IF n <> (SELECT count(*) FROM unnest(_gone_due) AS u(due) WHERE u.due >= 0) THEN
      RAISE EXCEPTION 'a timer' USING ERRCODE = 'LM002';
    END IF;
  END IF;
  IF cardinality(_timer_of) > 0 THEN
    INSERT INTO timer AS m (tenant, kind, key, name, lane, due, payload)
    SELECT tenants[u.owner], kinds[u.owner], keys[u.owner], u.name, u.lane, u.due, u.payload
      FROM unnest(_timer_of, _timer_names, _timer_lanes, _timer_due, _timer_payloads)
        AS u(owner, name, lane, due, payload)
    ON CONFLICT (tenant, kind, key, name) DO UPDATE SET due = EXCLUDED.due, payload = EXCLUDED.payload;
  END IF;

  IF cardinality(_chain_topics) > 0 THEN
    -- Last, and in one order: chain rows are the hottest locks, and other workers of this process write some, too.
    IF cardinality(_chain_topics) > 1 THEN
      PERFORM 1 FROM unnest(_chain_topics, _chain_partitions) AS u(topic, partition) JOIN chain h
        ON h.topic = u.topic AND h.partition = u.partition AND NOT h.closed ORDER BY u.topic, u.partition
        FOR UPDATE OF h;
    END IF;
    RETURN QUERY WITH moved AS (
      UPDATE chain h SET next_seq = h.next_seq + u.count,
        last_time = u.last_time + greatest(0, h.last_time + 1 - u.first_time)
        FROM unnest(_chain_topics, _chain_partitions, _chain_counts, _chain_first, _chain_last)
          WITH ORDINALITY AS u(topic, partition, count, first_time, last_time, place)
       WHERE h.topic = u.topic AND h.partition = u.partition AND NOT h.closed
      RETURNING u.place, h.id, h.next_seq - u.count AS first, h.last_time - u.last_time AS shift),
    written AS (
      INSERT INTO outbox (chain, seq, tenant, key, type, causation, traceparent, time, body)
      SELECT m.id, m.first + e.place, e.tenant, e.key, e.type, e.causation, e.trace, e.time + m.shift, e.body
        FROM unnest(_out_chain, _out_place, _out_tenants, _out_keys, _out_types, _out_causations, _out_traces,
                    _out_times, _out_bodies)
          AS e(chain, place, tenant, key, type, causation, trace, time, body) JOIN moved m ON m.place = e.chain)
    SELECT 'chain', m.place, m.id::bigint, m.first, m.shift::text, NULL::bytea FROM moved m;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> cardinality(_chain_topics) THEN RAISE EXCEPTION 'a chain' USING ERRCODE = 'LM002'; END IF;
  END IF;
END $$;
