-- KEYS[1]: an owner's index. ARGV: the indexes, how many entries to remove at most.
-- Returns how many were removed and the clock.
local past = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - GRACE, 'LIMIT', 0, tonumber(ARGV[2]))
for _, member in ipairs(past) do redis.call('ZREM', KEYS[1], member) end
return {#past, micros}
