import { fromBase64, toBase64 } from '#src/core/binary.ts'
import type { JsonObject } from '#src/core/json.ts'
import { fieldOf, scanArray, scanObject, splice, type Replacement, type Span } from '#src/core/json-scan.ts'

const BYTES = 4

/** The encoding that a request asks for; OpenAI's default is float, its SDKs ask for base64. */
export function wantedEncoding(body: JsonObject): 'float' | 'base64' {
  return body['encoding_format'] === 'base64' ? 'base64' : 'float'
}

/** An embeddings answer with each vector as base64 of little-endian float32. Vectors that are so already, and all else, stay as they came. */
export function toBase64Embeddings(bodyText: string): string {
  return convert(bodyText, (text) => {
    if (!text.startsWith('[')) return undefined
    const values: readonly number[] = JSON.parse(text)
    return `"${encodeFloats(values)}"`
  })
}

/** An embeddings answer with each vector as an array of numbers: the doubles that equal its float32. */
export function fromBase64Embeddings(bodyText: string): string {
  return convert(bodyText, (text) => {
    if (!text.startsWith('"')) return undefined
    const encoded: string = JSON.parse(text)
    return JSON.stringify(decodeFloats(encoded))
  })
}

/** Base64 of little-endian float32. */
export function encodeFloats(values: readonly number[]): string {
  const bytes = new Uint8Array(values.length * BYTES)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setFloat32(index * BYTES, value, true)
  return toBase64(bytes)
}

/** The numbers in base64 of little-endian float32. Throws where the text is not base64. */
export function decodeFloats(base64: string): number[] {
  const bytes = fromBase64(base64)
  const view = new DataView(bytes.buffer)
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, index) => view.getFloat32(index * BYTES, true))
}

function convert(bodyText: string, vector: (text: string) => string | undefined): string {
  try {
    const replacements: Replacement[] = []
    for (const { start, end } of vectorsOf(bodyText)) {
      const text = vector(bodyText.slice(start, end))
      if (text !== undefined) replacements.push({ start, end, text })
    }
    return replacements.length === 0 ? bodyText : splice(bodyText, replacements)
  } catch {
    // Not an embeddings answer after all: the caller gets what came.
    return bodyText
  }
}

function vectorsOf(text: string): readonly Span[] {
  const data = fieldOf(scanObject(text), 'data')
  if (data === undefined || text[data.start] !== '[') return []
  return scanArray(text, data.start).flatMap((element) => {
    const vector = text[element.start] === '{' ? fieldOf(scanObject(text, element.start), 'embedding') : undefined
    return vector === undefined ? [] : [vector]
  })
}
