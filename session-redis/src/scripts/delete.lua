-- KEYS: records. ARGV: the indexes, whose records they must be or nothing, then the key of each.
-- Returns what happened to the last one and the clock, how many were removed, and of the last one the owner
-- and how long its index holds it.
local required = ARGV[2]
local last, removed, former, horizon = MISSING, 0, NOBODY, 0
for position, key in ipairs(KEYS) do
  local old, state = head(key)
  former, horizon = NOBODY, 0
  if state == LIVING then
    former, horizon = owner_of(key, old), number(old, 27)
  end
  if old == '' or state == MOVED or (required ~= '' and state ~= RESERVED and former ~= required) then
    last = MISSING
    -- An empty value is none of this store's, and in the way of nobody.
    if old == '' and required == '' then redis.call('UNLINK', key) end
  elseif state == RESERVED then
    last = UNSETTLED
  else
    redis.call('UNLINK', key)
    last, removed = DONE, removed + 1
    if INDEX ~= '' and former ~= NOBODY then
      redis.call('ZREM', index_of(former), ARGV[position + 2])
    end
  end
end
return {last, micros, removed, string.sub(former, 3), string.format('%d', horizon)}
