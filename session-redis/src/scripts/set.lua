-- KEYS[1]: the record. ARGV: the indexes, 'any' or 'absent' or what it must begin with, what it is to begin
-- with, milliseconds to live, when it began or nothing, the owner, the data; once its index came first, how
-- long that is sure to hold it and its claim there. Records begin with their layout, state and version.
-- Returns what happened and the clock. Where another record is there, then the claim that it has in an index.
-- Where its index comes first, then nothing and the claim that it has
-- there or nothing; where it is done, the owner that it no longer has and the claim there, if there is one.
local key, when, start, ttl, owner = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
-- What has an owner had one before, most of the time: one read is enough unless that is a long one.
local old = redis.call('GETRANGE', key, FIRST, owner == NOBODY and LAST or '127')
local begins = #old >= HEADER and string.sub(old, 1, #start)
local known = begins == when
-- A living record of the right version, most of the time, about which there is nothing more to ask.
if not known then
  local layout, state = string.byte(old, 1, 2)
  known = begins and layout == 1
  -- Of another layout or by another program, it has no state and no version, and is there all the same.
  if not known then state = nil end
  if (old == '' or state == MOVED) and #when == #start then
    return {MISSING, micros}
  elseif state == RESERVED or state == MOVED then
    return {UNSETTLED, micros}
  elseif begins == start then
    -- This very write has happened before, but its answer was lost.
    return micros
  elseif old ~= '' and when ~= 'any' then
    return {CONFLICT, micros, known and string.sub(old, 35, 42) or ''}
  end
end

local created, former, horizon, claim = nil, NOBODY, 0, UNCLAIMED
if known then
  created, former = string.sub(old, 11, 18), string.sub(old, 43, 44)
  if former ~= NOBODY then
    local last = HEADER + struct.unpack('>H', former) - 1
    former, claim = string.sub(old, 43, last), string.sub(old, 35, 42)
    if last > #old then former = redis.call('GETRANGE', key, HEADER - 2, last - 1) end
  end
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
      if claim == UNCLAIMED then claim = string.sub(start, 3) end
      horizon = expires + ttl
      redis.call('ZADD', index, 'GT', horizon, string.sub(key, -32) .. claim)
      if micros % 8 == 0 then
        local past = redis.call('ZRANGEBYSCORE', index, '-inf', now - GRACE, 'LIMIT', 0, 100)
        if past[1] then redis.call('ZREM', index, unpack(past)) end
      end
    elseif ARGV[8] and tonumber(ARGV[8]) >= expires
      and (claim == UNCLAIMED or ARGV[9] == claim) then
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
local times = struct.pack('>i8i8', expires, horizon)
redis.call('SET', key, start .. created .. times .. claim .. owner .. ARGV[7], 'PX', ttl)
if not given_up then return micros end
if INDEX ~= '' then redis.call('ZREM', INDEX .. redis.sha1hex(given_up), string.sub(key, -32) .. their_claim) end
return {DONE, micros, given_up, their_claim}
