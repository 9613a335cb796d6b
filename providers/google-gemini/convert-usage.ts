import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { tierName } from '#src/core/service-tier.ts'
import { reported, type Usage } from '#src/core/usage.ts'

/**
 * Tokens of an answer or an event; undefined: none are reported. What server tools put into the prompt is counted beside it, thoughts beside the
 * answer. An answer without either has what the total leaves.
 */
export function usageOf(value: JsonObject): Usage | undefined {
  const wire = objectAt(value, 'usageMetadata')
  if (!wire) return undefined
  const prompt = count(wire['promptTokenCount'])
  const toolInput = count(wire['toolUsePromptTokenCount'])
  const input = prompt === undefined ? undefined : prompt + (toolInput ?? 0)
  const reasoning = count(wire['thoughtsTokenCount'])
  const output = outputOf(wire, { input, reasoning })
  if (input === undefined && output === undefined) return undefined
  const cached = count(wire['cachedContentTokenCount'])
  const cachedInput = cached === undefined || input === undefined ? cached : Math.min(cached, input)
  const [audioInput, imageInput] = [
    modality(wire, 'promptTokensDetails', 'AUDIO'),
    modality(wire, 'promptTokensDetails', 'IMAGE'),
  ]
  const cachedAudio = modality(wire, 'cacheTokensDetails', 'AUDIO')
  const searches = searchesOf(value)
  // What was bought beforehand is no tier of its own name.
  const serviceTier = tierName(wire['serviceTier']) ?? tierName(wire['trafficType'])
  const [audioOutput, imageOutput] = [
    modality(wire, 'candidatesTokensDetails', 'AUDIO'),
    modality(wire, 'candidatesTokensDetails', 'IMAGE'),
  ]
  return reported({
    input,
    cachedInput,
    audioInput,
    cachedAudio,
    imageInput,
    toolInput,
    output,
    reasoning,
    audioOutput,
    imageOutput,
    searches,
    serviceTier,
  })
}

/**
 * Searches of Google's as they are charged: each query that is not empty and not said before; up to Gemini 2.5 each prompt that led to any. Source:
 * the vendor's page on grounding, 2026-09-17.
 */
function searchesOf(value: JsonObject): number | undefined {
  const found = (arrayAt(value, 'candidates') ?? []).map((one) => objectAt(one, 'groundingMetadata'))
  if (found.every((one) => one === undefined)) return undefined
  const queries = new Set(
    found.flatMap((one) => arrayAt(one, 'webSearchQueries') ?? []).filter((query) => query !== ''),
  )
  const model = stringAt(value, 'modelVersion') ?? ''
  return BY_PROMPT.some((name) => model.startsWith(name)) ? Math.min(1, queries.size) : queries.size
}

const BY_PROMPT = ['gemini-1', 'gemini-2']

interface Known {
  readonly input: number | undefined
  readonly reasoning: number | undefined
}

function outputOf(wire: JsonObject, { input, reasoning }: Known): number | undefined {
  const candidates = count(wire['candidatesTokenCount'])
  if (candidates !== undefined || reasoning !== undefined) return (candidates ?? 0) + (reasoning ?? 0)
  const total = count(wire['totalTokenCount'])
  return total === undefined || input === undefined ? undefined : Math.max(0, total - input)
}

function modality(wire: JsonObject, name: string, kind: string): number | undefined {
  for (const detail of arrayAt(wire, name) ?? [])
    if (isObject(detail) && stringAt(detail, 'modality') === kind) return count(detail['tokenCount'])
  return undefined
}

/** Tokens are whole and not negative; anything else was not reported. */
function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
