import { stringAt, type Json, type JsonObject } from './json.ts'

/** Arguments of one `String.fromCharCode` call: engines limit them. */
const CHUNK = 8192

/** Base64 of any bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary)
}

/** The bytes of base64. Throws where the text is not that. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

/** One after the other; the very one where there is but one. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first) return first
  let size = 0
  for (const chunk of chunks) size += chunk.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Any bytes as a member of JSON, as text where they are that. */
export function writeBytes(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: strictUtf8.decode(bytes) }
  } catch {
    return { base64: toBase64(bytes) }
  }
}

/** What `writeBytes` has written into an object. */
export function readBytes(value: Json | undefined): Uint8Array {
  const text = stringAt(value, 'text')
  return text === undefined ? fromBase64(stringAt(value, 'base64') ?? '') : new TextEncoder().encode(text)
}

/** The members that are texts. */
export function textsOf(value: JsonObject = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  )
}
