import type { JsonObject } from '#src/core/json.ts'
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
} from './content.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

const WORDS: FinishWords = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'content_filtered',
}

/** One block of an answer: what begins it, where something does, what is added to it, and what that amounts to. */
export interface Block {
  readonly start: JsonObject | undefined
  readonly deltas: readonly JsonObject[]
  readonly whole: JsonObject
}

/** A whole answer of Converse. */
export function renderConverse(render: Render): JsonObject {
  const content = contentOf(render)
  const blocks = blocksOf(content, render).map((block) => block.whole)
  return {
    metrics: METRICS,
    output: { message: { content: blocks, role: 'assistant' } },
    ...endOf(content),
    ...usageOf(content, render),
  }
}

/** A scripted model takes no time that would be worth telling. */
export const METRICS = { latencyMs: 452 }

/** Why it ended. */
export function endOf(content: Content): JsonObject {
  return { stopReason: finishWord(content, WORDS) }
}

/** `usage`: what a cache gave or took is counted beside `inputTokens`. Nothing: the script wants none. */
export function usageOf(content: Content, render: Render): JsonObject {
  const tally = tallyOf(render, content)
  if (tally === undefined) return {}
  const { input, output, cached, cacheWrite } = tally
  const cache = { cacheReadInputTokens: cached, cacheWriteInputTokens: cacheWrite }
  return {
    usage: {
      ...(cached + cacheWrite > 0 && cache),
      inputTokens: Math.max(0, input - cached - cacheWrite),
      outputTokens: output,
      serverToolUsage: {},
      totalTokens: input + output,
    },
  }
}

/** The blocks that an answer consists of, in the order in which they come. */
export function blocksOf(content: Content, render: Render): readonly Block[] {
  const runs = wordsOf(content) === undefined ? [] : citedRuns(content, render)
  return [
    ...(content.reasoning.length > 0 ? [thoughtBlock(content.reasoning, render)] : []),
    ...runs.map(({ pieces, citations }) => textBlock(pieces, citations.map(citationOf))),
    ...content.tools.map((call): Block => {
      const named = { name: call.name, toolUseId: callId(call, 'tooluse_') }
      const deltas = call.pieces.map((input) => ({ toolUse: { input } }))
      return { start: { toolUse: named }, deltas, whole: { toolUse: { input: argumentsOf(call), ...named } } }
    }),
  ]
}

function thoughtBlock(reasoning: readonly string[], render: Render): Block {
  const signature = signatureOf(render)
  const signed = signature === undefined ? {} : { signature }
  return {
    start: undefined,
    deltas: [...reasoning.map((text) => ({ text })), ...(signature === undefined ? [] : [signed])].map(
      (reasoningContent) => ({ reasoningContent }),
    ),
    whole: { reasoningContent: { reasoningText: { ...signed, text: reasoning.join('') } } },
  }
}

function textBlock(pieces: readonly string[], citations: readonly JsonObject[]): Block {
  const text = pieces.join('')
  return {
    start: undefined,
    deltas: [...pieces.map((piece) => ({ text: piece })), ...citations.map((citation) => ({ citation }))],
    whole: citations.length === 0 ? { text } : { citationsContent: { citations, content: [{ text }] } },
  }
}

function citationOf({ url, title, text }: Cited): JsonObject {
  return { location: { web: { url } }, sourceContent: [{ text }], title }
}
