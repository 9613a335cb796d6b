import { parseJson } from '#src/core/json.ts'
import { isPeriod } from '#src/core/key.ts'
import type { Booked, Elsewhere, LedgerRow } from '#src/core/ledger.ts'
import { readLines, readPaid, writeLines } from './ledger-text.ts'
import { listOf, pairsOf, textOf, type Reply } from './redis-reply.ts'
import type { Sum } from './audit.ts'

/** A row with the stream's id of it. */
export interface StreamRow {
  readonly at: string
  readonly row: LedgerRow
}

/** `[["shard","[[\"key/a\",\"month\",1764547200000]]"]]` */
export function writeElsewhere(elsewhere: readonly Elsewhere[]): string {
  return elsewhere.length === 0 ? '' : JSON.stringify(elsewhere.map(({ shard, lines }) => [shard, writeLines(lines)]))
}

function readElsewhere(text: string): readonly Elsewhere[] {
  const elsewhere = parseJson(text)
  if (!Array.isArray(elsewhere)) return []
  return elsewhere.flatMap((one) => {
    const [shard, lines] = Array.isArray(one) ? one : []
    return typeof shard === 'string' && typeof lines === 'string' ? [{ shard, lines: readLines(lines) }] : []
  })
}

/** A row as scripts reply it: its id in the stream, its fields, and the shards on which it is still to be booked. */
export function rowOf(reply: Reply, shard: string): StreamRow {
  const [id, fields, open] = listOf(reply)
  const at = textOf(id)
  const pairs = pairsOf(fields)
  const known = new Map(pairs)
  const paid = readPaid(known.get('paid') ?? '')
  const unbooked = listOf(open).map(textOf)
  return {
    at,
    row: {
      id: known.get('id') ?? '',
      shard,
      at: timeOf(at),
      bill: BigInt(known.get('bill') ?? 0),
      lines: pairs.flatMap(([name, value]) => (name === 'line' ? lineOf(value) : [])),
      ...(paid && { paid }),
      open: readElsewhere(known.get('elsewhere') ?? '').filter((other) => unbooked.includes(other.shard)),
    },
  }
}

/** `ends per account` */
function lineOf(text: string): readonly Booked[] {
  const [ends = '', ...field] = text.split(' ')
  return bookedOf(field.join(' '), ends)
}

/** Sums by `per account`, each with the end of its period. */
export function sumsOf(reply: Reply | undefined): readonly Sum[] {
  return pairsOf(reply).flatMap(([field, value]) => {
    const [ends = '', spent = '0'] = value.split(' ')
    return bookedOf(field, ends).map((booked) => ({ ...booked, spent: BigInt(spent) }))
  })
}

function bookedOf(field: string, ends: string): readonly Booked[] {
  const space = field.indexOf(' ')
  const per = field.slice(0, space)
  if (!isPeriod(per)) return []
  const end = Number(ends)
  return [{ account: field.slice(space + 1), per, ends: end >= Number.MAX_SAFE_INTEGER ? Infinity : end }]
}

/** The ms of a stream's id. */
function timeOf(id: string): number {
  return Number(id.split('-')[0])
}
