import { MONEY } from './redis-budget-scripts.ts'
import { script } from './redis-script.ts'

/** A row as it is written, and the shards on which it is still to be booked. */
const ROWS = `
local function rowOf(entry)
  local packed = redis.call('HGET', UNBOOKED, entry[2][2])
  local shards = packed and cmsgpack.unpack(packed) or {}
  if table.remove(shards, 1) ~= entry[1] then shards = {} end
  return { entry[1], entry[2], shards }
end
`

/** How often rows were forgotten or accounts mended, and the ms before which rows were; a Redis that was written to before that was noted may have forgotten any. */
const TRIMMED = `
local function trimmed()
  local times, before = string.match(redis.call('GET', TRIMS) or '0 0', '^(%d+) ?(%d*)$')
  return tonumber(times), tonumber(before) or ${Number.MAX_SAFE_INTEGER}
end

local function setTrimmed(times, before)
  redis.call('SET', TRIMS, string.format('%.0f %.0f', times, before))
end
`

/** Replies the ms before which rows may have been forgotten. */
export const FORGOTTEN = script(
  10,
  MONEY,
  TRIMMED,
  `
local _, before = trimmed()
return { clock, before }
`,
)

/** From, to (ids of the stream, both included), most. Replies how often rows were forgotten, and rows. */
export const PAGE = script(
  10,
  MONEY,
  ROWS,
  `
local rows = {}
for _, entry in ipairs(redis.call('XRANGE', LEDGER, ARGV[2], ARGV[3], 'COUNT', ARGV[4])) do rows[#rows + 1] = rowOf(entry) end
return { clock, redis.call('GET', TRIMS) or '0', rows }
`,
)

/** From, before (ms), most. Replies open rows. */
export const OPEN_ROWS = script(
  8,
  MONEY,
  ROWS,
  `
local rows = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', OPEN, ARGV[2], '(' .. ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local written = cmsgpack.unpack(redis.call('HGET', UNBOOKED, id))[1]
  local found = redis.call('XRANGE', LEDGER, written, written)
  if found[1] then rows[#rows + 1] = rowOf(found[1]) end
end
return { clock, rows }
`,
)

/** id, the other shard. */
export const CONFIRM = script(
  8,
  MONEY,
  `
local packed = redis.call('HGET', UNBOOKED, ARGV[2])
if not packed then return { clock } end
local left = {}
for at, shard in ipairs(cmsgpack.unpack(packed)) do
  if at == 1 or shard ~= ARGV[3] then left[#left + 1] = shard end
end
if #left > 1 then redis.call('HSET', UNBOOKED, ARGV[2], cmsgpack.pack(left))
else
  redis.call('HDEL', UNBOOKED, ARGV[2])
  redis.call('ZREM', OPEN, ARGV[2])
end
return { clock }
`,
)

/** Replies the last row's id, how often rows were forgotten, what is counted and what is carried. */
export const TALLY = script(
  10,
  MONEY,
  `
local last = redis.call('XREVRANGE', LEDGER, '+', '-', 'COUNT', 1)
return {
  clock,
  last[1] and last[1][1] or '',
  redis.call('GET', TRIMS) or '0',
  redis.call('HGETALL', SPENT),
  redis.call('HGETALL', CARRIED)
}
`,
)

/**
 * The mend's id, how often rows had been forgotten when they were added up; of each sum field, ends, what was counted and what the ledger said: the difference is right however many
 * steps came since. Replies `again` where rows were forgotten, or another one mended, meanwhile.
 */
export const MEND = script(
  10,
  MONEY,
  TRIMMED,
  `
if redis.call('ZSCORE', OVER, ARGV[2]) then return { clock } end
if (redis.call('GET', TRIMS) or '0') ~= ARGV[3] then return { clock, 'again' } end
finish(ARGV[2])
local times, before = trimmed()
setTrimmed(times + 1, before)
for at = 4, #ARGV, 4 do
  local ends = tonumber(ARGV[at + 1])
  local known, spent = spentIn(ARGV[at], ends)
  if known == ends then setSum(SPENT, ARGV[at], ends, subtract(add(spent, amountOf(ARGV[at + 3])), amountOf(ARGV[at + 2]))) end
end
return { clock }
`,
)

/**
 * Before (ms), most. Forgets rows that are open nowhere, carries what they say, and replies how many; once none is left, sums whose period ended
 * before then go too, unless an open row is in them.
 */
export const TRIM = script(
  10,
  MONEY,
  TRIMMED,
  `
local before, most = tonumber(ARGV[2]), tonumber(ARGV[3])
if before < 1 then return { clock, 0 } end
local latest = string.format('%.0f', before - 1)

local function forget(entry)
  local fields = entry[2]
  local bill = amountOf(fields[4])
  for at = 9, #fields, 2 do
    local space = string.find(fields[at + 1], ' ', 1, true)
    local ends, field = tonumber(string.sub(fields[at + 1], 1, space - 1)), string.sub(fields[at + 1], space + 1)
    local known, sum = sumOf(CARRIED, field)
    if ends > known then setSum(CARRIED, field, ends, bill)
    elseif ends == known then setSum(CARRIED, field, ends, add(sum, bill)) end
  end
  redis.call('XDEL', LEDGER, entry[1])
end

local gone, left, from, last = 0, {}, '-', 0
while gone < most do
  local rows = redis.call('XRANGE', LEDGER, from, latest, 'COUNT', most - gone)
  for _, entry in ipairs(rows) do
    if redis.call('HEXISTS', UNBOOKED, entry[2][2]) == 1 then
      for at = 9, #entry[2], 2 do left[string.match(entry[2][at + 1], ' (.*)')] = true end
    else
      forget(entry)
      gone = gone + 1
      last = tonumber(string.match(entry[1], '^%d+')) + 1
    end
    from = '(' .. entry[1]
  end
  if #rows == 0 then break end
end
if gone > 0 then
  local times, known = trimmed()
  setTrimmed(times + 1, math.max(known, last))
end
if gone < most then
  for _, key in ipairs({ SPENT, CARRIED }) do
    for _, field in ipairs(redis.call('HKEYS', key)) do
      if not left[field] and sumOf(key, field) <= before then redis.call('HDEL', key, field) end
    end
  end
end
return { clock, gone }
`,
)
