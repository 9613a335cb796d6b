// What is held covers whatever an answer may cost (src/accounting): law 2 stands on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimateBill } from '#src/accounting/bill.ts'
import { costOf, worstAt, worstCase } from '#src/accounting/price.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { Signals } from '#src/core/request.ts'
import { anthropic } from '#providers/anthropic/index.ts'
import { circumstances, place, price, tokenCount } from '../support/price-arbitraries.ts'

const RUNS = { numRuns: 1000 }

function signals(input: number, more: Partial<Signals> = {}): Signals {
  return { inputTokens: Math.floor(input / 4), inputTokensWorst: input, unmeasured: 0, choices: 1, needs: [], ...more }
}

describe('the worst case', () => {
  const asked = fc.record({
    input: tokenCount,
    limit: tokenCount,
    searches: fc.nat(5),
    choices: fc.integer({ min: 1, max: 4 }),
    byModel: fc.boolean(),
    place,
  })
  const part = fc.double({ min: 0, max: 1, noNaN: true })
  const parts = fc.record({
    input: part,
    cachedInput: part,
    cacheWrite: part,
    cacheWriteLong: part,
    audioInput: part,
    cachedAudio: part,
    imageInput: part,
    output: part,
    reasoning: part,
    audioOutput: part,
    imageOutput: part,
    searches: part,
  })

  test('covers every usage within what was asked, at any tier, in any window, wherever it is processed', () => {
    fc.assert(
      fc.property(
        price,
        asked,
        parts,
        circumstances,
        (row, { input, limit, searches, choices, byModel, place: answered }, of, now) => {
          const request = signals(input, {
            choices,
            ...(byModel ? { searches: 'any' } : { outputLimit: limit, searches }),
            ...(now.serviceTier !== undefined && { serviceTier: now.serviceTier }),
          })
          const facts = {
            ...(byModel && { maxOutput: limit, maxSearches: searches }),
            ...(now.region !== undefined && { region: now.region }),
          }
          const used = Math.floor(input * of.input)
          const wrote = Math.floor(limit * choices * of.output)
          const usage = {
            input: used,
            cachedInput: Math.floor(used * of.cachedInput),
            cacheWrite: Math.floor(used * of.cacheWrite),
            cacheWriteLong: Math.floor(used * of.cacheWriteLong),
            audioInput: Math.floor(used * of.audioInput),
            cachedAudio: Math.floor(used * of.cachedAudio),
            imageInput: Math.floor(used * of.imageInput),
            output: wrote,
            reasoning: Math.floor(wrote * of.reasoning),
            audioOutput: Math.floor(wrote * of.audioOutput),
            imageOutput: Math.floor(wrote * of.imageOutput),
            searches: Math.floor(searches * choices * of.searches),
            ...answered,
          }
          const worst = worstCase(row, request, facts)
          assert(typeof worst === 'bigint' && worst >= costOf(row, usage, now))
          const seen = { price: row, signals: request, facts, at: now.at, generatedBytes: limit * choices * 9 }
          const estimate = estimateBill(seen)
          assert(estimate.cost !== 'unknown' && worst >= estimate.cost)
        },
      ),
      RUNS,
    )
  })

  test.each([
    [{ input: 7n }, 7n],
    [{ cacheWrite: 7n }, 7n],
    [{ cacheWriteLong: 7n }, 7n],
    [{ audioInput: 7n }, 7n],
    [{ imageInput: 7n }, 7n],
    [{ cachedInput: 7n, cachedAudio: 7n }, 0n],
    [{ output: 7n }, 14n],
    [{ reasoning: 7n }, 14n],
    [{ audioOutput: 7n }, 14n],
    [{ imageOutput: 7n }, 14n],
    [{ perRequest: 7n }, 7n],
  ])('every token may be of the dearest kind: %o', (rates, worst) => {
    const row = { input: 0n, output: 0n, ...rates, source: 'test' }
    expect(worstCase(row, signals(1_000_000, { outputLimit: 2_000_000 }), {})).toBe(worst)
  })

  test("a request's own limit on searches counts where it goes as it came, and the model's where it is translated", () => {
    const at = (endpoint: Endpoint, maxSearches?: number) => {
      const facts = {
        price: { input: 0n, output: 0n, perSearch: 10n, source: 'test' },
        ...(maxSearches && { maxSearches }),
      }
      const egress = { connectTimeoutMs: 1, local: false }
      const provider = { name: 'a', adapter: anthropic, accounts: [], egress, source: '' }
      const target = { id: 'a/m', provider, model: 'm', facts, ancestry: { ancestors: [], complete: true }, source: '' }
      return worstAt(target, endpoint, signals(1, { searches: 2 }))
    }
    expect([at('messages'), at('chat'), at('chat', 5)]).toEqual([20n, 'searches', 50n])
  })

  test('there is none without a limit on the output, unless output is free', () => {
    const row = { input: 5n, output: 7n, source: 'test' }
    expect(worstCase(row, signals(10), {})).toBe('output')
    expect(worstCase({ ...row, output: 0n, reasoning: 1n }, signals(10), {})).toBe('output')
    expect(worstCase({ ...row, output: 0n }, signals(1_000_000), {})).toBe(5n)
    expect(worstCase(row, signals(1_000_000, { needs: [{ capability: 'embeddings', param: 'input' }] }), {})).toBe(5n)
    expect(worstCase(row, signals(0, { outputLimit: 1_000_000, choices: 2 }), { maxOutput: 5 })).toBe(14n)
  })

  test('nor without a limit on searches, where they cost and are asked for, or come unasked', () => {
    const row = { input: 0n, output: 0n, perSearch: 10n, source: 'test' }
    expect(worstCase(row, signals(10), {})).toBe(0n)
    expect(worstCase(row, signals(10, { searches: 'any' }), {})).toBe('searches')
    expect(worstCase(row, signals(10, { searches: 'any' }), { maxSearches: 3 })).toBe(30n)
    expect(worstCase(row, signals(10, { searches: 2, choices: 2 }), {})).toBe(40n)
    expect(worstCase(row, signals(10), { searchesUnasked: true })).toBe('searches')
    expect(worstCase(row, signals(10), { searchesUnasked: true, maxSearches: 3 })).toBe(30n)
    expect(worstCase({ ...row, perSearch: 0n }, signals(10, { searches: 'any' }), {})).toBe(0n)
  })

  test('what nobody can measure fills the context of the model, and has none where that is unknown, unless input is free', () => {
    const row = { input: 5_000_000n, output: 0n, source: 'test' }
    const document = signals(1000, { unmeasured: 1 })
    expect(worstCase(row, document, { context: 200_000 })).toBe(worstCase(row, signals(200_000), {}))
    expect(worstCase(row, document, {})).toBe('input')
    expect(worstCase({ ...row, input: 0n }, document, {})).toBe(0n)
    // A tier beyond a context that nobody knows may be reached.
    const tiers = [{ above: 1_000_000, input: 1n, output: 0n }]
    expect(worstCase({ ...row, input: 0n, tiers }, document, {})).toBe('input')
    expect(worstCase(row, document, { context: 10 })).toBe(worstCase(row, signals(1000), {}))
  })
})
