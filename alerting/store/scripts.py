"""What Redis does in one step, as Lua; each script has one effect though it may come twice.

A reply can get lost after the work was done, and the request is then repeated. Scripts that
are not repeatable by nature carry a token: the answer is remembered under it for a while,
and the repetition gets that answer and changes nothing. They check everything before they
write anything, since Redis does not undo what a failing script has done; and they write the
audit log first, because its numbers are the one thing that Redis itself may still refuse.

Lua's numbers are doubles and print with 14 digits: times stay texts on their way through,
and are formatted where they are computed.
"""

from alerting.store.connection import Script

ANSWER_S = 120
"""How long an answer is remembered: repetitions come within seconds."""

_ANSWERED = f"""
local answered = redis.call('GET', KEYS[1])
if answered then return {{answered}} end
local function answer(word)
  redis.call('SET', KEYS[1], word, 'EX', {ANSWER_S})
  return {{word}}
end
"""

# A stirred case goes before everything that falls due by time, in the order of stirring;
# one that is waiting already keeps its place.
_STIR = """
local function stir(id, stirred, stirs, urgent, routine)
  redis.call('HINCRBY', stirred, id, 1)
  local place = string.format('%.0f', redis.call('INCR', stirs) - 9e15)
  for _, queue in ipairs({urgent, routine}) do
    local due = redis.call('ZSCORE', queue, id)
    if not due or tonumber(due) > -1e15 then redis.call('ZADD', queue, place, id) end
  end
end
"""

# ARGV: number and hash of the head that the lines were chained to, hash of the last line,
# count of lines, the lines. `rest` is where the other arguments begin.
_CHAIN = """
local lines = tonumber(ARGV[4])
local rest = 5 + lines
local function head_elsewhere(head)
  if lines == 0 then return false end
  local seq = redis.call('HGET', head, 'seq') or '0'
  local hash = redis.call('HGET', head, 'sha256') or string.rep('0', 64)
  if seq == ARGV[1] and hash == ARGV[2] then return false end
  return {'head', seq, hash}
end
local function append_lines(head, log)
  if lines == 0 then return end
  local seq = tonumber(ARGV[1])
  for number = 1, lines do
    redis.call('XADD', log, string.format('%.0f-0', seq + number), 'r', ARGV[4 + number])
  end
  redis.call('HSET', head, 'seq', string.format('%.0f', seq + lines), 'sha256', ARGV[3])
end
"""

APPEND = Script(
    "append",
    _ANSWERED
    + """
local ids, signals, position = KEYS[2], KEYS[3], KEYS[4]
local id, body, kept_signals = ARGV[1], ARGV[2], tonumber(ARGV[3])
local kept_ids, kept_ids_s = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(redis.call('TIME')[1])
local is_new = not redis.call('ZSCORE', ids, id)
redis.call('ZADD', ids, now, id)
if not is_new then return answer('0') end
redis.call('XADD', signals, '*', 's', body)

local many_ids = redis.call('ZCARD', ids) - kept_ids
if many_ids > 0 then
  local old = redis.call('ZRANGEBYSCORE', ids, '-inf', now - kept_ids_s, 'LIMIT', 0,
                         math.min(many_ids, 100))
  if #old > 0 then redis.call('ZREM', ids, unpack(old)) end
end

local many_signals = redis.call('XLEN', signals) - kept_signals
local applied = redis.call('GET', position) or ''
if many_signals > 0 and applied ~= '' then
  local function parts(entry)
    local ms, number = string.match(entry, '^(%d+)-(%d+)$')
    return tonumber(ms), tonumber(number)
  end
  local applied_ms, applied_number = parts(applied)
  local gone = {}
  local oldest = redis.call('XRANGE', signals, '-', '+', 'COUNT', math.min(many_signals, 100))
  for _, entry in ipairs(oldest) do
    local ms, number = parts(entry[1])
    if ms > applied_ms or (ms == applied_ms and number > applied_number) then break end
    gone[#gone + 1] = entry[1]
  end
  if #gone > 0 then redis.call('XDEL', signals, unpack(gone)) end
end
return answer('1')
""",
)

TAKE = Script(
    "take",
    _ANSWERED
    + """
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return answer('0') end
redis.call('SET', KEYS[2], ARGV[2])
return answer('1')
""",
)

COMMIT = Script(
    "commit",
    _ANSWERED
    + _STIR
    + _CHAIN
    + """
local head, log, position = KEYS[2], KEYS[3], KEYS[4]
local bodies, versions, open = KEYS[5], KEYS[6], KEYS[7]
local stirred, stirs, urgent, routine = KEYS[8], KEYS[9], KEYS[10], KEYS[11]

local moves = ARGV[rest] == '1'
if moves and (redis.call('GET', position) or '') ~= ARGV[rest + 1] then return {'moved'} end
local first_write = rest + 3
for at = first_write, #ARGV, 4 do
  if (redis.call('HGET', versions, ARGV[at]) or '0') ~= ARGV[at + 1] then return {'moved'} end
end
local elsewhere = head_elsewhere(head)
if elsewhere then return elsewhere end

append_lines(head, log)
if moves then redis.call('SET', position, ARGV[rest + 2]) end
for at = first_write, #ARGV, 4 do
  local id = ARGV[at]
  redis.call('HSET', bodies, id, ARGV[at + 2])
  redis.call('HINCRBY', versions, id, 1)
  redis.call(ARGV[at + 3] == '1' and 'SADD' or 'SREM', open, id)
  stir(id, stirred, stirs, urgent, routine)
end
return answer('done')
""",
)

RECORD = Script(
    "record",
    _ANSWERED
    + _STIR
    + _CHAIN
    + """
local head, log, outcomes, versions = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local stirred, stirs, urgent, routine = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local id = ARGV[rest]
local expected = tonumber(ARGV[rest + 1])
local first_word = rest + 2 + 2 * expected

for at = rest + 2, first_word - 1, 2 do
  if (redis.call('HGET', outcomes, ARGV[at]) or '') ~= ARGV[at + 1] then return {'moved'} end
end
local elsewhere = head_elsewhere(head)
if elsewhere then return elsewhere end

append_lines(head, log)
for at = first_word, #ARGV, 2 do redis.call('HSET', outcomes, ARGV[at], ARGV[at + 1]) end
if redis.call('HEXISTS', versions, id) == 1 then stir(id, stirred, stirs, urgent, routine) end
return answer('done')
""",
)

READ_CASE = Script(
    "read-case",
    """
local id = ARGV[1]
return {redis.call('HGET', KEYS[1], id), redis.call('HGET', KEYS[2], id),
        redis.call('HGET', KEYS[3], id), redis.call('SISMEMBER', KEYS[4], id)}
""",
)

READ_CASES = Script(
    "read-cases",
    """
local bodies, versions, stirred, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ids = ARGV[1] == '1' and redis.call('SMEMBERS', open) or redis.call('HKEYS', bodies)
local found = {}
for _, id in ipairs(ids) do
  found[#found + 1] = {id, redis.call('HGET', bodies, id), redis.call('HGET', versions, id),
                       redis.call('HGET', stirred, id), redis.call('SISMEMBER', open, id)}
end
return found
""",
)

CLAIM = Script(
    "claim",
    """
local name, owner, now, until_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HGET', KEYS[1], name) or ''
local over_at, since, holder = string.match(held, '^(%-?%d+) (%-?%d+) (.*)$')
-- What can not be read holds nobody up: the words on an action say who was faster.
if over_at and holder ~= owner then
  local is_over = tonumber(over_at) <= tonumber(now)
  -- One that begins later than a whole term of its own from now is from before the clock was
  -- set back. Less is no sign of that: who claims may have asked for the time a while ago.
  local is_from_ahead = tonumber(since) - tonumber(now) > tonumber(over_at) - tonumber(since)
  if not is_over and not is_from_ahead then return 0 end
end
redis.call('HSET', KEYS[1], name, until_at .. ' ' .. now .. ' ' .. owner)
return 1
""",
)

RELEASE = Script(
    "release",
    """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.match(held, '^%-?%d+ %-?%d+ (.*)$') == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return 1
""",
)

SET_TIMES = Script(
    "set-times",
    """
local queue, stirred, bodies, id = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
-- The same lookup as that of reading a case: what can not be read must be able to leave.
if redis.call('HEXISTS', bodies, id) == 0 then
  if ARGV[3] ~= '' then return 0 end
elseif redis.call('HGET', stirred, id) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', queue, id)
else
  redis.call('ZADD', queue, ARGV[3], id)
end
return 1
""",
)
