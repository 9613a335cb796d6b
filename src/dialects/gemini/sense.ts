import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import {
  addImageTokens,
  addSound,
  addText,
  addTree,
  addUnmeasured,
  addVideo,
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
import { listOf, memberOf } from './spelling.ts'

const MOST_CHOICES = 1_000_000

/** Measures a request of Gemini's dialect once: linear in the body. */
export function sense({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const contents = listOf(body, 'contents')
  addContent(memberOf(body, 'systemInstruction') ?? null, measure)
  for (const content of contents) addContent(content, measure)
  addTree(body['tools'], measure)
  const config = memberOf(body, 'generationConfig')
  for (const name of ['responseSchema', 'responseJsonSchema']) addTree(memberOf(config, name), measure)
  const outputLimit = wholeCount(numberIn(config, 'maxOutputTokens'))
  return {
    inputTokens: Math.ceil(measure.tokens) + contents.length * MESSAGE_TOKENS,
    inputTokensWorst: measure.bytes + measure.mediaWorst + (contents.length + 1) * MESSAGE_WORST,
    unmeasured: measure.unmeasured + providerReads(body),
    ...(outputLimit !== undefined && { outputLimit }),
    choices: Math.min(MOST_CHOICES, Math.max(1, wholeCount(numberIn(config, 'candidateCount')) ?? 1)),
    ...counted(toolsIn(body), measure.images),
    ...searchesAsked(body, {}),
    ...askedTier(memberOf(body, 'serviceTier')),
    needs: needsOf(body, config, measure),
    ...toolsNamed(body),
  }
}

function numberIn(value: Json | undefined, name: string): number | undefined {
  const member = memberOf(value, name)
  return typeof member === 'number' && Number.isFinite(member) ? member : undefined
}

function addContent(content: Json, measure: Measure): void {
  if (typeof content === 'string') return addText(content, measure)
  for (const part of listOf(content, 'parts')) addPart(part, measure)
}

/** Of media their number counts, or their size. */
function addPart(part: Json, measure: Measure): void {
  if (!isObject(part)) return addTree(part, measure)
  const [data, file] = [memberOf(part, 'inlineData'), memberOf(part, 'fileData')]
  if (data !== undefined || file !== undefined) return addMedia(data ?? file ?? null, measure)
  const result = memberOf(part, 'functionResponse')
  for (const key of Object.keys(part)) if (isContent(key) && part[key] !== result) addTree(part[key], measure)
  if (!isObject(result)) return
  for (const key of Object.keys(result)) if (key !== 'parts') addTree(result[key], measure)
  for (const inner of listOf(result, 'parts')) addPart(inner, measure)
}

/** Signatures go back to whoever made them; they are no text of the prompt. */
function isContent(key: string): boolean {
  return key !== 'thoughtSignature' && key !== 'thought_signature' && key !== 'thought'
}

function addMedia(blob: Json, measure: Measure): void {
  const type = memberOf(blob, 'mimeType')
  const kind = typeof type === 'string' ? type.slice(0, type.indexOf('/')).toLowerCase() : ''
  const written = memberOf(blob, 'data')
  const data = typeof written === 'string' ? written : undefined
  if (kind === 'audio') return addSound(measure, data)
  if (kind === 'video') return addVideo(measure)
  if (kind === 'image') return addImageTokens(measure)
  if (kind === 'text' && data !== undefined) return addText(data, measure)
  // An address alone does not say what is there.
  if (type === undefined) return addVideo(measure)
  addUnmeasured(measure)
}

function needsOf(body: JsonObject, config: Json | undefined, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: 'chat', param: 'model' }]
  const add = (capability: Need['capability'], needed: boolean, param: string): void => {
    if (needed) needs.push({ capability, param })
  }
  add('tools', listOf(body, 'tools').length > 0, 'tools')
  add('images', measure.images > 0, 'contents')
  add('audio', measure.sounds > 0, 'contents')
  if (measure.sounds === 0) add('audio', answersInSound(config), 'generationConfig.responseModalities')
  add('structured', isStructured(config), 'generationConfig.responseMimeType')
  add('logprobs', memberOf(config, 'responseLogprobs') === true, 'generationConfig.responseLogprobs')
  add('reasoning', wantsReasoning(config), 'generationConfig.thinkingConfig')
  return needs
}

/** A tool of Google's holds several functions, or is one that it runs itself. */
function toolsIn(body: JsonObject): number {
  return listOf(body, 'tools').reduce(
    (sum: number, tool) => sum + (listOf(tool, 'functionDeclarations').length || 1),
    0,
  )
}

function answersInSound(config: Json | undefined): boolean {
  return listOf(config, 'responseModalities').some((own) => typeof own === 'string' && own.toUpperCase() === 'AUDIO')
}

function isStructured(config: Json | undefined): boolean {
  const type = memberOf(config, 'responseMimeType')
  if (typeof type === 'string' && type !== 'text/plain') return true
  return isObject(memberOf(config, 'responseSchema')) || isObject(memberOf(config, 'responseJsonSchema'))
}

/** A budget of 0 asks for none. */
function wantsReasoning(config: Json | undefined): boolean {
  const thinking = memberOf(config, 'thinkingConfig')
  if (!isObject(thinking)) return false
  const budget = memberOf(thinking, 'thinkingBudget')
  if (typeof budget === 'number') return budget !== 0
  return memberOf(thinking, 'thinkingLevel') !== undefined || memberOf(thinking, 'includeThoughts') === true
}
