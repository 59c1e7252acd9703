-- What is asked most often of a store of pvsplan on PostgreSQL, as functions: PL/pgSQL plans each statement once a
-- connection, where one sent as text is planned each time, which takes far longer than doing it. Each is called as one
-- statement, which needs no session of its own. They run with the rights of whoever calls them, row security included.
DO $make$ BEGIN
-- Of two who come at once, the second finds it done.
PERFORM pg_advisory_xact_lock(8103, 1);
SET LOCAL client_min_messages = warning;
IF (SELECT number FROM pvsplan.version FOR UPDATE) <> 1 THEN RETURN; END IF;

-- What archived runs were, where the tables are older than that. Nobody knows it of those that were archived before.
ALTER TABLE pvsplan.archived ADD COLUMN IF NOT EXISTS outcome text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS begun_as bigint NOT NULL DEFAULT 0;
ALTER TABLE pvsplan.archived ALTER outcome DROP DEFAULT, ALTER begun_as DROP DEFAULT;

-- Appends records to a run which has `follows` of them, under a lease on its farm. 1: done; 0: nothing was. What goes
-- without records follows on as many or more.
CREATE OR REPLACE FUNCTION pvsplan.append(
  of_run text, of_farm text, with_token bigint, follows bigint, all_bytes bytea[], hashes text[], ends_as text, now_at bigint)
  RETURNS bigint LANGUAGE plpgsql AS $append$
DECLARE added bigint := cardinality(hashes); BEGIN
  UPDATE pvsplan.runs SET records = records + added, head = coalesce(hashes[added], head),
    outcome = coalesce(ends_as, outcome),
    touched_at = CASE WHEN added > 0 OR ends_as IS NOT NULL THEN now_at ELSE touched_at END
    WHERE id = of_run AND farm = of_farm AND token = with_token
      AND (records = follows OR (added = 0 AND records > follows));
  IF NOT FOUND THEN RETURN 0; END IF;
  INSERT INTO pvsplan.records (run, number, bytes, hash) SELECT of_run, follows + r.place, r.bytes, r.hash
    FROM unnest(all_bytes, hashes) WITH ORDINALITY AS r (bytes, hash, place);
  RETURN 1;
END $append$;

-- Asks for jobs of sites, and removes reports that were taken. Sent twice after a lost answer it is the same job:
-- whoever has taken it meanwhile loses it, and it is attached to.
CREATE OR REPLACE FUNCTION pvsplan.ask(
  askers text[], keys text[], sites text[], farms text[], tokens bigint[], plans text[], all_bytes bytea[], taken bigint[])
  RETURNS bigint LANGUAGE plpgsql AS $ask$ BEGIN
  INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes)
    SELECT * FROM unnest(askers, keys, sites, farms, tokens, plans, all_bytes)
    ON CONFLICT (asker, key) DO UPDATE SET bytes = excluded.bytes, token = excluded.token, holder = '';
  DELETE FROM pvsplan.reports WHERE number = ANY (taken);
  RETURN 1;
END $ask$;

-- Jobs of a site that nobody alive holds, for a worker. A job of a lease that is over stays untaken: whoever had that
-- lease cannot record what becomes of it.
CREATE OR REPLACE FUNCTION pvsplan.take(of_site text, worker text, most bigint, hold_ms bigint)
  RETURNS SETOF pvsplan.jobs LANGUAGE plpgsql AS $take$ BEGIN
  RETURN QUERY UPDATE pvsplan.jobs AS job SET holder = worker, takes = job.takes + 1,
    held_until = clock_timestamp() + make_interval(secs => hold_ms / 1000.0)
    FROM (SELECT open.asker, open.key FROM pvsplan.jobs AS open
      WHERE open.site = of_site AND (open.holder = '' OR open.held_until <= clock_timestamp())
        AND (open.token = 0 OR EXISTS (SELECT FROM pvsplan.farms AS of_it
          WHERE of_it.farm = open.farm AND of_it.token = open.token AND of_it.holder <> ''))
      ORDER BY open.number LIMIT most FOR UPDATE SKIP LOCKED) AS next
    WHERE job.asker = next.asker AND job.key = next.key RETURNING job.*;
END $take$;

-- Of what a worker reports, that of jobs which it holds. How many reports that were.
CREATE OR REPLACE FUNCTION pvsplan.report(worker text, askers text[], keys text[], all_bytes bytea[], are_final bigint[])
  RETURNS bigint LANGUAGE plpgsql AS $report$
DECLARE heard bigint; BEGIN
  WITH said AS (
    SELECT s.* FROM unnest(askers, keys, all_bytes, are_final) WITH ORDINALITY AS s (asker, key, bytes, is_final, place)
      JOIN pvsplan.jobs AS job ON job.asker = s.asker AND job.key = s.key AND job.holder = worker FOR UPDATE OF job),
  kept AS (INSERT INTO pvsplan.reports (asker, key, bytes) SELECT asker, key, bytes FROM said ORDER BY place),
  over AS (DELETE FROM pvsplan.jobs AS job USING said
    WHERE job.asker = said.asker AND job.key = said.key AND said.is_final = 1)
  SELECT count(*) INTO heard FROM said;
  RETURN heard;
END $report$;

-- A worker is there. One that comes removes those that were not for a week: they were killed. How many of its site, seen
-- in the last `late_s` seconds, are before it by name.
CREATE OR REPLACE FUNCTION pvsplan.be_present(
  me text, my_site text, my_account text, my_host text, my_pid bigint, late_s bigint)
  RETURNS bigint LANGUAGE plpgsql AS $present$ BEGIN
  UPDATE pvsplan.workers SET seen_at = clock_timestamp() WHERE worker = me;
  IF NOT FOUND THEN
    DELETE FROM pvsplan.workers WHERE seen_at < clock_timestamp() - interval '7 days';
    INSERT INTO pvsplan.workers (worker, site, account, host, pid, seen_at)
      VALUES (me, my_site, my_account, my_host, my_pid, clock_timestamp())
      ON CONFLICT (worker) DO UPDATE SET seen_at = clock_timestamp();
  END IF;
  RETURN (SELECT count(*) FROM pvsplan.workers
    WHERE site = my_site AND worker < me AND seen_at > clock_timestamp() - make_interval(secs => late_s));
END $present$;

UPDATE pvsplan.version SET number = 2;
END $make$;
