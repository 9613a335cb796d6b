import { respond } from '#providers/demo/respond.ts'
import type { Answer } from '#providers/demo/script.ts'
import { ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { StreamEnd } from '#src/core/adapter.ts'

interface MockStream {
  readonly answer: Answer
  readonly request?: JsonObject
  readonly endpoint?: Endpoint
  /** Whether the uncut stream is whole; a `StreamEnd`: only to an adapter with that one. */
  readonly whole?: boolean | StreamEnd
}

const deltas = ['안녕', '하세요 ', '👩‍👩‍👧 "hello"', '\n\ndata: [DONE]\n\n', ' 끝']
const tools = [
  { name: 'weather', arguments: { city: '서울' } },
  { name: 'time', arguments: '{"zone":"Asia/Seoul"}', pieces: 1 },
]
const usage = { stream_options: { include_usage: true } }

/** Streams that the mock renders, by what is special about them. */
export const MOCK_STREAMS: Readonly<Record<string, MockStream>> = {
  text: { answer: { reply: { deltas } } },
  'tool calls': { answer: { reply: { toolCalls: tools } } },
  'three answers': { answer: { reply: { deltas } }, request: { n: 3 } },
  reasoning: { answer: { reply: { deltas, reasoning: '음, 생각해 보자' } } },
  refusal: { answer: { reply: { refusal: '그건 안 됩니다' } } },
  'usage in a chunk of its own': { answer: { reply: { deltas } }, request: usage },
  'usage on the finish': { answer: { reply: { deltas, usageIn: 'finish' } } },
  'usage on every chunk': { answer: { reply: { deltas, usageIn: 'every' } } },
  'no [DONE]': { answer: { reply: { deltas }, wire: { done: false } }, whole: 'done-optional' },
  'no [DONE], three answers': {
    answer: { reply: { deltas }, wire: { done: false } },
    request: { n: 3 },
    whole: 'done-optional',
  },
  'no [DONE], usage last': {
    answer: { reply: { deltas }, wire: { done: false } },
    request: usage,
    whole: 'done-optional',
  },
  'CRLF, no space, a byte order mark': {
    answer: { reply: { deltas }, wire: { lineEnding: 'crlf', space: false, before: '\uFEFF' } },
  },
  comments: { answer: { reply: { deltas }, wire: { comment: 'keep-alive', before: ': hi\n\n' } } },
  'something behind [DONE]': { answer: { reply: { deltas }, wire: { after: ': bye\n\n' } } },
  'an empty answer': { answer: { reply: { empty: true } }, whole: false },
  'an error in the middle': {
    answer: {
      reply: { deltas },
      fault: { kind: 'error', afterEvents: 3, error: { message: 'overloaded' }, done: true },
    },
    whole: false,
  },
  'a named error': {
    answer: { reply: { deltas }, fault: { kind: 'error', afterEvents: 3, named: true, error: 'overloaded' } },
    whole: false,
  },
  completions: { answer: { reply: { deltas } }, endpoint: 'completions', request: { n: 2 } },
}

/** The body that the mock sends to one request, fault-free but for what the script says. */
export function renderedBytes(answer: Answer, request: JsonObject, endpoint: Endpoint = 'chat'): Uint8Array {
  const body = { model: 'tiny', messages: [{ role: 'user', content: 'hi' }], prompt: 'hi', ...request }
  const record = { method: 'POST', url: `http://mock${ENDPOINTS[endpoint]}`, headers: {}, body }
  const turn = { seed: 'law', call: 1, attempt: 1, given: [0], fitted: [0], created: 0 }
  const { steps } = respond({ answers: [answer] }, record, turn)
  return Buffer.concat(steps.flatMap((step) => (step.kind === 'bytes' ? [step.bytes] : [])))
}
