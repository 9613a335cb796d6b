// Holes that are known and open: each test says what should hold, and fails. One that passes tells that its hole is closed.
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { ask, CANARY, FACTS, holds } from '../support/redaction.ts'

const HOUSE = { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
const completion = (content: string, model = 'm') =>
  Response.json({
    id: 'x',
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  })

test.fails('one item is one placeholder over a stored answer, and comes back behind it', async () => {
  const answers = ['you are [KR_RRN_1]', 'still [KR_RRN_1]']
  const upstream: string[] = []
  const gateway = await createGateway(
    { version: 1, providers: HOUSE, policies: [{ name: 'r', redact: { types: 'all', restore: true } }] },
    {
      log: () => {},
      async fetch(_url, init) {
        upstream.push(await new Response(init.body).text())
        return completion(answers.shift() ?? '')
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

test.fails('a number in the name of a model is in no log', async () => {
  const body = { model: `openai/${CANARY}`, messages: [{ role: 'user', content: 'hi' }] }
  const seen = await ask([{ name: 'r', redact: 'all' }], { body }, () => completion('ok'))
  expect(holds(seen.operator)).toBe(false)
})

test.fails('OpenRouter spells the models of Anthropic in another order than it is asked for them', async () => {
  const model = 'anthropic/claude-haiku-4.5'
  const more = { openrouter: { apiKey: 'k', models: { [model]: FACTS } } }
  const body = { model: `openrouter/${model}`, messages: [{ role: 'user', content: 'hi' }] }
  const rules = [{ name: 'v', verifyServed: true }]
  const seen = await ask(rules, { more, body }, () => completion('ok', 'anthropic/claude-4.5-haiku-20251001'))
  expect(seen.status).toBe(200)
})
