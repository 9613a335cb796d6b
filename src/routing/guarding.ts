import type { Shadow } from '#src/core/decision.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import type { Key } from '#src/core/key.ts'
import { rewriteRequest } from '#src/core/pii/json-texts.ts'
import type { Asking, Guard, Looking, Objection, Rule } from '#src/core/policy.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Asked } from './judge.ts'
import { streamsUnread } from './redaction.ts'
import { rulesOf } from './rules-of.ts'
import { quietly, speaking } from './speaking.ts'

/** UTF-16 units that patterns are searched in, and that anybody is asked about; of a longer text nobody knows that it is free of them. */
export const MOST_SEARCHED = 200_000

/** A rule with its guard. */
export type GuardRule<Kind extends Guard = Guard> = Rule & { readonly guard: Kind }

/** Looks through a request for what the guards of its caller look for by themselves; undefined: there is none. Of what could not be looked for nothing is said. */
export function guardedBy(snapshot: Snapshot, key: Key | undefined, request: ApiRequest): Signals['guarded'] {
  const guards = rulesOf(snapshot, 'guarding').flatMap(({ guard, appliesTo }) =>
    guard?.input && 'finds' in guard && quietly(() => appliesTo(key)) ? [guard] : [],
  )
  if (guards.length === 0) return undefined
  const { texts: words, opaque } = textsOf(request)
  // Whoever pads a word until it looks like a picture has written it all the same.
  const texts = [...words, ...opaque].map(guardedText)
  const found = guards.flatMap((guard) => {
    const finds = findsIn(guard, texts)
    return finds === undefined ? [] : [[guard.id, finds] as const]
  })
  return Object.fromEntries(found)
}

/** Whether a guard finds what it looks for in texts, as `guardedText` gives them; undefined: they are too long for it. */
export function findsIn(guard: Looking, texts: readonly string[]): boolean | undefined {
  if (guard.by === 'patterns' && lengthOf(texts) > MOST_SEARCHED) return undefined
  return texts.some((text) => guard.finds(text))
}

export function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0)
}

/** Every text of a request, keys included, and apart from them what looks like a picture, a sound or a file. */
export function textsOf({ form, body, text }: Pick<ApiRequest, 'form' | 'body' | 'text'>): {
  readonly texts: readonly string[]
  readonly opaque: readonly string[]
} {
  const [texts, opaque]: [string[], string[]] = [[], []]
  rewriteRequest(form ? JSON.stringify(body) : text, {
    text(own) {
      texts.push(own)
      return own
    },
    opaque: (own) => void opaque.push(own),
  })
  return { texts, opaque }
}

/** What guards make of a request, and whom they ask. */
export interface Guarded {
  readonly refusals: readonly Objection[]
  readonly shadow: readonly Shadow[]
  /** Those that ask somebody about it, those in shadow too. */
  readonly asking: readonly GuardRule<Asking>[]
  /** Those that look at the answer, those in shadow too. */
  readonly watching: readonly GuardRule[]
}

const NOTHING: Guarded = { refusals: [], shadow: [], asking: [], watching: [] }

export function guarding(
  snapshot: Snapshot,
  asked: Asked,
  { request, signals: { guarded } }: { readonly request: Came; readonly signals: Signals },
): Guarded {
  const rules = rulesOf(snapshot, 'guarding')
  // Who is asked on behalf of a guard is not guarded in its turn: it would never end.
  if (rules.length === 0 || request.guardFor !== undefined) return NOTHING
  const { held, failed } = speaking(rules, asked)
  const guards = held.flatMap((rule) => (rule.guard ? [{ ...rule, guard: rule.guard }] : []))
  const ofInput = guards.filter(({ guard }) => guard.input)
  const watching = guards.filter(({ guard }) => guard.output)
  const unread = watching.filter(
    ({ mode, onError }) => streamsUnread(request) && mode !== 'shadow' && onError !== 'allow',
  )
  const objections = ofInput.flatMap((rule) => objectionsOf(rule, guarded?.[rule.guard.id]))
  return {
    refusals: [
      ...failed,
      ...objections.filter(({ mode }) => mode !== 'shadow').map(({ objection }) => objection),
      ...unread.map(unreadable),
    ],
    shadow: objections.filter(({ mode }) => mode === 'shadow').map(({ objection }) => shadowOf(objection)),
    asking: ofInput.filter(isAsking),
    watching,
  }
}

/** Whether any rule of a configuration looks at answers. */
export function guardsAnswers(snapshot: Snapshot): boolean {
  return rulesOf(snapshot, 'guarding').some(({ guard }) => guard?.output)
}

type Came = Pick<ApiRequest, 'endpoint' | 'stream' | 'guardFor'>

function isAsking(rule: GuardRule): rule is GuardRule<Asking> {
  return !('finds' in rule.guard)
}

/** `found` is null where it was asked for in vain; nobody who has not been asked has said anything. */
function objectionsOf(
  rule: GuardRule,
  found: boolean | null | undefined,
): readonly { readonly mode: Rule['mode']; readonly objection: Objection }[] {
  const { mode } = rule
  if (found === true) return [{ mode, objection: foundBy(rule, 'request') }]
  if (found === false || (found === undefined && isAsking(rule)) || rule.onError === 'allow') return []
  return [{ mode, objection: unlooked(rule, 'request') }]
}

/** What was found is not repeated: it may be what nobody shall see. */
export function foundBy({ name, source, reason }: Rule, where: 'request' | 'answer'): Objection {
  const why = `the ${where} holds what rule \`${name}\` guards against`
  return { rule: name, code: 'guarded', reason: reason ?? why, source, unknown: [] }
}

/** Of what could not be looked through. */
export function unlooked({ name, source, guard }: GuardRule, where: 'request' | 'answer'): Objection {
  const why =
    'finds' in guard
      ? `it is longer than ${MOST_SEARCHED} characters, or was recorded without it`
      : `${WHOM[guard.by]} gave no answer that could be used within ${guard.timeoutMs} ms`
  const reason = `rule \`${name}\` looks through each ${where}, and this one could not be looked through: ${why}`
  return { rule: name, code: 'policy_error', reason, source, unknown: [] }
}

const WHOM = { webhook: 'its webhook', moderation: 'its moderation model', decision: 'its decision model' }

function unreadable({ name, source }: Rule): Objection {
  const reason = `rule \`${name}\` looks through answers, and one at this path cannot be looked into while it streams: leave \`stream\` out`
  return { rule: name, code: 'unscannable', reason, source, unknown: [] }
}

export function shadowOf({ rule, code, reason, source }: Objection): Shadow {
  return { rule, code, reason, source }
}
