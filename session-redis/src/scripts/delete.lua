-- KEYS: records. ARGV: the indexes, whose records they must be or nothing.
-- Returns what happened and the clock, how many were removed; then, where its index is to be told of it, the
-- owner of the last one, how long its index holds it or 0, and its claim there.
local required = ARGV[2]
local result, removed, former, horizon, claim = MISSING, 0, NOBODY, 0, ''
for _, key in ipairs(KEYS) do
  local old, state = head(key)
  former = state == LIVING and owner_of(key, old) or NOBODY
  if old == '' or state == MOVED or (required ~= '' and state ~= RESERVED and former ~= required) then
    -- An empty value is none of this store's, and in the way of nobody.
    if old == '' and required == '' then redis.call('UNLINK', key) end
  elseif state == RESERVED then
    result = UNSETTLED
  else
    redis.call('UNLINK', key)
    removed = removed + 1
    if former ~= NOBODY then
      horizon, claim = struct.unpack('>i8c8', old, 27)
      if INDEX ~= '' then
        redis.call('ZREM', INDEX .. redis.sha1hex(string.sub(former, 3)), string.sub(key, -32) .. claim)
      end
    end
  end
end
if removed > 0 then result = DONE end
if INDEX ~= '' or former == NOBODY then return {result, micros, removed} end
return {result, micros, removed, string.sub(former, 3), string.format('%d', horizon), claim}
