import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'

/** A client that keeps only standard fields of chat completions, before upstreams that want their signatures back. */
const CONFIG = {
  version: 1,
  auth: 'none',
  providers: {
    claude: {
      type: 'anthropic',
      baseUrl: 'https://claude.test/v1',
      accounts: [
        { id: 'a', apiKey: 'sk-a' },
        { id: 'b', apiKey: 'sk-b' },
      ],
    },
    other: { type: 'anthropic', baseUrl: 'https://other.test/v1', apiKey: 'sk-other' },
    google: { type: 'gemini', baseUrl: 'https://google.test/v1beta', apiKey: 'key' },
  },
  models: {
    claude: { targets: ['claude/m'] },
    other: { targets: ['other/m'] },
    google: { targets: ['google/gemini-3-pro'] },
  },
}

const THOUGHT = { type: 'thinking', thinking: '서울의 날씨를 봐야 한다', signature: 'sig-claude' }
const CALLS = [
  { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: '서울' } },
  { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Busan 🌊' } },
]

function sse(events: readonly JsonObject[]): Response {
  const text = events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}

function claude(stream: boolean, again: boolean): Response {
  const usage = { input_tokens: 1, output_tokens: 1 }
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', usage }
  const content = again ? [{ type: 'text', text: '맑음' }] : [THOUGHT, ...CALLS]
  const reason = again ? 'end_turn' : 'tool_use'
  if (!stream) return Response.json({ ...head, content, stop_reason: reason })
  return sse([
    { type: 'message_start', message: { ...head, content: [], stop_reason: null } },
    ...content.flatMap((block, index): JsonObject[] => {
      const end = { type: 'content_block_stop', index }
      const delta = (own: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta: own })
      if ('input' in block)
        return [
          { type: 'content_block_start', index, content_block: { ...block, input: {} } },
          delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }),
          end,
        ]
      if ('thinking' in block)
        return [
          { type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } },
          delta({ type: 'thinking_delta', thinking: block.thinking.slice(0, 4) }),
          delta({ type: 'thinking_delta', thinking: block.thinking.slice(4) }),
          delta({ type: 'signature_delta', signature: block.signature }),
          end,
        ]
      return [
        { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
        delta({ type: 'text_delta', text: '맑음' }),
        end,
      ]
    }),
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ])
}

function gemini(again: boolean): Response {
  const parts = again
    ? [{ text: '맑음' }]
    : [{ functionCall: { name: 'weather', args: { city: '서울' } }, thoughtSignature: 'c2lnLWdvb2dsZQ==' }]
  const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }]
  return Response.json({
    candidates,
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  })
}

async function setUp() {
  const asked: { key: string | null; body: JsonObject }[] = []
  const gateway = await createGateway(CONFIG, {
    async fetch(url, init) {
      const value = parseJson(typeof init.body === 'string' ? init.body : '')
      const body = isObject(value) ? value : {}
      asked.push({ key: new Headers(init.headers).get('x-api-key'), body })
      const again = JSON.stringify(body).includes('맑음, 21')
      return url.includes('google') ? gemini(again) : claude(body['stream'] === true, again)
    },
  })
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'any',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  })
  return { asked, client, gateway }
}

const TOOLS = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
] as const
const ASKED = { role: 'user', content: '서울과 부산의 날씨는?' } as const

/** What a client of standard fields alone sends back of an answer. */
function standard(message: OpenAI.ChatCompletionMessage): OpenAI.ChatCompletionMessageParam[] {
  const calls = (message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? [{ id: call.id, type: call.type, function: { name: call.function.name, arguments: call.function.arguments } }]
      : [],
  )
  return [
    { role: 'assistant', content: message.content, tool_calls: calls },
    ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: '맑음, 21' }) as const),
  ]
}

async function firstTurn(client: OpenAI, model: string, stream: boolean): Promise<OpenAI.ChatCompletionMessage> {
  const request = { model, messages: [{ ...ASKED }], tools: [...TOOLS], reasoning_effort: 'high' as const }
  const answer = stream
    ? await client.chat.completions.stream(request).finalChatCompletion()
    : await client.chat.completions.create(request)
  const message = answer.choices[0]?.message
  if (!message) throw new Error('no message')
  return message
}

describe.for([false, true])('a loop through tools, streamed: %s', (stream) => {
  test('thoughts and their signature go back to the account that had them', async () => {
    const { asked, client } = await setUp()
    const message = await firstTurn(client, 'claude', stream)
    expect(message.tool_calls).toHaveLength(2)
    const last = await client.chat.completions.create({
      model: 'claude',
      messages: [ASKED, ...standard(message)],
      tools: [...TOOLS],
    })
    expect(last.choices[0]?.message.content).toBe('맑음')
    expect(asked[1]?.key).toBe(asked[0]?.key)
    expect(asked[1]?.body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: ASKED.content }] },
      { role: 'assistant', content: [THOUGHT, ...CALLS] },
      {
        role: 'user',
        content: CALLS.map(({ id }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: [{ type: 'text', text: '맑음, 21' }],
        })),
      },
    ])
  })

  test('another account gets none of them, and the caller is told', async () => {
    const { asked, client } = await setUp()
    const message = await firstTurn(client, 'claude', stream)
    const { response } = await client.chat.completions
      .create({ model: 'other', messages: [ASKED, ...standard(message)], tools: [...TOOLS] })
      .withResponse()
    expect(JSON.stringify(asked[1]?.body)).not.toContain('sig-claude')
    expect(response.headers.get('x-tutti-warnings')).toContain('thoughts of another account were not sent')
  })
})

test('another vendor gets none of them, and the caller is told', async () => {
  const { asked, client } = await setUp()
  const message = await firstTurn(client, 'claude', false)
  const { response } = await client.chat.completions
    .create({ model: 'google', messages: [ASKED, ...standard(message)], tools: [...TOOLS] })
    .withResponse()
  expect(JSON.stringify(asked[1]?.body)).not.toContain('sig-claude')
  expect(response.headers.get('x-tutti-warnings')).toContain('signatures of reasoning were not sent')
})

test("a call's own signature goes back to Google", async () => {
  const { asked, client } = await setUp()
  const message = await firstTurn(client, 'google', false)
  await client.chat.completions.create({ model: 'google', messages: [ASKED, ...standard(message)], tools: [...TOOLS] })
  expect(JSON.stringify(asked[1]?.body)).toContain('"thoughtSignature":"c2lnLWdvb2dsZQ=="')
})

describe.for([false, true])('chat before a vendor of chat that wants its thoughts back, streamed: %s', (stream) => {
  const THINKS = '서울을 봐야 한다 🌏'
  const CALL = { id: 'call_9', type: 'function', function: { name: 'weather', arguments: '{"city":"서울"}' } }
  const usage = { prompt_tokens: 1, completion_tokens: 9, total_tokens: 10 }

  function answer(wanted: boolean): Response {
    if (!wanted) {
      const message = { role: 'assistant', content: '', reasoning_content: THINKS, tool_calls: [CALL] }
      return Response.json({
        id: 'c',
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
        usage,
      })
    }
    const deltas = [
      { role: 'assistant', reasoning_content: THINKS.slice(0, 5) },
      { reasoning_content: THINKS.slice(5) },
      { tool_calls: [{ index: 0, ...CALL }] },
    ]
    const chunks = [
      ...deltas.map((delta) => ({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: null }] })),
      { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], usage },
    ]
    const text = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')
    return new Response(`${text}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } })
  }

  async function loop(second: string): Promise<JsonObject> {
    const asked: JsonObject[] = []
    const gateway = await createGateway(
      {
        version: 1,
        auth: 'none',
        providers: {
          first: { type: 'deepseek', baseUrl: 'https://first.test', apiKey: 'sk-1' },
          second: { type: 'deepseek', baseUrl: 'https://second.test', apiKey: 'sk-2' },
        },
      },
      {
        async fetch(_url, init) {
          const body = parseJson(String(init.body))
          if (isObject(body)) asked.push(body)
          return answer(stream)
        },
      },
    )
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: 'http://tutti/v1',
      maxRetries: 0,
      fetch: (url, init) => gateway.fetch(new Request(url, init)),
    })
    const user = { role: 'user', content: '날씨는?' } as const
    const ask = async (model: string, messages: OpenAI.ChatCompletionMessageParam[]) =>
      stream
        ? client.chat.completions.stream({ model, messages }).finalChatCompletion()
        : client.chat.completions.create({ model, messages })
    const { choices } = await ask('first/m', [user])
    // What a client with standard fields alone sends back.
    const { role = 'assistant', content = null, tool_calls = [] } = choices[0]?.message ?? {}
    const calls = tool_calls.flatMap((call) => (call.type === 'function' ? [call] : []))
    await ask(second, [
      user,
      { role, content, tool_calls: calls },
      { role: 'tool', tool_call_id: 'call_9', content: '맑음' },
    ])
    await gateway.close()
    const messages = asked[1]?.['messages']
    const turn = Array.isArray(messages) ? messages[1] : undefined
    return isObject(turn) ? turn : {}
  }

  test('gives them back to the account that had them', async () => {
    expect(await loop('first/m')).toMatchObject({ reasoning_content: THINKS, tool_calls: [CALL] })
  })

  test('and to no other', async () => {
    const turn = await loop('second/m')
    expect(turn).toMatchObject({ tool_calls: [CALL] })
    expect(turn).not.toHaveProperty('reasoning_content')
  })
})

test('a thought that nobody signed does not reach the vendor of the dialect, which would refuse it', async () => {
  const { asked, gateway } = await setUp()
  const turns = [
    { role: 'user', content: '17 × 24?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '17 × 24 = 408', signature: '' },
        { type: 'text', text: '408' },
      ],
    },
    { role: 'user', content: '더하기 1?' },
  ]
  const body = JSON.stringify({ model: 'claude', max_tokens: 100, messages: turns })
  const response = await gateway.fetch(new Request('http://tutti.test/v1/messages', { method: 'POST', body }))
  expect(response.status).toBe(200)
  expect(JSON.stringify(asked[0]?.body)).not.toContain('17 × 24 = 408')
  expect(response.headers.get('x-tutti-warnings')).toContain('`reasoning` of earlier turns was not sent')
})
