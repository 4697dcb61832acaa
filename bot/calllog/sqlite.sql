-- What SQLite has beside the common tables: the words of the calls (FTS5) and the triggers.

-- Milliseconds of the start, then the call's number: the order of (startTime, id) in one integer.
ALTER TABLE logs ADD COLUMN timeKey INTEGER GENERATED ALWAYS AS (
    CAST(strftime('%s', startTime) AS INTEGER) * 1000000000
    + CAST(substr(startTime, 21, 3) AS INTEGER) * 1000000
    + id % 1000000
) VIRTUAL;

CREATE UNIQUE INDEX logs_by_time_key ON logs (timeKey, id, status, sources, durationS, callerId);

-- All a call is found by.
ALTER TABLE logs ADD COLUMN words TEXT GENERATED ALWAYS AS (
    lemmas || ' s:' || status || ' b:'
    || CASE sources WHEN '' THEN 'none' ELSE replace(sources, ' ', ' b:') END
) VIRTUAL;

-- Which calls hold a word. The numbers of its rows are logs.timeKey, so the newest calls with a
-- word are read first, and a range of days is a range of rows. FTS5 keeps no copy of the words and
-- must be told, to take a call out, exactly what was put in: triggers do it, whoever writes.
-- https://sqlite.org/fts5.html, 4.4.1 (contentless tables) and 6.3 (the 'delete' command).
-- The tokenizer "ascii" leaves all letters beyond ASCII as they are: ours are folded already.
CREATE VIRTUAL TABLE logs_words USING fts5 (
    words, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '-._:'"
);

CREATE VIRTUAL TABLE logs_vocabulary USING fts5vocab ('logs_words', 'row');

CREATE TRIGGER logs_added AFTER INSERT ON logs BEGIN
    INSERT INTO logs_words (rowid, words) VALUES (new.timeKey, new.words);
    INSERT INTO log_days (day, status, sources, calls)
    VALUES (substr(new.startTime, 1, 10), new.status, new.sources, 1)
    ON CONFLICT DO UPDATE SET calls = calls + 1;
END;

-- A call that is still unread is put in by whoever reads it (bot/calllog/backfill.py).
CREATE TRIGGER logs_reworded AFTER UPDATE OF lemmas, status, sources, startTime ON logs
WHEN old.words <> new.words OR old.startTime <> new.startTime BEGIN
    INSERT INTO logs_words (logs_words, rowid, words)
    SELECT 'delete', old.timeKey, old.words
    WHERE old.id > coalesce((SELECT value FROM log_state WHERE name = 'unread'), 0);
    INSERT INTO logs_words (rowid, words)
    SELECT new.timeKey, new.words
    WHERE new.id > coalesce((SELECT value FROM log_state WHERE name = 'unread'), 0);
END;

CREATE TRIGGER logs_recounted AFTER UPDATE OF status, sources, startTime ON logs
WHEN old.status <> new.status OR old.sources <> new.sources OR old.startTime <> new.startTime BEGIN
    UPDATE log_days SET calls = calls - 1
    WHERE day = substr(old.startTime, 1, 10) AND status = old.status AND sources = old.sources;
    INSERT INTO log_days (day, status, sources, calls)
    VALUES (substr(new.startTime, 1, 10), new.status, new.sources, 1)
    ON CONFLICT DO UPDATE SET calls = calls + 1;
END;

CREATE TRIGGER logs_removed AFTER DELETE ON logs BEGIN
    INSERT INTO logs_words (logs_words, rowid, words)
    SELECT 'delete', old.timeKey, old.words
    WHERE old.id > coalesce((SELECT value FROM log_state WHERE name = 'unread'), 0);
    UPDATE log_days SET calls = calls - 1
    WHERE day = substr(old.startTime, 1, 10) AND status = old.status AND sources = old.sources;
    DELETE FROM turns WHERE callId = old.id;
END;
