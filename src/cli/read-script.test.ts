import { expect, test } from 'vitest'
import { readScript } from './read-script.ts'

const GOOD = `
answers:
  - when: { textContains: 날씨 }
    reply: { toolCalls: [{ name: weather, arguments: { city: 서울 } }] }
  - error: { status: 503, message: try again, retryAfter: 1 }
  - reply: { deltas: [안녕, 하세요] }
    timing: { firstTokenMs: 300, tokenMs: 50 }
    fault: { kind: cut, afterEvents: 2, how: reset }
otherwise: {}
`

test('a script in YAML', () => {
  expect(readScript(GOOD, 'script.yaml')).toMatchObject({ ok: true, script: { answers: [{}, {}, {}], otherwise: {} } })
})

test('every problem has its line and column', () => {
  const read = readScript('answers:\n  - reply: { text: 1 }\n  - rely: {}\n', 'script.yaml')
  expect(read).toEqual({
    ok: false,
    problems: [
      'script.yaml:2:14: expected text',
      expect.stringContaining('script.yaml:3:5: unknown field, known are when, times, reply'),
    ],
  })
})

test('a file that is no YAML', () => {
  expect(readScript('answers: [', 'script.yaml')).toMatchObject({ ok: false })
  expect(readScript('', 'script.yaml')).toMatchObject({ ok: false })
})
