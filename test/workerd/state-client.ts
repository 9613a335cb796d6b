import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { inject } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { startWorkerd, type Bound } from '../../scripts/workerd.ts'
import { decode, encode } from './state-wire.ts'

/** Objects that no other test asks. */
export interface World {
  readonly store: StateStore
  /** Asks one object by its name: `shard/key/a`. */
  object(name: string, method: string, ...args: readonly unknown[]): Promise<unknown>
  /** All of them lose what they have in memory, and what is not written. */
  crash(): Promise<unknown>
}

/** The state in workerd, asked from here. */
export interface Remote {
  fresh(): World
  /** What a gateway left in the folder. */
  readonly left: World
  /** The process dies and another one comes. */
  restart(): Promise<void>
  close(): Promise<void>
}

const STEPS =
  'admit leave withdraw hold release settle confirm open ledger audit trim forgotten spend keep recall forget claim notes note write erase'.split(
    ' ',
  )

/** A folder for Durable Objects. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tutti-objects-'))
}

/** test/workerd/state-worker.ts, with what lies in that folder or in one of its own. */
export async function startRemote(given?: string): Promise<Remote> {
  const folder = given ?? (await newFolder())
  const script = inject('bundles')?.state ?? ''
  const bound: Bound = { state: { folder } }
  const start = () => startWorkerd({ script, config: { module: 'none.txt', text: '' } }, bound)
  let workerd = await start()
  let worlds = 0
  async function ask(asked: object): Promise<unknown> {
    const { body } = await request(workerd.url, { method: 'POST', body: encode(asked) })
    const { answer, error, cause } = decode(await body.text()) as Readonly<Record<string, unknown>>
    if (error !== undefined) throw new Error(String(error), { cause })
    return answer
  }
  function worldOf(world: string): World {
    const steps = STEPS.map((method) => [method, (...args: readonly unknown[]) => ask({ world, method, args })])
    return {
      store: { ...Object.fromEntries(steps), durable: true, close() {} } as StateStore,
      object: (object, method, ...args) => ask({ world, object, method, args }),
      crash: () => ask({ world, method: 'crash', args: [] }),
    }
  }
  return {
    fresh: () => worldOf(`world-${worlds++}`),
    left: worldOf(''),
    async restart() {
      await workerd.close()
      workerd = await start()
    },
    async close() {
      await workerd.close()
      if (given === undefined) await rm(folder, { recursive: true })
    },
  }
}
