import type { JsonObject } from '#src/core/json.ts'
import { tokensOf, type Content } from './content.ts'
import { countTokens } from './pieces.ts'
import type { Reply } from './script.ts'
import type { Render } from './surface.ts'

/** Tokens as they were counted while the answer was made. */
export interface Counted {
  readonly input: number
  readonly output: number
  readonly reasoning: number
}

/** A `usage` object in OpenAI's form: what the script says, else what was counted. */
export function usageOf(reply: Reply, counted: Counted): JsonObject {
  const input = reply.usage?.input ?? counted.input
  const output = reply.usage?.output ?? counted.output
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: reply.usage?.cached ?? 0,
      ...(reply.usage?.cacheWrite !== undefined && { cache_write_tokens: reply.usage.cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: reply.usage?.reasoning ?? counted.reasoning },
  }
}

/** Tokens of some answers to one request. */
export function countOf(render: Render, contents: readonly Content[]): Counted {
  const each = contents.map(tokensOf)
  return {
    input: countTokens(JSON.stringify(render.wish.prompt ?? '')),
    output: each.reduce((sum, tokens) => sum + tokens.output, 0),
    reasoning: each.reduce((sum, tokens) => sum + tokens.reasoning, 0),
  }
}

/** Tokens of each kind; those of a cache are part of `input`, those of reasoning of `output`. */
export interface Tally extends Counted {
  readonly cached: number
  readonly cacheWrite: number
}

/** What the script says, else what was counted; undefined: the script wants none reported. */
export function tallyOf(render: Render, ...contents: readonly Content[]): Tally | undefined {
  const { usage = {}, usageIn } = render.reply
  if (usageIn === 'never') return undefined
  return { cached: 0, cacheWrite: 0, ...countOf(render, contents), ...usage }
}

/** Where a stream of this reply carries usage. */
export function usagePlace(reply: Reply, body: JsonObject): 'last' | 'finish' | 'every' | 'never' {
  const place = reply.usageIn ?? 'asked'
  if (place !== 'asked') return place
  const options = body['stream_options']
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
    ? 'last'
    : 'never'
}
