import fc from 'fast-check'
import { expect, test } from 'vitest'
import { convertUsage, usageOf } from './convert-usage.ts'
import { quirksOf } from './definition.ts'

const PLAIN = quirksOf({ type: 't', title: 'T' })
const XAI = { ...PLAIN, reasoningExcluded: true, reportedCost: 'usage.cost_in_usd_ticks' } as const

test.each([
  [{ usage: { prompt_tokens: 3, completion_tokens: 4 } }, { input: 3, output: 4 }],
  [{ x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }, { input: 3, output: 4 }],
  [{ choices: [{}, { usage: { prompt_tokens: 3, cached_tokens: 2 } }] }, { input: 3, cachedInput: 2 }],
  [
    { usage: { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 } } },
    { input: 9, cachedInput: 4, cacheWrite: 2 },
  ],
  [
    { usage: { prompt_tokens: 9, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 1 } },
    { input: 9, cachedInput: 8 },
  ],
  [
    { usage: { prompt_tokens: 9, cache_read_input_tokens: 1, cache_creation_input_tokens: 3 } },
    { input: 9, cachedInput: 1, cacheWrite: 3 },
  ],
  [{ usage: { prompt_tokens: 9, prompt_tokens_details: null, completion_tokens: null } }, { input: 9 }],
  [{ usage: { prompt_tokens: -1, completion_tokens: 1.5 } }, {}],
  [{ usage: { completion_tokens: 5, reasoning_tokens: 2 } }, { output: 5, reasoning: 2 }],
])('%j is %j', (value, usage) => {
  expect(usageOf(value, PLAIN)).toEqual(usage)
})

test.each([{ usage: null }, {}, { usage: 5 }, { choices: [] }])('%j reports nothing', (value) => {
  expect(usageOf(value, PLAIN)).toBeUndefined()
})

test('reasoning that is left out of the output is added, by the total where there is one', () => {
  const apart = {
    prompt_tokens: 12,
    completion_tokens: 1,
    total_tokens: 303,
    completion_tokens_details: { reasoning_tokens: 290 },
  }
  expect(convertUsage(apart, PLAIN)).toMatchObject({ output: 291, reasoning: 290 })
  const within = {
    prompt_tokens: 12,
    completion_tokens: 300,
    total_tokens: 312,
    completion_tokens_details: { reasoning_tokens: 290 },
  }
  expect(convertUsage(within, XAI)).toMatchObject({ output: 300, reasoning: 290 })
  const silent = { completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 290 } }
  expect(convertUsage(silent, XAI)).toMatchObject({ output: 291 })
  expect(convertUsage(silent, PLAIN)).toMatchObject({ output: 1, reasoning: 1 })
})

test('a price of the upstream`s own is believed where it is declared, exactly', () => {
  expect(convertUsage({ cost_in_usd_ticks: 1466251 }, XAI).reportedCost).toBe(146_626n)
  const router = { ...PLAIN, reportedCost: 'usage.cost' } as const
  expect(convertUsage({ cost: 0.00014 }, router).reportedCost).toBe(140_000n)
  expect(
    convertUsage({ cost: 0.01, is_byok: true, cost_details: { upstream_inference_cost: 0.2 } }, router).reportedCost,
  ).toBe(210_000_000n)
  expect(convertUsage({ cost: 0.01, cost_details: { upstream_inference_cost: 0.2 } }, router).reportedCost).toBe(
    10_000_000n,
  )
  expect(
    convertUsage({ cost: { total_cost: 0.006 } }, { ...PLAIN, reportedCost: 'usage.cost.total_cost' }).reportedCost,
  ).toBe(6_000_000n)
  expect(convertUsage({ cost: 0.00014 }, PLAIN).reportedCost).toBeUndefined()
})

test('parts never exceed their whole', () => {
  const tokens = fc.option(fc.nat(1000), { nil: undefined })
  fc.assert(
    fc.property(
      fc.tuple(tokens, tokens, tokens, tokens, tokens),
      ([prompt, cached, written, completion, reasoning]) => {
        const usage = convertUsage(
          {
            prompt_tokens: prompt,
            completion_tokens: completion,
            prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
            completion_tokens_details: { reasoning_tokens: reasoning },
          },
          PLAIN,
        )
        if (usage.input !== undefined)
          expect((usage.cachedInput ?? 0) + (usage.cacheWrite ?? 0)).toBeLessThanOrEqual(usage.input)
        if (usage.output !== undefined) expect(usage.reasoning ?? 0).toBeLessThanOrEqual(usage.output)
        expect(usage.input).toBe(prompt)
      },
    ),
  )
})
