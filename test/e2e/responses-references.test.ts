import OpenAI from 'openai'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'

/** One host speaks Responses and keeps what it says, the other knows nothing of either. The Vercel AI SDK names items unless told not to. */
const CONFIG = {
  version: 1,
  auth: 'none',
  providers: {
    own: { type: 'openai', baseUrl: 'https://own.test/v1', apiKey: 'sk-own' },
    claude: { type: 'anthropic', baseUrl: 'https://claude.test/v1', apiKey: 'sk-claude' },
  },
  models: { own: { targets: ['own/m'] }, claude: { targets: ['claude/m'] } },
}

async function setUp() {
  const asked: string[] = []
  const gateway = await createGateway(CONFIG, {
    async fetch(url, { body }) {
      asked.push(typeof body === 'string' ? body : '')
      const text = `answer ${asked.length}`
      const usage = { input_tokens: 1, output_tokens: 2 }
      const head = { id: `msg_${asked.length}`, type: 'message', role: 'assistant' }
      if (url.includes('claude.test'))
        return Response.json({
          ...head,
          model: 'm',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'sig-claude' },
            { type: 'text', text },
          ],
          stop_reason: 'end_turn',
          usage,
        })
      const message = { ...head, status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }
      const answer = { id: `resp_${asked.length}`, object: 'response', status: 'completed', model: 'm' }
      return Response.json({ ...answer, output: [message], usage: { ...usage, total_tokens: 3 } })
    },
  })
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'any',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  })
  const ask = async (model: string, input: ResponseInputItem[]): Promise<ResponseInputItem> => {
    const { output } = await client.responses.create({ model, input })
    return { type: 'item_reference', id: output.at(-1)?.id ?? '' }
  }
  return { asked, ask, client }
}

const user = (content: string): ResponseInputItem => ({ role: 'user', content })

test('an item that is named stands in its place, whoever is asked', async () => {
  const { asked, ask } = await setUp()
  const first = await ask('claude', [user('a')])
  const second = await ask('claude', [user('a'), first, user('b')])
  expect(asked[1]).toContain('answer 1')
  await ask('own', [user('a'), first, user('b'), second, user('c')])
  expect(asked[2]).toContain('answer 1')
  expect(asked[2]).toContain('answer 2')
  expect(asked[2]).not.toContain('item_reference')
})

test('who keeps them itself gets the names as they came, but not those of what others have said', async () => {
  const { asked, ask } = await setUp()
  const first = await ask('own', [user('a')])
  const second = await ask('own', [user('a'), first, user('b')])
  expect(asked[1]).toContain('item_reference')
  const third = await ask('claude', [user('a'), first, user('b'), second, user('c')])
  expect(asked[2]).toContain('answer 2')
  await ask('own', [user('a'), first, user('b'), second, user('c'), third, user('d')])
  expect(asked[3]).not.toContain('item_reference')
  expect(asked[3]).toContain('answer 3')
})

test('thoughts that say whose they are go home with the answer that is gone on from, and nowhere else', async () => {
  const { asked, client } = await setUp()
  const { id } = await client.responses.create({ model: 'claude', input: 'a' })
  await client.responses.create({ model: 'claude', input: 'b', previous_response_id: id })
  expect(asked[1]).toContain('sig-claude')
  const { response } = await client.responses
    .create({ model: 'own', input: 'b', previous_response_id: id })
    .withResponse()
  expect(asked[2]).toContain('answer 1')
  expect(asked[2]).not.toContain('sig-claude')
  expect(response.headers.get('x-tutti-warnings')).toContain('thoughts of another account')
})

test('of a response that was deleted nothing is found', async () => {
  const { ask, client } = await setUp()
  const { id, output } = await client.responses.create({ model: 'claude', input: 'a' })
  await client.responses.delete(id)
  const gone: ResponseInputItem = { type: 'item_reference', id: output[0]?.id ?? '' }
  await expect(ask('claude', [gone, user('b')])).rejects.toMatchObject({ status: 400, param: 'input[0].id' })
})
