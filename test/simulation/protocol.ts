import { LAST_MESSAGE, TRIES, type Line, type Reply, type Step, type Tick } from './shards.ts'

/** One request: what it takes of each shard, that of its root first, and what it turns out to cost. */
export interface Job {
  readonly id: string
  /** Where it has a slot from before its holds until its end. */
  readonly gate: { readonly shard: string; readonly lines: readonly Line[] }
  readonly shards: readonly { readonly shard: string; readonly lines: readonly Line[] }[]
  readonly bill: number
  /** When its slot and its holds die. */
  readonly expires: Tick
}

/** What a request asks of the world: a step of the store, the time, or the answer of its upstream. `unknown`: nobody knows whether the step happened. */
export type Ask = { readonly step: Step } | 'time' | 'send'
export type Told = Reply | 'unknown' | Tick
export type Running = Generator<Ask, 'refused' | 'answered' | 'abandoned', Told>

/** What an instance does not do, for the simulation to notice. */
export interface Habits {
  /** Nothing is sent whose hold might not outlive the answer. */
  readonly looksAtTheClock: boolean
  /** What was taken of one shard is given back where the next has no room. */
  readonly givesBack: boolean
  /** It is given back until that is known to have happened. */
  readonly givesBackUntilKnown: boolean
  /** A step whose reply is missing is repeated under the same id. */
  readonly repeatsUnderOneId: boolean
}

export const GOOD: Habits = {
  looksAtTheClock: true,
  givesBack: true,
  givesBackUntilKnown: true,
  repeatsUnderOneId: true,
}

/** Ticks before its hold dies by which a request must have ended. */
export const MARGIN = 20

/** A request is let in, pays for its attempt and leaves. A slot is held and given back as money is. */
export function* serve(job: Job, habits: Habits): Running {
  const { id, gate, expires } = job
  const admitted = yield* twice({ do: 'hold', id, ...gate, expires }, habits)
  const outcome = admitted === 'ok' ? yield* pay(job, habits) : 'refused'
  yield* giveBack({ id, shards: [gate.shard], expires }, habits)
  return outcome
}

/** What may have been taken, until it is known to be given back or has died. */
function* giveBack(
  { id, shards, expires }: { readonly id: string; readonly shards: readonly string[]; readonly expires: Tick },
  habits: Habits,
): Generator<Ask, void, Told> {
  for (const shard of shards)
    for (let told: Told = 'unknown', now: Told = 0; told === 'unknown' && Number(now) < expires; now = yield 'time') {
      told = yield { step: { do: 'release', id, shard } }
      if (!habits.givesBackUntilKnown) break
    }
}

/**
 * How an instance pays for one attempt: room on every shard, one after the other, before a byte is sent; then the bill, first where its ledger is.
 * Written as a generator, so that whoever runs it decides what happens between two steps.
 */
function* pay({ id, shards, bill, expires }: Job, habits: Habits): Running {
  const taken: string[] = []
  for (const { shard, lines } of shards) {
    taken.push(shard)
    const reply = yield* twice({ do: 'hold', id, shard, lines, expires }, habits)
    if (reply === 'ok') continue
    // A step of which nobody knows whether it happened may have: it is given back like the others.
    if (habits.givesBack) yield* giveBack({ id, shards: taken, expires }, habits)
    return 'refused'
  }
  const before = yield 'time'
  if (habits.looksAtTheClock && typeof before === 'number' && before >= expires - MARGIN) {
    yield* giveBack({ id, shards: taken, expires }, habits)
    return 'refused'
  }
  yield 'send'
  const [root, ...others] = shards
  if (!root) return 'answered'
  const since = yield 'time'
  const began = typeof since === 'number' ? since : 0
  const booking = { do: 'settle', id, bill, notAfter: began + LAST_MESSAGE } as const
  const elsewhere = others.map(({ shard }) => shard)
  if (!(yield* booked({ ...booking, shard: root.shard, accounts: accountsOf(root), elsewhere }, began)))
    return 'abandoned'
  for (const other of others) yield* follow(other, { id, bill, root: root.shard, at: began })
  return 'answered'
}

interface Followed {
  readonly id: string
  readonly bill: number
  readonly root: string
  /** No later than when it was booked there: whoever comes too long after that might book it twice, and leaves it to be counted anew. */
  readonly at: Tick
}

/** Books on one more shard what is in the ledger of its root: by whoever booked it there, or by whoever finds it open. */
export function* follow(
  { shard, lines }: Job['shards'][number],
  { id, bill, root, at }: Followed,
): Generator<Ask, boolean, Told> {
  const since = yield 'time'
  const began = typeof since === 'number' ? since : 0
  if (began > at + LAST_MESSAGE) return false
  const accounts = accountsOf({ lines })
  const done = yield* booked(
    { do: 'settle', id, shard, bill, accounts, elsewhere: [], notAfter: began + LAST_MESSAGE },
    began,
  )
  if (done) yield { step: { do: 'confirm', id, shard: root, other: shard } }
  return done
}

function accountsOf({ lines }: { readonly lines: readonly Line[] }): readonly string[] {
  return lines.map(({ account }) => account)
}

function* twice(step: Step, { repeatsUnderOneId }: Habits): Generator<Ask, Told, Told> {
  const reply = yield { step }
  if (reply !== 'unknown') return reply
  return yield { step: repeatsUnderOneId ? step : { ...step, id: `${step.id}'` } }
}

/** Until it is known to be booked, or for as long as the store knows it again. */
function* booked(step: Extract<Step, { readonly do: 'settle' }>, began: Tick): Generator<Ask, boolean, Told> {
  for (;;) {
    const reply = yield { step }
    if (reply === 'ok') return true
    const now = yield 'time'
    if (reply === 'late' || (typeof now === 'number' && now > began + TRIES)) return false
  }
}
