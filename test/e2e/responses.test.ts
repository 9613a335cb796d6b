import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'

/** Two upstreams of one gateway: one speaks Responses itself, the other Anthropic's messages. Each says what it was asked. */
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
  const asked: { url: string; body: JsonObject }[] = []
  let count = 0
  const gateway = await createGateway(CONFIG, {
    async fetch(url, init) {
      const body = parseJson(typeof init.body === 'string' ? init.body : '')
      asked.push({ url, body: isObject(body) ? body : {} })
      const text = `answer ${++count}`
      const answer = url.includes('own.test')
        ? {
            id: `resp_upstream${count}`,
            object: 'response',
            status: 'completed',
            model: 'm',
            output: [
              { type: 'reasoning', id: `rs_${count}`, summary: [] },
              {
                type: 'message',
                id: `msg_${count}`,
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text, annotations: [] }],
              },
            ],
            usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
          }
        : {
            id: `msg_${count}`,
            type: 'message',
            role: 'assistant',
            model: 'm',
            content: [{ type: 'text', text }],
            stop_reason: 'end_turn',
            usage: { input_tokens: 1, output_tokens: 2 },
          }
      return Response.json(answer)
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

describe('a response is kept by tutti', () => {
  test('its own upstream is asked to go on from it in its own words', async () => {
    const { asked, client } = await setUp()
    const first = await client.responses.create({ model: 'own', input: '하나' })
    expect(first.id).toBe('resp_upstream1')
    await client.responses.create({ model: 'own', input: '둘', previous_response_id: first.id })
    expect(asked[1]?.body).toMatchObject({ previous_response_id: first.id, input: '둘' })
  })

  test('any other upstream gets all that was said before, without what only the first understands', async () => {
    const { asked, client } = await setUp()
    const first = await client.responses.create({ model: 'own', input: '하나' })
    const second = await client.responses.create({ model: 'claude', input: '둘', previous_response_id: first.id })
    expect(asked[1]?.body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: '하나' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'answer 1' }] },
      { role: 'user', content: [{ type: 'text', text: '둘' }] },
    ])
    expect(second.output_text).toBe('answer 2')
    await client.responses.create({ model: 'own', input: '셋', previous_response_id: second.id })
    const third = asked[2]?.body
    expect(third).not.toHaveProperty('previous_response_id')
    expect(JSON.stringify(third)).not.toContain('rs_1')
    expect(third?.['input']).toHaveLength(5)
  })

  test('it is found, listed and deleted by its id, and cannot be cancelled', async () => {
    const { client } = await setUp()
    const made = await client.responses.create({ model: 'claude', input: 'one' })
    expect(await client.responses.retrieve(made.id)).toMatchObject({ id: made.id, output_text: 'answer 1' })
    const items = await client.responses.inputItems.list(made.id)
    expect(items.data).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
    ])
    await expect(client.responses.cancel(made.id)).rejects.toMatchObject({ status: 400 })
    await client.responses.delete(made.id)
    await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(
      client.responses.create({ model: 'claude', input: 'x', previous_response_id: made.id }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    })
  })

  test('items that the caller wrote in short are listed with their type', async () => {
    const { client } = await setUp()
    const { id } = await client.responses.create({ model: 'claude', input: [{ role: 'user', content: 'one' }] })
    const { data } = await client.responses.inputItems.list(id)
    expect(data).toMatchObject([{ id: expect.any(String), type: 'message', role: 'user', content: 'one' }])
  })

  test('`store: false` keeps nothing', async () => {
    const { client } = await setUp()
    const made = await client.responses.create({ model: 'claude', input: 'one', store: false })
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
  })

  test('`background` is refused, not ignored', async () => {
    const { client } = await setUp()
    await expect(client.responses.create({ model: 'claude', input: 'one', background: true })).rejects.toMatchObject({
      status: 400,
      param: 'background',
    })
  })
})
