import { DurableObject } from 'cloudflare:workers'
import type { Difference, LedgerPage, LedgerQuery, OpenQuery } from '#src/core/ledger.ts'
import { LAST_MESSAGE_MS } from '#src/core/state-store.ts'
import type {
  Admission,
  Admitted,
  Held,
  HoldRequest,
  Keepsake,
  KeepsakeKey,
  NoteKind,
  Recall,
  Settled,
  Settlement,
  Spend,
  StepId,
} from '#src/core/state-store.ts'
import { exportRows, type LedgerQueue } from './durable-export.ts'
import { durableSql, type DurableStorage } from './durable-sql.ts'
import {
  afterLast,
  createDurableStore,
  INDEX,
  type OpenRows,
  type Shard,
  type ShardQuery,
  type StateNamespace,
  type StateObject,
} from './durable-store.ts'
import { LEASES_MOVE, SCHEMA, SCHEMA_VERSION } from './sql-schema.ts'
import { createSqlStore, type SqlStore } from './sql-store.ts'

/** ms from a write to the sweep after it: what has expired counts for nothing before that too. */
const SWEEP_AFTER = 600_000
/** ms for which rows of the ledger are gathered before a queue is given them. */
const EXPORT_AFTER = 1000
/** ms after which a queue that took nothing is tried again. */
const EXPORT_AGAIN = 30_000

/** ms for which whoever booked a row is left to book it elsewhere too. */
const FOLLOW_AFTER = 15_000
/** Rows that are looked at for that. */
const MOST_OPEN = 1000

/** Which tables an object has. */
const SCHEMA_KEY = 'schema'
/** Of a shard: the index knows it, and that it may have open rows. */
const KNOWN = 'known'
const OPEN = 'open'
/** Of the index: how often a shard was registered. */
const MARK = 'mark'

interface Context {
  readonly id: { readonly name: string }
  readonly storage: DurableStorage
  blockConcurrencyWhile<Result>(run: () => Promise<Result>): Promise<Result>
  /** Whoever calls is told the reason. */
  abort(reason: string): void
}

export interface StateBindings {
  readonly TUTTI_STATE: StateNamespace
  /** A queue that takes each row of the ledgers; absent: none does. */
  readonly TUTTI_LEDGER?: LedgerQueue
}

/**
 * One object of the state on Workers: a shard, an owner's keepsakes, all notes, or the index of shards, as its name says. Each method is one step: between
 * what it reads and what it writes nothing else happens. Its clock is the object's.
 */
export class TuttiState extends DurableObject<Context, StateBindings> implements StateObject {
  readonly #store: SqlStore
  /** What an object notes of itself: the index its shards, a shard what the index knows of it. */
  readonly #kept: DurableStorage['kv']
  /** When it wakes by itself, in ms since 1970; undefined: not at all. */
  #wakes: number | undefined
  /** Settlements that wait for the index. */
  #announcing = 0

  constructor(ctx: Context, env: StateBindings) {
    super(ctx, env)
    this.#kept = ctx.storage.kv
    prepareTables(ctx.storage)
    this.#store = createSqlStore(durableSql(ctx.storage))
    void ctx.blockConcurrencyWhile(async () => {
      this.#wakes = (await ctx.storage.getAlarm()) ?? undefined
    })
  }

  async admit(admission: Admission): Promise<Admitted> {
    return this.#change(() => this.#store.admit({ ...admission, now: this.clock(admission.now) }))
  }

  async leave(step: StepId, tokens: number, now: number): Promise<void> {
    this.#change(() => this.#store.leave(step, tokens, this.clock(now)))
  }

  async withdraw(step: StepId, now: number): Promise<void> {
    this.#change(() => this.#store.withdraw(step, this.clock(now)))
  }

  async hold(request: HoldRequest): Promise<Held> {
    return this.#change(() => this.#store.hold({ ...request, now: this.clock(request.now) }))
  }

  async release(step: StepId, now: number): Promise<void> {
    this.#change(() => this.#store.release(step, this.clock(now)))
  }

  async settle(settlement: Settlement): Promise<Settled> {
    const open = settlement.elsewhere !== undefined && settlement.elsewhere.length > 0
    const known = open ? OPEN : KNOWN
    const told = this.#kept.get(known) === true
    // What the index knows is not waited for: until the step is taken nothing else happens here.
    if (!told) await this.#announce(settlement.shard, open)
    const wakeAfter = Math.min(open ? FOLLOW_AFTER : SWEEP_AFTER, this.env.TUTTI_LEDGER ? EXPORT_AFTER : SWEEP_AFTER)
    return this.#change(() => {
      if (!told) this.#kept.put(known, true)
      return this.#store.settle({ ...settlement, now: this.clock(settlement.now) })
    }, wakeAfter)
  }

  async confirm(step: StepId, other: string): Promise<void> {
    this.#store.confirm(step, other)
  }

  async openRows(query: OpenQuery): Promise<OpenRows> {
    const rows = this.#store.open(query)
    const more = this.#announcing > 0 || this.#store.open({ most: 1 }).length > 0
    if (!more) this.#kept.delete(OPEN)
    return { rows, more }
  }

  async ledger(query: LedgerQuery): Promise<LedgerPage> {
    return this.#store.ledger(query)
  }

  async audit(repair: boolean): Promise<readonly Difference[]> {
    return this.#store.audit(repair)
  }

  /** What the queue has not taken yet stays. */
  async trim(before: number, most: number): Promise<number> {
    await this.#export()
    return this.#store.trim(before, most)
  }

  async forgotten(shard: string): Promise<number> {
    return this.#store.forgotten(shard)
  }

  async spend(of: Pick<Settlement, 'shard' | 'lines'>, now: number): Promise<readonly Spend[]> {
    return this.#store.spend(of, this.clock(now))
  }

  async keep(keepsakes: readonly Keepsake[], now: number): Promise<void> {
    this.#change(() => this.#store.keep(keepsakes, this.clock(now)))
  }

  async recall(recall: Recall): Promise<ReadonlyMap<string, string>> {
    return this.#store.recall({ ...recall, now: this.clock(recall.now) })
  }

  async forget(key: KeepsakeKey): Promise<boolean> {
    return this.#store.forget(key)
  }

  async claim(keepsake: Keepsake, now: number): Promise<string | undefined> {
    return this.#change(() => this.#store.claim(keepsake, this.clock(now)))
  }

  async notes(kind: NoteKind): Promise<ReadonlyMap<string, string>> {
    return this.#store.notes(kind)
  }

  async note(kind: NoteKind, name: string): Promise<string | undefined> {
    return this.#store.note(kind, name)
  }

  async write(kind: NoteKind, name: string, value: string): Promise<void> {
    this.#store.write(kind, name, value)
  }

  async erase(kind: NoteKind, name: string): Promise<boolean> {
    return this.#store.erase(kind, name)
  }

  async register(shard: string, open: boolean): Promise<void> {
    const mark = Number(this.#kept.get(MARK) ?? 0) + 1
    this.#kept.put(MARK, mark)
    this.#kept.put(`all/${shard}`, mark)
    if (open) this.#kept.put(`open/${shard}`, mark)
  }

  async closed(shard: string, mark: number): Promise<void> {
    if (this.#kept.get(`open/${shard}`) === mark) this.#kept.delete(`open/${shard}`)
  }

  async shards({ of, from, most }: ShardQuery): Promise<readonly Shard[]> {
    const [prefix, turn] = [`${of}/`, `turn/${of}`]
    const start = prefix + (from ?? String(this.#kept.get(turn) ?? ''))
    const found = Array.from(this.#kept.list({ prefix, start, limit: most }), ([name, mark]): Shard => [
      name.slice(prefix.length),
      Number(mark),
    ])
    if (from === undefined) this.#kept.put(turn, found.length < most ? '' : afterLast(found))
    return found
  }

  async again(shard: string): Promise<void> {
    this.#kept.put('turn/all', shard)
  }

  /** By the runtime, at least once for each time that was set. */
  async alarm(): Promise<void> {
    this.#wakes = undefined
    const next = this.#store.sweep(this.clock(Date.now()))
    if (next !== undefined) this.#wakeBy(Math.max(next, Date.now() + SWEEP_AFTER))
    await this.#orLater(FOLLOW_AFTER, () => this.#follow())
    await this.#orLater(EXPORT_AGAIN, () => this.#export())
  }

  /** The time by which things expire. What a caller gives is for tests. */
  protected clock(_given: number): number {
    return Date.now()
  }

  /** A step that leaves behind what expires, or what a queue is to take. */
  #change<Answer>(step: () => Answer, wakeAfter = SWEEP_AFTER): Answer {
    const answer = step()
    this.#wakeBy(Date.now() + wakeAfter)
    return answer
  }

  #wakeBy(at: number): void {
    if (this.#wakes !== undefined && this.#wakes <= at) return
    this.#wakes = at
    // Without waiting, so that it is written with the step or not at all; no answer leaves before.
    void this.ctx.storage.setAlarm(at)
  }

  /** The index is told of a shard before its ledger has a row, and before it has one that is open elsewhere: it may know too many, never too few. */
  async #announce(shard: string, open: boolean): Promise<void> {
    this.#announcing++
    try {
      await this.env.TUTTI_STATE.getByName(INDEX).register(shard, open)
    } finally {
      this.#announcing--
    }
  }

  /** What fails is tried again after so many ms. */
  async #orLater(ms: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch {
      this.#wakeBy(Date.now() + ms)
    }
  }

  /** Books on other shards what whoever booked it here left open, for as long as it is known there if it was booked. */
  async #follow(): Promise<void> {
    const now = this.clock(Date.now())
    const store = createDurableStore(this.env.TUTTI_STATE)
    for (const row of this.#store.open({ from: now - LAST_MESSAGE_MS, most: MOST_OPEN })) {
      const { id, shard, at, bill, open } = row
      if (at > now - FOLLOW_AFTER) this.#wakeBy(Date.now() + FOLLOW_AFTER)
      else
        for (const other of open) {
          await store.settle({ id, ...other, bill, now, notAfter: now + LAST_MESSAGE_MS })
          this.#store.confirm({ id, shard }, other.shard)
        }
    }
  }

  async #export(): Promise<void> {
    const queue = this.env.TUTTI_LEDGER
    if (queue) await exportRows(this.#store, this.#kept, queue)
  }
}

/** What an object of an older version lacks. */
const LATER: ReadonlyMap<unknown, string> = new Map([
  [undefined, SCHEMA],
  [5, LEASES_MOVE],
])

/** Throws in an object that a newer version wrote. */
function prepareTables(storage: DurableStorage): void {
  const version = storage.kv.get(SCHEMA_KEY)
  if (version === SCHEMA_VERSION) return
  const lacking = LATER.get(version)
  if (lacking === undefined)
    throw new Error(
      `this object has state of schema ${Number(version)}; this version reads ${SCHEMA_VERSION}: deploy the tutti that wrote it`,
    )
  storage.transactionSync(() => {
    storage.sql.exec(lacking)
    storage.kv.put(SCHEMA_KEY, SCHEMA_VERSION)
  })
}
