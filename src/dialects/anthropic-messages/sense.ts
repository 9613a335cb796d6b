import { arrayAt, isObject, numberAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import {
  addSound,
  addText,
  addTree,
  addImageTokens,
  emptyMeasure,
  MESSAGE_TOKENS,
  MESSAGE_WORST,
  wholeCount,
  type Measure,
} from '#src/core/measure.ts'
import type { ApiRequest, Need, Signals } from '#src/core/request.ts'

/** Measures a request of Anthropic's dialect once: linear in the body. */
export function sense({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const messages = arrayAt(body, 'messages') ?? []
  addContent(body['system'], measure)
  for (const message of messages) if (isObject(message)) addContent(message['content'], measure)
  addTree(body['tools'], measure)
  addTree(body['output_config'], measure)
  const outputLimit = wholeCount(numberAt(body, 'max_tokens'))
  return {
    inputTokens: Math.ceil(measure.tokens) + messages.length * MESSAGE_TOKENS,
    inputTokensWorst: measure.bytes + (messages.length + 1) * MESSAGE_WORST,
    media: measure.images + measure.sounds,
    ...(outputLimit !== undefined && { outputLimit }),
    choices: 1,
    needs: needsOf(body, measure),
  }
}

function addContent(content: Json | undefined, measure: Measure): void {
  if (typeof content === 'string') return addText(content, measure)
  if (!Array.isArray(content)) return
  for (const block of content) addBlock(block, measure)
}

/** A result of a tool holds blocks in its turn. */
function addBlock(block: Json, measure: Measure): void {
  if (!isObject(block)) return
  const type = stringAt(block, 'type')
  if (type === 'image') return addImageTokens(measure)
  if (type === 'document' && stringAt(block['source'], 'type') !== 'text') return addSound(measure)
  for (const key of Object.keys(block)) {
    if (key === 'type' || key === 'cache_control') continue
    if (key === 'content') addContent(block[key], measure)
    else addTree(block[key], measure)
  }
}

function needsOf(body: JsonObject, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: 'chat', param: 'model' }]
  if ((arrayAt(body, 'tools')?.length ?? 0) > 0) needs.push({ capability: 'tools', param: 'tools' })
  if (measure.images > 0) needs.push({ capability: 'images', param: 'messages' })
  if (isObject(body['output_format']) || isObject(formatOf(body)))
    needs.push({ capability: 'structured', param: 'output_config' })
  const thinking = stringAt(body['thinking'], 'type')
  if (thinking !== undefined && thinking !== 'disabled') needs.push({ capability: 'reasoning', param: 'thinking' })
  return needs
}

function formatOf(body: JsonObject): Json | undefined {
  const config = body['output_config']
  return isObject(config) ? config['format'] : undefined
}
