-- KEYS[1]: an owner's index. ARGV: the indexes, how many entries to remove at most.
-- Returns DONE and the clock, and how many were removed.
local past = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - GRACE, 'LIMIT', 0, tonumber(ARGV[2]))
for _, member in ipairs(past) do redis.call('ZREM', KEYS[1], member) end
return {DONE, micros, #past}
