-- Only reads.
-- KEYS[1]: the owner's index. ARGV: the indexes, what begins a record's name, the owner, the entry to begin
-- at, how many to look at. For where records lie on the same node.
-- Returns DONE and the clock, how many entries there were, then the key and the value of each of the
-- owner's records.
local index, record, owner = KEYS[1], ARGV[2], ARGV[3]
local start = tonumber(ARGV[4])
local members = redis.call('ZRANGE', index, start, start + tonumber(ARGV[5]) - 1)
local answer, seen = {DONE, micros, #members}, {}
for _, member in ipairs(members) do
  -- A record that was ended and begun again has two entries for a while.
  local name = string.sub(member, 1, 32)
  local key = record .. name
  local old, state = head(key)
  if not seen[name] and state == LIVING and owner_of(key, old) == owner then
    seen[name] = true
    answer[#answer + 1] = name
    answer[#answer + 1] = redis.call('GET', key)
  end
end
return answer
