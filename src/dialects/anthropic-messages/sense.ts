import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import {
  addImageTokens,
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

/** Measures a request of Anthropic's dialect once: linear in the body; copies no text. */
export function sense({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const messages = arrayAt(body, 'messages') ?? []
  addContent(body['system'], measure)
  for (const message of messages) if (isObject(message)) addContent(message['content'], measure)
  for (const name of ['tools', 'output_config', 'output_format']) addTree(body[name], measure)
  const outputLimit = wholeCount(numberAt(body, 'max_tokens'))
  return {
    inputTokens: Math.ceil(measure.tokens) + messages.length * MESSAGE_TOKENS,
    // The system text is one more message.
    inputTokensWorst: measure.bytes + measure.mediaWorst + (messages.length + 1) * MESSAGE_WORST,
    unmeasured: measure.unmeasured + providerReads(body),
    ...(outputLimit !== undefined && { outputLimit }),
    choices: 1,
    // A server of tools is one at least.
    ...counted((arrayAt(body, 'tools')?.length ?? 0) + (arrayAt(body, 'mcp_servers')?.length ?? 0), measure.images),
    ...searchesAsked(body, { limitOf: (tool) => wholeCount(numberAt(tool, 'max_uses')) }),
    // Its fast mode is priced as tiers are elsewhere.
    ...askedTier(body['speed'] === 'fast' ? 'fast' : body['service_tier']),
    needs: needsOf(body, measure),
    ...toolsNamed(body),
  }
}

function addContent(content: Json | undefined, measure: Measure): void {
  if (typeof content === 'string') return addText(content, measure)
  if (!Array.isArray(content)) return
  for (const block of content) addBlock(block, measure)
}

/** What stands for itself, or is no text that a model reads. */
const ENVELOPE: ReadonlySet<string> = new Set(['type', 'cache_control'])

/** Results of tools hold blocks in their turn. */
function addBlock(block: Json, measure: Measure): void {
  if (!isObject(block)) return
  const type = stringAt(block, 'type')
  if (type === 'image') return addImageTokens(measure)
  for (const key of Object.keys(block)) {
    if (ENVELOPE.has(key)) continue
    if (key === 'content') addMember(block[key], measure)
    else if (key === 'source' && type === 'document') addDocument(block[key], measure)
    else addTree(block[key], measure)
  }
}

/** Text, blocks, or an object of a tool that the provider ran. */
function addMember(content: Json | undefined, measure: Measure): void {
  if (isObject(content)) addTree(content, measure)
  else addContent(content, measure)
}

/** A file that is not text may hold as much as the model reads. */
function addDocument(source: Json | undefined, measure: Measure): void {
  const type = stringAt(source, 'type')
  if (type === 'text') return addText(stringAt(source, 'data') ?? '', measure)
  if (type === 'content' && isObject(source)) return addContent(source['content'], measure)
  addUnmeasured(measure)
}

function needsOf(body: JsonObject, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: 'chat', param: 'model' }]
  if ((arrayAt(body, 'tools')?.length ?? 0) > 0) needs.push({ capability: 'tools', param: 'tools' })
  if (measure.images > 0) needs.push({ capability: 'images', param: 'messages' })
  const format = ['output_config', 'output_format'].find((name) => isFormat(name, body))
  if (format !== undefined) needs.push({ capability: 'structured', param: format })
  const thinking = stringAt(body['thinking'], 'type')
  if (thinking !== undefined && thinking !== 'disabled') needs.push({ capability: 'reasoning', param: 'thinking' })
  return needs
}

function isFormat(name: string, body: JsonObject): boolean {
  return name === 'output_format' ? isObject(body[name]) : objectAt(body[name], 'format') !== undefined
}
