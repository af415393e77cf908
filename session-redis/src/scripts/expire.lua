-- KEYS[1]: the record. ARGV: the indexes, its key, milliseconds to live, how long its index is sure to hold
-- it or nothing, a random number of milliseconds.
-- Returns what happened and the clock, and the owner where its index comes first.
local key, ttl = KEYS[1], tonumber(ARGV[3])
local old = redis.call('GETRANGE', key, 0, HEADER - 1)
if old == '' then return {MISSING, micros} end
if #old ~= HEADER or string.byte(old, 1) ~= 1 then
  return redis.error_reply('LAYOUT this is not a record of this store')
end
local state = string.byte(old, 2)
if state == MOVED then
  return {MISSING, micros}
elseif state == RESERVED then
  return {UNSETTLED, micros}
end

local expires, horizon = now + ttl, (struct.unpack('>i8', old, 27))
if horizon ~= 0 and horizon < expires then
  local length = (struct.unpack('>H', old, 35))
  local owner = redis.call('GETRANGE', key, HEADER, HEADER + length - 2)
  if INDEX ~= '' then
    -- As `register` does.
    local index = INDEX .. redis.sha1hex(owner)
    horizon = expires + ttl + tonumber(ARGV[5])
    redis.call('ZADD', index, 'GT', horizon, ARGV[2])
    redis.call('ZREMRANGEBYSCORE', index, '-inf', now - GRACE)
  elseif ARGV[4] ~= '' and tonumber(ARGV[4]) >= expires then
    horizon = tonumber(ARGV[4])
  else
    return {INDEX_FIRST, micros, owner}
  end
end
-- In this order, so that a full server does not refuse what needs no room.
redis.call('PEXPIRE', key, ARGV[3])
redis.call('SETRANGE', key, 18, struct.pack('>i8i8', expires, horizon))
return {DONE, micros}
