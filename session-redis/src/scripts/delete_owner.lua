-- KEYS[1]: the owner's index. ARGV: the indexes, what begins a record's name, the owner, the key to spare or
-- nothing, how many entries to look at. For where records lie on the same node.
-- Returns DONE if records were removed and the clock, how many entries there were and how many records
-- were removed; and what the server says of a key of another type, if there was one.
local index, record, owner, spared = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local members = redis.call('ZRANGE', index, 0, tonumber(ARGV[5]) - 1)
local removed, corrupt = 0, nil
for _, member in ipairs(members) do
  if string.sub(member, 1, 32) ~= spared then
    local key = record .. string.sub(member, 1, 32)
    local read, old, state = pcall(head, key)
    if not read then
      -- It is no session, and in the way of none. Servers before 7.0 say it in a text.
      corrupt = type(old) == 'table' and old.err or old
      if not string.find(corrupt, 'WRONGTYPE', 1, true) then error(old, 0) end
    elseif state == LIVING and owner_of(key, old) == owner then
      redis.call('UNLINK', key)
      removed = removed + 1
    end
    redis.call('ZREM', index, member)
  end
end
return {removed > 0 and DONE or MISSING, micros, #members, removed, corrupt}
