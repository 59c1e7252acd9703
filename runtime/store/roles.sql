
-- Who may do what in a store of pvsplan. Run it again whenever you like: it says the same again. Roles are of a whole
-- server: where two stores lie on one, pg_hba.conf says who may enter which database.
--
--   pvsplan_coordinator  runs plans, for every farm: writes journals, and can neither change nor remove a record
--   pvsplan_archivist    that, and takes runs out of the store which are over (`pvsplan runs --archive`)
--   pvsplan_viewer       reads (`runs`, `status`, `log`, `serve`), and neither jobs nor reports as such
--   pvsplan_worker       of no site, nothing; a role in it that is called pvsplan_site_SITE: the jobs of that site
--
-- None of them logs in. Those who do are made by whoever may make roles, one a person or machine:
--
--   CREATE ROLE anna LOGIN IN ROLE pvsplan_coordinator;
--   CREATE ROLE "pvsplan_site_berlin" NOLOGIN IN ROLE pvsplan_worker;    -- SITE as in `--site`, of up to 50 bytes
--   CREATE ROLE berlin_1 LOGIN IN ROLE "pvsplan_site_berlin";
--
-- The owner of the tables and a superuser may do everything: give neither to a person or machine that runs plans.
DO $roles$ DECLARE role text; BEGIN
FOREACH role IN ARRAY ARRAY['pvsplan_coordinator', 'pvsplan_archivist', 'pvsplan_viewer', 'pvsplan_worker'] LOOP
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role) THEN EXECUTE format('CREATE ROLE %I', role); END IF;
END LOOP;
IF NOT pg_has_role('pvsplan_archivist', 'pvsplan_coordinator', 'MEMBER') THEN
  GRANT pvsplan_coordinator TO pvsplan_archivist;
END IF;
END $roles$;

GRANT USAGE ON SCHEMA pvsplan TO pvsplan_coordinator, pvsplan_viewer, pvsplan_worker;
GRANT SELECT ON pvsplan.version TO pvsplan_coordinator, pvsplan_viewer, pvsplan_worker;

-- A coordinator goes on with runs, and cannot make another run, plan or farm of one.
GRANT SELECT, INSERT ON pvsplan.runs, pvsplan.plans, pvsplan.records TO pvsplan_coordinator;
GRANT UPDATE (outcome, touched_at, records, head, token) ON pvsplan.runs TO pvsplan_coordinator;
GRANT SELECT ON pvsplan.archived, pvsplan.workers TO pvsplan_coordinator;
GRANT SELECT, INSERT, UPDATE ON pvsplan.farms TO pvsplan_coordinator;
GRANT SELECT, INSERT, UPDATE, DELETE ON pvsplan.messages, pvsplan.jobs, pvsplan.simulated_state, pvsplan.simulated_jobs
  TO pvsplan_coordinator;
GRANT SELECT, DELETE ON pvsplan.reports TO pvsplan_coordinator;

GRANT DELETE ON pvsplan.runs, pvsplan.plans, pvsplan.records TO pvsplan_archivist;
GRANT INSERT ON pvsplan.archived TO pvsplan_archivist;

-- Jobs and reports hold what is given to a command and what it printed.
GRANT SELECT ON pvsplan.runs, pvsplan.plans, pvsplan.records, pvsplan.archived, pvsplan.farms, pvsplan.messages, pvsplan.workers,
  pvsplan.simulated_state, pvsplan.simulated_jobs TO pvsplan_viewer;
GRANT SELECT (asker, key, site, farm, token, number, takes, holder, held_until) ON pvsplan.jobs TO pvsplan_viewer;

-- A worker takes a job, holds it, and ends it. What is asked for it cannot change.
GRANT SELECT, DELETE ON pvsplan.jobs TO pvsplan_worker;
GRANT UPDATE (holder, held_until, takes) ON pvsplan.jobs TO pvsplan_worker;
GRANT INSERT ON pvsplan.reports TO pvsplan_worker;
GRANT SELECT, INSERT, DELETE ON pvsplan.workers TO pvsplan_worker;
GRANT UPDATE (seen_at) ON pvsplan.workers TO pvsplan_worker;
GRANT SELECT ON pvsplan.plans TO pvsplan_worker;
GRANT SELECT (farm, token, holder) ON pvsplan.farms TO pvsplan_worker;

-- The sites whose roles whoever asks has.
CREATE OR REPLACE FUNCTION pvsplan.own_sites() RETURNS text[] LANGUAGE sql STABLE AS $own$
  SELECT coalesce(array_agg(substr(rolname, length('pvsplan_site_') + 1)), '{}') FROM pg_catalog.pg_roles
  WHERE starts_with(rolname, 'pvsplan_site_') AND pg_has_role(oid, 'USAGE') $own$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA pvsplan FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pvsplan.append, pvsplan.ask TO pvsplan_coordinator;
GRANT EXECUTE ON FUNCTION pvsplan.own_sites, pvsplan.take, pvsplan.report, pvsplan.be_present TO pvsplan_worker;

-- Below, `jobs` are those that the worker sees: of what belongs to no site it sees what its jobs name.
DO $rows$ DECLARE rule record; BEGIN
FOR rule IN SELECT * FROM (VALUES
    ('jobs', 'site = ANY ((SELECT pvsplan.own_sites())::text[])'),
    ('workers', 'site = ANY ((SELECT pvsplan.own_sites())::text[])'),
    ('reports', 'EXISTS (SELECT FROM pvsplan.jobs WHERE jobs.asker = reports.asker AND jobs.key = reports.key)'),
    ('plans', 'sha256 IN (SELECT jobs.plan FROM pvsplan.jobs)'),
    ('farms', 'farm IN (SELECT jobs.farm FROM pvsplan.jobs)')) AS rules (of_table, holds) LOOP
  EXECUTE format('ALTER TABLE pvsplan.%I ENABLE ROW LEVEL SECURITY', rule.of_table);
  EXECUTE format('DROP POLICY IF EXISTS of_all ON pvsplan.%I', rule.of_table);
  EXECUTE format('DROP POLICY IF EXISTS of_its_site ON pvsplan.%I', rule.of_table);
  EXECUTE format('CREATE POLICY of_all ON pvsplan.%I TO pvsplan_coordinator, pvsplan_viewer USING (true)', rule.of_table);
  EXECUTE format('CREATE POLICY of_its_site ON pvsplan.%I TO pvsplan_worker USING (%s)', rule.of_table, rule.holds);
END LOOP;
END $rows$;
