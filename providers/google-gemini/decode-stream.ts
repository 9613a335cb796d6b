import type { Answer, StreamPart } from '#src/core/answer.ts'
import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { isNews, UNNAMED, type Served } from '#src/core/served.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { brokenEvent } from '#providers/openai-compatible/map-error.ts'
import { usageOf } from './convert-usage.ts'
import { closing, finishStep, NEW_CHOICE, readCandidate, type ChoiceState } from './decode-candidate.ts'
import { bareError, failureInside } from './map-error.ts'

/** A stream under way: each event is an answer of its own that holds what is new. */
export interface GeminiState {
  readonly started: boolean
  readonly named: Served
  readonly choices: ReadonlyMap<number, ChoiceState>
}

export const START: GeminiState = { started: false, named: UNNAMED, choices: new Map() }

interface Step {
  readonly state: GeminiState
  readonly parts: readonly StreamPart[]
}

/** `id` makes the ids of calls that have none. */
export function geminiStream(id: string): DecodeReducer<GeminiState> {
  return {
    start: START,
    event: (state, event) => readEvent(state, event, id),
    end: endOf,
  }
}

function readEvent(state: GeminiState, event: WireEvent, id: string): Step {
  const text = event.error ?? event.data
  if (text === undefined) {
    const failure = event.comment ? undefined : bareError(event.bytes, parseJson)
    return { state, parts: failure ? [{ type: 'failure', failure }] : [] }
  }
  const value = parseJson(text)
  if (!isObject(value)) return failed(state, brokenEvent(text))
  const failure = failureInside(value, event.error === undefined ? event.name : 'error')
  return failure ? failed(state, failure) : readChunk(state, value, id)
}

function failed(state: GeminiState, failure: UpstreamFailure): Step {
  return { state, parts: [{ type: 'failure', failure }] }
}

/** One event of a stream, or the only one that a whole answer is. */
export function readChunk(state: GeminiState, value: JsonObject, id: string): Step {
  const parts: StreamPart[] = []
  const head = headOf(value)
  const begins = !state.started || isNews(state.named, head)
  if (begins) parts.push({ type: 'start', ...head })
  let { choices } = state
  for (const [position, candidate] of (arrayAt(value, 'candidates') ?? []).entries()) {
    if (!isObject(candidate)) continue
    const choice = numberAt(candidate, 'index') ?? position
    const before = choices.get(choice) ?? NEW_CHOICE
    const after = readCandidate(candidate, before, { choice, parts, id })
    if ('failure' in after) return failed(state, after.failure)
    if (after !== before) choices = new Map(choices).set(choice, after)
  }
  const blocked = choices.size === 0 ? blockedBy(value) : undefined
  if (blocked) choices = new Map([[0, blocked]])
  const usage = usageOf(value)
  if (usage) parts.push({ type: 'usage', usage })
  const rest = restOf(value)
  if (rest) parts.push({ type: 'rest', rest })
  if (!begins && choices === state.choices) return { state, parts }
  return { state: { started: true, named: { ...state.named, ...head }, choices }, parts }
}

/** A prompt that was refused gets no candidates at all, only the reason. */
function blockedBy(value: JsonObject): ChoiceState | undefined {
  const feedback = objectAt(value, 'promptFeedback')
  const raw = stringAt(feedback, 'blockReason')
  if (!feedback || (raw === undefined && stringAt(feedback, 'blockReasonMessage') === undefined)) return undefined
  return { ...NEW_CHOICE, finish: { unified: 'content_filter', ...(raw !== undefined && { raw }), safety: feedback } }
}

/**
 * Every event may say why the candidate ended, and older models say STOP in all of them: the end is told where the body ends. No end is told of
 * a candidate that gave none.
 */
function endOf({ choices }: GeminiState): readonly StreamPart[] {
  return [...choices].flatMap(([choice, own]) => [...closing(choice, own), ...finishStep(choice, own)])
}

function headOf(value: JsonObject): Pick<Answer, 'id' | 'model' | 'created' | 'serviceTier'> {
  const [id, model] = [stringAt(value, 'responseId'), stringAt(value, 'modelVersion')]
  const created = Math.floor(Date.parse(stringAt(value, 'createTime') ?? '') / 1000)
  const serviceTier = stringAt(objectAt(value, 'usageMetadata'), 'serviceTier')
  return {
    ...(id !== undefined && id !== '' && { id }),
    ...(model !== undefined && model !== '' && { model }),
    ...(!Number.isNaN(created) && { created }),
    ...(serviceTier !== undefined && { serviceTier }),
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'candidates',
  'usageMetadata',
  'modelVersion',
  'responseId',
  'createTime',
  'promptFeedback',
])

function restOf(value: JsonObject): JsonObject | undefined {
  let rest: Record<string, JsonObject[string]> | undefined
  for (const name of Object.keys(value)) {
    if (KNOWN.has(name)) continue
    rest ??= {}
    rest[name] = value[name]
  }
  return rest
}
