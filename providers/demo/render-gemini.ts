import type { Json, JsonObject } from '#src/core/json.ts'
import { numberAt } from '#src/core/json.ts'
import { citationsOf } from './citations.ts'
import {
  argumentsOf,
  callId,
  finishWord,
  signatureOf,
  wordsOf,
  type Content,
  type FinishWords,
  type ToolCall,
} from './content.ts'
import { utf8 } from './pieces.ts'
import { draw, hash, idOf } from './random.ts'
import { contentsOf } from './render.ts'
import type { Render } from './surface.ts'
import { tallyOf, type Tally } from './usage.ts'
import { configOf, member } from './wish-gemini.ts'

// A call of a tool is a stop like any other.
const WORDS: FinishWords = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY' }

/** A whole answer. */
export function renderGemini(render: Render): JsonObject {
  const contents = contentsOf(render)
  const tally = tallyOf(render, ...contents)
  const candidates = contents.map((content, index) => {
    const parts = wholeParts(content, { ...render, seed: seedOf(render, index) })
    const said = parts.length === 0 ? {} : { parts }
    return { content: { ...said, role: 'model' }, ...endOf(content, render), index }
  })
  return { candidates, ...(tally && { usageMetadata: usageOf(tally) }), ...headOf(render) }
}

/** What answers, and each event of one, have in common. */
export function headOf({ model, seed }: Render): JsonObject {
  return { modelVersion: model, responseId: idOf('', seed) }
}

/** Of several answers each is signed for itself. */
export function seedOf({ seed }: Render, index: number): string {
  return index === 0 ? seed : `${seed}/${index}`
}

function wholeParts(content: Content, render: Render): readonly JsonObject[] {
  const { reasoning, tools } = content
  const text = wordsOf(content)
  const signature = textSignature(content, render)
  return [
    ...(reasoning.length > 0 ? [{ text: reasoning.join(''), thought: true }] : []),
    ...(text === undefined && signature === undefined ? [] : [{ text: (text ?? []).join(''), ...signature }]),
    ...tools.map((call, at) => callPart(call, at, render)),
  ]
}

/** A text is signed where it was thought about, or the script says so, and where no call is. */
export function textSignature({ reasoning, tools }: Content, render: Render): JsonObject | undefined {
  const wanted = tools.length === 0 && (reasoning.length > 0 || render.reply.signature !== undefined)
  return wanted ? signed(render) : undefined
}

function signed(render: Render): JsonObject | undefined {
  const signature = signatureOf(render)
  return signature === undefined ? undefined : { thoughtSignature: signature }
}

/** The first of several calls is signed for all. */
export function callPart(call: ToolCall, at: number, render: Render): JsonObject {
  const id = call.id ?? callId(call, '').slice(0, 8)
  return { functionCall: { name: call.name, args: argumentsOf(call), id }, ...(at === 0 && signed(render)) }
}

/** Why a candidate ended, and what is told of it with that. */
export function endOf(content: Content, render: Render): JsonObject {
  const grounding = groundingOf(content, render)
  const tokens = asksLogprobs(render) ? (wordsOf(content) ?? []) : []
  return {
    finishReason: finishWord(content, WORDS),
    ...(content.finish === 'tool_calls' && { finishMessage: 'Model generated function call(s).' }),
    ...(grounding && { groundingMetadata: grounding }),
    ...(tokens.length > 0 && { logprobsResult: logprobsOf(tokens, render) }),
  }
}

/** Places are counted in bytes of UTF-8; a 0 is not written. */
function groundingOf(content: Content, render: Render): JsonObject | undefined {
  const cited = citationsOf(content, render)
  if (cited.length === 0) return undefined
  const whole = (content.text ?? []).join('')
  const bytes = (units: number) => utf8(whole.slice(0, units)).length
  return {
    groundingChunks: cited.map(({ url, title }) => ({ web: { uri: url, title } })),
    groundingSupports: cited.map(({ text, start, end }, at) => ({
      segment: { ...(start > 0 && { startIndex: bytes(start) }), endIndex: bytes(end), text },
      groundingChunkIndices: [at],
    })),
  }
}

function asksLogprobs({ reply, body }: Render): boolean {
  return reply.logprobs ?? member(configOf(body), 'responseLogprobs', 'response_logprobs') === true
}

function logprobsOf(tokens: readonly string[], { body }: Render): JsonObject {
  const near = numberAt({ near: member(configOf(body), 'logprobs', 'logprobs') }, 'near') ?? 0
  const chosen = tokens.map((token): Json => ({
    token,
    tokenId: hash(token) % 256_000,
    logProbability: -draw(token),
  }))
  const top = near > 0 ? { topCandidates: chosen.map((one) => ({ candidates: [one] })) } : {}
  return { chosenCandidates: chosen, ...top }
}

/** `usageMetadata`: thoughts are counted beside what is said. */
export function usageOf({ input, output, reasoning, cached }: Tally): JsonObject {
  const thought = Math.min(reasoning, output)
  const said = output - thought
  return {
    promptTokenCount: input,
    ...(said > 0 && { candidatesTokenCount: said }),
    totalTokenCount: input + output,
    ...(cached > 0 && { cachedContentTokenCount: cached }),
    promptTokensDetails: textTokens(input),
    ...(cached > 0 && { cacheTokensDetails: textTokens(cached) }),
    ...(thought > 0 && { thoughtsTokenCount: thought }),
  }
}

export function textTokens(count: number): readonly JsonObject[] {
  return [{ modality: 'TEXT', tokenCount: count }]
}
