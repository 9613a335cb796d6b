import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import type { Driven, Runs } from './state-driver.ts'

export function driveMemory(): Driven {
  let store = createMemoryStore()
  return {
    store: () => store,
    crash() {
      store = createMemoryStore()
      return false
    },
    end() {},
  }
}

/** Several instances over one file; a crash leaves one of them open as it is and opens the file anew. */
export function driveSqlite(instances = 2): Driven {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-state-'))
  const path = join(folder, 'state.db')
  const stores = Array.from({ length: instances }, () => createSqliteStore(path))
  const dead: StateStore[] = []
  let turn = 0
  return {
    store() {
      turn = (turn + 1) % instances
      const store = stores[turn]
      assert(store !== undefined)
      return store
    },
    crash() {
      dead.push(...stores.splice(turn, 1, createSqliteStore(path)))
      return true
    },
    end() {
      for (const store of [...stores, ...dead]) void store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The stores of this runtime. */
export const DRIVEN: readonly [string, () => Driven, Runs][] = [
  ['memory', driveMemory, { short: 2000, share: 1 }],
  ['sqlite, two instances', driveSqlite, { short: 200, share: 1 }],
]
