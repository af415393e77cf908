-- KEYS[1]: the owner's index. ARGV: the indexes, what begins a record's name, the owner, the entry to begin
-- at, how many to look at. For where records lie on the same node.
-- Returns how many entries there were and the clock, then the key and the value of each of the owner's
-- records.
local index, record, owner = KEYS[1], ARGV[2], ARGV[3]
local start = tonumber(ARGV[4])
local members = redis.call('ZRANGE', index, start, start + tonumber(ARGV[5]) - 1)
local answer = {#members, micros}
for _, member in ipairs(members) do
  local key = record .. member
  local old, state = head(key)
  if state == LIVING and owner_of(key, old) == owner then
    answer[#answer + 1] = member
    answer[#answer + 1] = redis.call('GET', key)
  end
end
return answer
