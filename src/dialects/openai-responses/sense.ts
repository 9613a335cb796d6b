import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { mediaOf } from '#src/core/media-part.ts'
import {
  addImageTokens,
  addSound,
  addText,
  addTree,
  addUnmeasured,
  emptyMeasure,
  MESSAGE_TOKENS,
  MESSAGE_WORST,
  wholeCount,
  type Measure,
} from '#src/core/measure.ts'
import { counted, type ApiRequest, type Need, type Signals } from '#src/core/request.ts'
import { askedTier } from '#src/core/service-tier.ts'
import { providerReads } from '../shared/provider-reads.ts'
import { searchesAsked } from '../shared/searches-asked.ts'
import { toolsNamed } from '../shared/tools-named.ts'

/** Measures a Responses request once: linear in the body. */
export function sense({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const items = arrayAt(body, 'input')
  addTree(body['instructions'], measure)
  if (items) for (const item of items) addItem(item, measure)
  else addTree(body['input'], measure)
  addTree(body['tools'], measure)
  addTree(objectAt(body, 'text')?.['format'], measure)
  const count = (items?.length ?? 1) + 1
  const outputLimit = wholeCount(numberAt(body, 'max_output_tokens'))
  return {
    inputTokens: Math.ceil(measure.tokens) + count * MESSAGE_TOKENS,
    inputTokensWorst: measure.bytes + measure.mediaWorst + count * MESSAGE_WORST,
    unmeasured: measure.unmeasured + providerReads(body),
    ...(outputLimit !== undefined && { outputLimit }),
    choices: 1,
    ...counted(arrayAt(body, 'tools')?.length, measure.images),
    ...searchesAsked(body, { limit: wholeCount(numberAt(body, 'max_tool_calls')) }),
    ...askedTier(body['service_tier']),
    needs: needsOf(body, measure),
    ...toolsNamed(body),
  }
}

function addItem(item: Json, measure: Measure): void {
  if (!isObject(item)) return
  // What tutti has kept stands in its place by now: this is the provider's.
  if (stringAt(item, 'type') === 'item_reference') return addUnmeasured(measure)
  for (const key of Object.keys(item)) {
    if (key === 'type' || key === 'role' || key === 'id' || key === 'status') continue
    const value = item[key]
    if ((key === 'content' || key === 'output') && Array.isArray(value))
      for (const part of value) addPart(part, measure)
    else if (key === 'output' && isObject(value)) addPart(value, measure)
    else addTree(value, measure)
  }
}

function addPart(part: Json, measure: Measure): void {
  const type = stringAt(part, 'type')
  if (isObject(part) && mediaOf(part) === 'image') return addImageTokens(measure, stringAt(part, 'detail') === 'low')
  if (type === 'input_audio') return addSound(measure, stringAt(objectAt(part, 'input_audio'), 'data'))
  if (type === 'input_file') return addUnmeasured(measure)
  const text = stringAt(part, 'text')
  if (text === undefined) addTree(part, measure)
  else addText(text, measure)
}

function needsOf(body: JsonObject, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: 'chat', param: 'model' }]
  if ((arrayAt(body, 'tools')?.length ?? 0) > 0) needs.push({ capability: 'tools', param: 'tools' })
  if (measure.images > 0) needs.push({ capability: 'images', param: 'input' })
  const format = stringAt(objectAt(body, 'text')?.['format'], 'type')
  if (format === 'json_schema' || format === 'json_object') needs.push({ capability: 'structured', param: 'text' })
  if (arrayAt(body, 'include')?.includes('message.output_text.logprobs'))
    needs.push({ capability: 'logprobs', param: 'include' })
  const effort = stringAt(body['reasoning'], 'effort')
  if (effort !== undefined && effort !== 'none') needs.push({ capability: 'reasoning', param: 'reasoning' })
  return needs
}
