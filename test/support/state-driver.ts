import assert from 'node:assert/strict'
import { linesAt } from '#src/accounting/payer.ts'
import {
  LAST_MESSAGE_MS,
  REMEMBERED_MS,
  type Budget,
  type Gate,
  type Spend,
  type StateStore,
} from '#src/core/state-store.ts'
import {
  agrees,
  createModel,
  modelAdmit,
  modelForget,
  modelHold,
  modelLeave,
  modelRelease,
  modelSettle,
  modelSpend,
  modelWithdraw,
  type Model,
  type Payer,
  type Step,
} from './state-model.ts'

/** A store as the properties drive it. */
export interface Driven {
  /** The one that takes the next step: instances that share their state take turns. */
  store(): StateStore
  /** The process dies and comes back; answers whether the state outlived it. */
  crash(): boolean | Promise<boolean>
  end(): void | Promise<void>
}

const TENANT: Budget = { account: 'tenant/t', limit: 150n, per: 'day' }
const TENANT_GATE: Gate = { gate: 'tenant/t', limits: { rpm: 5, concurrency: 4 } }

/** Payers of the properties, two of one tenant: an id belongs to one of them. */
export const PAYERS: readonly Payer[] = [
  {
    shard: 'tenant/t',
    budgets: [{ account: 'key/a', limit: 100n, per: 'hour' }, TENANT],
    gates: [{ gate: 'key/a', limits: { rpm: 4, tpm: 100, concurrency: 3 } }, TENANT_GATE],
  },
  {
    shard: 'tenant/t',
    budgets: [{ account: 'key/b', limit: 100n, per: 'total' }, TENANT],
    gates: [{ gate: 'key/b', limits: { concurrency: 2 } }, TENANT_GATE],
  },
  {
    shard: 'key/c',
    budgets: [{ account: 'key/c', limit: 0n, per: 'month' }],
    gates: [{ gate: 'key/c', limits: { rpm: 2, tpm: 10 } }],
  },
]

/** Of one account alone. */
export function payerWith(limit: bigint): Payer {
  return { shard: 'k', budgets: [{ account: 'k', limit, per: 'total' }], gates: [] }
}

function payerAt(payers: readonly Payer[], id: number): Payer {
  const payer = payers[id % payers.length]
  assert(payer !== undefined)
  return payer
}

export interface After {
  readonly model: Model
  /** Taking it is a turn: one that is taken at each step would have every step done by the same instance. */
  readonly store: () => StateStore
  /** What the store said of each budget. */
  readonly spends: ReadonlyMap<Budget, Spend>
}

export interface Drive {
  readonly payers: readonly Payer[]
  readonly steps: readonly Step[]
  /**
   * Leaves out settlements of attempts that have no live hold: an upstream that stays within what it was asked has one.
   */
  readonly heldOnly?: boolean
  /** Called after each step, when store and model agree. */
  readonly check?: (after: After) => void | Promise<void>
}

/** Takes every step on store and model, and compares each answer and what each account has spent and held. */
export async function drive(driven: Driven, { payers, steps, heldOnly = false, check }: Drive): Promise<Model> {
  const model = createModel()
  const shards = Map.groupBy(payers, ({ shard }) => shard)
  for (const step of steps) {
    if (promised(model, step)) await take(driven, { payers, heldOnly, model, step })
    const asked = Array.from(shards, async ([shard, ofShard]) => {
      const budgets = [...new Set(ofShard.flatMap((payer) => payer.budgets))]
      const found = await driven.store().spend({ shard, lines: linesAt(budgets, model.now) }, model.now)
      assert.deepEqual(
        found,
        budgets.map((budget) => modelSpend(model, budget)),
      )
      return budgets.map((budget, at) => [budget, found[at] ?? { spent: 0n, held: 0n }] as const)
    })
    const spends = new Map((await Promise.all(asked)).flat())
    await check?.({ model, store: () => driven.store(), spends })
  }
  return model
}

/** A repeated step is known for ten minutes in every store; what happens to a later one is promised by none. */
function promised(model: Model, step: Step): boolean {
  if (step.do === 'wait' || step.do === 'crash') return true
  const request = step.do === 'admit' || step.do === 'leave' || step.do === 'withdraw'
  const attempt = !request || (step.do === 'admit' && step.amount !== undefined)
  const ends = [request && model.left.get(`r${step.id}`), attempt && model.settled.get(`t${step.id}`)]
  return ends.every((over) => typeof over !== 'number' || model.now - over < REMEMBERED_MS)
}

interface Take {
  readonly payers: readonly Payer[]
  readonly heldOnly: boolean
  readonly model: Model
  readonly step: Step
}

async function take(driven: Driven, { payers, heldOnly, model, step }: Take): Promise<void> {
  const { now } = model
  switch (step.do) {
    case 'admit': {
      const payer = payerAt(payers, step.id)
      const admission = { id: `r${step.id}`, tokens: step.tokens, expiresAt: now + step.life }
      const { amount } = step
      const attempt = { id: `t${step.id}`, expiresAt: now + step.life }
      const hold = amount === undefined ? undefined : { ...attempt, amount, lines: linesAt(payer.budgets, now) }
      const answer = await driven.store().admit({ ...admission, ...payer, now, ...(hold && { hold }) })
      const expected = modelAdmit(model, { ...admission, payer })
      if (!agrees(answer, expected)) assert.deepEqual(answer, expected)
      const held =
        expected.ok && amount !== undefined
          ? modelHold(model, { id: attempt.id, payer, amount, expires: attempt.expiresAt })
          : undefined
      assert.deepEqual(answer.ok ? answer.held : undefined, held)
      return
    }
    case 'leave':
      await driven.store().leave({ id: `r${step.id}`, shard: payerAt(payers, step.id).shard }, step.tokens, now)
      return modelLeave(model, `r${step.id}`, step.tokens)
    case 'withdraw':
      await driven.store().withdraw({ id: `r${step.id}`, shard: payerAt(payers, step.id).shard }, now)
      return modelWithdraw(model, `r${step.id}`)
    case 'hold': {
      const payer = payerAt(payers, step.id)
      const [id, expires] = [`t${step.id}`, now + step.life]
      const lines = linesAt(payer.budgets, now)
      const answer = await driven
        .store()
        .hold({ id, shard: payer.shard, lines, amount: step.amount, now, expiresAt: expires })
      assert.deepEqual(answer, modelHold(model, { id, payer, amount: step.amount, expires }))
      return
    }
    case 'release':
      await driven.store().release({ id: `t${step.id}`, shard: payerAt(payers, step.id).shard }, now)
      return modelRelease(model, `t${step.id}`)
    case 'settle':
      return settle(driven, { payers, heldOnly, model, step })
    case 'wait':
      model.now += step.ms
      return
    case 'crash':
      if (!(await driven.crash())) modelForget(model)
  }
}

async function settle(driven: Driven, { payers, heldOnly, model, step }: Take): Promise<void> {
  if (step.do !== 'settle') return
  const { now } = model
  const id = `t${step.id}`
  const hold = model.holds.get(id)
  if (heldOnly && (hold === undefined || hold.expires <= now)) return
  const wanted = (hold?.amount ?? 10n) + step.over
  const bill = wanted > 0n ? wanted : 0n
  const payer = payerAt(payers, step.id)
  await driven
    .store()
    .settle({ id, shard: payer.shard, lines: linesAt(payer.budgets, now), bill, now, notAfter: now + LAST_MESSAGE_MS })
  modelSettle(model, { id, payer, bill })
}

/** ms that a law's property may take. */
export const LAW_MS = process.env['TUTTI_LAW_RUNS'] === undefined ? 600_000 : 1_800_000

/** How often each property runs on a store. */
export interface Runs {
  readonly short: number
  /** Of what the long form asks for. */
  readonly share: number
}

export function storeRuns({ short, share }: Runs): number {
  const asked = Number(process.env['TUTTI_LAW_RUNS'] ?? '')
  return asked > 0 ? Math.ceil(asked * share) : short
}

/** How often a law's property runs: the short form's count, or what the long form asks for, in proportion. */
export function lawRuns(short: number): number {
  const asked = Number(process.env['TUTTI_LAW_RUNS'] ?? '')
  return asked > 0 ? Math.max(1, Math.ceil((asked * short) / 2000)) : short
}
