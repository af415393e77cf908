-- KEYS[1]: the record. ARGV: the indexes, its key, 'any' or 'absent' or the version that it must have, the
-- new version, milliseconds to live, when it began or nothing, the owner, the data, how long its index
-- is sure to hold it or nothing, a random number of milliseconds.
-- Returns what happened and the clock.
local key, member, when, version = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local ttl, owner = tonumber(ARGV[5]), ARGV[7]
local old, state = head(key)
local there = old ~= ''

if state == MOVED and #when == 8 then
  return {MISSING, micros}
elseif state == RESERVED or state == MOVED then
  return {UNSETTLED, micros}
elseif there then
  local current = string.sub(old, 3, 10)
  -- This very write has happened before, but its answer was lost.
  if state and current == version then return {DONE, micros} end
  if when == 'absent' or (#when == 8 and current ~= when) then return {CONFLICT, micros} end
elseif #when == 8 then
  return {MISSING, micros}
end

local created, former = began(ARGV[6]), NOBODY
if state then
  created = string.sub(old, 11, 18)
  former = owner_of(key, old)
end

local expires, horizon = now + ttl, 0
if owner ~= NOBODY then
  if former == owner then horizon = number(old, 27) end
  if horizon < expires then
    if INDEX ~= '' then
      horizon = register(index_of(owner), member, ttl, tonumber(ARGV[10]))
    elseif ARGV[9] ~= '' and tonumber(ARGV[9]) >= expires then
      horizon = tonumber(ARGV[9])
    else
      return {INDEX_FIRST, micros}
    end
  end
end
if INDEX ~= '' and former ~= NOBODY and former ~= owner then
  redis.call('ZREM', index_of(former), member)
end

local header = header_of(LIVING, version, created, expires, horizon)
redis.call('SET', key, header .. owner .. ARGV[8], 'PXAT', string.format('%d', expires))
return {DONE, micros}
