import { objectAt, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import { convertUsage as convert } from '#providers/openai-compatible/convert-usage.ts'
import { QUIRKS } from './wire.ts'

/** Tokens, under CLOVA Studio's names. */
export function convertUsage(wire: JsonObject): Usage {
  const details = objectAt(wire, 'completionTokensDetails')
  return convert(
    {
      prompt_tokens: wire['promptTokens'],
      completion_tokens: wire['completionTokens'],
      total_tokens: wire['totalTokens'],
      completion_tokens_details: { reasoning_tokens: details?.['thinkingTokens'] },
    },
    QUIRKS,
  )
}
