import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import {
  addImageTokens,
  addSound,
  addText,
  addTree,
  emptyMeasure,
  MESSAGE_TOKENS,
  MESSAGE_WORST,
  wholeCount,
  type Measure,
} from '#src/core/measure.ts'
import type { ApiRequest, Need, Signals } from '#src/core/request.ts'

/** Measures a Gemini request once: linear in the body. */
export function sense({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const contents = arrayAt(body, 'contents') ?? []
  for (const content of [body['systemInstruction'] ?? null, ...contents]) addParts(content, measure)
  addTree(body['tools'], measure)
  const config = objectAt(body, 'generationConfig') ?? {}
  addTree(config['responseSchema'], measure)
  addTree(config['responseJsonSchema'], measure)
  const count = contents.length + 1
  const outputLimit = wholeCount(numberAt(config, 'maxOutputTokens'))
  return {
    inputTokens: Math.ceil(measure.tokens) + count * MESSAGE_TOKENS,
    inputTokensWorst: measure.bytes + count * MESSAGE_WORST,
    media: measure.images + measure.sounds,
    ...(outputLimit !== undefined && { outputLimit }),
    choices: Math.max(1, Math.ceil(numberAt(config, 'candidateCount') ?? 1)),
    needs: needsOf(body, config, measure),
  }
}

function addParts(content: Json, measure: Measure): void {
  if (typeof content === 'string') return addText(content, measure)
  for (const part of arrayAt(content, 'parts') ?? []) {
    const blob = objectAt(part, 'inlineData') ?? objectAt(part, 'fileData')
    if (!blob) addTree(part, measure)
    else if ((stringAt(blob, 'mimeType') ?? 'image/').startsWith('image/')) addImageTokens(measure)
    else addSound(measure)
  }
}

function needsOf(body: JsonObject, config: JsonObject, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: 'chat', param: 'model' }]
  if ((arrayAt(body, 'tools')?.length ?? 0) > 0) needs.push({ capability: 'tools', param: 'tools' })
  if (measure.images > 0) needs.push({ capability: 'images', param: 'contents' })
  if (stringAt(config, 'responseMimeType') === 'application/json')
    needs.push({ capability: 'structured', param: 'generationConfig.responseMimeType' })
  if (config['responseLogprobs'] === true)
    needs.push({ capability: 'logprobs', param: 'generationConfig.responseLogprobs' })
  if (isObject(config['thinkingConfig']) && numberAt(config['thinkingConfig'], 'thinkingBudget') !== 0)
    needs.push({ capability: 'reasoning', param: 'generationConfig.thinkingConfig' })
  return needs
}
