-- One row per session. Times are whole milliseconds since 1970-01-01T00:00:00Z, by the clock of
-- the machine that SQLite runs on.
--
-- An ordinary table with rowids, not WITHOUT ROWID: there a row lives inside the key's own B-tree,
-- where half a kilobyte of data in every node makes the tree deep, where each new row lands on a
-- random page, and where both indexes below would carry the 32 byte key instead of a small rowid.
CREATE TABLE IF NOT EXISTS "{table}" (
    id         BLOB    NOT NULL PRIMARY KEY, -- the digest of the session's ID, 32 bytes; never the ID
    user_id    TEXT,                         -- the owner, if there is one
    data       BLOB    NOT NULL,             -- the session, as encoded by its codec
    expires_at INTEGER NOT NULL,             -- the first millisecond in which the row counts as absent
    created_at INTEGER NOT NULL,             -- never moves while the session lives
    updated_at INTEGER NOT NULL,             -- when the data was last written; a renewal does not move it
    version    INTEGER NOT NULL              -- another one for every write. NOT NULL and without a
                                             -- default, because a lost compare and swap writes NULL
                                             -- here to be refused.
) STRICT;

-- For the removal of expired rows, oldest first, and for counting the living ones.
CREATE INDEX IF NOT EXISTS "{table}_by_expiry" ON "{table}" (expires_at);

-- For listing and removing an owner's rows. Anonymous sessions take no room in it.
CREATE INDEX IF NOT EXISTS "{table}_by_owner" ON "{table}" (user_id) WHERE user_id IS NOT NULL;
