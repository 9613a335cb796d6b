import type { Observation } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { usageOf } from './convert-usage.ts'
import { failureInside, unfinished } from './map-error.ts'
import { mapFinishReason, rawReason, type Ended } from './map-finish-reason.ts'

const NONE: readonly number[] = []
const FIRST: readonly number[] = [0]

interface Seen {
  readonly choices: number[]
  readonly finished: number[]
  content: boolean
  bytes: number
  calls: boolean
  finish: string | undefined
  failure: Observation['failure']
}

interface Kind {
  readonly endpoint: Endpoint
  readonly stream: boolean
  readonly event?: string | undefined
}

/** What an answer, or one event of its stream, says. Never throws. */
export function observe(value: JsonObject, kind: Kind): Observation {
  if (kind.endpoint !== 'geminiGenerate') return observeOther(value)
  const candidates = arrayAt(value, 'candidates') ?? []
  const seen = readCandidates(candidates, kind.stream)
  const blocked = candidates.length === 0 && isBlocked(value)
  const model = stringAt(value, 'modelVersion')
  return {
    content: seen.content,
    generatedBytes: seen.bytes,
    choices: blocked ? FIRST : seen.choices.length > 0 ? seen.choices : NONE,
    finished: blocked ? FIRST : seen.finished.length > 0 ? seen.finished : NONE,
    finish: blocked ? 'content_filter' : seen.finish,
    usage: usageOf(value),
    failure: failureInside(value, kind.event) ?? seen.failure,
    usageOnly: false,
    done: undefined,
    model: model === '' ? undefined : model,
  }
}

/** A number of tokens, or vectors, which have none of their own. */
function observeOther(value: JsonObject): Observation {
  const vectors = [value['embedding'] ?? null, ...(arrayAt(value, 'embeddings') ?? [])]
  const vector = vectors.map((own) => arrayAt(own, 'values')).find((values) => values !== undefined)
  const usage = usageOf(value)
  return {
    content: numberAt(value, 'totalTokens') !== undefined || (vector !== undefined && vector.length > 0),
    generatedBytes: 0,
    choices: NONE,
    finished: NONE,
    finish: undefined,
    usage: usage && vector ? { ...usage, output: usage.output ?? 0 } : usage,
    failure: failureInside(value),
    usageOnly: false,
    done: undefined,
    model: undefined,
  }
}

function isBlocked(value: JsonObject): boolean {
  const feedback = objectAt(value, 'promptFeedback')
  return feedback?.['blockReason'] !== undefined || feedback?.['blockReasonMessage'] !== undefined
}

function readCandidates(candidates: readonly Json[], stream: boolean): Seen {
  const seen: Seen = {
    choices: [],
    finished: [],
    content: false,
    bytes: 0,
    calls: false,
    finish: undefined,
    failure: undefined,
  }
  for (const [position, candidate] of candidates.entries()) {
    if (!isObject(candidate)) continue
    const index = numberAt(candidate, 'index') ?? position
    seen.choices.push(index)
    const before = seen.bytes
    const said = measureParts(arrayAt(objectAt(candidate, 'content'), 'parts') ?? [], seen)
    seen.content ||= said || seen.bytes > before
    const raw = rawReason(candidate)
    if (raw === undefined) continue
    const ended = mapFinishReason(raw)
    // In a stream something may have been said before, and the caller's own SDK knows these words.
    if (!stream && !said && (ended === 'broken' || ended === 'nothing'))
      seen.failure ??= unfinished(raw, stringAt(candidate, 'finishMessage'))
    seen.finished.push(index)
    seen.finish = inCommonWords(ended, seen.calls)
  }
  return seen
}

/** A turn that is to be continued may be empty and is no failure: `length` says the same of it. */
function inCommonWords(ended: Ended, calls: boolean): string {
  if (ended === 'pause') return 'length'
  if (ended === 'length' || ended === 'content_filter') return ended
  return calls ? 'tool_calls' : 'stop'
}

function measureParts(parts: readonly Json[], seen: Seen): boolean {
  let said = false
  for (const part of parts) {
    if (!isObject(part)) continue
    const text = part['text']
    if (typeof text === 'string') {
      seen.bytes += text === '' ? 0 : utf8Length(text)
      said ||= text !== ''
      continue
    }
    const call = objectAt(part, 'functionCall')
    if (call) {
      seen.calls = true
      seen.bytes += callBytes(call)
    }
    said ||= call !== undefined || Object.values(part).some(isObject)
  }
  return said
}

function callBytes(call: JsonObject): number {
  const written = ['args', 'partialArgs'].reduce((sum, name) => sum + jsonBytes(call[name]), 0)
  return utf8Length(stringAt(call, 'name') ?? '') + written
}

function jsonBytes(value: Json | undefined): number {
  if (value === undefined || value === null) return 0
  try {
    return utf8Length(JSON.stringify(value))
  } catch {
    // Nested deeper than the engine's stack: there is something, how much is not known.
    return 1
  }
}
