-- One step of the kernel. Everything of it is written here or nothing: the function runs in a transaction of its own.
--
-- Rows are locked in one order everywhere: keys (sorted by the caller), consumed positions, chains. What is found to be
-- otherwise than the step was computed for is answered, and nothing is written:
--   stale    a: place of a key; another has written it since it was read
--   moved    another replica owns a consumed partition now, or has moved it
--   fired    a: place of a timer that is no longer due
--   answered a: place of a command's scope, t: hash of the request that it was used for, d: the answer
-- Else it answers, besides `answered` for scopes that were only looked up,
--   chain    a: place of a chain, b: its id, c: the first sequence number given, t: microseconds by which times moved up
CREATE OR REPLACE FUNCTION kernel_commit(
  -- Keys. expected: the version that was read, 0: there is none yet, -1: whatever it is, -2: there must be none and none is
  -- made (these stand last). bump: the row is written, and its version rises.
  _tenants text[], _kinds text[], _keys text[], _expected bigint[], _bump boolean[], _write boolean[], _states bytea[],
  _last_times bigint[], _parked text[], _waiting bigint[], _remove boolean[],
  -- Parts of keys, by the key's place. A null body: it is gone.
  _part_of bigint[], _part_collections text[], _part_names text[], _part_bodies bytea[],
  -- Indexes that are replaced, and their values.
  _index_of bigint[], _index_names text[], _value_of bigint[], _value_names text[], _index_values text[],
  -- Timers that go (due -1: where there is one; else it fired, and must be there), and that are set.
  _gone_of bigint[], _gone_names text[], _gone_due bigint[],
  _timer_of bigint[], _timer_names text[], _timer_lanes bigint[], _timer_due bigint[], _timer_payloads bytea[],
  -- Offers that wait no more, by event.
  _settled_of bigint[], _settled_events text[],
  -- Offers that are kept. role 0: waits, 1: set aside, 2: dead letter, 3: of an unknown type. of: the key's place or 0.
  _offer_role bigint[], _offer_of bigint[], _offer_letter text[], _offer_tenant text[], _offer_key text[],
  _offer_timer boolean[], _offer_event text[], _offer_type text[], _offer_source text[], _offer_recorded bigint[],
  _offer_trace text[], _offer_body bytea[], _offer_topic text[], _offer_partition bigint[], _offer_position bigint[],
  _offer_reason text[],
  -- Positions.
  _offset_topics text[], _offset_partitions bigint[], _offset_expected bigint[], _offset_next bigint[],
  _offset_epochs bigint[],
  _heard_topics text[], _heard_partitions bigint[], _heard_sources text[], _heard_epochs bigint[], _heard_last bigint[],
  -- Idempotency. A null answer: the scope is only looked up.
  _scopes text[], _hashes text[], _answers bytea[],
  -- Events: chains, and what goes into each.
  _chain_topics text[], _chain_partitions bigint[], _chain_counts bigint[], _chain_first bigint[], _chain_last bigint[],
  _out_chain bigint[], _out_place bigint[], _out_tenants text[], _out_keys text[], _out_types text[],
  _out_causations text[], _out_traces text[], _out_times bigint[], _out_bodies bytea[])
RETURNS TABLE (what text, a bigint, b bigint, c bigint, t text, d bytea) LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[];
  bad bigint[];
  fresh text[];
  n bigint;
  -- Variables are held taken apart, so that one element of many is found at once; parameters are not.
  tenants text[] := _tenants;
  kinds text[] := _kinds;
  keys text[] := _keys;
  versions bigint[] := _expected;
BEGIN
  IF cardinality(_keys) > 0 THEN
    -- A row must exist to be locked: two first messages of a key meet at this insert.
    IF 0 = ANY (_expected) OR -1 = ANY (_expected) THEN
      INSERT INTO key_state AS k (tenant, kind, key)
      SELECT u.tenant, u.kind, u.key FROM unnest(_tenants, _kinds, _keys, _expected) AS u(tenant, kind, key, expected)
      WHERE u.expected IN (0, -1) ON CONFLICT DO NOTHING;
    END IF;
    SELECT array_agg(x.id ORDER BY x.place),
           array_agg(x.place) FILTER (WHERE x.expected >= 0 AND x.version <> x.expected OR x.expected = -2)
      INTO ids, bad
      FROM (SELECT u.place, u.expected, k.version, k.id
              FROM unnest(_tenants, _kinds, _keys, _expected) WITH ORDINALITY AS u(tenant, kind, key, expected, place)
              JOIN key_state k ON k.tenant = u.tenant AND k.kind = u.kind AND k.key = u.key
             WHERE NOT (u.expected = -2 AND k.version = 0) ORDER BY u.place FOR UPDATE OF k) x;
    IF bad IS NOT NULL THEN
      RETURN QUERY SELECT 'stale', u.place, 0::bigint, 0::bigint, '', NULL::bytea FROM unnest(bad) AS u(place);
      RETURN;
    END IF;
    SELECT count(*) INTO n FROM unnest(_expected) AS u(expected) WHERE u.expected <> -2;
    IF coalesce(cardinality(ids), 0) <> n THEN
      -- A row that was there when it was read is gone: which one cannot be told from here.
      RETURN QUERY SELECT 'stale', u.place, 0::bigint, 0::bigint, '', NULL::bytea
        FROM unnest(_keys) WITH ORDINALITY AS u(key, place);
      RETURN;
    END IF;
  END IF;

  IF cardinality(_offset_topics) > 0 THEN
    SELECT count(*) INTO n
      FROM (SELECT 1 FROM unnest(_offset_topics, _offset_partitions, _offset_expected, _offset_epochs)
              AS u(topic, partition, expected, epoch)
              JOIN consumer_offset o ON o.topic = u.topic AND o.partition = u.partition
             WHERE o.epoch = u.epoch AND o.next_offset = u.expected ORDER BY u.topic, u.partition FOR UPDATE OF o) x;
    IF n <> cardinality(_offset_topics) THEN
      RETURN QUERY SELECT 'moved', 0::bigint, 0::bigint, 0::bigint, '', NULL::bytea;
      RETURN;
    END IF;
  END IF;

  IF cardinality(_gone_of) > 0 THEN
    SELECT array_agg(u.place) INTO bad
      FROM unnest(_gone_of, _gone_names, _gone_due) WITH ORDINALITY AS u(owner, name, due, place)
      LEFT JOIN timer m ON m.tenant = tenants[u.owner] AND m.kind = kinds[u.owner] AND m.key = keys[u.owner]
       AND m.name = u.name AND m.due = u.due
     WHERE u.due >= 0 AND m.name IS NULL;
    IF bad IS NOT NULL THEN
      RETURN QUERY SELECT 'fired', u.place, 0::bigint, 0::bigint, '', NULL::bytea FROM unnest(bad) AS u(place);
      RETURN;
    END IF;
  END IF;

  IF cardinality(_scopes) > 0 THEN
    WITH inserted AS (
      INSERT INTO idempotency AS i (scope, body_hash, response)
      SELECT u.scope, u.hash, u.answer FROM unnest(_scopes, _hashes, _answers) AS u(scope, hash, answer)
      WHERE u.answer IS NOT NULL ORDER BY u.scope ON CONFLICT DO NOTHING RETURNING i.scope)
    SELECT coalesce(array_agg(inserted.scope), '{}') INTO fresh FROM inserted;
    RETURN QUERY SELECT 'answered', u.place, 0::bigint, 0::bigint, i.body_hash, coalesce(i.response, '')
      FROM unnest(_scopes) WITH ORDINALITY AS u(scope, place) JOIN idempotency i ON i.scope = u.scope
     WHERE i.scope <> ALL (fresh);
    IF cardinality(fresh) <> cardinality(_answers) - cardinality(array_positions(_answers, NULL)) THEN
      DELETE FROM idempotency i WHERE i.scope = ANY (fresh);
      RETURN;
    END IF;
  END IF;

  IF cardinality(_keys) > 0 THEN
    UPDATE key_state k SET state = CASE WHEN u.write THEN u.state ELSE k.state END,
        version = k.version + CASE WHEN u.bump THEN 1 ELSE 0 END, last_time = greatest(k.last_time, u.last_time),
        parked = CASE WHEN u.bump THEN u.parked ELSE k.parked END, waiting = k.waiting + u.waiting
      FROM unnest(_tenants, _kinds, _keys, _bump, _write, _states, _last_times, _parked, _waiting)
        AS u(tenant, kind, key, bump, write, state, last_time, parked, waiting)
     WHERE k.tenant = u.tenant AND k.kind = u.kind AND k.key = u.key AND (u.bump OR u.waiting <> 0);
    IF true = ANY (_remove) THEN
      DELETE FROM key_part p USING unnest(_remove, ids) AS u(remove, id) WHERE u.remove AND p.owner = u.id;
      DELETE FROM key_index i USING unnest(_tenants, _kinds, _keys, _remove) AS u(tenant, kind, key, remove)
       WHERE u.remove AND i.tenant = u.tenant AND i.kind = u.kind AND i.key = u.key;
      DELETE FROM key_state k USING unnest(_tenants, _kinds, _keys, _remove) AS u(tenant, kind, key, remove)
       WHERE u.remove AND k.tenant = u.tenant AND k.kind = u.kind AND k.key = u.key AND k.waiting = 0;
    END IF;
  END IF;
  IF cardinality(_part_of) > 0 THEN
    INSERT INTO key_part AS p (owner, collection, name, version, body)
    SELECT ids[u.owner], u.collection, u.name, versions[u.owner] + 1, u.body
      FROM unnest(_part_of, _part_collections, _part_names, _part_bodies) AS u(owner, collection, name, body)
    ON CONFLICT (owner, collection, name)
    DO UPDATE SET version = EXCLUDED.version, body = EXCLUDED.body, at = EXCLUDED.at;
  END IF;
  IF cardinality(_index_of) > 0 THEN
    DELETE FROM key_index i USING unnest(_index_of, _index_names) AS u(owner, name)
     WHERE i.tenant = tenants[u.owner] AND i.kind = kinds[u.owner] AND i.key = keys[u.owner] AND i.name = u.name;
    INSERT INTO key_index (tenant, kind, key, name, value)
    SELECT tenants[u.owner], kinds[u.owner], keys[u.owner], u.name, u.value
      FROM unnest(_value_of, _value_names, _index_values) AS u(owner, name, value) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(_gone_of) > 0 THEN
    DELETE FROM timer m USING unnest(_gone_of, _gone_names) AS u(owner, name)
     WHERE m.tenant = tenants[u.owner] AND m.kind = kinds[u.owner] AND m.key = keys[u.owner] AND m.name = u.name;
  END IF;
  IF cardinality(_timer_of) > 0 THEN
    INSERT INTO timer AS m (tenant, kind, key, name, lane, due, payload)
    SELECT tenants[u.owner], kinds[u.owner], keys[u.owner], u.name, u.lane, u.due, u.payload
      FROM unnest(_timer_of, _timer_names, _timer_lanes, _timer_due, _timer_payloads)
        AS u(owner, name, lane, due, payload)
    ON CONFLICT (tenant, kind, key, name) DO UPDATE SET due = EXCLUDED.due, payload = EXCLUDED.payload;
  END IF;
  IF cardinality(_settled_of) > 0 THEN
    DELETE FROM pending p USING unnest(_settled_of, _settled_events) AS u(owner, event)
     WHERE p.tenant = tenants[u.owner] AND p.kind = kinds[u.owner] AND p.key = keys[u.owner] AND p.event_id = u.event;
  END IF;
  IF cardinality(_offer_role) > 0 THEN
    INSERT INTO pending (tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body, topic,
                         partition, position, reason, aside)
    SELECT tenants[u.owner], kinds[u.owner], keys[u.owner], u.timer, u.event, u.type, u.source, u.recorded, u.trace,
           u.body, u.topic, u.partition, u.position, u.reason, u.role = 1
      FROM unnest(_offer_role, _offer_of, _offer_timer, _offer_event, _offer_type, _offer_source, _offer_recorded,
                  _offer_trace, _offer_body, _offer_topic, _offer_partition, _offer_position, _offer_reason)
        WITH ORDINALITY AS u(role, owner, timer, event, type, source, recorded, trace, body, topic, partition, position,
                             reason, place)
     WHERE u.role <= 1 ORDER BY u.place;
    INSERT INTO dead_letter (id, tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body,
                             topic, partition, position, reason)
    SELECT u.letter, u.tenant, coalesce(kinds[nullif(u.owner, 0)], ''), u.key, u.timer, u.event, u.type, u.source,
           u.recorded, u.trace, u.body, u.topic, u.partition, u.position, u.reason
      FROM unnest(_offer_role, _offer_of, _offer_letter, _offer_tenant, _offer_key, _offer_timer, _offer_event,
                  _offer_type, _offer_source, _offer_recorded, _offer_trace, _offer_body, _offer_topic,
                  _offer_partition, _offer_position, _offer_reason)
        AS u(role, owner, letter, tenant, key, timer, event, type, source, recorded, trace, body, topic, partition,
             position, reason)
     WHERE u.role = 2 ON CONFLICT (id) DO NOTHING;
    INSERT INTO unknown_event (tenant, key, event_id, type, source, recorded, traceparent, body, topic, partition,
                               position)
    SELECT u.tenant, u.key, u.event, u.type, u.source, u.recorded, u.trace, u.body, u.topic, u.partition, u.position
      FROM unnest(_offer_role, _offer_tenant, _offer_key, _offer_event, _offer_type, _offer_source, _offer_recorded,
                  _offer_trace, _offer_body, _offer_topic, _offer_partition, _offer_position)
        AS u(role, tenant, key, event, type, source, recorded, trace, body, topic, partition, position)
     WHERE u.role = 3 ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(_offset_topics) > 0 THEN
    UPDATE consumer_offset o SET next_offset = u.next
      FROM unnest(_offset_topics, _offset_partitions, _offset_next) AS u(topic, partition, next)
     WHERE o.topic = u.topic AND o.partition = u.partition;
  END IF;
  IF cardinality(_heard_topics) > 0 THEN
    INSERT INTO source_chain AS s (topic, partition, source, epoch, last_seq)
    SELECT * FROM unnest(_heard_topics, _heard_partitions, _heard_sources, _heard_epochs, _heard_last)
    ON CONFLICT (topic, partition, source, epoch) DO UPDATE SET last_seq = EXCLUDED.last_seq;
  END IF;
  IF cardinality(_chain_topics) > 0 THEN
    -- Last: chain rows are the hottest locks. Locked in a statement of its own, so that the next one sees what the last
    -- owner of the lock committed.
    PERFORM 1 FROM unnest(_chain_topics, _chain_partitions) AS u(topic, partition) JOIN chain h
      ON h.topic = u.topic AND h.partition = u.partition AND NOT h.closed ORDER BY u.topic, u.partition FOR UPDATE OF h;
    -- Times move up by a constant where the chain has a later one (another replica's clock), and so does the aggregate's.
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
    PERFORM kernel_require(n = cardinality(_chain_topics), 'chain is not open');
  END IF;
END $$;
