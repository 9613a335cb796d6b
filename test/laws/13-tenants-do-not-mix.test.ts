// Law 13. Tenants do not mix: cache, limits, stored objects, logs; a pooled socket is used again only after its answer
// ended exactly, with nothing behind it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reached } from '../support/law.ts'
import { moves, play, SNAPSHOTS, TENANTS, type Move, type Tenant } from '../support/tenants-world.ts'

/** The same without what another does. */
function alone(all: readonly Move[], who: Tenant): readonly Move[] {
  return all.filter((move) => 'wait' in move || move.who === who)
}

describe('two tenants that ask the same, with everything on that remembers anything', () => {
  test('each notices exactly what it would notice alone, and so does whoever watches it', async () => {
    let cases = 0
    await fc.assert(
      fc.asyncProperty(moves, fc.constantFrom(...SNAPSHOTS), async (all, snapshot) => {
        cases++
        const together = await play(all, snapshot)
        for (const who of TENANTS) expect(together[who]).toEqual((await play(alone(all, who), snapshot))[who])
      }),
      { numRuns: Number(process.env['TUTTI_LAW_RUNS'] ?? 100) },
    )
    reached(cases)
  })

  test.each(SNAPSHOTS)('and they do notice: what one left behind is there for itself', async (snapshot) => {
    const chat = { do: 'chat', model: 'chat', prompt: 'hi', stream: false } as const
    const { a, b } = await play(
      [
        { who: 'a', step: { ...chat, key: 1 } },
        { who: 'a', step: { ...chat, key: 2 } },
        { who: 'b', step: { ...chat, key: 1 } },
        { who: 'a', step: { ...chat, key: 1, once: 'x' } },
        { who: 'a', step: { ...chat, key: 1, once: 'x' } },
        { who: 'a', step: { do: 'respond', key: 1, store: true } },
        { who: 'a', step: { do: 'get', key: 1, of: { whose: 'a', nth: 4 } } },
        { who: 'b', step: { do: 'get', key: 1, of: { whose: 'a', nth: 4 } } },
        { who: 'a', step: { do: 'think', key: 1 } },
        { who: 'a', step: { do: 'think', key: 1, after: { whose: 'a', nth: 6 } } },
        { who: 'b', step: { do: 'think', key: 1, after: { whose: 'a', nth: 6 } } },
      ],
      snapshot,
    )
    expect(a.answers[1]).toContain('["x-tutti-cache","hit"]')
    expect(a.answers[1]).toContain('answer a0')
    expect(b.answers[0]).toContain('answer b0')
    expect(a.answers[3]).toContain('x-tutti-idempotent-replay')
    expect([a.answers[5], b.answers[1]].map((answer) => answer?.slice(0, 3))).toEqual(['200', '404'])
    expect(a.sent.at(-1)).toContain('sig-a6')
    expect(b.sent.at(-1)).not.toContain('sig-a6')
  })
})
