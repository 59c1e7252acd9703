-- The tables of a store of pvsplan on PostgreSQL, where there are none yet. Whoever runs this owns them.
--
-- `token` of a run is that of the lease on its farm while it is held, else 0: an append looks at this one row.
-- `holder` of a farm is a word of whoever holds it, new with each lease; empty: nobody does.
-- Records are only ever inserted, and go with their run: triggers keep even a careless psql from changing one unnoticed.
DO $make$ BEGIN
-- Whoever comes second waits for the first one's tables, and then finds them.
PERFORM pg_advisory_xact_lock(8103, 1);
SET LOCAL client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS pvsplan;
CREATE TABLE IF NOT EXISTS pvsplan.version (number bigint NOT NULL);
IF EXISTS (SELECT FROM pvsplan.version) THEN RETURN; END IF;
IF current_setting('server_encoding') NOT IN ('UTF8', 'SQL_ASCII') THEN
  RAISE EXCEPTION 'the encoding of this database is %, in which not all names can be kept: make it anew with ENCODING ''UTF8''',
    current_setting('server_encoding');
END IF;
CREATE TABLE pvsplan.plans (sha256 text PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE pvsplan.runs (
  id text PRIMARY KEY, plan text NOT NULL, farm text NOT NULL, digest text NOT NULL,
  compiled text NOT NULL REFERENCES pvsplan.plans (sha256),
  outcome text NOT NULL, begun_as bigint GENERATED ALWAYS AS IDENTITY UNIQUE, begun_at bigint NOT NULL,
  touched_at bigint NOT NULL, records bigint NOT NULL, head text NOT NULL DEFAULT '', token bigint NOT NULL)
  WITH (fillfactor = 70);
CREATE INDEX runs_by_digest ON pvsplan.runs (digest);
CREATE INDEX runs_by_farm ON pvsplan.runs (farm);
CREATE INDEX runs_by_compiled ON pvsplan.runs (compiled);
CREATE TABLE pvsplan.records (
  run text NOT NULL, number bigint NOT NULL, bytes bytea NOT NULL, hash text NOT NULL, PRIMARY KEY (run, number));
CREATE FUNCTION pvsplan.append_only() RETURNS trigger LANGUAGE plpgsql AS
  $only$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $only$;
CREATE FUNCTION pvsplan.with_its_run() RETURNS trigger LANGUAGE plpgsql AS $with$ BEGIN
  IF EXISTS (SELECT FROM pvsplan.runs WHERE id = OLD.run) THEN RAISE EXCEPTION 'the journal is append-only'; END IF;
  RETURN OLD; END $with$;
CREATE TRIGGER records_are_never_changed BEFORE UPDATE OR TRUNCATE ON pvsplan.records
  FOR EACH STATEMENT EXECUTE FUNCTION pvsplan.append_only();
CREATE TRIGGER records_go_with_their_run BEFORE DELETE ON pvsplan.records
  FOR EACH ROW EXECUTE FUNCTION pvsplan.with_its_run();
-- Of runs that were taken out into a file, what is still asked: where it is, and which run a compiled plan has had last.
CREATE TABLE pvsplan.archived (
  run text PRIMARY KEY, digest text NOT NULL, outcome text NOT NULL, begun_as bigint NOT NULL, into_file text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX archived_by_digest ON pvsplan.archived (digest);
CREATE TABLE pvsplan.farms (
  farm text PRIMARY KEY, token bigint NOT NULL, holder text NOT NULL, account text NOT NULL, host text NOT NULL,
  pid bigint NOT NULL, started text NOT NULL, machine text NOT NULL, boot text NOT NULL, space text NOT NULL,
  run text NOT NULL, since bigint NOT NULL, expires_at timestamptz NOT NULL) WITH (fillfactor = 70);
CREATE TABLE pvsplan.messages (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text NOT NULL, bytes bytea NOT NULL,
  mark text NOT NULL UNIQUE);
CREATE INDEX messages_by_run ON pvsplan.messages (run);
CREATE TABLE pvsplan.jobs (
  asker text NOT NULL, key text NOT NULL, site text NOT NULL, farm text NOT NULL, token bigint NOT NULL,
  plan text NOT NULL, bytes bytea NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, takes bigint NOT NULL DEFAULT 0,
  holder text NOT NULL DEFAULT '', held_until timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (asker, key)) WITH (fillfactor = 70);
CREATE INDEX jobs_by_site ON pvsplan.jobs (site, number);
CREATE INDEX jobs_by_holder ON pvsplan.jobs (holder) WHERE holder <> '';
CREATE TABLE pvsplan.reports (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asker text NOT NULL, key text NOT NULL, bytes bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX reports_by_asker ON pvsplan.reports (asker, number);
CREATE TABLE pvsplan.workers (
  worker text PRIMARY KEY, site text NOT NULL, account text NOT NULL, host text NOT NULL, pid bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(), seen_at timestamptz NOT NULL);
CREATE TABLE pvsplan.simulated_state (
  farm text NOT NULL, object text NOT NULL, attribute text NOT NULL, value text NOT NULL,
  PRIMARY KEY (farm, object, attribute));
CREATE TABLE pvsplan.simulated_jobs (
  farm text NOT NULL, key text NOT NULL, ends_at bigint NOT NULL, takes_ms bigint NOT NULL,
  exit_status bigint NOT NULL, out bytea NOT NULL, err bytea NOT NULL, PRIMARY KEY (farm, key));
INSERT INTO pvsplan.version VALUES (1);
END $make$;
