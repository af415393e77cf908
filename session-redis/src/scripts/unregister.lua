-- KEYS[1]: an owner's index. ARGV: the indexes, a record's key and its claim.
-- Returns DONE and the clock.
redis.call('ZREM', KEYS[1], ARGV[2])
return {DONE, micros}
