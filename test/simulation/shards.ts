/** Where time stands in these simulations: whole ticks of the store's own clock. */
export type Tick = number

/** The room that one request takes on one account of a shard, and how much that account has. */
export interface Line {
  readonly account: string
  readonly amount: number
  readonly limit: number
}

/** What a store does in one atomic step on one shard: that of a budget tree's root, of a limit that crosses roots, or of those who are let in at one time. */
export type Step = { readonly id: string; readonly shard: string } & (
  | { readonly do: 'hold'; readonly lines: readonly Line[]; readonly expires: Tick }
  | { readonly do: 'release' }
  /** `elsewhere`: shards that are to book the same bill in steps of their own. `notAfter`: a message that arrives later is not carried out. */
  | {
      readonly do: 'settle'
      readonly bill: number
      readonly accounts: readonly string[]
      readonly elsewhere: readonly string[]
      readonly notAfter: Tick
    }
  /** One of `elsewhere` has booked it. */
  | { readonly do: 'confirm'; readonly other: string }
)

/** `late`: it came after its time and changed nothing. */
export type Reply = 'ok' | 'refused' | 'late'

interface Hold {
  readonly lines: readonly Line[]
  readonly expires: Tick
}

/** A row of the ledger, written in the step that books it. */
export interface Row {
  readonly id: string
  readonly bill: number
  readonly accounts: readonly string[]
  /** Shards that have not been seen to book it. */
  readonly open: Set<string>
  readonly at: Tick
  /** Its hold had expired: the room was another's by then. */
  readonly late: boolean
}

export interface Shard {
  readonly spent: Map<string, number>
  readonly holds: Map<string, Hold>
  /** Ids that are over, and until when they are remembered. */
  readonly over: Map<string, Tick>
  readonly rows: Row[]
}

/** What a store promises, and what becomes of it when it does not: the simulation has to notice each. */
export interface Promises {
  /** Ticks for which a step that is over is known again. */
  readonly remembered: number
  /** A hold is taken for all lines or for none. */
  readonly allOrNothing: boolean
  /** What gives back is known again also where it found nothing. */
  readonly marksUnknown: boolean
  /** Of what has expired nothing counts. */
  readonly expires: boolean
  /** A settled row keeps which shards are still to book it. */
  readonly keepsOpen: boolean
  /** A late message is not carried out. */
  readonly heedsNotAfter: boolean
}

/** The longest that an instance tries to have a bill booked, in ticks; after that it is an event, and the ledger is mended from the log. */
export const TRIES = 200
/** Ticks from a settlement's first message to the last that the store carries out. */
export const LAST_MESSAGE = TRIES + 50

export const KEPT: Promises = {
  // Long enough for whoever begins to book it elsewhere at the last moment at which one may.
  remembered: 2 * LAST_MESSAGE + 1,
  allOrNothing: true,
  marksUnknown: true,
  expires: true,
  keepsOpen: true,
  heedsNotAfter: true,
}

export function createShard(): Shard {
  return { spent: new Map(), holds: new Map(), over: new Map(), rows: [] }
}

/** Room that is held now. */
function heldOf({ holds }: Shard, account: string, now: Tick): number {
  let held = 0
  for (const { lines, expires } of holds.values())
    if (expires > now) for (const line of lines) if (line.account === account) held += line.amount
  return held
}

/** One atomic step. */
export function apply(shard: Shard, step: Step, { now, promises }: { now: Tick; promises: Promises }): Reply {
  forget(shard, now, promises)
  switch (step.do) {
    case 'hold':
      return hold(shard, step, { now, promises })
    case 'release':
      if (shard.holds.delete(step.id) || promises.marksUnknown) shard.over.set(step.id, now + promises.remembered)
      return 'ok'
    case 'settle':
      return settle(shard, step, { now, promises })
    case 'confirm':
      for (const row of shard.rows) if (row.id === step.id) row.open.delete(step.other)
      return 'ok'
  }
}

function forget({ holds, over }: Shard, now: Tick, { expires }: Promises): void {
  if (expires) for (const [id, hold] of holds) if (hold.expires <= now) holds.delete(id)
  for (const [id, until] of over) if (until <= now) over.delete(id)
}

type Of<Name extends Step['do']> = Extract<Step, { readonly do: Name }>
interface At {
  readonly now: Tick
  readonly promises: Promises
}

function hold(shard: Shard, { id, lines, expires }: Of<'hold'>, { now, promises }: At): Reply {
  if (shard.holds.has(id)) return 'ok'
  // A message that took its time: who sent it has given up, or is done.
  if (shard.over.has(id) || expires <= now) return 'late'
  const room = ({ account, amount, limit }: Line): boolean =>
    (shard.spent.get(account) ?? 0) + heldOf(shard, account, promises.expires ? now : 0) + amount <= limit
  const fitting = lines.filter(room)
  if (fitting.length < lines.length && (promises.allOrNothing || fitting.length === 0)) return 'refused'
  shard.holds.set(id, { lines: fitting, expires })
  return 'ok'
}

function settle(shard: Shard, step: Of<'settle'>, { now, promises }: At): Reply {
  const { id, bill, accounts, elsewhere, notAfter } = step
  if (shard.over.has(id)) return 'ok'
  if (promises.heedsNotAfter && now > notAfter) return 'late'
  const late = !shard.holds.has(id)
  shard.holds.delete(id)
  for (const account of accounts) shard.spent.set(account, (shard.spent.get(account) ?? 0) + bill)
  shard.over.set(id, now + promises.remembered)
  shard.rows.push({ id, bill, accounts, open: new Set(promises.keepsOpen ? elsewhere : []), at: now, late })
  return 'ok'
}
