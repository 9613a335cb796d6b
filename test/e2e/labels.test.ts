// Labels: answers of models carry them, whole and streamed, also where the head goes out before the answer; errors carry none.
import { expect, test } from 'vitest'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded } from '../support/embedded.ts'

const FACTS = { developer: 'tutti-test', lineage: [] }
const PROVIDERS = { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
const NOTICE = '인공지능이 생성한 결과입니다'
const POLICIES = [
  { name: 'korean', label: { notice: NOTICE } },
  { name: 'mark', label: true },
]
const COMPLETION = {
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
}
const EVENTS = `data: ${JSON.stringify({ ...COMPLETION, choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`

async function ask(
  policies: readonly object[],
  more: object,
  answer: () => Response | Promise<Response>,
  settings: object = {},
) {
  const world = await startEmbedded({ version: 1, providers: PROVIDERS, policies, ...settings }, answer)
  const body = JSON.stringify({ ...LEAST.chat.body, model: 'house/m', ...more })
  const response = await world.gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
  await response.text()
  const notice = response.headers.get('x-tutti-ai-notice')
  return { generated: response.headers.get('x-tutti-ai-generated'), notice: notice && decodeURIComponent(notice) }
}

const stream = () => new Response(EVENTS, { headers: { 'content-type': 'text/event-stream' } })

test('whole and streamed answers carry them', async () => {
  const labelled = { generated: 'true', notice: NOTICE }
  expect(await ask(POLICIES, {}, () => Response.json(COMPLETION))).toEqual(labelled)
  expect(await ask(POLICIES, { stream: true }, stream)).toEqual(labelled)
  expect(await ask([{ name: 'mark', label: true }], {}, () => Response.json(COMPLETION))).toEqual({
    generated: 'true',
    notice: null,
  })
})

test('so does a head that goes out before its answer', async () => {
  const slow = () => new Promise<Response>((resolve) => setTimeout(() => resolve(stream()), 60))
  const { generated } = await ask(POLICIES, { stream: true }, slow, { heartbeat: '20ms' })
  expect(generated).toBe('true')
})

test.each([
  ['an error', POLICIES, () => Response.json({ error: { message: 'no' } }, { status: 400 })],
  ['another caller', [{ name: 'a', label: true, when: 'request.stream' }], () => Response.json(COMPLETION)],
  ['a rule in shadow', [{ name: 'a', label: true, mode: 'shadow' }], () => Response.json(COMPLETION)],
])('%s carries none', async (_name, policies, answer) => {
  expect(await ask(policies, {}, answer)).toEqual({ generated: null, notice: null })
})
