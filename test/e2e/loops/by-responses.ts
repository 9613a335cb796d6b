import type { Adapter } from '#src/core/adapter.ts'

/** OpenAI as one that speaks Responses alone, so that every caller meets that form. */
export const BY_RESPONSES = 'openai-by-responses'

/** Every adapter, and OpenAI once more. */
export function withResponsesAlone(adapters: ReadonlyMap<string, Adapter>): ReadonlyMap<string, Adapter> {
  const openai = adapters.get('openai')
  if (!openai) throw new TypeError('there is no openai')
  const codecs = (openai.codecs ?? []).filter(({ wire }) => wire === 'openai-responses')
  return new Map([...adapters, [BY_RESPONSES, { ...openai, type: BY_RESPONSES, endpoints: ['responses'], codecs }]])
}
