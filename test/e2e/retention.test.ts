// `retention` bounds what is kept for callers; it never makes it longer than OpenAI keeps responses.
import { expect, test } from 'vitest'
import type { Keepsake } from '#src/core/state-store.ts'
import { createGateway } from '#src/index.ts'
import { createMemoryStore } from '#src/state/memory.ts'

const DAY = 86_400_000
const ANSWER = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

test.each([
  [undefined, 30],
  ['2d', 2],
  ['90d', 30],
])('retention %s: a stored answer is kept %i days', async (retention, days) => {
  const state = createMemoryStore()
  const kept: Keepsake[] = []
  const { keep } = state
  state.keep = (keepsakes, now) => {
    kept.push(...keepsakes)
    return keep(keepsakes, now)
  }
  const one = { type: 'openai-compatible', apiKey: 'k', baseUrl: 'https://one.example/v1', models: { m: {} } }
  const file = { version: 1, auth: 'none', providers: { one }, models: { chat: { targets: ['one/m'] } } }
  const before = Date.now()
  const gateway = await createGateway(
    { ...file, ...(retention !== undefined && { retention }) },
    { state, fetch: async () => Response.json(ANSWER) },
  )
  const body = JSON.stringify({ model: 'chat', input: 'hi' })
  const response = await gateway.fetch(new Request('http://tutti/v1/responses', { method: 'POST', body }))
  expect(response.status).toBe(200)
  const whole = kept.filter(({ kind }) => kind === 'response').map(({ expiresAt }) => (expiresAt - before) / DAY)
  expect(whole.map(Math.floor)).toEqual([days])
})
