import { expect, test } from 'vitest'
import { dialects } from '#src/dialects/registry.ts'
import { openaiCompatible } from '#providers/openai-compatible/index.ts'
import { reduceChunk, STREAM_START, type StreamRules } from './stream-reducer.ts'

const RULES: StreamRules = {
  adapter: openaiCompatible,
  dialect: dialects.chat,
  wantsUsage: true,
  choices: 1,
  priced: (data) => data.replace('"usage":{', '"usage":{"cost":1,'),
  note: () => ({ bill: { cost: 1n, estimated: false, usage: {} } }),
}

function textOf(events: readonly object[], rules: StreamRules = RULES): string {
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  return Buffer.concat(reduceChunk(rules, STREAM_START, Buffer.from(text)).out).toString()
}

const TEXT = { choices: [{ index: 0, delta: { content: '안녕' } }] }
const USAGE = { prompt_tokens: 1, completion_tokens: 2 }

test('usage alone after an answer without a finish reason carries the cost', () => {
  expect(textOf([TEXT, { choices: [], usage: USAGE }])).toContain('"usage":{"cost":1,')
})

test('usage that runs along with the text carries it once the answer is finished', () => {
  const running = { ...TEXT, usage: USAGE }
  expect(textOf([running, running])).not.toContain('cost')
  const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: USAGE }
  expect(textOf([running, last]).match(/"cost":1/g)).toHaveLength(1)
})

test('usage alone is withheld where nobody asked for it', () => {
  expect(textOf([TEXT, { choices: [], usage: USAGE }], { ...RULES, wantsUsage: false })).not.toContain('usage')
})

/** A stream of one event again and again, until something is said against it. */
function flood(event: (index: number) => object, most: number): { events: number; message?: string; kept: number } {
  let state = STREAM_START
  for (let index = 0; index < most; index++) {
    const step = reduceChunk(RULES, state, Buffer.from(`data: ${JSON.stringify(event(index))}\n\n`))
    const kept = step.state.heldBytes
    if (step.failure) return { events: index, message: step.failure.failure.message, kept }
    state = step.state
  }
  return { events: most, kept: state.heldBytes }
}

test('events without content are kept up to a number of bytes: large ones end the attempt', () => {
  const padding = 'x'.repeat(1024 * 1024)
  const seen = flood(() => ({ choices: [{ index: 0, delta: { role: 'assistant' } }], padding }), 100)
  expect(seen.message).toBe('the upstream sends events without content')
  expect(seen.events).toBeLessThan(10)
  expect(seen.kept).toBeLessThanOrEqual(8 * 1024 * 1024)
})

test('choices without end end the attempt: what is remembered of them stays small', () => {
  const seen = flood((index) => ({ choices: [{ index, delta: { content: 'x' } }] }), 2000)
  expect(seen.message).toBe('the upstream sends more choices than were asked for')
  expect(seen.events).toBe(1024)
})
