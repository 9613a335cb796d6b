import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { parseJson } from '#src/core/json.ts'
import { mockProviders } from '#src/testing.ts'

/** What only its own vendor understands: of an answer it may be left out, of a question never. */
interface Told {
  readonly status: number
  readonly warnings: string | null
  readonly body: unknown
}

const ask = (messages: readonly object[]): Promise<Told> =>
  post('/v1/messages', { model: 'openai/gpt-4.1', max_tokens: 9, messages })

async function post(path: string, asked: object): Promise<Told> {
  const mock = mockProviders()
  const config = { version: 1, auth: 'none', providers: { openai: { apiKey: 'k' }, anthropic: { apiKey: 'k' } } }
  const gateway = await createGateway(config, { fetch: mock.fetch })
  const body = JSON.stringify(asked)
  const response = await gateway.fetch(new Request(`http://tutti.test${path}`, { method: 'POST', body }))
  const answer = parseJson(await response.text())
  await gateway.close()
  return { status: response.status, warnings: response.headers.get('x-tutti-warnings'), body: answer }
}

test('a block of a question that nobody else has is refused, by its kind', async () => {
  const { status, body } = await ask([
    {
      role: 'user',
      content: [
        { type: 'container_upload', file_id: 'f' },
        { type: 'text', text: 'what is in it?' },
      ],
    },
  ])
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain('`container_upload`')
})

test('a block of an answer is left out, and told', async () => {
  const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
  const { status, warnings } = await ask([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: [block, { type: 'text', text: 'b' }] },
    { role: 'user', content: 'c' },
  ])
  expect(status).toBe(200)
  expect(warnings).toContain('`server_tool_use`')
})

test.each<[string, object, string]>([
  [
    '/v1beta/models/openai%2Fgpt-4.1:generateContent',
    { contents: [{ parts: [{ txt: 'hi' }] }] },
    'contents[0].parts[0].txt',
  ],
  ['/v1/responses', { model: 'anthropic/claude-haiku-4-5', input: [{ type: 'foo' }] }, 'foo'],
])('%s: nothing is asked where nothing of a question is left', async (path, asked, name) => {
  const { status, body } = await post(path, asked)
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain(`\`${name}\``)
})
