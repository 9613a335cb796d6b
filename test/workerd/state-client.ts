import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { startWorkerd, type Bound } from '../../scripts/workerd.ts'
import { decode, encode } from './state-wire.ts'

/** The state in workerd, asked from here. */
export interface Remote {
  readonly store: StateStore
  /** Asks one object by its name: `shard/key/a`. */
  object(name: string, method: string, ...args: readonly unknown[]): Promise<unknown>
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
  async function ask(asked: object): Promise<unknown> {
    const response = await fetch(workerd.url, { method: 'POST', body: encode(asked) })
    const { answer, error, cause } = decode(await response.text()) as Readonly<Record<string, unknown>>
    if (error !== undefined) throw new Error(String(error), { cause })
    return answer
  }
  const steps = STEPS.map((method) => [method, (...args: readonly unknown[]) => ask({ method, args })])
  return {
    store: { ...Object.fromEntries(steps), durable: true, close() {} } as StateStore,
    object: (object, method, ...args) => ask({ object, method, args }),
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
