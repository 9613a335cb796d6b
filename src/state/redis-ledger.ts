import { parseJson } from '#src/core/json.ts'
import type { Difference, LedgerPage, LedgerQuery, LedgerRow } from '#src/core/ledger.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { differences, type Sum } from './audit.ts'
import type { Argument } from './redis-connection.ts'
import { FOREVER } from './redis-budgets.ts'
import type { Done, RedisClient, Step } from './redis-client.ts'
import type { Keys } from './redis-keys.ts'
import { CONFIRM, FORGOTTEN, MEND, OPEN_ROWS, PAGE, TALLY, TRIM } from './redis-ledger-scripts.ts'
import { listOf, textOf, type Reply } from './redis-reply.ts'
import { rowOf, sumsOf, type StreamRow } from './redis-rows.ts'
import type { Script } from './redis-script.ts'

/** Rows, or shards, that one step reads or forgets: it must not keep others waiting. */
const CHUNK = 500

/** Times that an audit of a shard begins anew, because rows were forgotten or accounts mended meanwhile. */
const AUDITS = 5

type Ledger = Pick<StateStore, 'confirm' | 'open' | 'ledger' | 'audit' | 'trim' | 'forgotten'>

/** The ledger in Redis: a stream for each shard. Times of its rows are the server's: all who read it read the same. */
export function createRedisLedger(client: RedisClient, keys: Keys): Ledger {
  const stepOn = (shard: string, script: Script, args: Step['args']): Promise<Done> =>
    client.step({ script, shard, keys: keys.money(shard), args: (times) => ['', ...args(times)] })

  async function run(script: Script, shard: string, args: readonly Argument[]): Promise<readonly Reply[]> {
    return (await stepOn(shard, script, () => args)).reply
  }

  /** Names of shards from one on, in alphabetical order. */
  async function* shardsOf(key: string, from = ''): AsyncGenerator<string> {
    let least = `[${from}`
    for (;;) {
      const found = listOf(await client.command('zrangebylex', [key, least, '+', 'LIMIT', 0, CHUNK])).map(textOf)
      yield* found
      if (found.length < CHUNK) return
      least = `(${found.at(-1)}`
    }
  }

  /** Rows of a shard, a chunk at a time. `trims`: how often rows had been forgotten. */
  async function* pagesOf(shard: string, range: Range): AsyncGenerator<{ rows: readonly StreamRow[]; trims: string }> {
    let { from } = range
    for (;;) {
      const [trims, found] = await run(PAGE, shard, [from, range.to, CHUNK])
      const rows = listOf(found).map((row) => rowOf(row, shard))
      yield { rows, trims: textOf(trims) }
      if (rows.length < CHUNK) return
      from = `(${rows.at(-1)?.at}`
    }
  }

  async function auditShard(shard: string, repair: boolean): Promise<readonly Difference[]> {
    for (let tries = 0; tries < AUDITS; tries++) {
      const [last, trims, counted, carried] = await run(TALLY, shard, [])
      const sums = await addUp(pagesOf(shard, { from: '-', to: textOf(last) || '-' }), textOf(trims))
      if (sums === undefined) continue
      const found = differences(sumsOf(counted), [...sumsOf(carried), ...sums])
      if (!repair || found.length === 0) return found
      const [again] = await run(MEND, shard, [`mend-${crypto.randomUUID()}`, textOf(trims), ...found.flatMap(mendOf)])
      if (again === undefined) return found
    }
    throw new StateUnavailable(
      `shard \`${shard}\``,
      'its ledger is being forgotten while it is added up: ask again when that is done',
    )
  }

  return {
    async confirm({ id, shard }, other) {
      await run(CONFIRM, shard, [id, other])
    },
    async open({ from = 0, to = Infinity, most }) {
      const found: LedgerRow[] = []
      for await (const shard of shardsOf(keys.crossing)) {
        if (found.length >= most) break
        const { reply, own } = await stepOn(shard, OPEN_ROWS, ({ at }) => [at(from), at(to), most - found.length])
        // Whoever asks looks at how old they are, by its own clock.
        const rows = listOf(reply[0]).map((row) => rowOf(row, shard).row)
        found.push(...rows.map((row) => ({ ...row, at: own(row.at) })))
      }
      return found
    },
    ledger: async (query) => pageOf(query, { shardsFrom: (shard) => shardsOf(keys.shards, shard), pagesOf }),
    async audit(repair) {
      const found: Difference[] = []
      for await (const shard of shardsOf(keys.shards)) found.push(...(await auditShard(shard, repair)))
      return found
    },
    ...createTrim(stepOn, (from) => shardsOf(keys.shards, from)),
  }
}

function createTrim(
  stepOn: (shard: string, script: Script, args: Step['args']) => Promise<Done>,
  shardsFrom: (shard: string) => AsyncGenerator<string>,
): Pick<Ledger, 'trim' | 'forgotten'> {
  /** In which shard a step had enough, of those that forget what is from before that time: the next one goes on there. */
  let last = { before: 0, shard: '' }
  return {
    async trim(before, most) {
      let gone = 0
      for await (const shard of shardsFrom(last.before === before ? last.shard : ''))
        for (;;) {
          const asked = Math.min(CHUNK, most - gone)
          last = { before, shard }
          if (asked <= 0) return gone
          const { reply } = await stepOn(shard, TRIM, ({ at }) => [at(before), asked])
          gone += Number(reply[0])
          if (Number(reply[0]) < asked) break
        }
      last = { before, shard: '' }
      return gone
    },
    async forgotten(shard) {
      const { reply, own } = await stepOn(shard, FORGOTTEN, () => [])
      const before = Number(reply[0])
      return before > 0 ? own(before) : 0
    },
  }
}

/** Ids of a stream, both included; `(` before the first: it is not. */
interface Range {
  readonly from: string
  readonly to: string
}

interface Reading {
  shardsFrom(shard: string): AsyncGenerator<string>
  pagesOf(shard: string, range: Range): AsyncGenerator<{ rows: readonly StreamRow[] }>
}

async function pageOf({ from = 0, to = Infinity, cursor, most }: LedgerQuery, reading: Reading): Promise<LedgerPage> {
  const begin = cursor === undefined ? undefined : readCursor(cursor)
  const first = String(Math.max(0, Math.ceil(from)))
  if (to <= 0) return { rows: [] }
  const last = Number.isFinite(to) ? String(Math.ceil(to) - 1) : '+'
  const page: StreamRow[] = []
  for await (const shard of reading.shardsFrom(begin?.shard ?? '')) {
    const after = begin?.shard === shard ? `(${begin.at}` : first
    for await (const { rows } of reading.pagesOf(shard, { from: after, to: last }))
      for (const row of rows) {
        if (page.length === most) return { rows: page.map((one) => one.row), cursor: writeCursor(page.at(-1)) }
        page.push(row)
      }
  }
  return { rows: page.map((one) => one.row) }
}

function writeCursor(last: StreamRow | undefined): string {
  return Buffer.from(JSON.stringify([last?.row.shard, last?.at])).toString('base64url')
}

function readCursor(cursor: string): { readonly shard: string; readonly at: string } {
  const read = parseJson(Buffer.from(cursor, 'base64url').toString())
  const [shard, at] = Array.isArray(read) ? read : []
  if (typeof shard !== 'string' || typeof at !== 'string') throw new RangeError('this is no cursor of the ledger')
  return { shard, at }
}

/** By account, kind and end of period; undefined: rows were forgotten meanwhile. */
async function addUp(
  pages: AsyncGenerator<{ rows: readonly StreamRow[]; trims: string }>,
  trims: string,
): Promise<readonly Sum[] | undefined> {
  const sums = new Map<string, Sum>()
  for await (const page of pages) {
    if (page.trims !== trims) return undefined
    for (const { row } of page.rows)
      for (const line of row.lines) {
        const name = `${line.ends} ${line.per} ${line.account}`
        sums.set(name, { ...line, spent: (sums.get(name)?.spent ?? 0n) + row.bill })
      }
  }
  return [...sums.values()]
}

function mendOf({ account, per, ends, counted, ledger }: Difference): readonly Argument[] {
  return [`${per} ${account}`, Math.min(ends, FOREVER), String(counted), String(ledger)]
}
