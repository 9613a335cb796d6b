import type { Booked } from '#src/core/ledger.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Held, HoldRequest, StateStore } from '#src/core/state-store.ts'
import { atLeastZero, HELD } from './budget.ts'
import { HOLD, RELEASE, SETTLE, SPEND } from './redis-budget-scripts.ts'
import type { RedisClient, Times } from './redis-client.ts'
import type { Keys } from './redis-keys.ts'
import { writeElsewhere } from './redis-rows.ts'
import { textOf } from './redis-reply.ts'

/** What scripts take for a period that never ends. */
export const FOREVER = Number.MAX_SAFE_INTEGER

/** A thousand million times all the money there is: what is more is kept as that. */
const LARGEST = 10n ** 29n

interface Budgets extends Pick<StateStore, 'release' | 'settle' | 'spend'> {
  /** `admission`: only for who came in under that id; undefined: nobody has. */
  hold(request: Omit<HoldRequest, 'shard' | 'now'>, at: Place, admission?: string): Promise<Held | undefined>
}

type Place = Pick<HoldRequest, 'shard' | 'now'>

/** Which shards have a ledger is written down before their first row, each time a connection was made: a server may have lost it. */
export interface Register {
  enter(shard: string, crossing: boolean): Promise<void>
}

/** Budgets in Redis. */
export function createRedisBudgets(client: RedisClient, keys: Keys, register: Register): Budgets {
  return {
    async hold({ id, lines, amount, expiresAt }, { shard, now: own }, admission = '') {
      if (lines.length === 0) return HELD
      const { reply } = await client.step({
        script: HOLD,
        shard,
        keys: keys.holding(shard),
        args: ({ now, at }) => [
          now(own),
          id,
          textOfAmount(amount),
          at(expiresAt),
          admission,
          ...lines.flatMap((line) => [...argumentsOf(line), textOfAmount(line.limit)]),
        ],
      })
      const [account, left] = reply
      if (account === undefined) return HELD
      return left === undefined ? undefined : { ok: false, account: textOf(account), left: BigInt(textOf(left)) }
    },
    async release({ id, shard }, own) {
      await client.step({ script: RELEASE, shard, keys: keys.money(shard), args: ({ now }) => [now(own), id] })
    },
    async settle({ id, shard, lines, bill, now: own, notAfter, paid, elsewhere = [] }) {
      const row = [paid === undefined ? '' : JSON.stringify(paid), writeElsewhere(elsewhere)]
      const others = elsewhere.map((other) => other.shard)
      const { reply } = await client.step({
        script: SETTLE,
        shard,
        keys: keys.money(shard),
        before: () => register.enter(shard, others.length > 0),
        args: ({ now, at }: Times) => [
          now(own),
          id,
          textOfAmount(bill),
          at(notAfter),
          ...row,
          others.length,
          ...others,
          ...lines.flatMap(argumentsOf),
        ],
      })
      return textOf(reply[0]) === 'late' ? 'late' : 'booked'
    },
    async spend({ shard, lines }, own) {
      if (lines.length === 0) return []
      const { reply } = await client.step({
        script: SPEND,
        shard,
        keys: keys.money(shard),
        args: ({ now }) => [now(own), ...lines.flatMap(argumentsOf)],
      })
      return lines.map((_, at) => ({ spent: BigInt(textOf(reply[2 * at])), held: BigInt(textOf(reply[2 * at + 1])) }))
    },
  }
}

function argumentsOf({ account, per, ends }: Booked): readonly [string, string, number] {
  return [account, per, Math.min(Math.round(ends), FOREVER)]
}

function textOfAmount(amount: NanoUsd): string {
  const atLeast = atLeastZero(amount)
  return String(atLeast > LARGEST ? LARGEST : atLeast)
}
