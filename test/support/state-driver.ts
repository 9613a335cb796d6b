import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Key } from '#src/core/key.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSqliteStore, REMEMBERED_MS } from '#src/state/sqlite.ts'
import {
  agrees,
  createModel,
  modelAdmit,
  modelForget,
  modelHold,
  modelLeave,
  modelSettle,
  modelSpend,
  type Model,
  type Step,
} from './state-model.ts'

/** A store as the properties drive it. */
export interface Driven {
  /** The one that takes the next step: instances that share their state take turns. */
  store(): StateStore
  /** The process dies and comes back; answers whether the state outlived it. */
  crash(): boolean
  end(): void
}

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

/** Keys of the properties: an id belongs to one of them. */
export const KEYS: readonly Key[] = [
  { id: 'a', tags: [], budget: { limit: 100n, per: 'hour' }, limits: { rpm: 4, tpm: 100, concurrency: 3 } },
  { id: 'b', tags: [], budget: { limit: 100n, per: 'total' }, limits: { concurrency: 2 } },
  { id: 'c', tags: [], budget: { limit: 0n, per: 'month' }, limits: { rpm: 2, tpm: 10 } },
]

export function keyOf(keys: readonly Key[], id: number): Key {
  const key = keys[id % keys.length]
  assert(key !== undefined)
  return key
}

export interface Drive {
  readonly keys: readonly Key[]
  readonly steps: readonly Step[]
  /**
   * Leaves out settlements of attempts that have no live hold: an upstream that stays within what it was asked has one.
   */
  readonly heldOnly?: boolean
  /** Called after each step, when store and model agree. */
  readonly check?: (model: Model, store: StateStore) => void | Promise<void>
}

/** Takes every step on store and model, and compares each answer and what each key has spent and held. */
export async function drive(driven: Driven, { keys, steps, heldOnly = false, check }: Drive): Promise<Model> {
  const model = createModel()
  for (const step of steps) {
    if (promised(model, step)) await take(driven, { keys, heldOnly, model, step })
    for (const key of keys) assert.deepEqual(await driven.store().spend(key, model.now), modelSpend(model, key))
    await check?.(model, driven.store())
  }
  return model
}

/** A repeated step is known for ten minutes in every store; what happens to a later one is promised by none. */
function promised(model: Model, step: Step): boolean {
  if (step.do === 'wait' || step.do === 'crash') return true
  const over =
    step.do === 'hold' || step.do === 'settle' ? model.settled.get(`t${step.id}`) : model.left.get(`r${step.id}`)
  return over === undefined || model.now - over < REMEMBERED_MS
}

interface Take {
  readonly keys: readonly Key[]
  readonly heldOnly: boolean
  readonly model: Model
  readonly step: Step
}

async function take(driven: Driven, { keys, heldOnly, model, step }: Take): Promise<void> {
  const { now } = model
  switch (step.do) {
    case 'admit': {
      const admission = {
        id: `r${step.id}`,
        key: keyOf(keys, step.id),
        tokens: step.tokens,
        now,
        expiresAt: now + step.life,
      }
      const answer = await driven.store().admit(admission)
      const expected = modelAdmit(model, admission)
      assert(agrees(answer, expected), `admit: ${JSON.stringify({ answer, expected })}`)
      return
    }
    case 'leave':
      await driven.store().leave(`r${step.id}`, step.tokens, now)
      return modelLeave(model, `r${step.id}`, step.tokens)
    case 'hold': {
      const hold = {
        id: `t${step.id}`,
        key: keyOf(keys, step.id),
        amount: step.amount,
        now,
        expiresAt: now + step.life,
      }
      const answer = await driven.store().hold(hold)
      assert.deepEqual(answer, modelHold(model, { ...hold, expires: hold.expiresAt }))
      return
    }
    case 'settle':
      return settle(driven, { keys, heldOnly, model, step })
    case 'wait':
      model.now += step.ms
      return
    case 'crash':
      if (!driven.crash()) modelForget(model)
  }
}

async function settle(driven: Driven, { keys, heldOnly, model, step }: Take): Promise<void> {
  if (step.do !== 'settle') return
  const id = `t${step.id}`
  const hold = model.holds.get(id)
  if (heldOnly && (hold === undefined || hold.expires <= model.now)) return
  const wanted = (hold?.amount ?? 10n) + step.over
  const settlement = { id, key: keyOf(keys, step.id), bill: wanted > 0n ? wanted : 0n }
  await driven.store().settle(id, settlement.key, settlement.bill, model.now)
  modelSettle(model, settlement)
}

/** How often a law's property runs: the short form's count, or what the long form asks for, in proportion. */
export function lawRuns(short: number): number {
  const asked = Number(process.env['TUTTI_LAW_RUNS'] ?? '')
  return asked > 0 ? Math.max(1, Math.ceil((asked * short) / 2000)) : short
}
