-- What every script begins with. layout.rs says what a record looks like; numbers are big-endian.
-- ARGV[1] begins the name of every owner's index. It is empty where index and record lie on different
-- nodes: then scripts touch the record alone.
-- The answer is a table of what happened, the clock and what else there is to say. A script that is done and
-- has nothing else to say may answer the clock alone, which is less work than a table.
local INDEX = ARGV[1]
local MISSING, DONE, CONFLICT, INDEX_FIRST, UNSETTLED, LATE = 0, 1, 2, 3, 4, 5
local LIVING, RESERVED, MOVED = 0, 1, 2
local NOBODY, UNCLAIMED = '\0\0', '\0\0\0\0\0\0\0\0'
local HEADER = 44
-- Where it begins and ends. As text: to write out numbers would take as long as to read it.
local FIRST, LAST = '0', '43'
-- Entries of an index outlive their time by this, for the sake of nodes whose clocks differ.
local GRACE = 3600000

local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
