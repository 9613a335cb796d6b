import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Usage as Google writes it: thoughts stand beside the candidates, what tools read beside the prompt. */
export function usageMetadata(usage: Usage): JsonObject {
  const { input = 0, output = 0, toolInput, cachedInput, reasoning } = usage
  return {
    promptTokenCount: input - (toolInput ?? 0),
    candidatesTokenCount: output - (reasoning ?? 0),
    totalTokenCount: input + output,
    ...(cachedInput !== undefined && { cachedContentTokenCount: cachedInput }),
    ...(reasoning !== undefined && { thoughtsTokenCount: reasoning }),
    ...(toolInput !== undefined && { toolUsePromptTokenCount: toolInput }),
  }
}
