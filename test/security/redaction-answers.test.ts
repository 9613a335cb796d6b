// Personal data in answers: cut wherever a stream may be, with a detector that fails, and put back where the rule says so.
import { describe, expect, test } from 'vitest'
import { assemble, webHash } from '#src/assemble.ts'
import { load } from '#src/load.ts'
import { parseJson } from '#src/core/json.ts'
import { findPii } from '#src/core/pii/find.ts'
import type { Finder } from '#src/core/pii/types.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createGateway } from '#src/index.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { LEAST } from '../support/documented-fields.ts'
import { LONG } from '../support/law.ts'
import { ask, CANARY, FACTS, fullWidth, holds, PROVIDERS, REDACT, refuse } from '../support/redaction.ts'

/** An answer of each vendor whose text, thought and call each hold the number, in pieces of a few letters. */
const SAID = `번호는 ${CANARY} 입니다. Call ${fullWidth(CANARY)} or not.`
const INPUT = JSON.stringify({ id: CANARY, nested: JSON.stringify({ again: CANARY }) })
const pieces = (text: string): readonly string[] => text.match(/.{1,7}/gsu) ?? []
const sse = (events: readonly { readonly type?: string; readonly [name: string]: unknown }[], done = ''): string =>
  events
    .map((event) => `${event.type === undefined ? '' : `event: ${event.type}\n`}data: ${JSON.stringify(event)}\n\n`)
    .join('') + done

const MESSAGE = {
  type: 'message',
  id: 'msg',
  role: 'assistant',
  content: [{ type: 'output_text', text: SAID, annotations: [] }],
}
const FUNCTION = { type: 'function_call', id: 'fc', call_id: 'call_1', name: 'f', arguments: INPUT }

const STREAMS: Readonly<Record<string, string>> = {
  openai: sse(
    [
      ...pieces(SAID).map((content) => ({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content } }] })),
      ...pieces(INPUT).map((text, at) => ({
        id: 'c',
        model: 'm',
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [
                {
                  index: 0,
                  ...(at === 0 && { id: 'call_1' }),
                  function: { ...(at === 0 && { name: 'f' }), arguments: text },
                },
              ],
            },
          },
        ],
      })),
      { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    ],
    'data: [DONE]\n\n',
  ),
  responses: sse([
    { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress', output: [] } },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { type: 'message', id: 'msg', role: 'assistant', content: [] },
    },
    {
      type: 'response.content_part.added',
      output_index: 0,
      content_index: 0,
      part: { type: 'output_text', text: '', annotations: [] },
    },
    ...pieces(SAID).map((delta) => ({
      type: 'response.output_text.delta',
      output_index: 0,
      content_index: 0,
      delta,
    })),
    { type: 'response.output_item.done', output_index: 0, item: MESSAGE },
    { type: 'response.output_item.added', output_index: 1, item: { ...FUNCTION, arguments: '' } },
    ...pieces(INPUT).map((delta) => ({ type: 'response.function_call_arguments.delta', output_index: 1, delta })),
    { type: 'response.output_item.done', output_index: 1, item: FUNCTION },
    {
      type: 'response.completed',
      response: { id: 'r', model: 'm', status: 'completed', output: [MESSAGE, FUNCTION], usage: { output_tokens: 9 } },
    },
  ]),
  anthropic: sse([
    {
      type: 'message_start',
      message: { id: 'a', model: 'm', role: 'assistant', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
    ...pieces(SAID).map((thinking) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    ...pieces(SAID).map((text) => ({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 1 },
    { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'call_1', name: 'f', input: {} } },
    ...pieces(INPUT).map((text) => ({
      type: 'content_block_delta',
      index: 2,
      delta: { type: 'input_json_delta', partial_json: text },
    })),
    { type: 'content_block_stop', index: 2 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ]),
  gemini: sse([
    ...pieces(SAID).map((text) => ({
      modelVersion: 'm',
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] } }],
    })),
    {
      modelVersion: 'm',
      candidates: [
        {
          index: 0,
          content: { role: 'model', parts: [{ functionCall: { name: 'f', args: JSON.parse(INPUT) } }] },
          finishReason: 'STOP',
        },
      ],
    },
  ]),
}

const CALLERS = [
  { path: '/v1/chat/completions', body: LEAST.chat.body, stream: true },
  { path: '/v1/responses', body: LEAST.responses.body, stream: true },
  { path: '/v1/messages', body: LEAST.messages.body, stream: true },
  { path: '/v1beta/models/{model}:streamGenerateContent?alt=sse', body: LEAST.geminiGenerate.body, stream: false },
] as const

/** The same bytes in two chunks. */
function cut(bytes: Uint8Array, at: number): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, at))
      controller.enqueue(bytes.slice(at))
      controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** In the short form every so many bytes, from another one each time; in the long form every byte. */
const STRIDE = LONG ? 1 : 61

describe.each(CALLERS)('a stream that says it, cut anywhere, to $path', ({ path, body, stream }) => {
  test.each(['openai', 'anthropic', 'gemini'])('from %s', async (provider) => {
    const spoken = provider === 'openai' && path === '/v1/responses' ? 'responses' : provider
    const bytes = new TextEncoder().encode(STREAMS[spoken])
    const request = { ...body, model: `${provider}/m`, ...(stream && { stream }) }
    let whole: string | undefined
    for (let at = 1; at < bytes.length; at += STRIDE) {
      const seen = await ask([REDACT], { path: path.replace('{model}', `${provider}/m`), body: request }, () =>
        cut(bytes, at),
      )
      expect({ status: seen.status, at }).toEqual({ status: 200, at })
      if (holds(seen.caller) || holds(seen.operator)) throw new Error(`cut at ${at}: ${seen.caller}`)
      expect(seen.caller).toContain('[KR_RRN]')
      // And all the rest of it came, whatever the cut.
      const said = textIn(seen.caller)
      whole ??= said
      expect(said).toBe(whole)
    }
    expect(whole).toContain('번호는 [KR_RRN] 입니다. Call [KR_RRN] or not.')
  })
})

/** The words of a stream of any dialect, in their order. */
function textIn(caller: string): string {
  const words: string[] = []
  for (const line of caller.split('\n')) {
    const event = line.startsWith('data: ') ? parseJson(line.slice(6)) : undefined
    JSON.stringify(event ?? null, (name, value: unknown) => {
      const isText = ['content', 'text', 'delta', 'thinking', 'partial_json', 'arguments'].includes(name)
      if (isText && typeof value === 'string' && !line.includes('.done"') && !line.includes('.completed"'))
        words.push(value)
      return value
    })
  }
  return words.join('')
}

describe('a detector that fails', () => {
  const CHAT = { ...LEAST.chat.body, model: 'openai/m', messages: [{ role: 'user', content: CANARY }] }

  test('lets nothing leave', async () => {
    const { gateway, sent } = await assembled(() => {
      throw new Error(`broken on ${CANARY}`)
    })
    const response = await gateway.fetch(
      new Request('http://tutti/v1/chat/completions', { method: 'POST', body: JSON.stringify(CHAT) }),
    )
    const text = await response.text()
    expect({ status: response.status, sent: sent() }).toEqual({ status: 403, sent: [] })
    expect(text).toContain('policy_error')
    expect(holds(text)).toBe(false)
  })

  test.each([true, false])('in the middle of an answer ends it, streamed: %s', async (stream) => {
    let broken = false
    const { gateway, log } = await assembled(
      (text, types) => {
        if (broken) throw new Error('broken')
        return findPii(text, types)
      },
      () => {
        broken = true
        return stream
          ? cut(new TextEncoder().encode(STREAMS['openai']), 200)
          : Response.json({
              model: 'm',
              choices: [{ index: 0, message: { role: 'assistant', content: SAID }, finish_reason: 'stop' }],
            })
      },
    )
    const body = JSON.stringify({ ...CHAT, stream })
    const response = await gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
    const text = await response.text()
    expect(text).toContain('internal_error')
    expect(text).not.toContain('[DONE]')
    expect(holds(text) || holds(log().join(''))).toBe(false)
  })
})

async function assembled(find: Finder, answer: () => Response = refuse) {
  const sent: string[] = []
  const log: string[] = []
  const loaded = await load(JSON.stringify({ version: 1, providers: PROVIDERS, policies: [REDACT] }), {
    file: 'tutti.json',
    hash: webHash,
    env: () => undefined,
    readFile: () => undefined,
    missing: 'error',
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const transport = createFetchTransport(async (url, init) => {
    sent.push(url, await new Response(init.body).text())
    return answer()
  })
  const { app } = assemble(loaded.snapshot, {
    transport,
    store: createMemoryStore(),
    hash: webHash,
    log: (line) => log.push(line),
    findPii: find,
  })
  return {
    gateway: {
      fetch: async (request: Request) => app.fetch(request, { channel: createWebChannel(request, 'embedded') }),
    },
    sent: () => sent,
    log: () => log,
  }
}

describe('what is put back', () => {
  const RESTORE = { name: 'no-numbers', redact: { types: ['kr_rrn', 'phone'], restore: true } }
  const TWO = `내 번호는 ${CANARY}, 전화는 010-1234-5678, 다시 ${CANARY}`
  const body = { ...LEAST.chat.body, model: 'openai/m', messages: [{ role: 'user', content: TWO }] }
  const echo = 'A: [KR_RRN_1], [PHONE_1], [KR_RRN_2], 800101-2234567'
  const completion = () =>
    Response.json({
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: echo }, finish_reason: 'stop' }],
    })

  test('is the caller own, under the placeholder that the upstream got', async () => {
    const seen = await ask([RESTORE], { body }, completion)
    expect(seen.upstream).toContain('내 번호는 [KR_RRN_1], 전화는 [PHONE_1], 다시 [KR_RRN_1]')
    expect(seen.caller).toContain(`A: ${CANARY}, 010-1234-5678, [KR_RRN_2], [KR_RRN]`)
    expect(holds(seen.operator)).toBe(false)
  })

  test('a caller who writes brackets of its own gets other ones', async () => {
    const own = { ...body, messages: [{ role: 'user', content: `[KR_RRN_1] ${CANARY}` }] }
    const seen = await ask([RESTORE], { body: own }, () =>
      Response.json({
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: '[KR_RRN_1] [KR_RRN_2]' }, finish_reason: 'stop' },
        ],
      }),
    )
    expect(seen.upstream).toContain('[KR_RRN_1] [KR_RRN_2]')
    expect(seen.caller).toContain(`[KR_RRN_1] ${CANARY}`)
  })

  test('also in the name of a tool, which the caller knows by no other', async () => {
    const call = { id: 'c', type: 'function', function: { name: 'of_[PHONE_1]', arguments: '{}' } }
    const tools = [{ type: 'function', function: { name: 'of_010-1234-5678' } }]
    const seen = await ask([RESTORE], { body: { ...body, tools } }, () =>
      Response.json({
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'stop' },
        ],
      }),
    )
    expect(seen.upstream).toContain('"name":"of_[PHONE_1]"')
    expect(seen.caller).toContain('"name":"of_010-1234-5678"')
  })

  test('where one of two rules wants it gone it stays gone', async () => {
    const seen = await ask([RESTORE, { name: 'for-good', redact: ['kr_rrn'] }], { body }, completion)
    expect(seen.caller).toContain('A: [KR_RRN_1], 010-1234-5678')
    expect(holds(seen.caller)).toBe(false)
  })

  test('in a stream that is cut inside a placeholder, early and late', async () => {
    const long = `${echo} ${'그리고 더 많은 말. '.repeat(60)}${echo}`
    const bytes = new TextEncoder().encode(
      sse(
        [...long].map((content, at) => ({
          id: 'c',
          model: 'm',
          choices: [{ index: 0, delta: { content }, ...(at === [...long].length - 1 && { finish_reason: 'stop' }) }],
        })),
        'data: [DONE]\n\n',
      ),
    )
    const seen = await ask([RESTORE], { body: { ...body, stream: true } }, () => cut(bytes, 333))
    const wanted = long
      .replaceAll('[KR_RRN_1]', CANARY)
      .replaceAll('[PHONE_1]', '010-1234-5678')
      .replaceAll('800101-2234567', '[KR_RRN]')
    expect(textIn(seen.caller)).toBe(wanted)
  })

  test('token by token it is left out', async () => {
    const logprobs = {
      content: [...CANARY].map((token) => ({
        token,
        logprob: -1,
        bytes: [...new TextEncoder().encode(token)],
        top_logprobs: [],
      })),
    }
    const asked = { ...body, logprobs: true }
    const message = { role: 'assistant', content: 'hi' }
    const whole = await ask([REDACT], { body: asked }, () =>
      Response.json({ model: 'm', choices: [{ index: 0, message, logprobs, finish_reason: 'stop' }] }),
    )
    const events = sse(
      [{ id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'hi' }, logprobs, finish_reason: 'stop' }] }],
      'data: [DONE]\n\n',
    )
    const streamed = await ask([REDACT], { body: { ...asked, stream: true } }, () =>
      cut(new TextEncoder().encode(events), 9),
    )
    for (const { caller, status } of [whole, streamed]) {
      expect({ status, said: caller.includes('"hi"'), tokens: caller.includes('"token"') }).toEqual({
        status: 200,
        said: true,
        tokens: false,
      })
    }
  })
})

test('one item is one placeholder over a stored answer, and comes back behind it', async () => {
  const answers = ['you are [KR_RRN_1]', 'still [KR_RRN_1]']
  const upstream: string[] = []
  const gateway = await createGateway(
    {
      version: 1,
      providers: { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } },
      policies: [{ name: 'r', redact: { types: 'all', restore: true } }],
    },
    {
      log: () => {},
      async fetch(_url, init) {
        upstream.push(await new Response(init.body).text())
        const message = { role: 'assistant', content: answers.shift() ?? '' }
        return Response.json({ id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] })
      },
    },
  )
  const send = async (body: object) => {
    const text = JSON.stringify({ model: 'house/m', ...body })
    return (await gateway.fetch(new Request('http://tutti/v1/responses', { method: 'POST', body: text }))).text()
  }
  const { id } = JSON.parse(await send({ input: `I am ${CANARY}` }))
  const last = await send({ input: 'who am I?', previous_response_id: id })
  expect(upstream[1]).toContain('you are [KR_RRN_1]')
  expect(last).toContain(`still ${CANARY}`)
})
