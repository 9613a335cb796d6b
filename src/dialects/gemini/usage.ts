import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Usage as Google writes it: what server tools read stands beside the prompt, thoughts beside the answer. What was not reported is left out. */
export function usageMetadata(usage: Usage, serviceTier?: string): JsonObject {
  const { input, output, cachedInput, toolInput, reasoning } = usage
  const members = {
    promptTokenCount: input === undefined ? undefined : input - (toolInput ?? 0),
    cachedContentTokenCount: cachedInput,
    candidatesTokenCount: output === undefined ? undefined : output - (reasoning ?? 0),
    thoughtsTokenCount: reasoning,
    toolUsePromptTokenCount: toolInput,
    totalTokenCount: input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0),
    promptTokensDetails: modalities(
      input === undefined ? undefined : input - (toolInput ?? 0),
      usage.audioInput,
      usage.imageInput,
    ),
    candidatesTokensDetails: modalities(
      output === undefined ? undefined : output - (reasoning ?? 0),
      usage.audioOutput,
      usage.imageOutput,
    ),
    serviceTier,
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** What is neither sound nor image is text. */
function modalities(
  all: number | undefined,
  audio: number | undefined,
  image: number | undefined,
): readonly JsonObject[] | undefined {
  if (all === undefined || (audio === undefined && image === undefined)) return undefined
  const counts = [
    ['TEXT', Math.max(0, all - (audio ?? 0) - (image ?? 0))],
    ['AUDIO', audio ?? 0],
    ['IMAGE', image ?? 0],
  ] as const
  return counts.flatMap(([modality, tokenCount]) => (tokenCount > 0 ? [{ modality, tokenCount }] : []))
}
