import type { Caps, Write } from '#src/core/changes.ts'
import type { Shadow } from '#src/core/decision.ts'
import type { Json } from '#src/core/json.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { Signals } from '#src/core/request.ts'
import { askedTier } from '#src/core/service-tier.ts'
import { SETTINGS } from '#src/core/setting.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Guarded } from './guarding.ts'
import type { Asked } from './judge.ts'
import type { Redaction } from './redaction.ts'
import { rulesOf } from './rules-of.ts'
import { speaking } from './speaking.ts'

/** What rules that change requests do to this one, whatever its target. */
export interface Terms {
  /** What goes into the request. */
  readonly writes: readonly Write[]
  /** Why it is refused: too much of something, two values for one setting, or a condition that could not be asked. */
  readonly refusals: readonly Objection[]
  /** What rules in shadow would have done. */
  readonly shadow: readonly Shadow[]
  /** Answers are marked as made by a model, with these notices, by these rules. */
  readonly labels?: { readonly notices: readonly string[]; readonly rules: readonly string[] }
  /** What is taken out of the request and its answer. */
  readonly redaction?: Redaction
  /** Guards that ask somebody about it, and those that look at its answer; absent: none. */
  readonly asking?: Guarded['asking']
  readonly watching?: Guarded['watching']
}

const NONE: Terms = { writes: [], refusals: [], shadow: [] }

/** What a configuration changes of one request. */
export function termsFor(snapshot: Snapshot, asked: Asked, signals: Signals): Terms {
  const rules = rulesOf(snapshot, 'changing')
  if (rules.length === 0) return NONE
  const { held, failed } = speaking(rules, asked)
  const enforced = held.filter(({ mode }) => mode !== 'shadow')
  const set = writesOf(enforced)
  const labelling = enforced.filter(({ label }) => label)
  return {
    ...(labelling.length > 0 && { labels: labelsOf(labelling) }),
    writes: [...capped(enforced), ...set.writes],
    refusals: [...failed, ...enforced.flatMap((rule) => exceeded(rule, signals)), ...set.conflicts],
    shadow: held.filter(({ mode }) => mode === 'shadow').map(shadowOf),
  }
}

function labelsOf(rules: readonly Rule[]): NonNullable<Terms['labels']> {
  const notices = new Set(rules.flatMap(({ label }) => label?.notice ?? []))
  return { notices: [...notices], rules: rules.map(({ name }) => name) }
}

/** No placeholder is longer, in bytes: it may be longer than what it stands for. */
const PLACEHOLDER_BYTES = 32

/** A request as it is sent: the output that the caps leave, and at worst a placeholder more for each item that is taken out. */
export function changedSignals(signals: Signals, { writes, redaction }: Terms): Signals {
  const cap = writes.find(({ setting }) => setting === 'outputTokens')?.value
  const tier = writes.find(({ setting }) => setting === 'serviceTier')?.value
  const { inputTokensWorst, outputLimit, pii } = signals
  const items = redaction ? Object.values(pii?.counts ?? {}).reduce((sum, count) => sum + count, 0) : 0
  return {
    ...signals,
    ...(items > 0 && { inputTokensWorst: inputTokensWorst + items * PLACEHOLDER_BYTES }),
    ...askedTier(tier),
    ...(typeof cap === 'number' && { outputLimit: Math.min(outputLimit ?? Infinity, cap) }),
  }
}

/** The smallest counts, and every rule that asks for it is named. */
function capped(rules: readonly Rule[]): readonly Write[] {
  const caps = rules.flatMap(({ name, caps: own }) =>
    own?.outputTokens === undefined ? [] : [{ name, most: own.outputTokens }],
  )
  if (caps.length === 0) return []
  const value = Math.min(...caps.map(({ most }) => most))
  const names = caps.filter(({ most }) => most === value).map(({ name }) => name)
  return [{ setting: 'outputTokens', value, most: true, rules: names }]
}

/** What is counted against a cap, and how people say it. */
const COUNTED: readonly (readonly [cap: keyof Caps, of: (signals: Signals) => number, noun: string])[] = [
  ['inputTokens', ({ inputTokens }) => inputTokens, 'input tokens (an estimate)'],
  ['choices', ({ choices }) => choices, 'choices'],
  ['tools', ({ tools = 0 }) => tools, 'tools'],
  ['images', ({ images = 0 }) => images, 'images'],
]

function exceeded({ name, source, caps = {}, reason }: Rule, signals: Signals): readonly Objection[] {
  return COUNTED.flatMap(([cap, of, noun]) => {
    const [most, count] = [caps[cap], Math.ceil(of(signals))]
    if (most === undefined || count <= most) return []
    const why = `rule \`${name}\` permits ${most} ${noun}, and the request has ${count}`
    return [{ rule: name, code: 'limit_exceeded', reason: reason ?? why, source, unknown: [], evidence: [why] }]
  })
}

/** Each setting with the one value that all rules want of it; two values are a conflict of all of them. */
function writesOf(rules: readonly Rule[]): {
  readonly writes: readonly Write[]
  readonly conflicts: readonly Objection[]
} {
  const writes: Write[] = []
  const conflicts: Objection[] = []
  for (const setting of SETTINGS) {
    const wanting = rules.filter(({ sets }) => sets?.[setting] !== undefined)
    const [value, ...others] = new Map(
      wanting.map(({ sets }) => [JSON.stringify(sets?.[setting]), sets?.[setting]]),
    ).values()
    if (value === undefined) continue
    if (others.length === 0) writes.push({ setting, value, most: false, rules: wanting.map(({ name }) => name) })
    else conflicts.push(...conflict(setting, [value, ...others], wanting))
  }
  return { writes, conflicts }
}

function conflict(
  setting: string,
  values: readonly (Json | undefined)[],
  rules: readonly Rule[],
): readonly Objection[] {
  const names = rules.map(({ name }) => `\`${name}\``).join(' and ')
  const shown = values.map((value) => `\`${JSON.stringify(value)}\``).join(' and ')
  const reason = `rules ${names} set \`${setting}\` to ${shown}`
  return rules.map(({ name, source }) => ({ rule: name, code: 'policy_conflict', reason, source, unknown: [] }))
}

function shadowOf({ name, source, caps, label }: Rule): Shadow {
  const of = (code: string, does: string): Shadow => ({ rule: name, code, reason: `\`${name}\` would ${does}`, source })
  if (label) return of('labelled', 'label the answer')
  return caps ? of('limited', 'limit the request') : of('set', 'change the request')
}
