import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { parseJson } from '#src/core/json.ts'
import { mockProviders } from '#src/testing.ts'

/** What only its own vendor understands: of an answer it may be left out, of a question never. */
async function ask(messages: readonly object[]): Promise<{ status: number; warnings: string | null; body: unknown }> {
  const mock = mockProviders()
  const config = { version: 1, auth: 'none', providers: { openai: { apiKey: 'k' } } }
  const gateway = await createGateway(config, { fetch: mock.fetch })
  const body = JSON.stringify({ model: 'openai/gpt-4.1', max_tokens: 9, messages })
  const response = await gateway.fetch(new Request('http://tutti.test/v1/messages', { method: 'POST', body }))
  const answer = parseJson(await response.text())
  await gateway.close()
  return { status: response.status, warnings: response.headers.get('x-tutti-warnings'), body: answer }
}

test('a block of a question that nobody else has is refused, by its kind', async () => {
  const { status, body } = await ask([{ role: 'user', content: [{ type: 'container_upload', file_id: 'f' }] }])
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
