import { REMEMBERED_MS } from '#src/core/state-store.ts'
import { script, SLACK_MS } from './redis-script.ts'

/**
 * What a shard's money is kept in, in the order in which scripts take it:
 * - `spent`: hash, `per account` to `ends spent`
 * - `held`: hash, account to amount
 * - `holds`: hash, id to amount and accounts; `deaths`: these ids by the ms at which they expire
 * - `over`: ids that are over by the ms until which they are remembered
 * - `ledger`: stream of rows, whose ids are their times
 * - `unbooked`: hash, id to its row and the shards on which it is still to be booked; `open`: these ids by their time
 * - `carried`: hash, `per account` to `ends spent` of rows that were forgotten
 * - `trims`: how often rows were forgotten or accounts mended, and the ms before which rows were
 */
export const MONEY_KEYS = [
  'spent',
  'held',
  'holds',
  'deaths',
  'over',
  'ledger',
  'unbooked',
  'open',
  'carried',
  'trims',
] as const

/**
 * Money in Lua, whose numbers are exact to 2^53 only: two of them, the lower one below 10^15. No amount is below zero.
 */
export const MONEY = `
local SPENT, HELD, HOLDS, DEATHS, OVER, LEDGER, UNBOOKED, OPEN, CARRIED, TRIMS = unpack(KEYS)
local BASE = 1e15

local function amountOf(text)
  if #text <= 15 then return { 0, tonumber(text) } end
  return { tonumber(string.sub(text, 1, -16)), tonumber(string.sub(text, -15)) }
end

local function textOf(amount)
  if amount[1] == 0 then return string.format('%.0f', amount[2]) end
  return string.format('%.0f%015.0f', amount[1], amount[2])
end

local function add(a, b)
  local low = a[2] + b[2]
  if low >= BASE then return { a[1] + b[1] + 1, low - BASE } end
  return { a[1] + b[1], low }
end

local function more(a, b)
  if a[1] == b[1] then return a[2] > b[2] end
  return a[1] > b[1]
end

local function subtract(a, b)
  if not more(a, b) then return { 0, 0 } end
  if a[2] < b[2] then return { a[1] - b[1] - 1, a[2] + BASE - b[2] } end
  return { a[1] - b[1], a[2] - b[2] }
end

-- When the period of a sum ends, and the sum.
local function sumOf(key, field)
  local kept = redis.call('HGET', key, field)
  if not kept then return 0, { 0, 0 } end
  local space = string.find(kept, ' ', 1, true)
  return tonumber(string.sub(kept, 1, space - 1)), amountOf(string.sub(kept, space + 1))
end

local function setSum(key, field, ends, sum)
  redis.call('HSET', key, field, string.format('%.0f ', ends) .. textOf(sum))
end

-- The period in force, which a clock that is behind does not turn back, and what is spent in it.
local function spentIn(field, ends)
  local known, spent = sumOf(SPENT, field)
  if ends > known then return ends, { 0, 0 } end
  return known, spent
end

local function heldOf(account)
  return amountOf(redis.call('HGET', HELD, account) or '0')
end

local function setHeld(account, amount)
  if amount[1] == 0 and amount[2] == 0 then redis.call('HDEL', HELD, account)
  else redis.call('HSET', HELD, account, textOf(amount)) end
end

local function drop(id)
  local packed = redis.call('HGET', HOLDS, id)
  if not packed then return end
  local hold = cmsgpack.unpack(packed)
  local amount = amountOf(hold[1])
  for at = 2, #hold do setHeld(hold[at], subtract(heldOf(hold[at]), amount)) end
  redis.call('HDEL', HOLDS, id)
  redis.call('ZREM', DEATHS, id)
end

-- Drops the holds that nobody settled in time, and the ids that need not be remembered.
local function bury()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', DEATHS, '-inf', now)) do drop(id) end
  redis.call('ZREMRANGEBYSCORE', OVER, '-inf', now)
end

local function finish(id)
  redis.call('ZADD', OVER, now + ${REMEMBERED_MS}, id)
  redis.call('PEXPIRE', OVER, ${REMEMBERED_MS + SLACK_MS})
end
`

/**
 * id, amount, expires, the id of an admission without which nothing is held, if any; of each line account, per, ends, limit. Replies of the first
 * line without room its account and what is left; of an admission that there is not, its id. The sixth key is the slots of the shard's limits.
 */
export const HOLD = script(
  6,
  MONEY,
  `
local id, amount, expires = ARGV[2], amountOf(ARGV[3]), tonumber(ARGV[4])
needMemory(OVER)
bury()
if ARGV[5] ~= '' and redis.call('HEXISTS', KEYS[6], ARGV[5]) == 0 then return { clock, ARGV[5] } end
if redis.call('HEXISTS', HOLDS, id) == 1 or redis.call('ZSCORE', OVER, id) then return { clock } end
local hold = { ARGV[3] }
for at = 6, #ARGV, 4 do
  local account, field, limit = ARGV[at], ARGV[at + 1] .. ' ' .. ARGV[at], amountOf(ARGV[at + 3])
  local _, spent = spentIn(field, tonumber(ARGV[at + 2]))
  local taken = add(spent, heldOf(account))
  if more(add(taken, amount), limit) then return { clock, account, textOf(subtract(limit, taken)) } end
  hold[#hold + 1] = account
end
for at = 2, #hold do setHeld(hold[at], add(heldOf(hold[at]), amount)) end
redis.call('HSET', HOLDS, id, cmsgpack.pack(hold))
redis.call('ZADD', DEATHS, expires, id)
outlive(expires - now + ${SLACK_MS}, HELD, HOLDS, DEATHS)
return { clock }
`,
)

/** id. */
export const RELEASE = script(
  5,
  MONEY,
  `
bury()
if not redis.call('ZSCORE', OVER, ARGV[2]) then
  drop(ARGV[2])
  finish(ARGV[2])
end
return { clock }
`,
)

/** Of each line account, per, ends. Replies spent and held of each. */
export const SPEND = script(
  5,
  MONEY,
  `
bury()
local reply = { clock }
for at = 2, #ARGV, 3 do
  local _, spent = spentIn(ARGV[at + 1] .. ' ' .. ARGV[at], tonumber(ARGV[at + 2]))
  reply[#reply + 1] = textOf(spent)
  reply[#reply + 1] = textOf(heldOf(ARGV[at]))
end
return reply
`,
)

/** id, bill, notAfter, what was paid for, where else as JSON, how many shards these are and each of them; of each line account, per, ends. */
export const SETTLE = script(
  8,
  MONEY,
  `
local id, bill = ARGV[2], amountOf(ARGV[3])
needMemory(OVER)
bury()
if redis.call('ZSCORE', OVER, id) then return { clock, 'booked' } end
if now > tonumber(ARGV[4]) then return { clock, 'late' } end
drop(id)
local row = { 'id', id, 'bill', ARGV[3], 'paid', ARGV[5], 'elsewhere', ARGV[6] }
local others = tonumber(ARGV[7])
for at = 8 + others, #ARGV, 3 do
  local field = ARGV[at + 1] .. ' ' .. ARGV[at]
  local ends, spent = spentIn(field, tonumber(ARGV[at + 2]))
  setSum(SPENT, field, ends, add(spent, bill))
  row[#row + 1] = 'line'
  row[#row + 1] = string.format('%.0f ', ends) .. field
end
-- A clock that goes back books at the last row's time: the ledger is in the order of its times.
local written = redis.pcall('XADD', LEDGER, string.format('%.0f-*', now), unpack(row))
if type(written) == 'table' then
  local last = redis.call('XINFO', 'STREAM', LEDGER)
  for at = 1, #last, 2 do
    if last[at] == 'last-generated-id' then written = string.match(last[at + 1], '^%d+') .. '-*' end
  end
  written = redis.call('XADD', LEDGER, written, unpack(row))
end
finish(id)
if others > 0 then
  local unbooked = { written }
  for at = 8, 7 + others do unbooked[#unbooked + 1] = ARGV[at] end
  redis.call('HSET', UNBOOKED, id, cmsgpack.pack(unbooked))
  redis.call('ZADD', OPEN, string.match(written, '^%d+'), id)
end
return { clock, 'booked' }
`,
)
