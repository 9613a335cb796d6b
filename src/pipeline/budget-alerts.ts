import { linesAt, sharesOf, type Payer, type Paying, type Share } from '#src/accounting/payer.ts'
import { toUsdNumber } from '#src/core/money.ts'
import type { AlertHook } from '#src/core/sharing.ts'
import type { Line, Spend, StateStore } from '#src/core/state-store.ts'
import type { Telemetry } from '#src/telemetry/telemetry.ts'
import { collectAnswer, type Means } from './collect-answer.ts'

/** The part of a gateway that this needs. */
interface Teller {
  readonly ports: Means & {
    readonly store: Pick<StateStore, 'spend' | 'claim'>
    readonly telemetry: Pick<Telemetry, 'event'>
    readonly newId: () => string
  }
  readonly snapshot: { readonly shared: { readonly alerts?: AlertHook } }
}

/** Tells when budgets reach what their `alerts` say: each threshold once a period, whoever sees it first. */
export interface BudgetAlerts {
  /**
   * A look at what is spent of these, for when a bill is booked on all of them; it rejects where state does not answer, and may be repeated then.
   * undefined: none of them has a threshold.
   */
  lookAt(gateway: Teller, payer: Payer, budgets: readonly Paying[]): (() => Promise<void>) | undefined
}

/** Thresholds that are remembered as told, so that the store is asked once for each. */
const MOST_TOLD = 10_000
/** ms for which a threshold of a period is known to be told when it is over. */
const KEPT_AFTER = 86_400_000
/** A budget that never turns: ten years. */
const LONG = 3_650 * 86_400_000

export function createBudgetAlerts(): BudgetAlerts {
  const told = new Set<string>()

  /** `look`: whose claim it is, so that it is known again where its answer got lost. */
  async function reached(
    gateway: Teller,
    budget: Paying,
    at: { line: Line; spend: Spend; look: string },
  ): Promise<void> {
    const { line, spend, look } = at
    const passed = (budget.alerts ?? [])
      .filter((percent) => spend.spent * 100n >= line.limit * BigInt(percent))
      .map((percent) => ({ percent, id: `${line.account} ${line.per} ${line.ends} ${percent}` }))
      .filter(({ id }) => !told.has(id))
    const news: number[] = []
    for (const { percent, id } of passed) if (await isNews(gateway, line, { id, look })) news.push(percent)
    if (told.size >= MOST_TOLD) told.clear()
    for (const { id } of passed) told.add(id)
    if (news.length > 0) await tell(gateway, { budget, line, spend, percent: Math.max(...news) })
  }

  async function isNews(
    { ports }: Teller,
    { ends }: Line,
    { id, look }: { id: string; look: string },
  ): Promise<boolean> {
    const now = ports.clock.now()
    const expiresAt = Number.isFinite(ends) ? ends + KEPT_AFTER : now + LONG
    const known = await ports.store.claim({ owner: '', kind: 'alert', id, value: look, expiresAt }, now)
    return known === undefined || known === look
  }

  async function lookAll(gateway: Teller, shares: readonly Share<Paying>[], look: string): Promise<void> {
    const now = gateway.ports.clock.now()
    for (const { shard, of } of shares) {
      const lines = linesAt(of, now)
      const spends = await gateway.ports.store.spend({ shard, lines }, now)
      for (const [at, budget] of of.entries()) {
        const [line, spend] = [lines[at], spends[at]]
        if (line && spend) await reached(gateway, budget, { line, spend, look })
      }
    }
  }

  return {
    lookAt(gateway, payer, budgets) {
      const watched = budgets.filter(({ alerts, limit }) => alerts && alerts.length > 0 && limit > 0n)
      if (watched.length === 0) return undefined
      const shares = sharesOf(payer, watched)
      const look = gateway.ports.newId()
      return () => lookAll(gateway, shares, look)
    },
  }
}

interface Alert {
  readonly budget: Paying
  readonly line: Line
  readonly spend: Spend
  readonly percent: number
}

async function tell(gateway: Teller, { budget, line, spend, percent }: Alert): Promise<void> {
  const { ports, snapshot } = gateway
  const alert = {
    budget: budget.name ?? line.account,
    account: line.account,
    percent,
    spent_usd: toUsdNumber(spend.spent),
    limit_usd: toUsdNumber(line.limit),
    per: line.per,
    period_ends: Number.isFinite(line.ends) ? new Date(line.ends).toISOString() : null,
  }
  ports.telemetry.event({ event: 'budget_alert', ...alert })
  const hook = snapshot.shared.alerts
  if (hook && !(await deliver(gateway, hook, alert)))
    ports.telemetry.event({ event: 'alert_failed', account: line.account, percent })
}

/** ms before each try. */
const PAUSES = [0, 1000, 10_000]
/** In bytes. */
const MAX_ANSWER = 64 * 1024
/** ms. */
const MAX_CONNECT = 5000

/** By any status below 300; a repeated one has the same id. */
async function deliver(
  { ports }: Teller,
  { url, secret, local, timeoutMs }: AlertHook,
  data: object,
): Promise<boolean> {
  const body = JSON.stringify({ type: 'budget.alert', timestamp: new Date(ports.clock.now()).toISOString(), data })
  const id = `msg_${ports.newId()}`
  const upstream = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body,
    auth: { kind: 'webhook', id, ...(secret !== undefined && { secret }) },
  } as const
  const egress = { local, connectTimeoutMs: Math.min(timeoutMs, MAX_CONNECT) }
  for (const pause of PAUSES) {
    if (pause > 0) await new Promise<void>((resolve) => void ports.clock.after(pause, resolve))
    const answer = await collectAnswer({ upstream, egress }, ports, { timeoutMs, maxBytes: MAX_ANSWER }).answer
    if (answer !== 'silent' && answer.status < 300) return true
  }
  return false
}
