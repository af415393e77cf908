-- What else scripts share that are not run all the time.
local function bytes(number) return struct.pack('>i8', number) end
local function number(text, at) return (struct.unpack('>i8', text, at)) end
local function claim_of(header) return string.sub(header, 35, 42) end

local function header_of(state, version, created, expires, horizon, claim)
  return struct.pack('>BBc8c8i8i8c8', 1, state, version, created, expires, horizon, claim)
end

local function index_of(owner) return INDEX .. redis.sha1hex(string.sub(owner, 3)) end

-- By how much the clocks of an index's node and a record's may differ, with whatever time to live.
local SKEW = 60000

-- Puts a record into its owner's index, under a claim that is this record's alone: whoever takes it out again
-- takes out nobody else's. Returns until when it stays there. That is about twice as long as the
-- record is to live, so that few renewals have to come by again.
local function register(index, member, ttl, renews)
  local horizon = now + 2 * ttl + SKEW
  -- A full server refuses a script at its first write or not at all. So what needs room comes first, but where a
  -- record is renewed that has its entry: there a write comes first that does nothing.
  if renews then redis.call('ZREM', index, '') end
  redis.call('ZADD', index, 'GT', horizon, member)
  -- What is past goes by and by, a hundred entries at a time: nobody waits for more, and to look for them each
  -- time would take a tenth of a sign-in.
  if micros % 8 == 0 then
    local past = redis.call('ZRANGEBYSCORE', index, '-inf', now - GRACE, 'LIMIT', 0, 100)
    if past[1] then redis.call('ZREM', index, unpack(past)) end
  end
  return horizon
end

-- When a record began: not later than now.
local function began(given)
  if given == '' or number(given, 1) > now then return bytes(now) end
  return given
end
