-- Keeps the tables of bot/calllog/hours.py on PostgreSQL.

-- The triggers of logs are named before those of postgresql.sql, and rows are counted in one order:
-- log_hours, log_days, turn_hours, stage_days. So two transactions never wait for each other.
CREATE FUNCTION hour_of(moment timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT floor(extract(epoch FROM moment) / 3600)::integer $$;

CREATE FUNCTION stage_bucket(ms double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE
    WHEN ms < 0 THEN 0
    WHEN ms < 100 THEN floor(ms / 5)::integer * 5
    WHEN ms < 500 THEN floor(ms / 20)::integer * 20
    WHEN ms < 2000 THEN floor(ms / 50)::integer * 50
    WHEN ms < 10000 THEN floor(ms / 250)::integer * 250
    WHEN ms < 60000 THEN floor(ms / 2000)::integer * 2000
    ELSE 60000 END $$;

CREATE FUNCTION hourly_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_hours (
        hour, seconds, InProgress, Completed, Failed, NoInput, Transferred, Abandoned
    )
    SELECT hour_of(startTime), sum(coalesce(durationS, 0)),
        count(*) FILTER (WHERE status = 'InProgress'),
        count(*) FILTER (WHERE status = 'Completed'),
        count(*) FILTER (WHERE status = 'Failed'),
        count(*) FILTER (WHERE status = 'NoInput'),
        count(*) FILTER (WHERE status = 'Transferred'),
        count(*) FILTER (WHERE status = 'Abandoned')
    FROM added GROUP BY 1 ORDER BY 1
    ON CONFLICT (hour) DO UPDATE SET
        seconds = log_hours.seconds + excluded.seconds,
        InProgress = log_hours.InProgress + excluded.InProgress,
        Completed = log_hours.Completed + excluded.Completed,
        Failed = log_hours.Failed + excluded.Failed,
        NoInput = log_hours.NoInput + excluded.NoInput,
        Transferred = log_hours.Transferred + excluded.Transferred,
        Abandoned = log_hours.Abandoned + excluded.Abandoned;
    RETURN NULL;
END $$;
CREATE TRIGGER hourly_added AFTER INSERT ON logs REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hourly_added();

CREATE FUNCTION hourly_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_hours (
        hour, seconds, InProgress, Completed, Failed, NoInput, Transferred, Abandoned
    )
    SELECT hour_of(startTime), sum(one * coalesce(durationS, 0)),
        coalesce(sum(one) FILTER (WHERE status = 'InProgress'), 0),
        coalesce(sum(one) FILTER (WHERE status = 'Completed'), 0),
        coalesce(sum(one) FILTER (WHERE status = 'Failed'), 0),
        coalesce(sum(one) FILTER (WHERE status = 'NoInput'), 0),
        coalesce(sum(one) FILTER (WHERE status = 'Transferred'), 0),
        coalesce(sum(one) FILTER (WHERE status = 'Abandoned'), 0)
    FROM (
        SELECT id, startTime, status, durationS, 1 AS one FROM added
        UNION ALL
        SELECT id, startTime, status, durationS, -1 FROM removed
    ) AS changed
    WHERE id IN (
        SELECT added.id FROM added JOIN removed USING (id)
        WHERE (added.startTime, added.status, added.durationS)
            IS DISTINCT FROM (removed.startTime, removed.status, removed.durationS)
    )
    GROUP BY 1 ORDER BY 1
    ON CONFLICT (hour) DO UPDATE SET
        seconds = log_hours.seconds + excluded.seconds,
        InProgress = log_hours.InProgress + excluded.InProgress,
        Completed = log_hours.Completed + excluded.Completed,
        Failed = log_hours.Failed + excluded.Failed,
        NoInput = log_hours.NoInput + excluded.NoInput,
        Transferred = log_hours.Transferred + excluded.Transferred,
        Abandoned = log_hours.Abandoned + excluded.Abandoned;
    RETURN NULL;
END $$;
CREATE TRIGGER hourly_changed AFTER UPDATE ON logs
REFERENCING NEW TABLE AS added OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION hourly_changed();

CREATE FUNCTION hourly_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log_hours (
        hour, seconds, InProgress, Completed, Failed, NoInput, Transferred, Abandoned
    )
    SELECT hour_of(startTime), -sum(coalesce(durationS, 0)),
        -count(*) FILTER (WHERE status = 'InProgress'),
        -count(*) FILTER (WHERE status = 'Completed'),
        -count(*) FILTER (WHERE status = 'Failed'),
        -count(*) FILTER (WHERE status = 'NoInput'),
        -count(*) FILTER (WHERE status = 'Transferred'),
        -count(*) FILTER (WHERE status = 'Abandoned')
    FROM removed GROUP BY 1 ORDER BY 1
    ON CONFLICT (hour) DO UPDATE SET
        seconds = log_hours.seconds + excluded.seconds,
        InProgress = log_hours.InProgress + excluded.InProgress,
        Completed = log_hours.Completed + excluded.Completed,
        Failed = log_hours.Failed + excluded.Failed,
        NoInput = log_hours.NoInput + excluded.NoInput,
        Transferred = log_hours.Transferred + excluded.Transferred,
        Abandoned = log_hours.Abandoned + excluded.Abandoned;
    RETURN NULL;
END $$;
CREATE TRIGGER hourly_removed AFTER DELETE ON logs REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION hourly_removed();

-- One function for both ways: its argument is 1 for answers that came and -1 for those that went.
CREATE FUNCTION turns_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one integer := TG_ARGV[0]::integer;
BEGIN
    INSERT INTO turn_hours (
        hour, turns, questions, general, tech, unanswered, cached, interrupted, failed
    )
    SELECT hour_of(at), one * count(*),
        one * count(*) FILTER (WHERE control = '' AND question <> ''),
        one * count(*) FILTER (WHERE source = 'general'),
        one * count(*) FILTER (WHERE source = 'tech'),
        one * count(*) FILTER (WHERE unanswered), one * count(*) FILTER (WHERE cached),
        one * count(*) FILTER (WHERE interrupted), one * count(*) FILTER (WHERE fallbacks <> '[]')
    FROM changed GROUP BY 1 ORDER BY 1
    ON CONFLICT (hour) DO UPDATE SET
        turns = turn_hours.turns + excluded.turns,
        questions = turn_hours.questions + excluded.questions,
        general = turn_hours.general + excluded.general,
        tech = turn_hours.tech + excluded.tech,
        unanswered = turn_hours.unanswered + excluded.unanswered,
        cached = turn_hours.cached + excluded.cached,
        interrupted = turn_hours.interrupted + excluded.interrupted,
        failed = turn_hours.failed + excluded.failed;
    INSERT INTO stage_days (day, stage, bucket, times)
    SELECT hour_of(at) / 24, stage, stage_bucket(ms), one * count(*)
    FROM changed CROSS JOIN LATERAL (VALUES
        ('endpoint', endpointMs), ('asr', asrMs), ('retrieval', retrievalMs),
        ('llm_first_token', llmFirstTokenMs), ('tts_first_audio', ttsFirstAudioMs),
        ('answer', answerMs)
    ) AS stages (stage, ms)
    WHERE ms IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (day, stage, bucket) DO UPDATE SET times = stage_days.times + excluded.times;
    RETURN NULL;
END $$;
CREATE TRIGGER turns_added AFTER INSERT ON turns REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION turns_counted('1');
CREATE TRIGGER turns_removed AFTER DELETE ON turns REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION turns_counted('-1');
