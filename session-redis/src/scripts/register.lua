-- KEYS[1]: an owner's index. ARGV: the indexes, a record's key and its claim, milliseconds to live, 'renew' if the
-- record is only to live longer. For where it lies on another node: it is written after this, never before.
-- Returns DONE and the clock, and how long the index holds the record.
local horizon = register(KEYS[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'renew')
return {DONE, micros, string.format('%d', horizon)}
