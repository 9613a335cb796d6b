import { expect, test } from 'vitest'
import type { Bindings } from './app.ts'
import { listen } from './node-server.ts'

test('a drain is over when what ran is settled, not when its answer is sent', async () => {
  const bill = Promise.withResolvers<void>()
  const app = {
    fetch(_request: Request, { waitUntil }: Bindings): Response {
      waitUntil?.(Promise.reject(new Error('a bill that fails')))
      waitUntil?.(bill.promise)
      return new Response('answer')
    },
  }
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  const answer = await fetch(server.url, { headers: { connection: 'close' } })
  expect(await answer.text()).toBe('answer')

  const order: string[] = []
  const drained = server.drain(1000).then(() => order.push('drained'))
  await expect(fetch(server.url)).rejects.toThrow()
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  order.push('settled')
  bill.resolve()
  await drained
  expect(order).toEqual(['settled', 'drained'])
})
