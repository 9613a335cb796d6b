// What wrangler.toml binds, run by wrangler itself: the class and its migration, and the queue that takes the ledger, with the platform's own broker of
// this machine between the worker and a consumer. Not run against Cloudflare's edge.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { createTestHarness } from 'wrangler'
import { configured } from '../../scripts/workerd.ts'

const bundle = inject('bundles')?.worker

const CONFIG = {
  version: 1,
  providers: { demo: { type: 'demo', models: { cheap: { price: { input: 1, output: 1 } } } } },
  keys: ['a', 'b'].map((id) => ({
    id,
    sha256: createHash('sha256').update(`sk-${id}`).digest('hex'),
    budget: { usd: 1, per: 'month' },
  })),
}

const CONSUMER = `export default {
  async queue(batch) { for (const { body } of batch.messages) console.log('took ' + JSON.stringify(body)) },
  fetch: () => new Response('ok'),
}`

/** The file that is deployed, with what it leaves to be uncommented, over a bundle that is built already. */
async function deployment(folder: string): Promise<string> {
  if (bundle === undefined) throw new Error('there is no workerd here')
  const { script, config } = configured(bundle, JSON.stringify(CONFIG))
  await writeFile(join(folder, 'worker.js'), script)
  await writeFile(join(folder, config.module), config.text)
  const toml = (await readFile('wrangler.toml', 'utf8'))
    .replace('main = ".wrangler/bundled/worker.js"', 'main = "worker.js"')
    .replace(/\[build\]\ncommand = .*\nwatch_dir = .*\n/u, '')
    .replace('# [[queues.producers]]\n# binding', '[[queues.producers]]\nbinding')
    .replace('\n# queue = "', '\nqueue = "')
  expect(toml).toContain('\nqueue = "tutti-ledger"')
  return toml
}

test.skipIf(bundle === undefined)(
  'each row of the ledger reaches the queue with its id, once it is booked',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-export-'))
    await writeFile(join(folder, 'wrangler.toml'), await deployment(folder))
    await writeFile(join(folder, 'consumer.js'), CONSUMER)
    const server = createTestHarness({
      root: folder,
      workers: [
        { configPath: 'wrangler.toml' },
        {
          config: {
            name: 'consumer',
            main: 'consumer.js',
            compatibility_date: '2026-11-01',
            queues: { consumers: [{ queue: 'tutti-ledger', max_batch_timeout: 1 }] },
          },
        },
      ],
    })
    try {
      const { url } = await server.listen()
      const ask = async (key: string): Promise<string | null> => {
        const response = await fetch(new URL('/v1/chat/completions', url), {
          method: 'POST',
          headers: { authorization: `Bearer sk-${key}` },
          body: JSON.stringify({ model: 'demo/cheap', messages: [{ role: 'user', content: '안녕' }] }),
        })
        expect(response.status).toBe(200)
        await response.text()
        return response.headers.get('x-tutti-request-id')
      }
      const asked = [await ask('a'), await ask('b'), await ask('a')]
      await vi.waitFor(() => {
        const taken = server
          .getLogs()
          .filter(({ message }) => message.startsWith('took '))
          .map(
            ({
              message,
            }): { readonly id: string; readonly bill: string; readonly paid: { readonly request: string } } =>
              JSON.parse(message.slice(5)),
          )
        expect(taken.map(({ paid }) => paid.request).toSorted()).toEqual(asked.toSorted())
        expect(new Set(taken.map(({ id }) => id)).size).toBe(3)
        for (const { bill } of taken) expect(BigInt(bill)).toBeGreaterThan(0n)
      }, 30_000)
    } finally {
      await server.close()
      await rm(folder, { recursive: true })
    }
  },
)
