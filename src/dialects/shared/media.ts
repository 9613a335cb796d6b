import type { Source } from '#src/core/conversation.ts'

/** A URL as a source: what it holds itself is taken out of `data:…;base64,…`. */
export function sourceOfUrl(url: string): Source {
  const comma = url.indexOf(',')
  if (!url.startsWith('data:') || comma < 0) return { kind: 'url', url }
  const [mediaType = '', ...flags] = url.slice('data:'.length, comma).split(';')
  if (flags.at(-1) !== 'base64') return { kind: 'url', url }
  return { kind: 'data', mediaType, data: url.slice(comma + 1) }
}
