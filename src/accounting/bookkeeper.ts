import type { Clock } from '#src/core/clock.ts'
import { isComing, type Done } from '#src/core/done.ts'
import type { Elsewhere, LedgerRow, Paid } from '#src/core/ledger.ts'
import type { NanoUsd } from '#src/core/money.ts'
import { LAST_MESSAGE_MS, type Settled, type StateStore, type StepId } from '#src/core/state-store.ts'
import { createGiveBack, type GiveBack } from './give-back.ts'

/** One attempt's bill, and where it is booked: first where its ledger is. */
export interface Booking {
  readonly id: string
  readonly root: Elsewhere
  readonly elsewhere: readonly Elsewhere[]
  readonly bill: NanoUsd
  readonly paid: Paid
  /** Is asked once it is booked on all its shards, and again for as long as it rejects. */
  readonly whole?: (() => Promise<void>) | undefined
}

/** Carries steps out until it is known that they happened, as the protocol of docs/state.md has it. */
export interface Bookkeeper {
  /** Done when it is booked, or when the first try failed: `rest` gets what goes on then. Never rejects. */
  book(booking: Booking, rest: (work: Promise<void>) => void): Done
  readonly giveBack: GiveBack
  /** Tries nothing again from here on: what is not booked is lost, what is not given back expires. For a program that is to end. */
  giveUp(): void
}

interface Options {
  readonly store: StateStore
  readonly clock: Clock
  /** What one request waits for ends with that request. */
  readonly isolated: boolean
  /** ms for which rows are kept; undefined: for ever. */
  keepFor(): number | undefined
  /** A bill could not be booked on that shard in all the time there is: whoever counts the log finds it. */
  lost(id: string, shard: string): void
}

/** ms for which a booking is tried. */
const TRIES_MS = 240_000
/** ms between two tries. */
const PAUSE_MS = 1000
/** ms between two looks at what others left open. */
const LOOK_EVERY_MS = 30_000
/** ms for which whoever booked a row is left to book it elsewhere too. */
const LEFT_MS = 10_000
/** Rows that one look takes up. */
const MOST_OPEN = 100
/** Rows that one step forgets. */
const MOST_TRIMMED = 500

/** Bills of one gateway. */
export function createBookkeeper({ store, clock, isolated, keepFor, lost }: Options): Bookkeeper {
  let lookedAt = clock.now()
  const tries = { over: false }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

  /** undefined: nobody knows whether it happened. */
  function once<Answer>(step: () => Answer | Promise<Answer>): Answer | undefined | Promise<Answer | undefined> {
    try {
      const answer = step()
      return isComing(answer) ? Promise.resolve(answer).catch(() => undefined) : answer
    } catch {
      return undefined
    }
  }

  async function untilKnown<Answer>(step: () => Answer | Promise<Answer>): Promise<Answer | undefined> {
    for (const began = clock.now(); clock.now() <= began + TRIES_MS && !tries.over;) {
      const answer = await once(step)
      if (answer !== undefined) return answer
      await pause(PAUSE_MS)
    }
    return undefined
  }

  async function untilBooked(step: Omit<Parameters<StateStore['settle']>[0], 'now'>): Promise<boolean> {
    return (await untilKnown(() => store.settle({ ...step, now: clock.now() }))) === 'booked'
  }

  /** Books on one more shard what is in the ledger of its root, unless that is so old that it may have been forgotten there. */
  async function follow(other: Elsewhere, of: StepId & Pick<LedgerRow, 'bill' | 'at'>): Promise<void> {
    const began = clock.now()
    const step = { id: of.id, ...other, bill: of.bill, notAfter: began + LAST_MESSAGE_MS }
    const inTime = began <= of.at + LAST_MESSAGE_MS
    if (!inTime || !(await untilBooked(step))) return lost(of.id, other.shard)
    try {
      await store.confirm(of, other.shard)
    } catch {
      // It stays open: whoever looks finds that it is booked.
    }
  }

  async function followAll(others: readonly Elsewhere[], of: StepId & Pick<LedgerRow, 'bill' | 'at'>): Promise<void> {
    for (const other of others) await follow(other, of)
  }

  /** What need not be kept any more, until none is left: a little a step, and whatever else waits comes between two. */
  async function trim(now: number): Promise<void> {
    const kept = keepFor()
    if (kept === undefined) return
    while (!tries.over && (await store.trim(now - kept, MOST_TRIMMED)) === MOST_TRIMMED) {
      lookedAt = clock.now()
      await pause(0)
    }
  }

  /** What an instance that died left open, while it is known elsewhere if it was booked there. */
  async function takeUp(now: number): Promise<void> {
    const rows = await store.open({ from: now - LAST_MESSAGE_MS, to: now - LEFT_MS, most: MOST_OPEN })
    for (const row of rows) await followAll(row.open, row)
  }

  /** Neither waits for the other; where one fails the next look comes. */
  async function look(now: number): Promise<void> {
    lookedAt = now
    await Promise.allSettled([trim(now), takeUp(now)])
  }

  return {
    book({ id, root, elsewhere, bill, paid, whole }, rest) {
      const at = clock.now()
      const step = { id, ...root, bill, paid, elsewhere, notAfter: at + LAST_MESSAGE_MS }
      const finish = async (): Promise<void> => {
        await followAll(elsewhere, { id, shard: root.shard, bill, at })
        if (whole) await untilKnown(() => whole().then(() => true))
      }
      const goOn = (settled: Settled | undefined): void => {
        if (settled === undefined) rest(untilBooked(step).then((booked) => (booked ? finish() : lost(id, root.shard))))
        else if (settled === 'late') lost(id, root.shard)
        else if (elsewhere.length > 0 || whole) rest(finish())
        if (at - lookedAt >= LOOK_EVERY_MS) rest(look(at))
      }
      const settled = once(() => store.settle({ ...step, now: at }))
      if (isComing(settled)) return settled.then(goOn)
      goOn(settled)
      return undefined
    },
    giveUp() {
      tries.over = true
    },
    giveBack: createGiveBack({ store, clock, isolated, over: () => tries.over }),
  }
}
