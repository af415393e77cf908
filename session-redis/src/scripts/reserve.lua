-- The first step of a move to another node: writes the record where it moves, to be found by nobody until
-- the second step is done.
-- KEYS[1]: where it moves. ARGV: the indexes, the key that it comes from, the version that it must have there,
-- the new version, milliseconds to live, when it began or nothing, the owner, the data, how long its index is
-- sure to hold it or nothing, under the new version as its claim, until when the second step may be done in
-- milliseconds from now.
-- Returns what happened and the clock, and until when the second step may be done.
local key, version, ttl, owner = KEYS[1], ARGV[4], tonumber(ARGV[5]), ARGV[7]
local old, state = head(key)
if state == RESERVED and string.sub(old, 3, 10) == version then
  -- This very step has been done before, but its answer was lost.
  return {DONE, micros, string.format('%d', number(redis.call('GETRANGE', key, -8, -1), 1))}
elseif state == RESERVED or state == MOVED then
  return {UNSETTLED, micros}
elseif old ~= '' then
  return {CONFLICT, micros}
end
local expires, horizon, claim = now + ttl, 0, UNCLAIMED
if owner ~= NOBODY then
  if ARGV[9] == '' or tonumber(ARGV[9]) < expires then return {INDEX_FIRST, micros} end
  horizon, claim = tonumber(ARGV[9]), version
end
local deadline = now + tonumber(ARGV[10])
local header = header_of(RESERVED, version, began(ARGV[6]), expires, horizon, claim)
local origin = ARGV[2] .. ARGV[3] .. bytes(deadline)
redis.call('SET', key, header .. owner .. ARGV[8] .. origin, 'PXAT', string.format('%d', expires))
return {DONE, micros, string.format('%d', deadline)}
