// What only sounds like DeepSeek is not blocked: names of others, and words about it, reach their upstream byte for byte.
import { beforeAll, describe, expect, test } from 'vitest'
import { startEmbedded, type Embedded } from '../support/embedded.ts'

const OWN = { developer: 'our-company', lineage: [], family: 'ours' }

/** Models of others, declared as that, whose names hold what a naive filter looks for. */
const NAMES = [
  'deepsea',
  'deep-sea-7b',
  'deep-seek-and-destroy',
  'deepseek-killer',
  'my-deepseek-killer',
  'not-deepseek',
  'DeepSeeker',
  'deepseek-free-zone',
  'better-than-deepseek-r1',
  'deep-think',
  'seek-deep',
  'deeper-seeker-2',
  'deepl-translate',
  'deepgram-nova',
  'deepmind-sea',
  'r1',
  'r1-classifier',
  'model-r1',
  'r1t-truck',
  'janus',
  'janus-pro-our-own',
  'v3',
  'v3-1',
  'mai-1',
  'chimera',
  'chimera-lion',
  'coder-v2',
  'reasoner',
  'prover',
  'cogito',
  'aion-1-0',
  'nex-n1',
  '딥시크-탐지기',
  '深度求索检测器',
  'distill-qwen',
  'moe-16b-chat',
  'speaks-like-deepseek',
  'k-exaone',
] as const

const TEXTS = [
  'What is DeepSeek, and is deepseek-chat any good?',
  'Set "model": "deepseek/deepseek-chat" and send it to https://api.deepseek.com/v1',
  '딥시크 사용을 금지한 부처는 어디인가요? 행정안전부 공문을 요약해 주세요.',
  '개인정보보호위원회는 2025년 2월 딥시크 앱의 국내 신규 다운로드를 중단했다.',
  '深度求索是什么公司？',
  'ディープシークとは何ですか。',
  'ما هو ديبسيك؟',
  'Traduisez : « DeepSeek R1 est interdit dans notre ministère ».',
  'Compare R1, V3, janus-pro and r1-1776.',
  'deepseek-ai/DeepSeek-R1-Distill-Llama-70B',
  '{"models":["deepseek/deepseek-chat"],"provider":{"only":["deepseek"]}}',
  'ｄｅｅｐｓｅｅｋ d\u200be\u200be\u200bp\u200bs\u200be\u200be\u200bk',
] as const

/** Where words about it may stand in a request without steering anything. */
const PLACES: readonly ((text: string) => object)[] = [
  (text) => ({ messages: [{ role: 'user', content: text }] }),
  (text) => ({
    messages: [
      { role: 'system', content: text },
      { role: 'user', content: 'hi' },
    ],
  }),
  (text) => ({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }),
  (text) => ({ messages: [{ role: 'user', content: 'hi', name: 'deepseek' }], user: text.slice(0, 60) }),
  (text) => ({ messages: [{ role: 'user', content: 'hi' }], metadata: { about: text, deepseek: 'yes' } }),
  (text) => ({ messages: [{ role: 'user', content: 'hi' }], stop: ['deepseek', text.slice(0, 20)] }),
  (text) => ({
    messages: [{ role: 'user', content: 'hi' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'ask_deepseek',
          description: text,
          parameters: { type: 'object', properties: { model: { enum: ['deepseek-r1'] }, models: {}, provider: {} } },
        },
      },
    ],
  }),
  (text) => ({
    messages: [{ role: 'user', content: 'hi' }],
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'deepseek', schema: { type: 'object', description: text, properties: { model: {} } } },
    },
  }),
  (text) => ({
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'deepseek', arguments: '{"model":"deepseek"}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: text },
    ],
  }),
  (text) => ({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'file', file: { filename: 'deepseek-r1.pdf', file_data: 'data:application/pdf;base64,AA==' } },
        ],
      },
      { role: 'user', content: text },
    ],
  }),
]

const POLICIES = [
  { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } },
  { preset: 'deepseek-everywhere' },
  { preset: 'korea-public-sector' },
  { name: 'no-family', deny: { family: 'deepseek', derived: true } },
]

/** What a permitted model answers, about DeepSeek. */
const ANSWER = JSON.stringify({
  id: 'x',
  model: 'ours',
  choices: [{ index: 0, message: { role: 'assistant', content: 'DeepSeek R1 은 …' }, finish_reason: 'stop' }],
})

let world: Embedded
let sent = 0

beforeAll(async () => {
  world = await startEmbedded(
    {
      version: 1,
      providers: {
        ours: {
          type: 'openai-compatible',
          baseUrl: 'https://deepseekers.example/v1',
          apiKey: 'k',
          operator: { name: 'deep-seekers', country: 'KR' },
          models: Object.fromEntries(NAMES.map((name) => [name, OWN])),
        },
      },
      models: { 'deepseek-alternative': { targets: ['ours/r1'] } },
      policies: POLICIES,
    },
    () => new Response(ANSWER, { headers: { 'content-type': 'application/json' } }),
  )
})

/** Sends one, and holds what arrived against it. */
async function reaches(model: string, id: string, members: object): Promise<void> {
  const before = world.sent.length
  const text = JSON.stringify({ model, ...members })
  const headers = { 'content-type': 'application/json', 'x-tutti-tags': 'deepseek', 'x-title': 'DeepSeek' }
  const response = await world.gateway.fetch(
    new Request('http://tutti/v1/chat/completions', { method: 'POST', headers, body: text }),
  )
  const answer = await response.text()
  expect([model, response.status]).toEqual([model, 200])
  expect(answer).toContain('DeepSeek R1')
  expect(world.sent).toHaveLength(before + 1)
  const arrived = new TextDecoder().decode(world.sent.at(-1)?.body)
  expect(arrived).toBe(text.replace(JSON.stringify(model), JSON.stringify(id)))
  sent++
}

describe('names', () => {
  test.each(NAMES)('%s', async (name) => {
    for (const text of TEXTS.slice(0, 4))
      await reaches(`ours/${name}`, name, { messages: [{ role: 'user', content: text }] })
  })
})

describe('words', () => {
  test.each(TEXTS)('%s', async (text) => {
    for (const place of PLACES) {
      await reaches('ours/janus', 'janus', place(text))
      await reaches('deepseek-alternative', 'r1', place(text))
    }
  })
})

test('they are many', () => {
  console.log(`look-alikes: ${sent} requests, none blocked`)
  expect(sent).toBeGreaterThanOrEqual(200)
})
