import { LIMIT_KEYS } from './redis-limit-scripts.ts'
import { MONEY_KEYS } from './redis-budget-scripts.ts'

const HOLDING_KEYS = [...MONEY_KEYS.slice(0, 5), 'slots']

/** Names of keys. What is between braces decides which node of a cluster has a key: all of one shard are together. */
export interface Keys {
  /** Of a shard's money, in the order in which scripts take them. */
  money(shard: string): readonly string[]
  /** Those of its money that a hold takes, and the slots of its limits. */
  holding(shard: string): readonly string[]
  /** Of a shard's limits. */
  limits(shard: string): readonly string[]
  /** Of what is kept for one caller. */
  keepsake(of: { readonly owner: string; readonly kind: string; readonly id: string }): string
  notes(kind: string): string
  /** All shards that have a ledger, in alphabetical order. */
  readonly shards: string
  /** Those of which rows are to be booked on others too. */
  readonly crossing: string
}

export function keysUnder(prefix: string): Keys {
  const tag = (of: string): string => `{${escape(`${prefix}:${of}`)}}`
  return {
    money: (shard) => MONEY_KEYS.map((name) => `${tag(shard)}${name}`),
    holding: (shard) => HOLDING_KEYS.map((name) => `${tag(shard)}${name}`),
    limits: (shard) => LIMIT_KEYS.map((name) => `${tag(shard)}${name}`),
    keepsake: ({ owner, kind, id }) => `${tag(owner)}keep:${kind}:${id}`,
    notes: (kind) => `${escape(prefix)}:notes:${kind}`,
    shards: `${escape(prefix)}:shards`,
    crossing: `${escape(prefix)}:crossing`,
  }
}

/** A brace in a name would end the part that decides. */
function escape(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('{', '%7B').replaceAll('}', '%7D')
}
