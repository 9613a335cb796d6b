import OpenAI from 'openai'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'

/** Two hosts that speak Responses themselves. What one has encrypted is a 400 to the other. */
const CONFIG = {
  version: 1,
  auth: 'none',
  providers: {
    one: { type: 'openai', baseUrl: 'https://one.test/v1', apiKey: 'sk-one' },
    two: { type: 'xai', baseUrl: 'https://two.test/v1', apiKey: 'sk-two' },
  },
  models: { one: { targets: ['one/m'] }, two: { targets: ['two/m'] } },
}

async function setUp() {
  const asked: string[] = []
  const gateway = await createGateway(CONFIG, {
    async fetch(url, init) {
      const body = typeof init.body === 'string' ? init.body : ''
      asked.push(body)
      const from = new URL(url).hostname
      const answer = answerOf(`${from}-${asked.length}`)
      if (!body.includes('"stream":true')) return Response.json(answer)
      const last = JSON.stringify({ type: 'response.completed', sequence_number: 1, response: answer })
      const first = JSON.stringify({ type: 'response.output_text.delta', sequence_number: 0, delta: 'so' })
      const events = `event: response.output_text.delta\ndata: ${first}\n\nevent: response.completed\ndata: ${last}\n\n`
      return new Response(events, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'any',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  })
  return { asked, client }
}

function answerOf(id: string) {
  return {
    id: `resp_${id}`,
    object: 'response',
    status: 'completed',
    model: 'm',
    output: itemsOf(id),
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  }
}

function itemsOf(id: string): ResponseInputItem[] {
  return [
    { type: 'reasoning', id: `rs_${id}`, summary: [], encrypted_content: `secret-${id}` },
    {
      type: 'message',
      id: `msg_${id}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'so', annotations: [] }],
    },
  ]
}

describe.each([false, true])('what a client keeps itself, streamed: %s', (stream) => {
  test('goes back to the account that encrypted it, and to no other', async () => {
    const { asked, client } = await setUp()
    const ask = async (model: string, input: ResponseInputItem[]): Promise<string | null> => {
      const { response } = await client.responses.create({ model, input, store: false, stream }).withResponse()
      return response.headers.get('x-tutti-warnings')
    }
    const user = (content: string): ResponseInputItem => ({ role: 'user', content })
    await drained(client, { model: 'one', stream })
    const input = [user('a'), ...itemsOf('one.test-1'), user('b')]
    expect(await ask('one', input)).toBeNull()
    expect(asked[1]).toContain('secret-one.test-1')
    expect(await ask('two', [...input, ...itemsOf('elsewhere'), user('c')])).toContain('thoughts of another account')
    expect(asked[2]).not.toContain('secret-one.test-1')
    // The thought before it is gone: its id would be an item without what belongs to it.
    expect(asked[2]).not.toContain('msg_one.test-1')
    // Of whom nobody knows whose it is, its own vendor decides.
    expect(asked[2]).toContain('secret-elsewhere')
  })
})

/** The first answer, up to its end: by then it is kept who signed it. */
async function drained(client: OpenAI, { model, stream }: { model: string; stream: boolean }): Promise<void> {
  const answer = await client.responses.create({ model, input: 'a', store: false, stream })
  if (!(Symbol.asyncIterator in answer)) return
  for await (const event of answer) expect(event.type).toContain('response.')
}
