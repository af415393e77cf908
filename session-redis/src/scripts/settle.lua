-- The third step of a move to another node: the record is there for everybody, or was never there.
-- KEYS[1]: where it moves. ARGV: the indexes, the new version, 'keep' or 'drop', and for the latter until when what was
-- reserved could be decided: the next try of the same move, which has another time, is not dropped.
-- Returns what happened and the clock.
local key = KEYS[1]
local old, state = head(key)
if state ~= RESERVED or string.sub(old, 3, 10) ~= ARGV[2] then return {MISSING, micros} end
if ARGV[3] == 'drop' then
  local deadline = struct.unpack('>i8', redis.call('GETRANGE', key, -8, -1))
  if string.format('%d', deadline) ~= ARGV[4] then return {MISSING, micros} end
  redis.call('UNLINK', key)
else
  local value = redis.call('GET', key)
  local kept = string.sub(value, 1, 1) .. string.char(LIVING) .. string.sub(value, 3, -49)
  local expires = struct.unpack('>i8', old, 19)
  -- It is decided, so even a full server has to do it. Such a one refuses what needs room as the first write of a
  -- script, and never later.
  redis.call('PEXPIRE', key, math.max(expires - now, 1))
  redis.call('SET', key, kept, 'PXAT', string.format('%d', expires))
end
return {DONE, micros}
