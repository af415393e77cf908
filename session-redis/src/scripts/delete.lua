-- KEYS: records. ARGV: the indexes, whose records they must be or nothing, then the key of each.
-- Returns what happened and the clock, how many were removed, and of the last one the owner, how long its
-- index holds it or 0, and its claim there.
local required = ARGV[2]
local result, removed, former, horizon, claim = MISSING, 0, NOBODY, 0, ''
for position, key in ipairs(KEYS) do
  local old, state = head(key)
  former, horizon, claim = NOBODY, 0, ''
  if state == LIVING then
    former, horizon, claim = owner_of(key, old), number(old, 27), claim_of(old)
  end
  if old == '' or state == MOVED or (required ~= '' and state ~= RESERVED and former ~= required) then
    -- An empty value is none of this store's, and in the way of nobody.
    if old == '' and required == '' then redis.call('UNLINK', key) end
  elseif state == RESERVED then
    result = UNSETTLED
  else
    redis.call('UNLINK', key)
    removed = removed + 1
    if INDEX ~= '' and former ~= NOBODY then
      redis.call('ZREM', index_of(former), ARGV[position + 2] .. claim)
    end
  end
end
if removed > 0 then result = DONE end
return {result, micros, removed, string.sub(former, 3), string.format('%d', horizon), claim}
