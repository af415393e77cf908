-- KEYS: the record, and where it moves. ARGV: the indexes, both keys, the version that it must have, the new
-- version, milliseconds to live, when it began or nothing, the owner, the data. For where both lie on one
-- node, along with the indexes.
-- Returns what happened and the clock.
local from, to, version, ttl, owner = KEYS[1], KEYS[2], ARGV[5], tonumber(ARGV[6]), ARGV[8]
local target, settled = head(to)
-- This very move has happened before, but its answer was lost.
if settled and string.sub(target, 3, 10) == version then return {DONE, micros} end
local old, state = head(from)
if old == '' then return {MISSING, micros} end
if not state or string.sub(old, 3, 10) ~= ARGV[4] or target ~= '' then return {CONFLICT, micros} end

local expires, horizon, claim = now + ttl, 0, UNCLAIMED
if owner ~= NOBODY then
  claim = version
  horizon = register(index_of(owner), ARGV[3] .. claim, ttl)
end
local former = owner_of(from, old)
local header = header_of(LIVING, version, began(ARGV[7]), expires, horizon, claim)
redis.call('SET', to, header .. owner .. ARGV[9], 'PXAT', string.format('%d', expires))
redis.call('UNLINK', from)
if former ~= NOBODY then redis.call('ZREM', index_of(former), ARGV[2] .. claim_of(old)) end
return {DONE, micros}
