-- One row per session. Times are whole milliseconds since 1970-01-01T00:00:00Z, by the clock of the
-- database server. All columns are numbers or bytes, so that no character set, collation or SQL mode
-- can bend them.
CREATE TABLE IF NOT EXISTS `{table}` (
    id         BINARY(32) NOT NULL PRIMARY KEY, -- the digest of the session's ID; never the ID
    user_id    VARBINARY(1024),                 -- the owner in UTF-8, if there is one
    data       LONGBLOB   NOT NULL,             -- the session, as encoded by its codec
    expires_at BIGINT     NOT NULL,             -- the first millisecond in which the row counts as absent
    created_at BIGINT     NOT NULL,             -- never moves while the session lives
    updated_at BIGINT     NOT NULL,             -- when the data was last written; a renewal does not move it
    version    BIGINT     NOT NULL,             -- another one for every write
    -- For the removal of expired rows, oldest first, and for counting the living ones.
    INDEX `{table}_by_expiry` (expires_at),
    -- For listing and removing an owner's rows.
    INDEX `{table}_by_owner` (user_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
