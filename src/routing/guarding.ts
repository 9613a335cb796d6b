import type { Shadow } from '#src/core/decision.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import type { Key } from '#src/core/key.ts'
import { rewriteRequest } from '#src/core/pii/json-texts.ts'
import type { Guard, Objection, Rule } from '#src/core/policy.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Asked } from './judge.ts'
import { rulesOf } from './rules-of.ts'
import { quietly, speaking } from './speaking.ts'

/** UTF-16 units of a request that patterns are searched in; a longer one is not known to be free of them. */
const MOST_SEARCHED = 200_000

/** Looks through a request for what the guards of its caller look for; undefined: there is none. Of what could not be looked for nothing is said. */
export function guardedBy(snapshot: Snapshot, key: Key | undefined, request: ApiRequest): Signals['guarded'] {
  const guards = rulesOf(snapshot, 'guarding').flatMap((rule) =>
    rule.guard && quietly(() => rule.appliesTo(key)) ? [rule.guard] : [],
  )
  if (guards.length === 0) return undefined
  const texts = textsOf(request)
  const searched = texts.reduce((sum, { length }) => sum + length, 0)
  const looking = guards.filter(({ reads }) => reads === 'literals' || searched <= MOST_SEARCHED)
  return Object.fromEntries(looking.map((guard) => [guard.id, texts.some((text) => guard.finds(text))]))
}

function textsOf({ form, body, text }: ApiRequest): readonly string[] {
  const texts: string[] = []
  rewriteRequest(form ? JSON.stringify(body) : text, {
    text(own) {
      texts.push(guardedText(own))
      return own
    },
    // Whoever pads a word until it looks like a picture has written it all the same.
    opaque: (own) => void texts.push(guardedText(own)),
  })
  return texts
}

/** What guards say of a request. */
export interface Guarded {
  readonly refusals: readonly Objection[]
  readonly shadow: readonly Shadow[]
}

export function guarding(snapshot: Snapshot, asked: Asked, { guarded }: Signals): Guarded {
  const { held, failed } = speaking(rulesOf(snapshot, 'guarding'), asked)
  const found = (guard: Guard | undefined): boolean | undefined => guard && guarded?.[guard.id]
  const objections = (rules: readonly Rule[]): readonly Objection[] =>
    rules.flatMap((rule) => {
      const finds = found(rule.guard)
      if (finds === false || (finds === undefined && rule.onError === 'allow')) return []
      return [finds ? refusal(rule) : unlooked(rule)]
    })
  return {
    refusals: [...failed, ...objections(held.filter(({ mode }) => mode !== 'shadow'))],
    shadow: objections(held.filter(({ mode }) => mode === 'shadow')).map(({ rule, code, reason, source }) => ({
      rule,
      code,
      reason,
      source,
    })),
  }
}

/** What was found is not repeated: it may be what nobody shall see. */
function refusal({ name, source, reason }: Rule): Objection {
  const why = `the request holds what rule \`${name}\` guards against`
  return { rule: name, code: 'guarded', reason: reason ?? why, source, unknown: [] }
}

function unlooked({ name, source }: Rule): Objection {
  const reason = `rule \`${name}\` looks through requests, and this one could not be looked through: it is longer than ${MOST_SEARCHED} characters, or was recorded without it`
  return { rule: name, code: 'policy_error', reason, source, unknown: [] }
}
