// A guard that asks a webhook, in Cloudflare's runtime: its message is signed, and its word holds.
import { createHmac } from 'node:crypto'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { configured, startWorkerd } from '../../scripts/workerd.ts'
import { startUpstream } from '../support/upstream.ts'

const bundles = inject('bundles')

const SECRET = 'a secret of 24 bytes ....'

describe.skipIf(bundles === null)('in workerd', async () => {
  const guard = await startUpstream(({ body }, response) => {
    const bad = JSON.stringify(body).includes('a bad word')
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ allow: !bad }))
  })
  afterAll(() => guard.close())

  test('a webhook gets a message whose signature is right, and what it finds stays in', async () => {
    if (!bundles) throw new Error('there is no workerd here')
    const secret = `whsec_${Buffer.from(SECRET).toString('base64')}`
    const config = {
      version: 1,
      auth: 'none',
      providers: { demo: { type: 'demo', models: { good: {} } } },
      models: { chat: { targets: ['demo/good'] } },
      policies: [{ name: 'asks', guard: { webhook: { url: `${guard.url}/check`, local: true, secret } } }],
    }
    const { url, close } = await startWorkerd(configured(bundles.worker, JSON.stringify(config)))
    const ask = async (content: string) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content }] }),
      })
      await response.text()
      return response.status
    }
    try {
      expect([await ask('a good word'), await ask('a bad word')]).toEqual([200, 403])
    } finally {
      await close()
    }
    expect(guard.arrivals).toHaveLength(2)
    for (const { headers, bytes } of guard.arrivals) {
      const mac = createHmac('sha256', SECRET)
        .update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`)
        .update(bytes)
        .digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${mac}`)
    }
  })
})
