-- Marks on PostgreSQL the recordings whose calls are gone (bot/calllog/recordings.py).

CREATE OR REPLACE FUNCTION recordings_unwanted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE recordings SET state = 'unwanted' FROM removed WHERE recordings.callId = removed.id;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS recordings_unwanted ON logs;
CREATE TRIGGER recordings_unwanted AFTER DELETE ON logs REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION recordings_unwanted();
