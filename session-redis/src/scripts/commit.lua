-- The second step of a move to another node, which decides it: the old record gives way to a note of where
-- it went.
-- KEYS[1]: the record. ARGV: the indexes, the key that it moves to, the version that it must have, the new
-- version, milliseconds that the note must last, until when this may be done.
-- Returns what happened and the clock, and the former owner, how long its index holds the record, and its claim
-- there.
local key, version = KEYS[1], ARGV[4]
local old, state = head(key)
if state == MOVED and string.sub(old, 3, 10) == version then
  return {DONE, micros, '', '0', ''}
elseif old == '' or state == MOVED then
  return {MISSING, micros}
elseif state == RESERVED then
  return {UNSETTLED, micros}
elseif not state or string.sub(old, 3, 10) ~= ARGV[3] then
  return {CONFLICT, micros}
elseif now > tonumber(ARGV[6]) then
  return {LATE, micros}
end
local former, horizon = owner_of(key, old), number(old, 27)
local expires = now + tonumber(ARGV[5])
local note = header_of(MOVED, version, bytes(now), expires, 0, UNCLAIMED) .. NOBODY .. ARGV[2]
redis.call('SET', key, note, 'PXAT', string.format('%d', expires))
return {DONE, micros, string.sub(former, 3), string.format('%d', horizon), claim_of(old)}
