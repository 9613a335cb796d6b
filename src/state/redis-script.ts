import { createHash } from 'node:crypto'

/** One atomic step in Lua. */
export interface Script {
  readonly text: string
  /** By which the server knows it again. */
  readonly sha: string
  /** How many of its shard's keys it touches: the first so many of their list, Infinity: all. */
  readonly keys: number
}

/**
 * What every step begins with. `ARGV[1]` is the time in ms since 1970 by which it goes; empty: the server's own. The first element of each
 * reply is the server's time.
 */
const TIME = `
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = ARGV[1] == '' and clock or tonumber(ARGV[1])

-- Without memory for more a script is refused at its first write, if that may take some: this one may, and changes nothing.
local function needMemory(set)
  redis.call('ZADD', set, 'XX', 0, '')
end

-- Sees to it that keys live for that many ms more at least.
local function outlive(ms, ...)
  for _, key in ipairs({ ... }) do
    if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, string.format('%.0f', ms)) end
  end
end
`

/** A script of these parts, which touches the first `keys` of its shard's keys. */
export function script(keys: number, ...parts: readonly string[]): Script {
  const text = [TIME, ...parts].join('\n')
  return { text, sha: createHash('sha1').update(text).digest('hex'), keys }
}

/** ms that keys with an end outlive it: steps that go by another clock than the server's still find them. */
export const SLACK_MS = 3_600_000
