import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, joinBytes, readBytes, toBase64, writeBytes } from './binary.ts'
import { parseJson } from './json.ts'

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'grapheme' }).map((text) => new TextEncoder().encode(text)),
  fc.string().map((text) => new TextEncoder().encode(`\ufeff${text}\0`)),
)

test('bytes come back from JSON as they were, texts as texts', () => {
  fc.assert(
    fc.property(bytes, (own) => {
      const written = parseJson(JSON.stringify(writeBytes(own)))
      expect(readBytes(written)).toEqual(own)
      if (!new TextDecoder().decode(own).includes('\ufffd')) expect(written).toHaveProperty('text')
    }),
  )
})

test('base64 is that of everybody else, however long', () => {
  const long = Uint8Array.from({ length: 20_001 }, (_, index) => (index * 7) % 256)
  expect(toBase64(long)).toBe(Buffer.from(long).toString('base64'))
  expect(fromBase64(toBase64(long))).toEqual(long)
})

test('chunks are joined in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (chunks) => {
      expect([...joinBytes(chunks)]).toEqual(chunks.flatMap((chunk) => [...chunk]))
    }),
  )
})
