-- What PostgreSQL has beside the common tables: the words of the calls (GIN) and the triggers.

-- All a call is found by, as it is: to_tsvector would read РЭМ-100 as РЭМ and minus one hundred.
-- Beside the row, not out of it: when most calls have a word, they are looked at one by one.
ALTER TABLE logs ADD COLUMN words tsvector;
ALTER TABLE logs ALTER COLUMN words SET STORAGE MAIN;

-- A dialogue is written again with each of its lines: lz4 takes a quarter of pglz's time. A server
-- may be built without it, or be older than 14.
DO $$ BEGIN
    EXECUTE 'ALTER TABLE logs ALTER COLUMN transcript_json SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
    NULL;
END $$;

-- New words wait in a list that every search reads; a short one costs neither side.
CREATE INDEX logs_by_words ON logs USING gin (words) WITH (gin_pending_list_limit = 256);

-- Calls in progress have no duration and no end and come last in both directions.
CREATE INDEX logs_by_duration_down ON logs (
    durationS DESC NULLS LAST, id DESC, status, sources, startTime
);
CREATE INDEX logs_by_end_down ON logs (
    endTime DESC NULLS LAST, id DESC, status, sources, startTime
);

CREATE FUNCTION logs_worded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.words := array_to_tsvector(array_remove(string_to_array(
        NEW.lemmas || ' s:' || lower(NEW.status) || ' b:'
        || CASE NEW.sources WHEN '' THEN 'none' ELSE replace(NEW.sources, ' ', ' b:') END,
        ' '
    ), ''));
    RETURN NEW;
END $$;
CREATE TRIGGER logs_worded BEFORE INSERT OR UPDATE OF lemmas, status, sources ON logs
FOR EACH ROW EXECUTE FUNCTION logs_worded();

-- The days are counted in one order, so that two transactions never wait for each other.
CREATE FUNCTION logs_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_days (day, status, sources, calls)
    SELECT (startTime AT TIME ZONE 'UTC')::date, status, sources, count(*) FROM added
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (day, status, sources) DO UPDATE SET calls = log_days.calls + excluded.calls;
    RETURN NULL;
END $$;
CREATE TRIGGER logs_added AFTER INSERT ON logs REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION logs_added();

CREATE FUNCTION logs_recounted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_days (day, status, sources, calls)
    SELECT (startTime AT TIME ZONE 'UTC')::date, status, sources, sum(one) FROM (
        SELECT startTime, status, sources, 1 AS one FROM added
        UNION ALL
        SELECT startTime, status, sources, -1 FROM removed
    ) AS changed
    GROUP BY 1, 2, 3 HAVING sum(one) <> 0 ORDER BY 1, 2, 3
    ON CONFLICT (day, status, sources) DO UPDATE SET calls = log_days.calls + excluded.calls;
    RETURN NULL;
END $$;
CREATE TRIGGER logs_recounted AFTER UPDATE ON logs
REFERENCING NEW TABLE AS added OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION logs_recounted();

CREATE FUNCTION logs_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_days (day, status, sources, calls)
    SELECT (startTime AT TIME ZONE 'UTC')::date, status, sources, -count(*) FROM removed
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (day, status, sources) DO UPDATE SET calls = log_days.calls + excluded.calls;
    DELETE FROM turns USING removed WHERE turns.callId = removed.id;
    RETURN NULL;
END $$;
CREATE TRIGGER logs_removed AFTER DELETE ON logs REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION logs_removed();
