import type { JsonObject } from '#src/core/json.ts'
import { objectAt, stringAt } from '#src/core/json.ts'
import { citedRuns, type Cited } from './citations.ts'
import {
  argumentsOf,
  callId,
  contentOf,
  finishWord,
  signatureOf,
  wordsOf,
  type Content,
  type FinishWords,
  type ToolCall,
} from './content.ts'
import { idOf } from './random.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

const WORDS: FinishWords = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' }

/** One block of a message: as it begins, what is added to it, and what that amounts to. */
export interface Block {
  readonly begun: JsonObject
  readonly deltas: readonly JsonObject[]
  readonly whole: JsonObject
}

/** A whole message. */
export function renderMessage(render: Render): JsonObject {
  const content = contentOf(render)
  const usage = messageUsage(render, content)
  return {
    ...messageOf(render),
    content: blocksOf(content, render).map((block) => block.whole),
    ...endOf(content),
    ...(usage && { usage }),
  }
}

/** A message of which nothing is said yet. */
export function messageOf({ model, seed }: Render): JsonObject {
  const open = { stop_reason: null, stop_sequence: null, stop_details: null }
  return { model, id: idOf('msg_', seed), type: 'message', role: 'assistant', content: [], ...open }
}

/** Why it ended. */
export function endOf(content: Content): JsonObject {
  const reason = finishWord(content, WORDS)
  const explanation = content.refusal?.join('') ?? null
  const details = reason === WORDS.content_filter ? { type: 'refusal', category: null, explanation } : null
  return { stop_reason: reason, stop_sequence: null, stop_details: details }
}

/** `usage`: what a cache gave or took is counted beside `input_tokens`. undefined: the script wants none. */
export function messageUsage(render: Render, content: Content): JsonObject | undefined {
  const tally = tallyOf(render, content)
  if (tally === undefined) return undefined
  const { input, output, cached, cacheWrite, reasoning } = tally
  return {
    input_tokens: Math.max(0, input - cached - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
    service_tier: 'standard',
    inference_geo: 'not_available',
  }
}

/** The blocks that a message consists of, in the order in which they come. */
export function blocksOf(content: Content, render: Render): readonly Block[] {
  const runs = wordsOf(content) === undefined ? [] : citedRuns(content, render)
  return [
    ...(content.reasoning.length > 0 ? [thoughtBlock(content.reasoning, render)] : []),
    ...runs.map(({ pieces, citations }) => textBlock(pieces, citations.map(citationOf))),
    ...content.tools.map(callBlock),
  ]
}

/** Who wants no thoughts to read gets their signature all the same. */
function thoughtBlock(reasoning: readonly string[], render: Render): Block {
  const pieces = stringAt(objectAt(render.body, 'thinking'), 'display') === 'omitted' ? [] : reasoning
  const signature = signatureOf(render)
  const begun = { type: 'thinking', thinking: '', signature: '' }
  return {
    begun,
    deltas: [
      ...pieces.map((thinking) => ({ type: 'thinking_delta', thinking })),
      ...(signature === undefined ? [] : [{ type: 'signature_delta', signature }]),
    ],
    whole: { ...begun, thinking: pieces.join(''), signature: signature ?? '' },
  }
}

function textBlock(pieces: readonly string[], citations: readonly JsonObject[]): Block {
  const cited = citations.length > 0
  return {
    begun: { ...(cited && { citations: [] }), type: 'text', text: '' },
    deltas: [
      ...citations.map((citation) => ({ type: 'citations_delta', citation })),
      ...pieces.map((text) => ({ type: 'text_delta', text })),
    ],
    whole: { ...(cited && { citations }), type: 'text', text: pieces.join('') },
  }
}

function citationOf({ url, title, text }: Cited): JsonObject {
  const encrypted = idOf('', `${url}/${text}`)
  return { type: 'web_search_result_location', cited_text: text, url, title, encrypted_index: encrypted }
}

/** Input begins with an empty piece, and where there is none it is the only one. */
function callBlock(call: ToolCall): Block {
  const begun = { type: 'tool_use', id: callId(call, 'toolu_'), name: call.name, input: {}, caller: { type: 'direct' } }
  const bare = call.pieces.join('') === '{}'
  return {
    begun,
    deltas: ['', ...(bare ? [] : call.pieces)].map((json) => ({ type: 'input_json_delta', partial_json: json })),
    whole: { ...begun, input: argumentsOf(call) },
  }
}
