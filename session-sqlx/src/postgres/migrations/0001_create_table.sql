-- One row per session. Times are whole milliseconds since 1970-01-01T00:00:00Z, by the clock of the
-- database server.
CREATE TABLE IF NOT EXISTS "{table}" (
    id         bytea  NOT NULL PRIMARY KEY, -- the digest of the session's ID, 32 bytes; never the ID
    user_id    text,                        -- the owner, if there is one
    data       bytea  NOT NULL,             -- the session, as encoded by its codec
    expires_at bigint NOT NULL,             -- the first millisecond in which the row counts as absent
    created_at bigint NOT NULL,             -- never moves while the session lives
    updated_at bigint NOT NULL,             -- when the data was last written; a renewal does not move it
    version    bigint NOT NULL              -- another one for every write
);

-- For the removal of expired rows, oldest first, and for counting the living ones.
CREATE INDEX IF NOT EXISTS "{table}_by_expiry" ON "{table}" (expires_at);

-- For listing and removing an owner's rows. Anonymous sessions take no room in it.
CREATE INDEX IF NOT EXISTS "{table}_by_owner" ON "{table}" (user_id) WHERE user_id IS NOT NULL;
