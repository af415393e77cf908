-- The last step of a move to another node: removes the note of where the record went.
-- KEYS[1]: where it came from. ARGV: the indexes, the new version.
-- Returns what happened and the clock.
local old, state = head(KEYS[1])
if state ~= MOVED or string.sub(old, 3, 10) ~= ARGV[2] then return {MISSING, micros} end
redis.call('UNLINK', KEYS[1])
return {DONE, micros}
