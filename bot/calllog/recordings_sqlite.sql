-- Marks on SQLite the recordings whose calls are gone (bot/calllog/recordings.py).

DROP TRIGGER IF EXISTS recordings_unwanted;
CREATE TRIGGER recordings_unwanted AFTER DELETE ON logs BEGIN
    UPDATE recordings SET state = 'unwanted' WHERE callId = old.id;
END;
