// The worker's log, checked as an operator checks it. Requests share one chain, and what one of them waits for ends with it.
import { hash } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { createVerifier } from '#src/cli/verify-log/verify.ts'
import { configured, startWorkerd } from '../../scripts/workerd.ts'

const bundles = inject('bundles')

const CONFIG = {
  version: 1,
  auth: 'none',
  providers: { demo: { type: 'demo', models: { cheap: {}, good: {} } } },
  models: { chat: { targets: ['demo/cheap'] } },
  policies: [{ name: 'no-good', deny: { model: 'good' }, reason: 'not this one' }],
}

const REQUESTS = 60

describe.skipIf(bundles === null)('the worker’s log', () => {
  test('is one chain, whole and in order, whatever comes at once and whoever hangs up', async () => {
    if (!bundles) throw new Error('there is no workerd here')
    const { worker } = bundles
    const bundle = configured(worker, JSON.stringify(CONFIG))
    const { url, lines, close } = await startWorkerd(bundle)
    const ask = async (index: number): Promise<void> => {
      const gone = new AbortController()
      const model = index % 5 === 0 ? 'demo/good' : 'chat'
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
        signal: gone.signal,
      })
      if (index % 3 === 0) gone.abort()
      else await answer.text()
    }
    const logged = () => lines.filter((line) => line.startsWith('{"'))
    try {
      await ask(0)
      await Promise.allSettled(Array.from({ length: REQUESTS - 1 }, (_, index) => ask(index + 1)))
      await expect.poll(() => logged().length, { timeout: 20_000 }).toBe(REQUESTS + 1)
    } finally {
      await close()
    }
    const verifier = createVerifier({ hash: (text) => hash('sha256', text), fromMiddle: false })
    for (const [index, line] of logged().entries())
      verifier.add(Buffer.from(line), { file: 'console', line: index + 1 })
    const { chains, unchained } = verifier.verified()
    expect(unchained).toEqual({ count: 0 })
    expect(chains).toMatchObject([{ lines: REQUESTS + 1, problem: undefined, closed: false, head: { seq: REQUESTS } }])
  })
})
