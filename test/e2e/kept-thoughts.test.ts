import { createHash } from 'node:crypto'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'

/** Apps of Responses that let tutti keep what was said, before upstreams that want their thoughts back with their signature. */
const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex')
const CONFIG = {
  version: 1,
  providers: {
    claude: { type: 'anthropic', baseUrl: 'https://claude.test/v1', apiKey: 'sk-claude' },
    other: { type: 'anthropic', baseUrl: 'https://other.test/v1', apiKey: 'sk-other' },
    own: { type: 'openai', baseUrl: 'https://own.test/v1', apiKey: 'sk-own' },
  },
  models: { claude: { targets: ['claude/m'] }, other: { targets: ['other/m'] }, own: { targets: ['own/m'] } },
  keys: [
    { id: 'one', sha256: sha256('sk-one') },
    { id: 'two', sha256: sha256('sk-two') },
  ],
}

const THOUGHT = { type: 'thinking', thinking: '서울의 날씨를 봐야 한다', signature: 'sig-claude' }
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: '서울' } }
const OUTPUT = { type: 'function_call_output', call_id: 'toolu_1', output: '맑음' } as const

async function setUp() {
  const asked: JsonObject[] = []
  const gateway = await createGateway(CONFIG, {
    async fetch(_url, init) {
      const body = parseJson(typeof init.body === 'string' ? init.body : '')
      asked.push(isObject(body) ? body : {})
      const usage = { input_tokens: 1, output_tokens: 1 }
      const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', usage }
      return Response.json({ ...head, content: [THOUGHT, CALL], stop_reason: 'tool_use' })
    },
  })
  const clientOf = (apiKey: string): OpenAI =>
    new OpenAI({
      baseURL: 'http://tutti.test/v1',
      apiKey,
      maxRetries: 0,
      fetch: (url, init) => gateway.fetch(new Request(url, init)),
    })
  const client = clientOf('sk-one')
  const first = await client.responses.create({ model: 'claude', input: '서울?' })
  const ids = first.output.map(({ id = '' }) => ({ type: 'item_reference', id }) as const)
  return { asked, client, clientOf, first, ids }
}

const WHOLE = [
  { role: 'user', content: [{ type: 'text', text: '서울?' }] },
  { role: 'assistant', content: [THOUGHT, CALL] },
  {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '맑음' }] }],
  },
]
const ASKED = { role: 'user', content: '서울?' } as const

describe('what was kept', () => {
  test('is all there for whoever thought it, by the id of the response', async () => {
    const { asked, client, first } = await setUp()
    await client.responses.create({ model: 'claude', previous_response_id: first.id, input: [OUTPUT] })
    expect(asked[1]?.['messages']).toEqual(WHOLE)
  })

  test('is put in the place of the ids of its items', async () => {
    const { asked, client, ids } = await setUp()
    await client.responses.create({ model: 'claude', input: [ASKED, ...ids, OUTPUT] })
    expect(asked[1]?.['messages']).toEqual(WHOLE)
  })

  test('gives a thought that comes back by its id its signature', async () => {
    const { asked, client, first } = await setUp()
    const [thought, call] = first.output
    if (thought?.type !== 'reasoning' || call?.type !== 'function_call') throw new Error('no thought')
    const { encrypted_content: _signature, ...bare } = thought
    await client.responses.create({ model: 'claude', input: [ASKED, bare, call, OUTPUT] })
    expect(asked[1]?.['messages']).toEqual(WHOLE)
  })

  test.each(['the id of the response', 'the ids of its items'])(
    'goes to another account without its thoughts, and the caller is told: by %s',
    async (by) => {
      const { asked, client, first, ids } = await setUp()
      const input = by === 'the ids of its items' ? [ASKED, ...ids, OUTPUT] : [OUTPUT]
      const previous = by === 'the ids of its items' ? {} : { previous_response_id: first.id }
      const { response } = await client.responses.create({ model: 'other', ...previous, input }).withResponse()
      expect(asked[1]?.['messages']).toEqual([WHOLE[0], { role: 'assistant', content: [CALL] }, WHOLE[2]])
      expect(response.headers.get('x-tutti-warnings')).toContain('thoughts of another account were not sent')
    },
  )

  test('goes to another vendor without the ids and signatures of the first', async () => {
    const { asked, client, ids } = await setUp()
    await client.responses.create({ model: 'own', input: [ASKED, ...ids, OUTPUT] }).catch(() => undefined)
    const text = JSON.stringify(asked[1])
    expect(text).not.toContain('item_reference')
    expect(text).not.toContain('sig-claude')
    expect(text).toContain('"toolu_1"')
  })

  test('is nobody else’s', async () => {
    const { asked, clientOf, ids } = await setUp()
    await expect(
      clientOf('sk-two').responses.create({ model: 'claude', input: [ASKED, ...ids, OUTPUT] }),
    ).rejects.toMatchObject({ status: 400, param: 'input[1].id' })
    expect(asked).toHaveLength(1)
  })

  test('is put in once', async () => {
    const { client, ids } = await setUp()
    const twice = client.responses.create({ model: 'claude', input: [ASKED, ...ids, ...ids, OUTPUT] })
    await expect(twice).rejects.toMatchObject({ status: 400, param: 'input[3].id' })
  })
})
