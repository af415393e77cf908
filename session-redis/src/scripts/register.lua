-- KEYS[1]: an owner's index. ARGV: the indexes, a record's key, milliseconds to live, a random number of
-- milliseconds. For where the record lies on another node: it is written after this, never before.
-- Returns how long the index holds the record, and the clock.
return {register(KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])), micros}
