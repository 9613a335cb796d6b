import { isObject, type Json } from './json.ts'

/** Tags as `x-tutti-tags` carries them, parted by commas; empty ones are none. */
export function readTags(text: string): readonly string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

/** Metadata as `x-tutti-metadata` carries it: the members of a JSON object; undefined: it is none. */
export function readMetadata(value: Json | undefined): Readonly<Record<string, Json>> | undefined {
  if (!isObject(value)) return undefined
  const metadata = new Map<string, Json>()
  for (const [name, member] of Object.entries(value)) if (member !== undefined) metadata.set(name, member)
  return Object.fromEntries(metadata)
}
