import { payerOf } from '#src/accounting/payer.ts'
import type { Dialect } from '#src/core/dialect.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { changedSignals, type Terms } from '#src/routing/terms.ts'
import { createChange, type Change, type Changed } from './change.ts'
import { decide, onTerms, type Decided } from './decide.ts'
import type { Gateway } from './gateway.ts'
import { looked } from './look.ts'
import { ownerOf } from './memory.ts'
import { promptCacheOf, type PromptCache } from './prompt-cache.ts'
import { createSpeech, type Speech } from './speech.ts'
import { keptAs, readKept, type Kept } from './thoughts.ts'

interface Question {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
  /** What draws come from; the request's id unless a replay gives its own. */
  readonly seed?: string
  /** Nothing is held after it: what is spent must be what is spent now. */
  readonly exact?: boolean
}

interface Decision {
  readonly decided: Decided
  readonly signals: Signals
  /** Once more, by what guards found that were asked meanwhile. */
  decideAgain(found: NonNullable<Signals['guarded']>): Pick<Decision, 'decided' | 'signals'>
  /** Once more, by what is spent now. */
  decideExactly(): Promise<Pick<Decision, 'decided' | 'signals'>>
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
  const payer = payerOf(snapshot.shared, key)
  let spends = await gateway.ports.spends.of(payer, question.exact === true)
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
    decided: decide(snapshot, { ...asked, speech }, { estimates, now, spends: spends?.of, warm: promptCache.warm }),
    signals: changedSignals(asked.signals, asked.terms),
  })
  const decideAgain: Decision['decideAgain'] = (found) =>
    decideOn(subjectOf({ ...signals, guarded: { ...signals.guarded, ...found } }))
  const decideExactly: Decision['decideExactly'] = async () => {
    spends = await gateway.ports.spends.of(payer, true)
    return decideOn(subject)
  }
  const first = decideOn(subject)
  const short = spends?.remembered && first.decided.decision.candidates.some(({ code }) => code === 'budget_exceeded')
  const decision = short ? await decideExactly() : first
  return { ...decision, decideAgain, decideExactly, speech, kept, terms, promptCache, change, sent }
}
