import type { Admitted, StateStore } from '#src/core/state-store.ts'
import { ADMITTED, judgeLimits, roomsOf, SLOT_RETRY_MS, wholeTokens, type OpenGate } from './limits.ts'
import type { RedisClient } from './redis-client.ts'
import type { Keys } from './redis-keys.ts'
import { ADMIT, LEAVE, WITHDRAW } from './redis-limit-scripts.ts'
import { textOf, type Reply } from './redis-reply.ts'
import type { Window } from './window.ts'

/** Limits in Redis: what fits is judged there, and what is left is told by the same code as in every store. */
export function createRedisLimits(
  client: RedisClient,
  keys: Keys,
  time: 'given' | 'server',
): Pick<StateStore, 'admit' | 'leave' | 'withdraw'> {
  return {
    async admit({ id, shard, gates, tokens: asked, now: own, expiresAt }) {
      if (gates.length === 0) return ADMITTED
      const tokens = wholeTokens(asked)
      const { reply, server } = await client.step({
        script: ADMIT,
        shard,
        keys: keys.limits(shard),
        raw: true,
        args: ({ now, at }) => [
          now(own),
          id,
          tokens,
          at(expiresAt),
          ...gates.flatMap(({ gate, limits: { rpm = '', tpm = '', concurrency = '' } }) => [
            gate,
            rpm,
            tpm,
            concurrency,
          ]),
        ],
      })
      const [verdict, ...states] = reply
      if (textOf(verdict) === 'known') return ADMITTED
      const now = time === 'given' ? own : server
      const open = gates.map((gate, at): OpenGate => ({
        ...gate,
        state: { slots: Number(states[2 * at] ?? 0), window: windowOf(states[2 * at + 1]) },
      }))
      const rooms = roomsOf(open, now)
      return textOf(verdict) === 'in' ? { ok: true, rooms } : { ...refusal(open, { tokens, now }), rooms }
    },
    async leave({ id, shard }, tokens, own) {
      const args = [id, wholeTokens(tokens)]
      await client.step({ script: LEAVE, shard, keys: keys.limits(shard), args: ({ now }) => [now(own), ...args] })
    },
    async withdraw({ id, shard }, own) {
      await client.step({ script: WITHDRAW, shard, keys: keys.limits(shard), args: ({ now }) => [now(own), id] })
    },
  }
}

function refusal(
  open: readonly OpenGate[],
  asked: { readonly tokens: number; readonly now: number },
): Omit<Extract<Admitted, { ok: false }>, 'rooms'> {
  const refused = judgeLimits(open, asked)
  return { ok: false, ...(refused ?? { gate: open[0]?.gate ?? '', limit: 'rpm', retryAfterMs: SLOT_RETRY_MS }) }
}

/** 64-bit floats, little-endian as every machine that runs Node has them. A view needs eight-byte alignment, which a reply does not promise: copied. */
function windowOf(reply: Reply | undefined): Window {
  return Buffer.isBuffer(reply) ? Array.from(new Float64Array(Uint8Array.from(reply).buffer)) : []
}
