import { linesAt, payerOf, sharesOf, type Payer } from '#src/accounting/payer.ts'
import type { Dialect } from '#src/core/dialect.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Spend } from '#src/core/state-store.ts'
import { changedSignals, type Terms } from '#src/routing/terms.ts'
import { createChange, type Change, type Changed } from './change.ts'
import { decide, onTerms, type Decided } from './decide.ts'
import type { Gateway } from './gateway.ts'
import { looked } from './look.ts'
import { ownerOf } from './memory.ts'
import { promptCacheOf, type PromptCache } from './prompt-cache.ts'
import type { DecisionInputs } from './subject.ts'
import { createSpeech, type Speech } from './speech.ts'
import { keptAs, readKept, type Kept } from './thoughts.ts'

interface Question {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
  /** What draws come from; the request's id unless a replay gives its own. */
  readonly seed?: string
}

interface Decision {
  readonly decided: Decided
  readonly signals: Signals
  /** Once more, by what guards found that were asked meanwhile. */
  decideAgain(found: NonNullable<Signals['guarded']>): Pick<Decision, 'decided' | 'signals'>
  readonly speech: Speech
  readonly kept: ReadonlyMap<string, Kept> | undefined
  readonly terms: Terms
  readonly promptCache: PromptCache
  /** How the rules change it, and what they made of it. */
  readonly change: Change
  readonly sent: Changed
}

/** What a request brings back of earlier answers: thoughts that an account signed, and calls whose thoughts some target may want, where the dialect could not carry them. */
function idsOf(dialect: Dialect, question: Question): readonly string[] {
  return [...(dialect.memory?.brought(question.request) ?? []), ...callsOf(dialect, question)]
}

/** The request's calls whose thoughts some target may want back, where the dialect could not carry them. */
function callsOf({ translation, endpoint }: Dialect, { snapshot, request }: Question): readonly string[] {
  if (!translation?.calls) return []
  const { carriesThoughts = false } = translation
  for (const { adapter } of snapshot.providers.values()) {
    if (!adapter.speaks && !adapter.replays && adapter.endpoints.includes(endpoint)) continue
    if (!carriesThoughts || adapter.codecs?.some(({ signsCalls }) => signsCalls)) return translation.calls(request)
  }
  return []
}

/** What is kept under these ids. */
async function recallThoughts(
  { ports }: Gateway,
  key: Key | undefined,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Kept>> {
  const found = await ports.store.recall({ owner: ownerOf(key), kind: 'signature', ids, now: ports.clock.now() })
  const kept = new Map<string, Kept>()
  for (const [id, text] of found) {
    const own = readKept(text)
    if (own) kept.set(id, own)
  }
  return kept
}

/** By account. */
async function spendsOf({ ports }: Gateway, payer: Payer, now: number): Promise<DecisionInputs['spends']> {
  if (payer.budgets.length === 0) return undefined
  const spends = new Map<string, Spend>()
  try {
    for (const { shard, of } of sharesOf(payer, payer.budgets)) {
      const lines = linesAt(of, now)
      const found = await ports.store.spend({ shard, lines }, now)
      for (const [at, { account }] of lines.entries()) spends.set(account, found[at] ?? NOTHING)
    }
    return spends
  } catch {
    // Nothing is sent that cannot be held: a decision need not know.
    return undefined
  }
}

const NOTHING: Spend = { spent: 0n, held: 0n }

/** Reads what a decision depends on and decides: the one way in for live requests and for `explain`. */
export async function decideFor(gateway: Gateway, question: Question): Promise<Decision> {
  const { snapshot, key, request } = question
  const { clock, estimates } = gateway.ports
  const dialect = gateway.ports.dialects[request.endpoint]
  const signals = looked(gateway.ports.findPii, question, dialect.sense(request))
  const ids = idsOf(dialect, question)
  const recalled = ids.length > 0 ? await recallThoughts(gateway, key, ids) : undefined
  const promptCache = await promptCacheOf(gateway, dialect, question)
  const now = clock.now()
  const spends = await spendsOf(gateway, payerOf(snapshot.shared, key), now)
  const subjectOf = (seen: Signals) =>
    onTerms(snapshot, { request, signals: seen, seed: question.seed ?? request.id, key }, now)
  const subject = subjectOf(signals)
  const { terms } = subject
  const change = createChange(request, dialect, { terms, find: gateway.ports.findPii })
  // What is refused is not sent, and may be what nobody could look into.
  const refused = terms.refusals.length > 0
  const sent = refused ? { request, warnings: [] } : change.of(request)
  const thought = refused ? undefined : change.redactor?.thought
  const kept = recalled && thought ? keptAs(recalled, thought) : recalled
  const options = { strict: key?.strict, kept, readable: change.redactor?.readsAnswers === true }
  const speech = createSpeech(dialect, sent.request, options)
  const decideOn = (asked: typeof subject): Pick<Decision, 'decided' | 'signals'> => ({
    decided: decide(snapshot, { ...asked, speech }, { estimates, now, spends, warm: promptCache.warm }),
    signals: changedSignals(asked.signals, asked.terms),
  })
  const decideAgain: Decision['decideAgain'] = (found) =>
    decideOn(subjectOf({ ...signals, guarded: { ...signals.guarded, ...found } }))
  return { ...decideOn(subject), decideAgain, speech, kept, terms, promptCache, change, sent }
}
