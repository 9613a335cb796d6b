import { expect, test } from 'vitest'
import type { ApiRequest } from '#src/core/request.ts'
import { DEMO_SCRIPT } from './config.ts'
import { demo, DEMO_HOST } from './index.ts'
import { createScriptedFetch } from './scripted-fetch.ts'

const body = { model: 'demo', messages: [{ role: 'user', content: '안녕' }] }
const request: ApiRequest = {
  id: 'req-1',
  endpoint: 'chat',
  text: JSON.stringify(body),
  body,
  model: 'demo',
  stream: false,
  wantsUsage: false,
  tags: [],
  metadata: {},
}
const account = { id: '1', baseUrl: demo.baseUrl ?? '', headers: {} }

test('a request goes to a host that no resolver knows, with its id', () => {
  const { upstream } = demo.encode({ request, model: 'cheap', account, askUsage: false })
  expect(new URL(upstream.url).hostname).toBe(DEMO_HOST)
  expect(upstream.headers['x-request-id']).toBe('req-1')
  expect(demo.encode({ request, model: 'cheap', account, askUsage: false }).upstream).toEqual(upstream)
})

test('what the demo answers is what the adapter understands', async () => {
  // Each wait is over at once, and `ms` adds up what it would have been.
  let ms = 0
  const clock = {
    now: () => 0,
    after: (wait: number, run: () => void) => {
      ms += wait
      queueMicrotask(run)
      return () => undefined
    },
  }
  const ask = createScriptedFetch(DEMO_SCRIPT, { clock })
  const { upstream } = demo.encode({ request, model: 'good', account, askUsage: false })
  const response = await ask(new Request(upstream.url, { ...upstream, body: upstream.body ?? '' }))
  const seen = demo.observe(await response.json(), { endpoint: 'chat', stream: false })
  expect(seen).toMatchObject({ content: true, finished: [0], model: 'good' })
  expect(seen.usage?.output).toBeGreaterThan(5)
  expect(ms).toBe(120)
})
