import { expect, test } from 'vitest'
import { readLog } from './replay-lines.ts'

const DECISION = {
  outcome: 'route',
  model: 'chat',
  endpoint: '/v1/chat/completions',
  candidates: [{ target: 'a/x', verdict: 'eligible' }],
  plan: ['a/x'],
  inputs: { seed: 's', now: 1, signals: { input_tokens: 1, input_tokens_worst: 2 } },
}

async function read(...lines: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  const log = readLog(
    'log.jsonl',
    (async function* () {
      yield* lines
    })(),
  )
  for await (const line of log) found.push(line === 'other' ? line : line.model)
  return found
}

test('decisions, whatever else stands in them; events; what the server and npm say at the start', async () => {
  const lines = [
    '> tutti serve',
    'tutti serves the demo on http://127.0.0.1:8787',
    '',
    "  curl http://127.0.0.1:8787/-/explain -d '{}'",
    JSON.stringify({ ...DECISION, seq: 1, prev: 'x', hash: 'y', instance: 'z' }),
    '{"event":"start","seq":2}',
    JSON.stringify({ ...DECISION, event: 'x' }),
    '[1]',
    `${JSON.stringify({ ...DECISION, model: 'a\u2028b' })}\r`,
  ]
  expect(await read(...lines)).toEqual(['other', 'other', 'other', 'chat', 'other', 'other', 'other', 'a\u2028b'])
})

test.each([
  ['cut off', '{"outcome":"rou'],
  ['no JSON', 'nonsense'],
  ['another endpoint', JSON.stringify({ ...DECISION, endpoint: '/v2/x' })],
  ['another verdict', JSON.stringify({ ...DECISION, candidates: [{ target: 'a/x', verdict: 'perhaps' }] })],
  ['no model', JSON.stringify({ ...DECISION, model: 1 })],
  ['no time', JSON.stringify({ ...DECISION, inputs: { ...DECISION.inputs, now: 'x' } })],
  ['no money', JSON.stringify({ ...DECISION, inputs: { ...DECISION.inputs, spend: { spent: '1.5', held: '0' } } })],
])('a broken line names its place: %s', async (_name, line) => {
  await expect(read(JSON.stringify(DECISION), '', line)).rejects.toThrow('log.jsonl:3: ')
})
