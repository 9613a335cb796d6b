import { REMEMBERED_MS } from '#src/core/state-store.ts'
import { script, SLACK_MS } from './redis-script.ts'
import { WINDOW_MS } from './window.ts'

/**
 * What a shard's limits are kept in, in the order in which scripts take it:
 * - `windows`: hash, gate to its window as 64-bit floats (window.ts)
 * - `taken`: hash, gate to the slots in use
 * - `slots`: hash, id to tokens, and gate and second of each; `slot-deaths`: these ids by the ms at which they expire
 * - `left`: ids that are over by the ms until which they are remembered
 */
export const LIMIT_KEYS = ['windows', 'taken', 'slots', 'slot-deaths', 'left'] as const

const LIMITS = `
local WINDOWS, TAKEN, SLOTS, DEATHS, LEFT = unpack(KEYS)
-- Bytes of a second with its requests and tokens.
local WIDTH = 24

-- A gate's window without the seconds that no longer count.
local function windowOf(gate)
  local window = redis.call('HGET', WINDOWS, gate) or ''
  local from = 1
  while from < #window and (struct.unpack('<d', window, from) + 1) * 1000 + ${WINDOW_MS} <= now do from = from + WIDTH end
  return string.sub(window, from)
end

local function save(gate, window)
  if window == '' then redis.call('HDEL', WINDOWS, gate) else redis.call('HSET', WINDOWS, gate, window) end
end

local function countIn(window, tokens)
  local second, requests, counted = math.floor(now / 1000), 0, 0
  local before = window
  if window ~= '' then
    local last, r, t = struct.unpack('<ddd', window, #window - WIDTH + 1)
    if last >= second then
      second, requests, counted = last, r, t
      before = string.sub(window, 1, -WIDTH - 1)
    end
  end
  return before .. struct.pack('<ddd', second, requests + 1, counted + tokens), second
end

-- Adds to what was counted in that second, if it still counts.
local function correct(gate, second, requests, tokens)
  local window = windowOf(gate)
  for at = 1, #window, WIDTH do
    local found, r, t = struct.unpack('<ddd', window, at)
    if found == second then
      local mended = struct.pack('<ddd', second, math.max(0, r + requests), math.max(0, t + tokens))
      window = string.sub(window, 1, at - 1) .. mended .. string.sub(window, at + WIDTH)
    end
  end
  save(gate, window)
end

-- Gives an id's slots back, and answers what it had taken.
local function free(id)
  local packed = redis.call('HGET', SLOTS, id)
  if not packed then return nil end
  local slot = cmsgpack.unpack(packed)
  for at = 2, #slot, 2 do
    if redis.call('HINCRBY', TAKEN, slot[at], -1) <= 0 then redis.call('HDEL', TAKEN, slot[at]) end
  end
  redis.call('HDEL', SLOTS, id)
  redis.call('ZREM', DEATHS, id)
  return slot
end

-- Frees the slots that nobody gave back, and forgets the ids that need not be remembered.
local function bury()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', DEATHS, '-inf', now)) do free(id) end
  redis.call('ZREMRANGEBYSCORE', LEFT, '-inf', now)
end

-- Gives an id's slots back and answers what it had taken; from then on it is over, whether it came or not.
local function depart(id)
  if redis.call('ZSCORE', LEFT, id) then return {} end
  redis.call('ZADD', LEFT, now + ${REMEMBERED_MS}, id)
  redis.call('PEXPIRE', LEFT, ${REMEMBERED_MS + SLACK_MS})
  return free(id) or {}
end
`

/**
 * id, tokens, expires; of each gate its name, rpm, tpm, concurrency, empty: no such limit. Replies `known`, or `in` or `out` and of each gate its
 * slots and its window.
 */
export const ADMIT = script(
  5,
  LIMITS,
  `
local id, tokens, expires = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
needMemory(LEFT)
bury()
if redis.call('HEXISTS', SLOTS, id) == 1 or redis.call('ZSCORE', LEFT, id) then return { clock, 'known' } end
-- One more gate is looked over: of those that nobody asks for any longer nothing is kept.
local other = redis.call('HRANDFIELD', WINDOWS)
if other and windowOf(other) == '' then redis.call('HDEL', WINDOWS, other) end

local gates, fits = {}, true
for at = 5, #ARGV, 4 do
  local gate = { name = ARGV[at], window = windowOf(ARGV[at]), taken = tonumber(redis.call('HGET', TAKEN, ARGV[at]) or '0') }
  local rpm, tpm, concurrency = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local requests, used = 0, 0
  for from = 1, #gate.window, WIDTH do
    local _, r, t = struct.unpack('<ddd', gate.window, from)
    requests, used = requests + r, used + t
  end
  if rpm and requests + 1 > rpm or tpm and used + tokens > tpm or concurrency and gate.taken >= concurrency then fits = false end
  gates[#gates + 1] = gate
end

local reply, slot = { clock, fits and 'in' or 'out' }, { tokens }
for _, gate in ipairs(gates) do
  if fits then
    local second
    gate.window, second = countIn(gate.window, tokens)
    save(gate.name, gate.window)
    gate.taken = redis.call('HINCRBY', TAKEN, gate.name, 1)
    slot[#slot + 1] = gate.name
    slot[#slot + 1] = second
  end
  reply[#reply + 1] = gate.taken
  reply[#reply + 1] = gate.window
end
if fits then
  redis.call('HSET', SLOTS, id, cmsgpack.pack(slot))
  redis.call('ZADD', DEATHS, expires, id)
  outlive(${2 * WINDOW_MS + SLACK_MS}, WINDOWS)
  outlive(expires - now + ${SLACK_MS}, TAKEN, SLOTS, DEATHS)
end
return reply
`,
)

/** id, the tokens that it used. */
export const LEAVE = script(
  5,
  LIMITS,
  `
bury()
local slot = depart(ARGV[2])
for at = 2, #slot, 2 do correct(slot[at], slot[at + 1], 0, tonumber(ARGV[3]) - slot[1]) end
return { clock }
`,
)

/** id. */
export const WITHDRAW = script(
  5,
  LIMITS,
  `
bury()
local slot = depart(ARGV[2])
for at = 2, #slot, 2 do correct(slot[at], slot[at + 1], -1, -slot[1]) end
return { clock }
`,
)
