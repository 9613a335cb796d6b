import { expect, test } from 'vitest'
import { parseScript, ScriptError } from './parse-script.ts'
import { SCRIPT_ENDPOINTS } from './script.ts'

function problemsOf(value: unknown): readonly string[] {
  try {
    parseScript(value)
    return []
  } catch (error) {
    if (error instanceof ScriptError) return error.message.split('; ')
    throw error
  }
}

test.each<[unknown, string]>([
  [{ answers: [{ reply: { txt: 'x' } }] }, 'answers[0].reply.txt: unknown field'],
  [{ answers: [{ reply: { toolCalls: [{ nam: 'x' }] } }] }, 'answers[0].reply.toolCalls[0].name: `name` is missing'],
  [{ answers: [{ error: {} }] }, 'answers[0].error.status: `status` is missing'],
  [{ answers: [{ error: { status: 200 } }] }, 'answers[0].error.status: expected a whole number from 400 to 599'],
  [{ answers: [{ timing: { headMs: '2s' } }] }, 'answers[0].timing.headMs: expected a number from 0'],
  [{ answers: [{ when: { endpoint: 'chats' } }] }, 'answers[0].when.endpoint: expected one of chat, completions'],
  [
    { answers: [{ fault: { kind: 'cut' } }] },
    'answers[0].fault: expected exactly one of beforeHead, afterEvents, afterBytes',
  ],
  [
    { answers: [{ fault: { kind: 'cut', afterEvents: 1, afterBytes: 1 } }] },
    'answers[0].fault: expected exactly one of',
  ],
  [
    { answers: [{ when: { endpoint: 'cohere' } }] },
    'cohereChat, hyperclovaChat, ollamaChat, ollamaModels, ollamaShow, workersAiRun',
  ],
  [{ answers: [{ reply: { signature: 7 } }] }, 'answers[0].reply.signature: expected text'],
  [{ answers: [{ reply: { citations: [{ title: 'x' }] } }] }, 'answers[0].reply.citations[0].url: `url` is missing'],
  [{ answers: [{ reply: { citations: [{ url: 'x', at: 3 }] } }] }, 'answers[0].reply.citations[0].at: unknown field'],
  [{ answers: [{ reply: { citations: 'https://x.test' } }] }, 'answers[0].reply.citations: expected a list'],
  [{ answers: [{ reply: { scores: [0.5, 1.5] } }] }, 'answers[0].reply.scores[1]: expected a number from 0 to 1'],
  [
    { answers: [{ reply: { usage: { cacheWrite: -1 } } }] },
    'answers[0].reply.usage.cacheWrite: expected a whole number',
  ],
  [{ answers: [{ error: { status: 400, type: 7 } }] }, 'answers[0].error.type: expected text'],
  [{ answers: [{ error: { status: 400, code: [] } }] }, 'answers[0].error.code: expected text or a number'],
  [{ answers: [{ fault: { kind: 'explode' } }] }, 'answers[0].fault.kind: expected one of cut, stall, error'],
  [{ answers: [{ reply: {}, raw: {} }] }, 'answers[0]: expected only one of reply, raw'],
  [{ answers: [], otherwise: { rely: {} } }, 'otherwise.rely: unknown field'],
  [{}, 'answers: `answers` is missing'],
  [[], 'the script: expected an object'],
])('%j is refused', (value, problem) => {
  expect(problemsOf(value).join('\n')).toContain(problem)
})

test.each(SCRIPT_ENDPOINTS)('an answer may be for %s alone', (endpoint) => {
  expect(problemsOf({ answers: [{ when: { endpoint } }] })).toEqual([])
})

test('what a reply may have in any dialect', () => {
  const reply = {
    text: '맑음',
    reasoning: '음',
    signature: '',
    citations: [{ url: 'https://x.test', title: 'T', text: '맑음' }],
    scores: [0, 1],
    usage: { input: 1, output: 2, cached: 1, cacheWrite: 0, reasoning: 1 },
  }
  expect(problemsOf({ answers: [{ reply }], otherwise: { error: { status: 529, code: 42900, type: 'x' } } })).toEqual(
    [],
  )
})

test('every problem is told at once', () => {
  expect(problemsOf({ answers: [{ a: 1 }, { b: 2 }], c: 3 })).toHaveLength(3)
})

test('a script survives JSON', () => {
  const script = { answers: [{ when: { model: 'gpt-*', nth: 2 }, times: 2, reply: { text: 'x' }, wire: { split: 3 } }] }
  expect(parseScript(JSON.parse(JSON.stringify(script)))).toEqual(script)
})
