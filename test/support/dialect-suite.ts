import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '#src/core/answer.ts'
import { collect, unfold } from '#src/core/collect.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import { encodeEventStream } from '#src/core/event-stream-frame.ts'
import { dialects } from '#src/dialects/registry.ts'
import { codecOf, decodeSteps, meaningOf, objectOf, renderSteps } from './answers.ts'
import { LEAST } from './documented-fields.ts'
import { localProvider, sha256 } from './gateway.ts'
import type { Served } from './gateway-suite.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** What every upstream of this suite answers, in its own form. */
const ANSWER: Answer = {
  model: 'm',
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: '날씨를 봐야 한다 🤔' },
        { type: 'text', text: '잠시만요… “서울”과 부산을 봅니다 👋🏽' },
        { type: 'tool-call', id: 'call_1', name: 'look', input: '{"city":"서울"}' },
        { type: 'tool-call', id: 'call_2', name: 'look', input: '{"city":"Busan 🌊","n":[1,2]}' },
      ],
      finish: { unified: 'tool_calls' },
    },
  ],
  usage: { input: 10, output: 20 },
}

/** Upstreams by the type of their provider, and the dialect in whose words tutti can write what they say. */
const UPSTREAMS = [
  ['openai-compatible', 'chat', '/chat/completions'],
  ['anthropic', 'messages', '/messages'],
  ['gemini', 'geminiGenerate', ':'],
] as const

const CALLERS = [
  ['chat', 'openai-chat'],
  ['responses', 'openai-responses'],
  ['messages', 'anthropic-messages'],
  ['geminiGenerate', 'gemini'],
] as const

type Inbound = (typeof CALLERS)[number][0]

function contextFor(endpoint: Inbound): RenderContext {
  const request = {
    id: 'up',
    endpoint,
    text: '{}',
    body: {},
    model: 'm',
    stream: true,
    wantsUsage: true,
    tags: [],
    metadata: {},
  }
  return { request, created: 1_700_000_000 }
}

/** Bedrock has no callers: its frames are written here. */
function converse(): Uint8Array {
  const frames = [
    ['messageStart', { role: 'assistant' }],
    ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: '안녕 ' } }],
    ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: '👋' } }],
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['messageStop', { stopReason: 'end_turn' }],
    ['metadata', { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } }],
  ] as const
  return Buffer.concat(
    frames.map(([name, value]) =>
      encodeEventStream(
        { ':message-type': 'event', ':event-type': name, ':content-type': 'application/json' },
        JSON.stringify(value),
      ),
    ),
  )
}

/** Upstreams of several forms, each at a path of its own; what they say comes in small pieces that cut characters. */
async function startUpstreams(): Promise<Upstream> {
  return startUpstream((arrival, response) => {
    const { path } = arrival
    if (path.includes('/converse-stream')) {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      for (const byte of converse()) response.write(Uint8Array.of(byte))
      return void response.end()
    }
    const [, endpoint] = UPSTREAMS.find(([, , part]) => path.includes(part)) ?? UPSTREAMS[0]
    const context = contextFor(endpoint)
    const streamed = arrival.body['stream'] === true || path.includes(':stream')
    if (!streamed) {
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end(dialects[endpoint].translation?.render(ANSWER, context))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const bytes = new TextEncoder().encode(renderSteps(dialects[endpoint], unfold(ANSWER), context))
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
    response.end()
  })
}

/** Four dialects before upstreams of four forms, over sockets on both sides: what every runtime's gateway must do alike. */
export function describeDialects(runtime: string, start: (config: object) => Promise<Served>): void {
  let upstream: Upstream
  let tutti: Served

  beforeAll(async () => {
    upstream = await startUpstreams()
    const { hostname } = new URL(upstream.url)
    expect(hostname).toBe('127.0.0.1')
    const types = UPSTREAMS.map(([type]) => type)
    tutti = await start({
      version: 1,
      providers: {
        ...Object.fromEntries(types.map((type) => [type, { ...localProvider(upstream.url, ['m']), type }])),
        bedrock: { ...localProvider(upstream.url, ['m']), type: 'aws-bedrock', settings: { awsRegion: 'us-east-1' } },
      },
      models: Object.fromEntries([...types, 'bedrock'].map((type) => [type, { targets: [`${type}/m`] }])),
      keys: [{ id: 'app', sha256: sha256('sk-app') }],
    })
  })
  afterAll(async () => {
    await tutti.close()
    await upstream.close()
  })

  async function ask(inbound: Inbound, model: string, stream: boolean): Promise<string> {
    const { path, body } = LEAST[inbound]
    const google = inbound === 'geminiGenerate'
    const action = stream ? ':streamGenerateContent?alt=sse' : ':generateContent'
    const url = tutti.url + (google ? `/v1beta/models/${model}${action}` : path)
    const usage = inbound === 'chat' && stream ? { stream_options: { include_usage: true } } : {}
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-app' },
      body: JSON.stringify(google ? body : { ...body, model, ...(stream && { stream }), ...usage }),
    })
    const text = await response.text()
    expect(response.status, text).toBe(200)
    expect(text).not.toContain('\ufffd')
    return text
  }

  describe.for(CALLERS)(`${runtime}: %s`, ([inbound, wire]) => {
    const codec = codecOf(wire)
    if (!codec) throw new Error(`nobody speaks ${wire}`)

    test.for(UPSTREAMS)('before %s: the whole answer and the stream of it are what was said', async ([type]) => {
      const whole = codec.decode(objectOf(await ask(inbound, type, false)), 'id')
      expect(whole.answer && meaningOf(whole.answer)).toEqual(meaningOf(ANSWER))
      const streamed = collect(decodeSteps(codec, [new TextEncoder().encode(await ask(inbound, type, true))], 'sse'))
      expect(meaningOf(streamed)).toEqual(meaningOf(ANSWER))
    })

    test('before Bedrock: frames become events', async () => {
      const streamed = collect(
        decodeSteps(codec, [new TextEncoder().encode(await ask(inbound, 'bedrock', true))], 'sse'),
      )
      expect(meaningOf(streamed).choices).toMatchObject([{ text: '안녕 👋', finish: 'stop' }])
    })
  })
}
