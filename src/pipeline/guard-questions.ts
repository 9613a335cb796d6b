import { ENDPOINTS } from '#src/core/endpoint.ts'
import { arrayAt, booleanAt, numberAt, objectAt, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import type { Asking } from '#src/core/policy.ts'

/** What a guard says of some texts: whether it found something; null: its answer cannot be used. */
export type Found = boolean | null

type By<Name extends Asking['by']> = Extract<Asking, { readonly by: Name }>

/** A guard's question as any caller would ask it. */
export interface ModelQuestion {
  readonly endpoint: 'moderations' | 'decisions'
  readonly body: JsonObject
}

export function questionOf(guard: By<'moderation' | 'decision'>, texts: readonly string[]): ModelQuestion {
  if (guard.by === 'moderation') return { endpoint: 'moderations', body: { model: guard.model, input: [...texts] } }
  const question = { type: 'predicate', name: 'found', instructions: guard.question }
  return { endpoint: 'decisions', body: { model: guard.model, input: texts.join('\n\n'), questions: [question] } }
}

/** What a model's answer says. */
export function foundBy(guard: By<'moderation' | 'decision'>, body: string): Found {
  const answer = parseJson(body)
  return guard.by === 'moderation' ? moderated(guard, answer) : decided(guard, answer)
}

function decided({ threshold }: By<'decision'>, answer: Json | undefined): Found {
  const [first] = arrayAt(answer, 'answers') ?? []
  const probability = numberAt(first, 'probability')
  return probability === undefined ? null : probability >= threshold
}

/** One text in which it is found is enough; one of which nothing is said leaves the others' word in doubt. */
function moderated(guard: By<'moderation'>, answer: Json | undefined): Found {
  const results = arrayAt(answer, 'results') ?? []
  const found = results.map((result) => flagged(guard, result))
  if (found.includes(true)) return true
  return found.length === 0 || found.includes(null) ? null : false
}

function flagged({ categories, threshold }: By<'moderation'>, result: Json): Found {
  if (threshold === undefined && !categories) return booleanAt(result, 'flagged') ?? null
  const said = objectAt(result, threshold === undefined ? 'categories' : 'category_scores') ?? {}
  const names = categories ?? Object.keys(said)
  const found = names.map((name) => over(said, name, threshold))
  if (found.includes(true)) return true
  return found.length === 0 || found.includes(null) ? null : false
}

function over(said: JsonObject, name: string, threshold: number | undefined): Found {
  if (threshold === undefined) return booleanAt(said, name) ?? null
  const score = numberAt(said, name)
  return score === undefined ? null : score >= threshold
}

/** What a webhook is told beside the texts. */
export interface About {
  readonly rule: string
  readonly where: 'input' | 'output'
  readonly request: { readonly id: string; readonly endpoint: keyof typeof ENDPOINTS; readonly model: string }
  readonly key?: { readonly id: string; readonly tenant?: string | undefined } | undefined
  readonly tags: readonly string[]
  /** Who answered. */
  readonly target?: string | undefined
  /** ms since 1970. */
  readonly now: number
}

/** The body of what is sent to a webhook. */
export function webhookBody(texts: readonly string[], about: About): string {
  const { rule, where, request, key, tags, target, now } = about
  return JSON.stringify({
    type: `guard.${where}`,
    timestamp: new Date(now).toISOString(),
    data: {
      rule,
      request_id: request.id,
      endpoint: ENDPOINTS[request.endpoint],
      model: request.model,
      ...(key && { key: key.id, ...(key.tenant !== undefined && { tenant: key.tenant }) }),
      tags,
      ...(target !== undefined && { target }),
      texts,
    },
  })
}

/** What a webhook answers: `{ "allow": true }` or `{ "allow": false }`. */
export function allowedBy(text: string): Found {
  const allow = booleanAt(parseJson(text), 'allow')
  return allow === undefined ? null : !allow
}

/** Words of the wire that stand in every request: nobody need be asked about them. */
const WIRE_WORDS = new Set(
  (
    'model messages role content user assistant system developer tool text type input input_text output_text prompt instructions ' +
    'parts contents function name arguments parameters tools stream temperature max_tokens max_completion_tokens auto none'
  ).split(' '),
)

/** Texts that somebody is asked about: each once, without words of the wire. */
export function askable(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => !WIRE_WORDS.has(text) && text.trim() !== '')
}
