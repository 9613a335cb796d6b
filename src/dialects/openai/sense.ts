import type { Operation } from '#src/core/endpoint.ts'
import { arrayAt, isObject, numberAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { counted, type ApiRequest, type Need, type Signals } from '#src/core/request.ts'
import {
  addText,
  addTree,
  emptyMeasure,
  measureMessage,
  MESSAGE_TOKENS,
  MESSAGE_WORST,
  wholeCount,
  type Measure,
} from '#src/core/measure.ts'
import { outputLimitsIn } from '#src/core/output-limits.ts'
import { askedTier } from '#src/core/service-tier.ts'
import { providerReads } from '../shared/provider-reads.ts'
import { searchesAsked } from '../shared/searches-asked.ts'
import { toolsNamed } from '../shared/tools-named.ts'

/** More answers than anybody can ask for. */
const MOST_CHOICES = 1_000_000

/** OpenAI's three older endpoints. */
type Asked = Extract<Operation, 'chat' | 'completions' | 'embeddings'>

/** Measures a request once: how long it is, how much may come back, and what it needs of a model. Linear in the body; copies no text. */
export function senseOpenai(asked: Asked, { body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  const messages = READ[asked](body, measure)
  const outputLimit = limitOf(body)
  return {
    inputTokens: Math.ceil(measure.tokens) + messages * MESSAGE_TOKENS,
    ...(measure.longest !== undefined && { longestInput: Math.ceil(measure.longest) }),
    inputTokensWorst: measure.bytes + measure.mediaWorst + messages * MESSAGE_WORST,
    unmeasured: measure.unmeasured + (asked === 'chat' ? providerReads(body) : 0),
    ...(outputLimit !== undefined && { outputLimit }),
    choices: choicesOf(asked, body),
    ...counted(toolsIn(body), measure.images),
    ...(asked === 'chat' && searchesAsked(body, {})),
    ...askedTier(body['service_tier']),
    needs: needsOf(asked, body, measure),
    ...(asked === 'chat' && toolsNamed(body)),
  }
}

/** Adds up a request's input; gives the number of its messages. */
const READ: Readonly<Record<Asked, (body: JsonObject, measure: Measure) => number>> = {
  chat(body, measure) {
    const messages = arrayAt(body, 'messages') ?? []
    for (const message of messages) measureMessage(message, measure)
    for (const field of ['tools', 'functions', 'response_format', 'prediction']) addTree(body[field], measure)
    return messages.length
  },
  completions(body, measure) {
    addInput(body.prompt, measure)
    addInput(body.suffix, measure)
    return 0
  },
  embeddings(body, measure) {
    addInput(body.input, measure)
    return 0
  },
}

/** Text, texts, tokens, or lists of tokens. */
function addInput(value: Json | undefined, measure: Measure): void {
  if (typeof value === 'string') return addText(value, measure)
  if (!Array.isArray(value)) return
  if (!value.some((item) => typeof item !== 'number')) return addTokens(value.length, measure)
  measure.longest = 0
  for (const item of value) {
    const before = measure.tokens
    if (typeof item === 'string') addText(item, measure)
    else if (Array.isArray(item)) addTokens(item.length, measure)
    measure.longest = Math.max(measure.longest, measure.tokens - before)
  }
}

function addTokens(count: number, measure: Measure): void {
  measure.tokens += count
  measure.bytes += count
}

/** A search of the web is a tool that has no place in the list. */
function toolsIn(body: JsonObject): number {
  const listed = (arrayAt(body, 'tools')?.length ?? 0) + (arrayAt(body, 'functions')?.length ?? 0)
  return isObject(body['web_search_options']) ? listed + 1 : listed
}

/** Several limits written: the largest counts, since an upstream may know any. Below 0 is without end to those that take it. */
function limitOf(body: JsonObject): number | undefined {
  const limits = outputLimitsIn(body).flatMap((name) => numberAt(body, name) ?? [])
  if (limits.length === 0 || limits.some((limit) => limit < 0)) return undefined
  return wholeCount(Math.max(...limits))
}

/** `n`, times `best_of`, times the prompts of a completion. */
function choicesOf(asked: Asked, body: JsonObject): number {
  const count = (value: number | undefined) => whole(value ?? 1, { least: 1, most: MOST_CHOICES })
  const n = count(numberAt(body, 'n'))
  if (asked !== 'completions') return n
  const prompts = arrayAt(body, 'prompt')
  const several = prompts?.some((prompt) => typeof prompt !== 'number') === true
  return whole(n * count(numberAt(body, 'best_of')) * (several ? prompts.length : 1), { least: 1, most: MOST_CHOICES })
}

function whole(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, Math.ceil(value)))
}

function needsOf(asked: Asked, body: JsonObject, measure: Measure): readonly Need[] {
  const needs: Need[] = [{ capability: asked, param: 'model' }]
  const add = (capability: Need['capability'], param: string | undefined) => {
    if (param !== undefined) needs.push({ capability, param })
  }
  add(
    'tools',
    ['tools', 'functions'].find((field) => (arrayAt(body, field)?.length ?? 0) > 0),
  )
  add('images', measure.images > 0 ? 'messages' : undefined)
  add('audio', audioParam(body, measure))
  add('structured', isStructured(body) ? 'response_format' : undefined)
  add('logprobs', wantsLogprobs(asked, body) ? 'logprobs' : undefined)
  add('reasoning', wantsReasoning(body) ? 'reasoning_effort' : undefined)
  return needs
}

function audioParam(body: JsonObject, measure: Measure): string | undefined {
  if (measure.sounds > 0) return 'messages'
  return arrayAt(body, 'modalities')?.includes('audio') ? 'modalities' : undefined
}

function isStructured(body: JsonObject): boolean {
  const type = stringAt(body.response_format, 'type')
  return type === 'json_schema' || type === 'json_object'
}

/** A switch in chat, a number in completions. */
function wantsLogprobs(asked: Asked, body: JsonObject): boolean {
  return asked === 'completions' ? numberAt(body, 'logprobs') !== undefined : body.logprobs === true
}

function wantsReasoning(body: JsonObject): boolean {
  const effort = stringAt(body, 'reasoning_effort')
  return effort !== undefined && effort !== 'none'
}
