import { linesAt, payerOf } from '#src/accounting/payer.ts'
import type { Key } from '#src/core/key.ts'
import { DEFAULT_ON_FAILURE } from '#src/core/sharing.ts'
import { LAST_MESSAGE_MS, type Spend, type StateStore } from '#src/core/state-store.ts'

const NOTHING: Spend = { spent: 0n, held: 0n }

/** Requests and attempts of one key, by their ids; a minute to live unless it is said. */
export function paying(store: StateStore, key: Key) {
  const { shard, budgets, gates } = payerOf({ budgets: [], limits: [], onFailure: DEFAULT_ON_FAILURE }, key)
  return {
    admit: (id: string, now: number, tokens = 0, life = 60_000) =>
      store.admit({ id, shard, gates, tokens, now, expiresAt: now + life }),
    leave: (id: string, now: number, tokens = 0) => store.leave({ id, shard }, tokens, now),
    hold: (id: string, amount: bigint, now: number, life = 60_000) =>
      store.hold({ id, shard, lines: linesAt(budgets, now), amount, now, expiresAt: now + life }),
    settle: (id: string, bill: bigint, now: number) =>
      store.settle({ id, shard, lines: linesAt(budgets, now), bill, now, notAfter: now + LAST_MESSAGE_MS }),
    spend: async (now: number): Promise<Spend> =>
      (await store.spend({ shard, lines: linesAt(budgets, now) }, now))[0] ?? NOTHING,
  }
}
