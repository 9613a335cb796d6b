import { isObject } from '#src/core/json.ts'
import type { Difference, LedgerRow, OpenQuery } from '#src/core/ledger.ts'
import type { Keepsake, StateStore, StepId } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'

/** The object that knows all shards, and the one of all notes. */
export const INDEX = 'index'
const NOTES = 'notes'

/** Shards that one page of ledgers or of open rows looks at: a request may ask no more than a thousand objects. */
const MOST_SHARDS = 32

/** Shards of which one at least has rows that are to be forgotten, or it is enough: every instance asks for that now and then. */
const MOST_TRIMMED = 8

/** Names of shards in one answer of the index. */
const PAGE = 1000

type Promised<Method> = Method extends (...asked: infer Asked) => infer Answer
  ? (...asked: Asked) => Promise<Awaited<Answer>>
  : never

/** Steps that one object takes by itself. */
export type Steps = Omit<StateStore, 'open' | 'durable' | 'close'>

/** Open rows of a shard. */
export interface OpenRows {
  readonly rows: readonly LedgerRow[]
  /** It has others, or may at once. */
  readonly more: boolean
}

/** By its name, and the mark of its last registration. */
export type Shard = readonly [name: string, mark: number]

/** The least name that comes after these. */
export function afterLast(shards: readonly Shard[]): string {
  return `${shards.at(-1)?.[0] ?? ''}\0`
}

export interface ShardQuery {
  /** `open`: those alone which may have open rows. */
  readonly of: 'all' | 'open'
  /** By name, from that one on; absent: those that come after the ones which the last such question had, all in turn. */
  readonly from?: string
  readonly most: number
}

/** The index of shards that have a ledger. */
export interface ShardIndex {
  /** `open`: it may have open rows from now on. */
  register(shard: string, open: boolean): Promise<void>
  /** It has no open rows, unless it was registered again since that mark. */
  closed(shard: string, mark: number): Promise<void>
  shards(query: ShardQuery): Promise<readonly Shard[]>
  /** The next such question about all goes on with that one. */
  again(shard: string): Promise<void>
}

/** The stub of one object: a shard's, that of an owner's keepsakes, of all notes, or the index. */
export type StateObject = { readonly [Name in keyof Steps]: Promised<Steps[Name]> } & ShardIndex & {
    openRows(query: OpenQuery): Promise<OpenRows>
  }

/** A binding of the class `TuttiState`. */
export interface StateNamespace {
  getByName(name: string): StateObject
}

type Ask<Answer> = (object: StateObject) => Promise<Answer>
/** `once`: what is not known again when it is repeated. */
type At = <Answer>(name: string, ask: Ask<Answer>, once?: 'once') => Promise<Answer>

/**
 * State in Durable Objects (docs/state.md): one for each shard, so that a step on a tree of budgets is one message to one object. A step's time is
 * that of the object. Rejects with `StateUnavailable` where an object cannot be asked.
 */
export function createDurableStore(namespace: StateNamespace): StateStore {
  // What a stub does belongs to the request that asked for it, and a stub that has failed stays so: each call has its own.
  const at: At = async (name, ask, once) => {
    try {
      return await ask(namespace.getByName(name)).catch((error: unknown) => {
        if (!once && mayRepeat(error)) return ask(namespace.getByName(name))
        throw error
      })
    } catch (cause) {
      throw new StateUnavailable('TUTTI_STATE', 'one of its objects could not be asked; ask again', { cause })
    }
  }
  return { ...onShards(at), ...acrossShards(at), ...ofOwners(at), ...ofNotes(at), durable: true, close() {} }
}

/** Of what a worker has under a name; undefined: it is no namespace of such objects. */
export function stateOf(binding: unknown): StateStore | undefined {
  return isNamespace(binding) ? createDurableStore(binding) : undefined
}

function isNamespace(binding: unknown): binding is StateNamespace {
  return isObject(binding) && typeof binding['getByName'] === 'function'
}

/** Steps have ids: one that may have happened is repeated. An object with too much to do is not asked to do more. */
function mayRepeat(error: unknown): boolean {
  if (!isObject(error) || error['overloaded'] === true) return false
  return error['retryable'] === true || error['durableObjectReset'] === true
}

type OnShards = 'admit' | 'leave' | 'withdraw' | 'hold' | 'release' | 'settle' | 'confirm' | 'forgotten' | 'spend'

function onShards(at: At): Pick<StateStore, OnShards> {
  const on = <Answer>({ shard }: Pick<StepId, 'shard'>, ask: Ask<Answer>): Promise<Answer> => at(`shard/${shard}`, ask)
  return {
    admit: (admission) => on(admission, (object) => object.admit(admission)),
    leave: (step, tokens, now) => on(step, (object) => object.leave(step, tokens, now)),
    withdraw: (step, now) => on(step, (object) => object.withdraw(step, now)),
    hold: (request) => on(request, (object) => object.hold(request)),
    release: (step, now) => on(step, (object) => object.release(step, now)),
    settle: (settlement) => on(settlement, (object) => object.settle(settlement)),
    confirm: (step, other) => on(step, (object) => object.confirm(step, other)),
    forgotten: (shard) => on({ shard }, (object) => object.forgotten(shard)),
    spend: (of, now) => on(of, (object) => object.spend(of, now)),
  }
}

/** What is asked of all shards that have a ledger, one after the other in the order of their names. */
function acrossShards(at: At): Pick<StateStore, 'open' | 'ledger' | 'audit' | 'trim'> {
  const onIndex = <Answer>(ask: Ask<Answer>): Promise<Answer> => at(INDEX, ask)
  const on = <Answer>(shard: string, ask: Ask<Answer>): Promise<Answer> => at(`shard/${shard}`, ask)

  async function* allShards(): AsyncGenerator<string> {
    let from = ''
    for (;;) {
      const page = await onIndex((index) => index.shards({ of: 'all', from, most: PAGE }))
      for (const [shard] of page) yield shard
      if (page.length < PAGE) return
      from = afterLast(page)
    }
  }

  return {
    async open({ most, ...span }) {
      const rows: LedgerRow[] = []
      const shards = await onIndex((index) => index.shards({ of: 'open', most: MOST_SHARDS }))
      for (const [shard, mark] of shards) {
        const found = await on(shard, (object) => object.openRows({ ...span, most: most - rows.length }))
        rows.push(...found.rows)
        if (!found.more) await onIndex((index) => index.closed(shard, mark))
        if (rows.length >= most) break
      }
      return rows
    },
    async ledger(query) {
      const begin = readCursor(query.cursor)
      const shards = await onIndex((index) => index.shards({ of: 'all', from: begin.shard, most: MOST_SHARDS + 1 }))
      const rows: LedgerRow[] = []
      for (const [visited, [shard]] of shards.entries()) {
        if (visited === MOST_SHARDS || rows.length >= query.most) return { rows, cursor: writeCursor({ shard }) }
        const { cursor: _, ...asked } = query
        const inner = shard === begin.shard ? begin.inner : undefined
        const page = await on(shard, (object) =>
          object.ledger({ ...asked, most: query.most - rows.length, ...(inner !== undefined && { cursor: inner }) }),
        )
        rows.push(...page.rows)
        if (page.cursor !== undefined) return { rows, cursor: writeCursor({ shard, inner: page.cursor }) }
      }
      return { rows }
    },
    async audit(repair) {
      const found: Difference[] = []
      for await (const shard of allShards()) found.push(...(await on(shard, (object) => object.audit(repair))))
      return found
    },
    async trim(before, most) {
      let gone = 0
      for (let had = -1; gone > had;) {
        had = gone
        for (const [shard] of await onIndex((index) => index.shards({ of: 'all', most: MOST_TRIMMED }))) {
          gone += await on(shard, (object) => object.trim(before, most - gone))
          if (gone < most) continue
          await onIndex((index) => index.again(shard))
          return gone
        }
      }
      return gone
    },
  }
}

/** Where a page of the ledger begins: in a shard after what its own cursor says, and goes on with the shards that follow. */
interface Cursor {
  readonly shard: string
  readonly inner?: string
}

function writeCursor({ shard, inner = '' }: Cursor): string {
  return `${encodeURIComponent(shard)}/${inner}`
}

function readCursor(text = ''): Cursor {
  const [shard = '', inner = ''] = text.split('/', 2)
  return { shard: decodeURIComponent(shard), ...(inner !== '' && { inner }) }
}

/** An owner's are in one object of their own. */
function ownerOf({ owner }: Pick<Keepsake, 'owner'>): string {
  return `owner/${owner}`
}

function ofOwners(at: At): Pick<StateStore, 'keep' | 'recall' | 'forget' | 'claim'> {
  return {
    async keep(keepsakes, now) {
      for (const [owner, own] of Map.groupBy(keepsakes, ({ owner }) => owner))
        await at(ownerOf({ owner }), (object) => object.keep(own, now))
    },
    recall: (recall) => at(ownerOf(recall), (object) => object.recall(recall)),
    forget: (key) => at(ownerOf(key), (object) => object.forget(key), 'once'),
    claim: (keepsake, now) => at(ownerOf(keepsake), (object) => object.claim(keepsake, now), 'once'),
  }
}

function ofNotes(at: At): Pick<StateStore, 'notes' | 'note' | 'write' | 'erase'> {
  return {
    notes: (kind) => at(NOTES, (object) => object.notes(kind)),
    note: (kind, name) => at(NOTES, (object) => object.note(kind, name)),
    write: (kind, name, value) => at(NOTES, (object) => object.write(kind, name, value)),
    erase: (kind, name) => at(NOTES, (object) => object.erase(kind, name), 'once'),
  }
}
