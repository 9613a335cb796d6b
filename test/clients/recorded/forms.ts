import type { Adapter } from '#src/core/adapter.ts'
import type { Recorded } from './cases.ts'

/** Whose answers are read by a codec, and by which. */
export const WIRES: Readonly<Record<string, string>> = {
  'openai.chat': 'openai-chat',
  'openai.responses': 'openai-responses',
  'anthropic.messages': 'anthropic-messages',
  'gemini.generate': 'gemini',
  'gemini.stream': 'gemini',
  'bedrock.converse': 'bedrock-converse',
  'bedrock.converse-stream': 'bedrock-converse',
  'cohere.v2': 'cohere-chat',
  'clova.v3': 'hyperclova',
  'ollama.chat': 'ollama-chat',
}

/** Older forms of vendors that are spoken to in a newer one: nobody asks for them, and what answers so is no answer. */
export const OLDER: ReadonlySet<string> = new Set([
  'bedrock.invoke',
  'bedrock.invoke-stream',
  'cohere.v1',
  'ollama.generate',
])

/** How an answer reads: Nova's own form is that of Converse. */
export function formOf({ id, api }: Pick<Recorded, 'id' | 'api'>): string {
  return id === 'bedrock/invoke-max-tokens' ? 'bedrock.converse' : api
}

export const narrowed = (type: string, wire: string): string => `${type}-in-${wire}`

/**
 * Every adapter once more for each form that it speaks, as one that speaks nothing else: its form is not chosen, and no caller's dialect
 * travels as it came, so that every case meets every caller through the internal form.
 */
export function narrow(adapters: ReadonlyMap<string, Adapter>): ReadonlyMap<string, Adapter> {
  const narrow = [...adapters.values()].flatMap((adapter) =>
    [...new Set((adapter.codecs ?? []).map(({ wire }) => wire))].map((wire): Adapter => {
      const codecs = (adapter.codecs ?? []).filter((codec) => codec.wire === wire)
      return { ...adapter, type: narrowed(adapter.type, wire), endpoints: [], codecs }
    }),
  )
  return new Map([...adapters, ...narrow.map((adapter) => [adapter.type, adapter] as const)])
}
