// Behind another tutti: what it calls an estimate is one here wherever a bill is shown, and what it does not know is priced here where it can be.
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { isObject, objectAt, parseJson, type JsonObject } from '#src/core/json.ts'
import { sha256 } from '../support/gateway.ts'

const PRICE = { price: { input: 10, output: 20 } }
const CHOICES = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }]
const DELTAS = [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }]

/** What the other one says of its bill. */
type Said = { readonly cost?: number | 'unknown'; readonly estimated?: boolean }

function answer(path: string, { stream, said }: { stream: boolean; said: Said }): Response {
  if (path.endsWith('/responses')) {
    const usage = { input_tokens: 10, output_tokens: 5, ...said }
    const output = [{ type: 'message', id: 'i', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] }]
    return Response.json({ id: 'r', object: 'response', status: 'completed', model: 'm', output, usage })
  }
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...said }
  if (!stream) return Response.json({ id: 'c', model: 'm', choices: CHOICES, usage })
  const chunk = (more: object): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', ...more })}\n\n`
  const body = `${chunk({ choices: DELTAS })}${chunk({ choices: [], usage })}data: [DONE]\n\n`
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

interface Asked {
  readonly path?: string
  readonly model?: string
  readonly stream?: boolean
}

/** What is shown of one request's bill: in its answer, in the log and in the ledger. */
async function shown(said: Said, { path = '/v1/chat/completions', model = 'priced', stream = false }: Asked = {}) {
  const log: JsonObject[] = []
  const other = { type: 'tutti', apiKey: 'k', baseUrl: 'https://other.example/v1' }
  const gateway = await createGateway(
    {
      version: 1,
      admin: { sha256: sha256('admin') },
      keys: [{ id: 'a', sha256: sha256('a') }],
      providers: { other: { ...other, models: { priced: PRICE, unpriced: {} } } },
    },
    {
      log(line) {
        const record = parseJson(line)
        if (isObject(record) && !('event' in record)) log.push(record)
      },
      fetch: async (url) => answer(new URL(url).pathname, { stream, said }),
    },
  )
  const input = path.endsWith('/responses') ? { input: 'hi' } : { messages: [{ role: 'user', content: 'hi' }] }
  const limit = path.endsWith('/messages') ? { max_tokens: 9 } : {}
  const options = stream ? { stream, stream_options: { include_usage: true } } : {}
  const body = JSON.stringify({ model: `other/${model}`, ...input, ...limit, ...options })
  const headers = { authorization: 'Bearer a', 'content-type': 'application/json' }
  const response = await gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', headers, body }))
  const text = await response.text()
  const last = stream ? (text.split('\n\n').at(-3)?.slice('data: '.length) ?? '') : text
  const { cost, estimated } = objectAt(parseJson(last), 'usage') ?? {}
  await expect.poll(() => log.length).toBe(1)
  const [attempt] = Array.isArray(log[0]?.['attempts']) ? log[0]['attempts'] : []
  const usage = await gateway.fetch(new Request('http://tutti/-/usage', { headers: { authorization: 'Bearer admin' } }))
  const { total } = await usage.json()
  await gateway.close()
  return {
    answer: [cost, estimated],
    header: response.headers.get('x-tutti-cost-usd'),
    log: [log[0]?.['cost_usd'], log[0]?.['estimated'], isObject(attempt) ? attempt['cost_from'] : undefined],
    ledger: [total.cost_usd, total.estimated_usd],
  }
}

test.each<[string, Asked]>([
  ['whole', {}],
  ['a stream', { stream: true }],
  ['of Responses', { path: '/v1/responses' }],
  ['translated', { path: '/v1/messages' }],
  ['without a price here', { model: 'unpriced' }],
])('its estimate is an estimate: %s', async (_, asked) => {
  const told = await shown({ cost: 0.001, estimated: true }, asked)
  expect(told).toEqual({
    answer: [0.001, true],
    header: asked.stream ? null : '0.001',
    log: [0.001, true, 'estimate'],
    ledger: [0.001, 0.001],
  })
})

test('what it knows is reported', async () => {
  expect(await shown({ cost: 0.001 })).toEqual({
    answer: [0.001, undefined],
    header: '0.001',
    log: [0.001, undefined, 'upstream'],
    ledger: [0.001, 0],
  })
})

test.each([[{}], [{ stream: true }]])(
  'what it does not know is its usage at the price here: %j',
  async (asked: Asked) => {
    expect(await shown({ cost: 'unknown' }, asked)).toEqual({
      answer: [0.0002, undefined],
      header: asked.stream ? null : '0.0002',
      log: [0.0002, undefined, 'usage'],
      ledger: [0.0002, 0],
    })
    expect(await shown({ cost: 'unknown', estimated: true }, asked)).toMatchObject({
      answer: [0.0002, true],
      log: [0.0002, true, 'estimate'],
      ledger: [0.0002, 0.0002],
    })
  },
)

test('what nobody knows is unknown, never 0', async () => {
  const told = await shown({ cost: 'unknown', estimated: true }, { model: 'unpriced' })
  expect(told).toMatchObject({ answer: ['unknown', true], header: 'unknown', log: ['unknown', true, 'estimate'] })
})
