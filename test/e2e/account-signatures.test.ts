import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'

/** Two accounts take turns at a vendor that encrypts thoughts for each of them alone. */
const config = (accounts: readonly string[]) => ({
  version: 1,
  auth: 'none',
  providers: {
    openai: { baseUrl: 'https://up.test/v1', accounts: accounts.map((id) => ({ id, apiKey: `sk-${id}` })) },
  },
  models: { m: { targets: ['openai/gpt-6.1-terra'] } },
})

async function setUp(accounts: readonly string[]) {
  const asked: { key: string; body: string }[] = []
  const gateway = await createGateway(config(accounts), {
    async fetch(_url, { headers, body }) {
      const key = new Headers(headers).get('authorization') ?? ''
      asked.push({ key, body: typeof body === 'string' ? body : '' })
      const call = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' }
      const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: `encrypted for ${key}` }
      return Response.json({
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        model: 'm',
        output: [thought, call],
        usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      })
    },
  })
  const client = new Anthropic({
    baseURL: 'http://tutti.test',
    apiKey: 'any',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  })
  const ask = async (...more: readonly Anthropic.MessageParam[]): Promise<Anthropic.ContentBlock[]> => {
    const { content } = await client.messages.create({
      model: 'm',
      max_tokens: 4000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      messages: [{ role: 'user', content: 'go' }, ...more],
    })
    return content
  }
  return { asked, ask }
}

const RESULT: Anthropic.MessageParam = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'c1', content: '21' }],
}

test('thoughts of an account go back to it, whoever would be next', async () => {
  const { asked, ask } = await setUp(['a', 'b'])
  for (let round = 0; round < 4; round++) {
    const content = await ask()
    expect(JSON.stringify(content)).not.toContain('openai/')
    await ask({ role: 'assistant', content }, RESULT)
    const [first, second] = asked.splice(0)
    expect(second?.key).toBe(first?.key)
    expect(second?.body).toContain(`encrypted for ${first?.key}`)
  }
})

test('where that account is gone they are left out', async () => {
  const [before, after] = [await setUp(['a']), await setUp(['b'])]
  const content = await before.ask()
  await after.ask({ role: 'assistant', content }, RESULT)
  expect(after.asked[0]?.body).toContain('function_call_output')
  expect(after.asked[0]?.body).not.toContain('encrypted for')
})
