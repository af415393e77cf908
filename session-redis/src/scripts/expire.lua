-- KEYS[1]: the record. ARGV: the indexes, its key, milliseconds to live, how long its index is sure to hold
-- it or nothing, a random number of milliseconds.
-- Returns what happened and the clock, and the owner where its index comes first.
local key, member, ttl = KEYS[1], ARGV[2], tonumber(ARGV[3])
local old, state = head(key)
if old == '' or state == MOVED then
  return {MISSING, micros}
elseif state == RESERVED then
  return {UNSETTLED, micros}
elseif not state then
  return redis.error_reply('LAYOUT this is not a record of this store')
end

local expires, horizon = now + ttl, number(old, 27)
if horizon ~= 0 and horizon < expires then
  local owner = owner_of(key, old)
  if INDEX ~= '' then
    horizon = register(index_of(owner), member, ttl, tonumber(ARGV[5]))
  elseif ARGV[4] ~= '' and tonumber(ARGV[4]) >= expires then
    horizon = tonumber(ARGV[4])
  else
    return {INDEX_FIRST, micros, string.sub(owner, 3)}
  end
end
-- In this order, so that a full server does not refuse what needs no room.
redis.call('PEXPIREAT', key, string.format('%d', expires))
-- A time that is over by now has removed it.
if redis.call('EXISTS', key) == 1 then
  redis.call('SETRANGE', key, 18, bytes(expires) .. bytes(horizon))
end
return {DONE, micros}
