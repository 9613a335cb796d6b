import type { Shadow } from '#src/core/decision.ts'
import { ASKED } from '#src/core/endpoint.ts'
import type { Key } from '#src/core/key.ts'
import type { PiiType } from '#src/core/pii/types.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Asked } from './judge.ts'
import { rulesOf } from './rules-of.ts'
import { quietly, speaking } from './speaking.ts'

/** What is taken out of one request and its answer. */
export interface Redaction {
  readonly types: ReadonlySet<PiiType>
  /** Those of them that are put back into the answer. */
  readonly restored: ReadonlySet<PiiType>
  /** Those of them that are taken out of the answer, too. */
  readonly inAnswers: ReadonlySet<PiiType>
  /** Sounds and pictures in the answer, which nobody can look into, go on. */
  readonly unscannable: 'deny' | 'allow'
  /** Which rule takes what. */
  readonly by: readonly { readonly rule: string; readonly types: ReadonlySet<PiiType> }[]
}

/** What rules of that kind do to a request. */
export interface Redacting {
  readonly redaction?: Redaction
  readonly refusals: readonly Objection[]
  readonly shadow: readonly Shadow[]
}

interface Came {
  readonly request: Pick<ApiRequest, 'endpoint' | 'stream'>
  readonly signals: Signals
}

const NOTHING: Redacting = { refusals: [], shadow: [] }

/** Whether any rule about this caller asks what personal data its requests hold. */
export function asksForPii(snapshot: Snapshot, key: Key | undefined): boolean {
  return rulesOf(snapshot, 'looking').some((rule) => quietly(() => rule.appliesTo(key)))
}

/** What a configuration takes out of one request. Where it could not be looked into, nothing of it is sent. */
export function redactionFor(snapshot: Snapshot, asked: Asked, { request, signals: { pii } }: Came): Redacting {
  const rules = rulesOf(snapshot, 'redacting')
  if (rules.length === 0) return NOTHING
  const { held, failed } = speaking(rules, asked)
  const enforced = held.filter(({ mode }) => mode !== 'shadow')
  const unseen = pii ? enforced.filter(({ redacts }) => pii.unscannable && redacts?.unscannable === 'deny') : []
  const unstreamed = streamsUnread(request)
    ? enforced.filter(({ redacts }) => redacts?.answers || redacts?.restore)
    : []
  return {
    ...(enforced.length > 0 && { redaction: redactionOf(enforced) }),
    refusals: [
      ...failed,
      ...(pii ? [] : enforced.map(unlooked)),
      ...unseen.map(unscannable),
      ...unstreamed.map(unreadable),
    ],
    shadow: held.filter(({ mode }) => mode === 'shadow').map(shadowOf),
  }
}

/** A stream that no internal form reads: words that are cut anywhere could not be told. */
export function streamsUnread({ endpoint, stream }: Came['request']): boolean {
  return stream && ASKED[endpoint].operation !== 'chat'
}

function unreadable({ name, source }: Rule): Objection {
  const reason = `rule \`${name}\` takes personal data out of answers, and one at this path cannot be looked into while it streams: leave \`stream\` out`
  return { rule: name, code: 'unscannable', reason, source, unknown: [] }
}

/** All types of all rules; put back only where each rule that takes one out wants it back. */
function redactionOf(rules: readonly Rule[]): Redaction {
  const of = (wanted: (rule: NonNullable<Rule['redacts']>) => boolean) =>
    rules.flatMap(({ redacts }) => (redacts && wanted(redacts) ? [...redacts.types] : []))
  const forGood = new Set(of(({ restore }) => !restore))
  return {
    types: new Set(of(() => true)),
    restored: new Set(of(({ restore }) => restore).filter((type) => !forGood.has(type))),
    inAnswers: new Set(of(({ answers }) => answers)),
    unscannable: rules.some(({ redacts }) => redacts?.unscannable === 'deny') ? 'deny' : 'allow',
    by: rules.map(({ name, redacts }) => ({ rule: name, types: redacts?.types ?? new Set() })),
  }
}

function unlooked({ name, source }: Rule): Objection {
  const reason = `rule \`${name}\` takes personal data out, and it could not be looked for in this request`
  return { rule: name, code: 'policy_error', reason, source, unknown: [] }
}

function unscannable({ name, source, reason }: Rule): Objection {
  const why = `rule \`${name}\` takes personal data out, and the request holds what cannot be looked into; \`unscannable: allow\` would let it pass`
  return { rule: name, code: 'unscannable', reason: reason ?? why, source, unknown: [], evidence: [why] }
}

function shadowOf({ name, source }: Rule): Shadow {
  return { rule: name, code: 'redacted', reason: `\`${name}\` would take personal data out`, source }
}
