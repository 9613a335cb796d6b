import type { Conversation } from '#src/core/conversation.ts'
import { stringAt, type JsonObject } from '#src/core/json.ts'
import { thinkingOf } from './encode-thinking.ts'
import { defined } from './wire.ts'

const MAX_TEMPERATURE = 2
const MAX_STOPS = 5

/** What an answer shall be like, and the warnings of what could not be written as it was asked. */
export function configOf(conversation: Conversation, model: string, warnings: string[]): JsonObject {
  const { settings } = conversation
  const logprobs = settings.logprobs?.value
  const config = {
    ...defined({
      maxOutputTokens: settings.max_output_tokens?.value,
      temperature: temperatureOf(conversation, warnings),
      topP: settings.top_p?.value,
      topK: settings.top_k?.value,
      frequencyPenalty: settings.frequency_penalty?.value,
      presencePenalty: settings.presence_penalty?.value,
      seed: seedOf(conversation, warnings),
      stopSequences: stopsOf(conversation, warnings),
      candidateCount: settings.choices?.value,
      responseLogprobs: logprobs === undefined ? undefined : true,
      logprobs: logprobs === 0 ? undefined : logprobs,
      responseModalities: settings.modalities?.value.map((own) => own.toUpperCase()),
      speechConfig: speechOf(conversation, warnings),
    }),
    ...thinkingOf(conversation, model, warnings),
  }
  return config
}

function temperatureOf({ settings: { temperature } }: Conversation, warnings: string[]): number | undefined {
  if (!temperature || temperature.value <= MAX_TEMPERATURE) return temperature?.value
  warnings.push(`\`${temperature.param}\` was lowered to ${MAX_TEMPERATURE}, the provider's highest`)
  return MAX_TEMPERATURE
}

/** The API's seeds have 32 bits. */
function seedOf({ settings: { seed } }: Conversation, warnings: string[]): number | undefined {
  if (!seed) return undefined
  const value = seed.value | 0
  if (value !== seed.value) warnings.push(`\`${seed.param}\` was sent as ${value}: the provider's seeds have 32 bits`)
  return value
}

function stopsOf({ settings: { stop } }: Conversation, warnings: string[]): readonly string[] | undefined {
  if (!stop) return undefined
  const kept = stop.value.filter((text) => text !== '').slice(0, MAX_STOPS)
  if (kept.length < stop.value.length)
    warnings.push(
      `\`${stop.param}\` was sent with ${kept.length} texts: the provider takes ${MAX_STOPS}, and none that is empty`,
    )
  return kept.length === 0 ? undefined : kept
}

function speechOf({ settings: { speech } }: Conversation, warnings: string[]): JsonObject | undefined {
  if (!speech) return undefined
  if (speech.value['format'] !== undefined)
    warnings.push(`\`${speech.param}.format\` was not sent: the provider gives the one that it has`)
  const voiceName = stringAt(speech.value, 'voice') ?? stringAt(speech.value['voice'], 'id')
  return voiceName === undefined ? undefined : { voiceConfig: { prebuiltVoiceConfig: { voiceName } } }
}
