import { DurableObject } from 'cloudflare:workers'
import type { Difference, LedgerPage, LedgerQuery } from '#src/core/ledger.ts'
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
import { INDEX, type OpenRows, type ShardQuery, type StateNamespace, type StateObject } from './durable-store.ts'
import { SCHEMA, SCHEMA_VERSION } from './sql-schema.ts'
import { createSqlStore, type SqlStore } from './sql-store.ts'

/** ms from a write to the sweep after it: what has expired counts for nothing before that too. */
const SWEEP_AFTER = 600_000
/** ms for which rows of the ledger are gathered before a queue is given them. */
const EXPORT_AFTER = 1000
/** ms after which a queue that took nothing is tried again. */
const EXPORT_AGAIN = 30_000

/** Of a shard: since when it may have open rows, as the index counts; of the index: how far it has counted. */
const MARK = 'mark'
/** Which tables an object has. */
const SCHEMA_KEY = 'schema'
/** The index knows this shard. */
const KNOWN = 'known'

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
    const mark = await this.#announce(settlement)
    return this.#change(
      () => {
        if (mark !== undefined) this.#kept.put(MARK, Math.max(mark, Number(this.#kept.get(MARK) ?? 0)))
        return this.#store.settle({ ...settlement, now: this.clock(settlement.now) })
      },
      this.env.TUTTI_LEDGER ? EXPORT_AFTER : SWEEP_AFTER,
    )
  }

  async confirm(step: StepId, other: string): Promise<void> {
    this.#store.confirm(step, other)
  }

  async openRows(before: number, most: number): Promise<OpenRows> {
    const rows = this.#store.open(before, most)
    const mark = this.#kept.get(MARK)
    if (typeof mark !== 'number' || this.#store.open(Number.POSITIVE_INFINITY, 1).length > 0) return { rows }
    this.#kept.delete(MARK)
    return { rows, closed: mark }
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

  async register(shard: string, open: boolean): Promise<number> {
    const mark = Number(this.#kept.get(MARK) ?? 0) + 1
    this.#kept.put(MARK, mark)
    this.#kept.put(`all/${shard}`, mark)
    if (open) this.#kept.put(`open/${shard}`, mark)
    return mark
  }

  async closed(shard: string, mark: number): Promise<void> {
    if (this.#kept.get(`open/${shard}`) === mark) this.#kept.delete(`open/${shard}`)
  }

  async shards({ of, from, most }: ShardQuery): Promise<readonly string[]> {
    const prefix = `${of}/`
    const found = this.#kept.list({ prefix, start: prefix + from, limit: most })
    return Array.from(found, ([name]) => name.slice(prefix.length))
  }

  /** By the runtime, at least once for each time that was set. */
  async alarm(): Promise<void> {
    this.#wakes = undefined
    const next = this.#store.sweep(this.clock(Date.now()))
    if (next !== undefined) this.#wakeBy(Math.max(next, Date.now() + SWEEP_AFTER))
    try {
      await this.#export()
    } catch {
      // The rows stay where they are.
      this.#wakeBy(Date.now() + EXPORT_AGAIN)
    }
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
  async #announce({ shard, elsewhere = [] }: Settlement): Promise<number | undefined> {
    const open = elsewhere.length > 0
    if (this.#kept.get(open ? MARK : KNOWN) !== undefined) return undefined
    const mark = await this.env.TUTTI_STATE.getByName(INDEX).register(shard, open)
    this.#kept.put(KNOWN, true)
    return open ? mark : undefined
  }

  async #export(): Promise<void> {
    const queue = this.env.TUTTI_LEDGER
    if (queue) await exportRows(this.#store, this.#kept, queue)
  }
}

/** Throws in an object that a newer version wrote. */
function prepareTables(storage: DurableStorage): void {
  const version = storage.kv.get(SCHEMA_KEY)
  if (version === SCHEMA_VERSION) return
  if (version !== undefined)
    throw new Error(
      `this object has state of schema ${Number(version)}; this version reads ${SCHEMA_VERSION}: deploy the tutti that wrote it`,
    )
  storage.transactionSync(() => {
    storage.sql.exec(SCHEMA)
    storage.kv.put(SCHEMA_KEY, SCHEMA_VERSION)
  })
}
