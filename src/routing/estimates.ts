/** What is expected of a target's speed, from recent answers. */
export interface Latency {
  /** ms until the first token. */
  readonly firstTokenMs: number
  /** ms for each further token. */
  readonly perTokenMs: number
  /** How many answers that is worth now: each counts half after HALF_LIFE_MS. */
  readonly weight: number
}

export interface Health {
  /** Share of recent requests that were answered, 0 to 1; 1 when nothing is known. */
  readonly score: number
  /** ms since 1970 until when the target asked to be left alone. */
  readonly unhealthyUntil?: number
}

/** What was seen of one answer. Times in ms. */
export interface Answered {
  readonly firstTokenMs: number
  readonly totalMs: number
  /** Tokens; undefined: not reported. */
  readonly outputTokens?: number
  /** ms since 1970. */
  readonly now: number
}

/** What a provider's cache is believed to hold of a conversation. */
export interface Warm {
  readonly target: string
  /** The id of the account whose cache it is. */
  readonly account: string
  /** Tokens, as requests are estimated; 0: it was seen to hold nothing. */
  readonly tokens: number
  /** ms for which it holds it once it was read or written, and ms since 1970 until when it does. */
  readonly life: number
  readonly until: number
}

/** What earlier requests say about the next one. Reading changes nothing, so that explain and a live request read alike. */
export interface Estimates {
  latency(target: string, now: number): Latency | undefined
  health(target: string, now: number): Health
  /** Running mean of the output tokens of one answer under this name; undefined until one is known. */
  expectedOutput(name: string): number | undefined
  /** Of the first of these conversations of which anything was known. */
  warm(threads: readonly string[], now: number): Warm | undefined
  answered(target: string, seen: Answered): void
  /** `retryAfterMs`: how long the upstream asked for patience. */
  failed(target: string, seen: { readonly now: number; readonly retryAfterMs?: number }): void
  /** An answer of `tokens` output tokens ended under this name. */
  wrote(name: string, tokens: number): void
  /** An answer to this conversation left this in a cache. */
  warmed(thread: string, warm: Warm): void
}

/** The half of it that deciding reads. */
export type Expectations = Pick<Estimates, 'latency' | 'health' | 'expectedOutput'>

/** After this long an observation counts half. */
export const HALF_LIFE_MS = 300_000
/** A longer patience than this is not believed. */
const MAX_PATIENCE_MS = 600_000
/** A shorter one is waited for between attempts and is no illness (INTERFACE.md section 9, Plan). */
const SHORT_PATIENCE_MS = 2000
/** Targets, names and conversations that are remembered, of each; the one seen longest ago makes room. */
const KEPT = 4096
/** The running mean follows about this many answers. */
const MEAN_OVER = 100

interface Record {
  /** When the sums below were last decayed, ms since 1970. */
  at: number
  first: number
  firstWeight: number
  perToken: number
  perTokenWeight: number
  good: number
  bad: number
  unhealthyUntil: number
}

/** Estimates kept in memory, bounded. */
export function createEstimates(): Estimates {
  const targets = new Map<string, Record>()
  const names = new Map<string, { mean: number; count: number }>()
  const threads = new Map<string, Warm>()
  return {
    warm(all, now) {
      const warm = threads.get(all.find((thread) => threads.has(thread)) ?? '')
      return warm && warm.until > now ? warm : undefined
    },
    warmed: (thread, warm) => put(threads, thread, warm),
    latency: (target, now) => latencyOf(targets.get(target), now),
    health: (target, now) => healthOf(targets.get(target), now),
    expectedOutput: (name) => names.get(name)?.mean,
    answered(target, seen) {
      const record = decayed(touch(targets, target, fresh), seen.now)
      record.good++
      record.unhealthyUntil = 0
      record.first += seen.firstTokenMs
      record.firstWeight++
      if (seen.outputTokens === undefined || seen.outputTokens < 2) return
      record.perToken += Math.max(0, seen.totalMs - seen.firstTokenMs) / (seen.outputTokens - 1)
      record.perTokenWeight++
    },
    failed(target, { now, retryAfterMs = 0 }) {
      const record = decayed(touch(targets, target, fresh), now)
      record.bad++
      if (retryAfterMs > SHORT_PATIENCE_MS) record.unhealthyUntil = now + Math.min(retryAfterMs, MAX_PATIENCE_MS)
    },
    wrote(name, tokens) {
      const mean = touch(names, name, () => ({ mean: 0, count: 0 }))
      mean.count = Math.min(mean.count + 1, MEAN_OVER)
      mean.mean += (tokens - mean.mean) / mean.count
    },
  }
}

function fresh(): Record {
  return { at: 0, first: 0, firstWeight: 0, perToken: 0, perTokenWeight: 0, good: 0, bad: 0, unhealthyUntil: 0 }
}

function latencyOf(record: Record | undefined, now: number): Latency | undefined {
  if (!record || record.firstWeight === 0) return undefined
  const perTokenMs = record.perTokenWeight === 0 ? 0 : record.perToken / record.perTokenWeight
  return {
    firstTokenMs: record.first / record.firstWeight,
    perTokenMs,
    weight: record.firstWeight * decay(record, now),
  }
}

/** One good answer is assumed, so that a first failure does not condemn. */
function healthOf(record: Record | undefined, now: number): Health {
  if (!record) return { score: 1 }
  const factor = decay(record, now)
  const score = (record.good * factor + 1) / ((record.good + record.bad) * factor + 1)
  return { score, ...(record.unhealthyUntil > now && { unhealthyUntil: record.unhealthyUntil }) }
}

function decay({ at }: Record, now: number): number {
  return 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS)
}

function decayed(record: Record, now: number): Record {
  const factor = decay(record, now)
  record.first *= factor
  record.firstWeight *= factor
  record.perToken *= factor
  record.perTokenWeight *= factor
  record.good *= factor
  record.bad *= factor
  record.at = Math.max(record.at, now)
  return record
}

/** The entry, moved to the young end. */
function touch<Entry>(entries: Map<string, Entry>, id: string, make: () => Entry): Entry {
  const entry = entries.get(id) ?? make()
  put(entries, id, entry)
  return entry
}

function put<Entry>(entries: Map<string, Entry>, id: string, entry: Entry): void {
  entries.delete(id)
  if (entries.size >= KEPT) {
    const [oldest] = entries.keys()
    if (oldest !== undefined) entries.delete(oldest)
  }
  entries.set(id, entry)
}
