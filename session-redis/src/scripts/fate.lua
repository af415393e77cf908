-- Only reads.
-- What became of a move, as the place tells that the record comes from.
-- KEYS[1]: that place. ARGV: the indexes, the version that the record must have there, the new version, until
-- when the move may be decided.
-- Returns DONE, MISSING if it never will be, or LATE if it is not decided yet, and the clock.
local old, state = head(KEYS[1])
if state == MOVED and string.sub(old, 3, 10) == ARGV[3] then
  return {DONE, micros}
-- It may be reserved there itself, by a move that is decided and not yet ended.
elseif (state == LIVING or state == RESERVED) and string.sub(old, 3, 10) == ARGV[2] and now <= tonumber(ARGV[4]) then
  return {LATE, micros}
end
return {MISSING, micros}
