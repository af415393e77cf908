-- KEYS[1]: an owner's index. ARGV: the indexes, a record's key, how long the index was to hold it. Leaves what
-- was registered again since.
-- Returns what happened and the clock.
local score = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not score or tonumber(score) ~= tonumber(ARGV[3]) then return {MISSING, micros} end
redis.call('ZREM', KEYS[1], ARGV[2])
return {DONE, micros}
