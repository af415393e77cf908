-- KEYS[1]: the record. ARGV: the indexes, 'any' or 'absent' or the version that it must have, the new
-- version, milliseconds to live, when it began or nothing, the owner, the data; once its index came first, how
-- long that is sure to hold it and its claim there.
-- Returns what happened and the clock. Where its index comes first, then nothing and the claim that it has
-- there or nothing; where it is done, the owner that it no longer has and the claim there, if there is one.
local key, when, version, ttl, owner = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local old = redis.call('GETRANGE', key, FIRST, LAST)
local created, former, horizon, claim = nil, NOBODY, 0, UNCLAIMED

if old ~= '' then
  -- Of another layout or by another program, it has no state and no version, and is there all the same.
  local state = #old == HEADER and string.byte(old, 1) == 1 and string.byte(old, 2)
  local current = state and string.sub(old, 3, 10)
  if state == MOVED and #when == 8 then
    return {MISSING, micros}
  elseif state == RESERVED or state == MOVED then
    return {UNSETTLED, micros}
  elseif current == version then
    -- This very write has happened before, but its answer was lost.
    return micros
  elseif when == 'absent' or (#when == 8 and current ~= when) then
    return {CONFLICT, micros}
  end
  if state then
    created = string.sub(old, 11, 18)
    former, claim = string.sub(old, 43, 44), string.sub(old, 35, 42)
    if former ~= NOBODY then
      local length = (struct.unpack('>H', former))
      former = redis.call('GETRANGE', key, HEADER - 2, HEADER + length - 2)
    end
  end
elseif #when == 8 then
  return {MISSING, micros}
end

local expires, given_up, their_claim = now + ttl, nil, nil
if former ~= NOBODY and former ~= owner then
  given_up, their_claim = string.sub(former, 3), claim
  claim = UNCLAIMED
end
if owner ~= NOBODY then
  if former == owner then horizon = (struct.unpack('>i8', old, 27)) end
  if horizon < expires then
    if INDEX ~= '' then
      -- As `register` does.
      local index = INDEX .. redis.sha1hex(string.sub(owner, 3))
      if claim == UNCLAIMED then claim = version end
      horizon = expires + ttl
      redis.call('ZADD', index, 'GT', horizon, string.sub(key, -32) .. claim)
      redis.call('ZREMRANGEBYSCORE', index, '-inf', now - GRACE)
    elseif ARGV[8] and tonumber(ARGV[8]) >= expires
      and ARGV[9] == (claim == UNCLAIMED and version or claim) then
      horizon, claim = tonumber(ARGV[8]), ARGV[9]
    else
      return {INDEX_FIRST, micros, '', claim == UNCLAIMED and '' or claim}
    end
  end
end

if not created then
  created = ARGV[5]
  if created == '' or (struct.unpack('>i8', created)) > now then created = struct.pack('>i8', now) end
end
local header = struct.pack('>BBc8c8i8i8c8', 1, LIVING, version, created, expires, horizon, claim)
redis.call('SET', key, header .. owner .. ARGV[7], 'PX', ttl)
if not given_up then return micros end
if INDEX ~= '' then redis.call('ZREM', INDEX .. redis.sha1hex(given_up), string.sub(key, -32) .. their_claim) end
return {DONE, micros, given_up, their_claim}
