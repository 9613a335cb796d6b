import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  /** The process dies and another one comes. */
  restart(): Promise<void>
  close(): Promise<void>
}

const STEPS = [
  ...['admit', 'leave', 'withdraw', 'hold', 'release', 'settle', 'confirm', 'open', 'ledger', 'audit', 'trim', 'spend'],
  ...['keep', 'recall', 'forget', 'claim', 'notes', 'note', 'write', 'erase'],
]

/** test/workerd/state-worker.ts with objects of its own. */
export async function startRemote(): Promise<Remote> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-objects-'))
  const script = inject('bundles')?.state ?? ''
  const bound: Bound = { state: { folder } }
  const start = () => startWorkerd({ script, config: { module: 'none.txt', text: '' } }, bound)
  let workerd = await start()
  let worlds = 0
  async function ask(asked: object): Promise<unknown> {
    const response = await fetch(workerd.url, { method: 'POST', body: encode(asked) })
    const { answer, error, cause } = decode(await response.text()) as Readonly<Record<string, unknown>>
    if (error !== undefined) throw new Error(String(error), { cause })
    return answer
  }
  function fresh(): World {
    const world = `world-${worlds++}`
    const steps = STEPS.map((method) => [method, (...args: readonly unknown[]) => ask({ world, method, args })])
    return {
      store: { ...Object.fromEntries(steps), durable: true, close() {} } as StateStore,
      object: (object, method, ...args) => ask({ world, object, method, args }),
      crash: () => ask({ world, method: 'crash', args: [] }),
    }
  }
  return {
    fresh,
    async restart() {
      await workerd.close()
      workerd = await start()
    },
    async close() {
      await workerd.close()
      await rm(folder, { recursive: true })
    },
  }
}
