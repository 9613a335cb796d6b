import fc from 'fast-check'
import type { BudgetPeriod, Limits } from '#src/core/key.ts'
import { periodOf } from '#src/core/period.ts'
import type { Admitted, Budget, Gate, Held, Spend } from '#src/core/state-store.ts'
import { SLOT_RETRY_MS } from '#src/state/limits.ts'

/** A day in the middle of a month and a week, in ms. */
export const START = Date.UTC(2026, 10, 18, 12)

/** Who pays on one shard, and comes in through its gates. */
export interface Payer {
  readonly shard: string
  readonly budgets: readonly Budget[]
  readonly gates: readonly Gate[]
}

/** What the properties do to a store; ids are small numbers so that steps meet, and an id always has the same payer. */
export type Step =
  /** `amount`: what is held for it by the same step. */
  | {
      readonly do: 'admit'
      readonly id: number
      readonly tokens: number
      readonly life: number
      readonly amount: bigint | undefined
    }
  | { readonly do: 'leave'; readonly id: number; readonly tokens: number }
  | { readonly do: 'withdraw'; readonly id: number }
  | { readonly do: 'hold'; readonly id: number; readonly amount: bigint; readonly life: number }
  | { readonly do: 'release'; readonly id: number }
  /** `over`: how much more than its hold the bill is; below 0: less. */
  | { readonly do: 'settle'; readonly id: number; readonly over: bigint }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'crash' }

interface ModelHold {
  readonly payer: Payer
  readonly amount: bigint
  readonly expires: number
}

interface ModelSlot {
  readonly payer: Payer
  readonly expires: number
}

interface ModelBill {
  readonly id: string
  readonly payer: Payer
  readonly bill: bigint
}

/** The specification, written to be read: lists, and sums over them. */
export interface Model {
  now: number
  readonly holds: Map<string, ModelHold>
  readonly bills: (ModelBill & { readonly at: number })[]
  /** When an id was settled: a repeated step within the time that is promised changes nothing. */
  readonly settled: Map<string, number>
  readonly slots: Map<string, ModelSlot>
  readonly left: Map<string, number>
  readonly admissions: { readonly id: string; readonly payer: Payer; readonly at: number; tokens: number }[]
}

export function createModel(): Model {
  return {
    now: START,
    holds: new Map(),
    bills: [],
    settled: new Map(),
    slots: new Map(),
    left: new Map(),
    admissions: [],
  }
}

/** What an account has spent in a period, and what is held of it. */
export function modelSpend(
  model: Model,
  { account, per }: { readonly account: string; readonly per: BudgetPeriod },
): Spend {
  const { start } = periodOf(per, model.now)
  const pays = ({ payer }: { readonly payer: Payer }): boolean =>
    payer.budgets.some((budget) => budget.account === account)
  const spent = sum(model.bills.filter((bill) => pays(bill) && bill.at >= start).map(({ bill }) => bill))
  const live = [...model.holds.values()].filter((hold) => pays(hold) && hold.expires > model.now)
  return { spent, held: sum(live.map(({ amount }) => amount)) }
}

export function leftOf(model: Model, budget: Budget): bigint {
  const { spent, held } = modelSpend(model, budget)
  return budget.limit - spent - held
}

export function modelHold(model: Model, hold: ModelHold & { readonly id: string }): Held {
  const { budgets } = hold.payer
  const known = model.holds.get(hold.id)
  if ((known !== undefined && known.expires > model.now) || model.settled.has(hold.id)) return { ok: true }
  const lacking = budgets.find((budget) => leftOf(model, budget) < hold.amount)
  if (lacking === undefined) {
    model.holds.set(hold.id, hold)
    return { ok: true }
  }
  const left = leftOf(model, lacking)
  return { ok: false, account: lacking.account, left: left > 0n ? left : 0n }
}

export function modelRelease(model: Model, id: string): void {
  if (model.settled.has(id)) return
  model.settled.set(id, model.now)
  model.holds.delete(id)
}

export function modelSettle(model: Model, settlement: ModelBill): void {
  if (model.settled.has(settlement.id)) return
  model.settled.set(settlement.id, model.now)
  model.holds.delete(settlement.id)
  model.bills.push({ ...settlement, at: model.now })
}

/** A request counts until the second that it came in is over by a minute. */
function counts(at: number, now: number): boolean {
  return (Math.floor(at / 1000) + 61) * 1000 > now
}

interface ModelAdmission {
  readonly id: string
  readonly payer: Payer
  readonly tokens: number
  readonly expiresAt: number
}

interface Fit {
  readonly rates: boolean
  readonly slot: boolean
}

function fitsLimits(model: Model, { payer, tokens }: ModelAdmission, now: number): Fit {
  const fits = payer.gates.map(({ gate, limits }): Fit => {
    const through = (one: { readonly payer: Payer }): boolean => one.payer.gates.some((other) => other.gate === gate)
    const { rpm, tpm, concurrency } = { ...NO_LIMITS, ...limits }
    const counted = model.admissions.filter((one) => through(one) && counts(one.at, now))
    const used = counted.reduce((total, one) => total + one.tokens, 0)
    const slots = [...model.slots.values()].filter((slot) => through(slot) && slot.expires > now)
    return { rates: counted.length + 1 <= rpm && used + tokens <= tpm, slot: slots.length + 1 <= concurrency }
  })
  return { rates: fits.every(({ rates }) => rates), slot: fits.every(({ slot }) => slot) }
}

const NO_LIMITS = { rpm: Infinity, tpm: Infinity, concurrency: Infinity } as const satisfies Limits

/**
 * What the store must answer: `ok`, or the ms after which the rates fit again (undefined: only a slot is missing, or
 * never).
 */
export function modelAdmit(
  model: Model,
  admission: ModelAdmission,
): { readonly ok: boolean; readonly ratesAfter?: number } {
  const { id, payer, tokens, expiresAt } = admission
  const known = model.slots.get(id)
  if ((known !== undefined && known.expires > model.now) || model.left.has(id)) return { ok: true }
  const fit = fitsLimits(model, admission, model.now)
  if (fit.rates && fit.slot) {
    model.slots.set(id, { payer, expires: expiresAt })
    model.admissions.push({ id, payer, at: model.now, tokens })
    return { ok: true }
  }
  if (fit.rates) return { ok: false }
  // Counted seconds end on whole ones: the first at which it fits is when it fits.
  for (let at = (Math.floor(model.now / 1000) + 1) * 1000; at <= model.now + 62_000; at += 1000) {
    // Of two waits the longer one is told.
    const least = fit.slot ? 0 : SLOT_RETRY_MS
    if (fitsLimits(model, admission, at).rates) return { ok: false, ratesAfter: Math.max(at - model.now, least) }
  }
  return { ok: false }
}

export function modelLeave(model: Model, id: string, tokens: number): void {
  if (!endSlot(model, id)) return
  const counted = model.admissions.findLast((one) => one.id === id)
  if (counted !== undefined) counted.tokens = tokens
}

/** As if it had never come. */
export function modelWithdraw(model: Model, id: string): void {
  if (!endSlot(model, id)) return
  const at = model.admissions.findLastIndex((one) => one.id === id)
  if (at >= 0) model.admissions.splice(at, 1)
}

/** From then on the id is over, whether it came or not. True: it had a slot that counted. */
function endSlot({ now, slots, left }: Model, id: string): boolean {
  if (left.has(id)) return false
  left.set(id, now)
  const slot = slots.get(id)
  slots.delete(id)
  return slot !== undefined && slot.expires > now
}

/** What a crash takes where nothing is kept. */
export function modelForget(model: Model): void {
  model.holds.clear()
  model.bills.length = 0
  model.settled.clear()
  model.slots.clear()
  model.left.clear()
  model.admissions.length = 0
}

export function agrees(answer: Admitted, expected: { readonly ok: boolean; readonly ratesAfter?: number }): boolean {
  if (answer.ok || expected.ok) return answer.ok === expected.ok
  return expected.ratesAfter === undefined || answer.retryAfterMs === expected.ratesAfter
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

const id = fc.integer({ min: 0, max: 23 })
const tokens = fc.integer({ min: 0, max: 60 })
const life = fc.integer({ min: 1, max: 90_000 })
const amount = fc.bigInt({ min: 0n, max: 60n })

/** Steps of any kind; `over` bounds how far bills stray from their holds. */
export function stepsOf(over: fc.Arbitrary<bigint>): fc.Arbitrary<Step[]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('admit' as const),
        id,
        tokens,
        life,
        amount: fc.option(amount, { nil: undefined }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), id, tokens }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), id }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('hold' as const), id, amount, life }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), id }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('settle' as const), id, over }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constant(3_600_000)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  )
  return fc.array(step, { minLength: 1, maxLength: 50, size: 'max' })
}
