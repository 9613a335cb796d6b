import type { JsonObject } from './json.ts'

export type Media = 'image' | 'video' | 'audio'

/** By a part's type and, as vLLM takes them, by the member that holds it alone. */
const MEDIA: ReadonlyMap<string, Media> = new Map([
  ...'image_url image image_embeds image_pil input_image computer_screenshot'
    .split(' ')
    .map((name) => [name, 'image'] as const),
  ...'video_url video input_video'.split(' ').map((name) => [name, 'video'] as const),
  ...'input_audio audio_url audio audio_embeds'.split(' ').map((name) => [name, 'audio'] as const),
])

/** What a part of a message in OpenAI's form shows or plays; undefined: it is text, or something else. */
export function mediaOf(part: JsonObject): Media | undefined {
  const { type } = part
  const typed = typeof type === 'string' ? MEDIA.get(type) : undefined
  if (typed) return typed
  for (const name of Object.keys(part)) if (part[name] !== null && MEDIA.has(name)) return MEDIA.get(name)
  return undefined
}
