-- Keeps the tables of bot/calllog/hours.py on SQLite.

CREATE TRIGGER hourly_added AFTER INSERT ON logs BEGIN
    INSERT INTO log_hours (
        hour, seconds, InProgress, Completed, Failed, NoInput, Transferred, Abandoned
    ) VALUES (
        CAST(strftime('%s', new.startTime) AS INTEGER) / 3600, coalesce(new.durationS, 0),
        new.status = 'InProgress', new.status = 'Completed', new.status = 'Failed',
        new.status = 'NoInput', new.status = 'Transferred', new.status = 'Abandoned'
    ) ON CONFLICT DO UPDATE SET
        seconds = seconds + excluded.seconds,
        InProgress = InProgress + excluded.InProgress, Completed = Completed + excluded.Completed,
        Failed = Failed + excluded.Failed, NoInput = NoInput + excluded.NoInput,
        Transferred = Transferred + excluded.Transferred,
        Abandoned = Abandoned + excluded.Abandoned;
END;

CREATE TRIGGER hourly_removed AFTER DELETE ON logs BEGIN
    UPDATE log_hours SET
        seconds = seconds - coalesce(old.durationS, 0),
        InProgress = InProgress - (old.status = 'InProgress'),
        Completed = Completed - (old.status = 'Completed'),
        Failed = Failed - (old.status = 'Failed'), NoInput = NoInput - (old.status = 'NoInput'),
        Transferred = Transferred - (old.status = 'Transferred'),
        Abandoned = Abandoned - (old.status = 'Abandoned')
    WHERE hour = CAST(strftime('%s', old.startTime) AS INTEGER) / 3600;
END;

-- The start of a call never changes.
CREATE TRIGGER hourly_changed AFTER UPDATE OF status, durationS ON logs
WHEN old.status <> new.status OR old.durationS IS NOT new.durationS BEGIN
    UPDATE log_hours SET
        seconds = seconds + coalesce(new.durationS, 0) - coalesce(old.durationS, 0),
        InProgress = InProgress + (new.status = 'InProgress') - (old.status = 'InProgress'),
        Completed = Completed + (new.status = 'Completed') - (old.status = 'Completed'),
        Failed = Failed + (new.status = 'Failed') - (old.status = 'Failed'),
        NoInput = NoInput + (new.status = 'NoInput') - (old.status = 'NoInput'),
        Transferred = Transferred + (new.status = 'Transferred') - (old.status = 'Transferred'),
        Abandoned = Abandoned + (new.status = 'Abandoned') - (old.status = 'Abandoned')
    WHERE hour = CAST(strftime('%s', new.startTime) AS INTEGER) / 3600;
END;

CREATE TRIGGER turns_added AFTER INSERT ON turns BEGIN
    INSERT INTO turn_hours (
        hour, turns, questions, general, tech, unanswered, cached, interrupted, failed
    ) VALUES (
        CAST(strftime('%s', new.at) AS INTEGER) / 3600, 1,
        new.control = '' AND new.question <> '', new.source = 'general', new.source = 'tech',
        new.unanswered, new.cached, new.interrupted, new.fallbacks <> '[]'
    ) ON CONFLICT DO UPDATE SET
        turns = turns + 1, questions = questions + excluded.questions,
        general = general + excluded.general, tech = tech + excluded.tech,
        unanswered = unanswered + excluded.unanswered, cached = cached + excluded.cached,
        interrupted = interrupted + excluded.interrupted, failed = failed + excluded.failed;
    INSERT INTO stage_days (day, stage, bucket, times)
    SELECT CAST(strftime('%s', new.at) AS INTEGER) / 86400, stage, CASE
        WHEN ms < 0 THEN 0
        WHEN ms < 100 THEN CAST(ms / 5 AS INTEGER) * 5
        WHEN ms < 500 THEN CAST(ms / 20 AS INTEGER) * 20
        WHEN ms < 2000 THEN CAST(ms / 50 AS INTEGER) * 50
        WHEN ms < 10000 THEN CAST(ms / 250 AS INTEGER) * 250
        WHEN ms < 60000 THEN CAST(ms / 2000 AS INTEGER) * 2000
        ELSE 60000 END, 1
    FROM (
        SELECT 'endpoint' AS stage, new.endpointMs AS ms
        UNION ALL SELECT 'asr', new.asrMs
        UNION ALL SELECT 'retrieval', new.retrievalMs
        UNION ALL SELECT 'llm_first_token', new.llmFirstTokenMs
        UNION ALL SELECT 'tts_first_audio', new.ttsFirstAudioMs
        UNION ALL SELECT 'answer', new.answerMs
    ) WHERE ms IS NOT NULL
    ON CONFLICT DO UPDATE SET times = times + 1;
END;

CREATE TRIGGER turns_removed AFTER DELETE ON turns BEGIN
    UPDATE turn_hours SET
        turns = turns - 1,
        questions = questions - (old.control = '' AND old.question <> ''),
        general = general - (old.source = 'general'), tech = tech - (old.source = 'tech'),
        unanswered = unanswered - old.unanswered, cached = cached - old.cached,
        interrupted = interrupted - old.interrupted, failed = failed - (old.fallbacks <> '[]')
    WHERE hour = CAST(strftime('%s', old.at) AS INTEGER) / 3600;
    INSERT INTO stage_days (day, stage, bucket, times)
    SELECT CAST(strftime('%s', old.at) AS INTEGER) / 86400, stage, CASE
        WHEN ms < 0 THEN 0
        WHEN ms < 100 THEN CAST(ms / 5 AS INTEGER) * 5
        WHEN ms < 500 THEN CAST(ms / 20 AS INTEGER) * 20
        WHEN ms < 2000 THEN CAST(ms / 50 AS INTEGER) * 50
        WHEN ms < 10000 THEN CAST(ms / 250 AS INTEGER) * 250
        WHEN ms < 60000 THEN CAST(ms / 2000 AS INTEGER) * 2000
        ELSE 60000 END, -1
    FROM (
        SELECT 'endpoint' AS stage, old.endpointMs AS ms
        UNION ALL SELECT 'asr', old.asrMs
        UNION ALL SELECT 'retrieval', old.retrievalMs
        UNION ALL SELECT 'llm_first_token', old.llmFirstTokenMs
        UNION ALL SELECT 'tts_first_audio', old.ttsFirstAudioMs
        UNION ALL SELECT 'answer', old.answerMs
    ) WHERE ms IS NOT NULL
    ON CONFLICT DO UPDATE SET times = times - 1;
END;
