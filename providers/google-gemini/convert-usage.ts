import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

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
  const [audioOutput, imageOutput] = [
    modality(wire, 'candidatesTokensDetails', 'AUDIO'),
    modality(wire, 'candidatesTokensDetails', 'IMAGE'),
  ]
  return {
    ...(input !== undefined && { input }),
    ...(cachedInput !== undefined && { cachedInput }),
    ...(audioInput !== undefined && { audioInput }),
    ...(imageInput !== undefined && { imageInput }),
    ...(toolInput !== undefined && { toolInput }),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
    ...(audioOutput !== undefined && { audioOutput }),
    ...(imageOutput !== undefined && { imageOutput }),
  }
}

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
