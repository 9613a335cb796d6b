import type { Keepsake, KeepsakeKey, StateStore } from '#src/core/state-store.ts'
import type { RedisClient, Step } from './redis-client.ts'
import type { Keys } from './redis-keys.ts'
import { listOf, pairsOf, textOf } from './redis-reply.ts'
import { script, SLACK_MS } from './redis-script.ts'

/** What is kept stands as `expires claim value`; a claim that is repeated is known by its own. */
const KEPT = `
local function put(key, expires, claim, value)
  local life = tonumber(expires) - now
  if ARGV[1] ~= '' then life = life + ${SLACK_MS} end
  if life <= 0 then redis.call('DEL', key)
  else redis.call('SET', key, expires .. ' ' .. claim .. ' ' .. value, 'PX', string.format('%.0f', life)) end
end

local function get(key)
  local expires, claim, value = string.match(redis.call('GET', key) or '', '^(%d+) (%S+) (.*)$')
  if not expires or tonumber(expires) <= now then return false end
  return value, claim
end
`

/** Of each key expires and value. */
const KEEP = script(
  Infinity,
  KEPT,
  `
for at, key in ipairs(KEYS) do put(key, ARGV[2 * at], '-', ARGV[2 * at + 1]) end
return { clock }
`,
)

const RECALL = script(
  Infinity,
  KEPT,
  `
local found = {}
for at, key in ipairs(KEYS) do found[at] = get(key) end
return { clock, found }
`,
)

/** Expires, claim, value. */
const CLAIM = script(
  1,
  KEPT,
  `
local kept, claim = get(KEYS[1])
if not kept then put(KEYS[1], ARGV[2], ARGV[3], ARGV[4]) end
if not kept or claim == ARGV[3] then return { clock } end
return { clock, kept }
`,
)

const NOTES = script(1, "return { clock, redis.call('HGETALL', KEYS[1]) }")

type Kept = Pick<StateStore, 'keep' | 'recall' | 'forget' | 'claim' | 'notes' | 'note' | 'write' | 'erase'>

/** What is kept for callers, and what is written without a file, in Redis. */
export function createRedisKeepsakes(client: RedisClient, keys: Keys): Kept {
  const stepFor = (of: readonly KeepsakeKey[], more: Pick<Step, 'script' | 'args'>): Step => ({
    ...more,
    shard: of[0]?.owner ?? '',
    keys: of.map(keys.keepsake),
  })
  return {
    async keep(keepsakes, own) {
      for (const kept of byOwner(keepsakes))
        await client.step(
          stepFor(kept, {
            script: KEEP,
            args: ({ now, at }) => [now(own), ...kept.flatMap(({ expiresAt, value }) => [at(expiresAt), value])],
          }),
        )
    },
    async recall({ owner, kind, ids, now: own }) {
      const found = new Map<string, string>()
      if (ids.length === 0) return found
      const of = ids.map((id) => ({ owner, kind, id }))
      const { reply } = await client.step(stepFor(of, { script: RECALL, args: ({ now }) => [now(own)] }))
      for (const [at, value] of listOf(reply[0]).entries()) {
        const id = ids[at]
        if (id !== undefined && value !== null) found.set(id, textOf(value))
      }
      return found
    },
    // Done twice it would say something else.
    forget: async (key) => (await client.command('del', [keys.keepsake(key)], false)) === 1,
    async claim(keepsake, own) {
      const mark = crypto.randomUUID()
      const { expiresAt, value } = keepsake
      const { reply } = await client.step(
        stepFor([keepsake], { script: CLAIM, args: ({ now, at }) => [now(own), at(expiresAt), mark, value] }),
      )
      return reply[0] === undefined ? undefined : textOf(reply[0])
    },
    async notes(kind) {
      const key = keys.notes(kind)
      const { reply } = await client.step({ script: NOTES, shard: key, keys: [key], args: () => [''] })
      return new Map(pairsOf(reply[0]))
    },
    async note(kind, name) {
      const value = await client.command('hget', [keys.notes(kind), name])
      return value === null ? undefined : textOf(value)
    },
    async write(kind, name, value) {
      await client.command('hset', [keys.notes(kind), name, value])
    },
    erase: async (kind, name) => (await client.command('hdel', [keys.notes(kind), name], false)) === 1,
  }
}

/** What one has is at one place of a cluster, and kept in one step. */
function byOwner(keepsakes: readonly Keepsake[]): Iterable<readonly Keepsake[]> {
  return Map.groupBy(keepsakes, ({ owner }) => owner).values()
}
