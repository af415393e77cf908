-- KEYS[1]: the record. ARGV: the indexes, milliseconds to live; once its index came first, how long that is
-- sure to hold it and its claim there.
-- Returns what happened and the clock; where its index comes first, also the owner and its claim there.
local key, ttl = KEYS[1], ARGV[2]
local old = redis.call('GETRANGE', key, FIRST, LAST)
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

local expires, horizon, owner = now + ttl, (struct.unpack('>i8', old, 27)), nil
if horizon ~= 0 and horizon < expires then
  local length, claim = (struct.unpack('>H', old, 43)), string.sub(old, 35, 42)
  owner = redis.call('GETRANGE', key, HEADER, HEADER + length - 2)
  if INDEX == '' then
    if ARGV[4] ~= claim or tonumber(ARGV[3]) < expires then return {INDEX_FIRST, micros, owner, claim} end
    horizon, owner = tonumber(ARGV[3]), nil
  end
end
-- What needs no room comes first: a full server refuses a script at its first write or not at all.
redis.call('PEXPIRE', key, ttl)
if owner then
  -- As `register` does.
  local index = INDEX .. redis.sha1hex(owner)
  horizon = expires + ttl
  redis.call('ZADD', index, 'GT', horizon, string.sub(key, -32) .. string.sub(old, 35, 42))
  if micros % 8 == 0 then
    local past = redis.call('ZRANGEBYSCORE', index, '-inf', now - GRACE, 'LIMIT', 0, 100)
    if past[1] then redis.call('ZREM', index, unpack(past)) end
  end
end
redis.call('SETRANGE', key, '18', struct.pack('>i8i8', expires, horizon))
return micros
