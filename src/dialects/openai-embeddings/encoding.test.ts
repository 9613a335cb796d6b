import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFloats, encodeFloats, fromBase64Embeddings, toBase64Embeddings, wantedEncoding } from './encoding.ts'

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 })

test('base64 is little-endian float32, as OpenAI writes it', () => {
  expect(encodeFloats([1, -2])).toBe('AACAPwAAAMA=')
  expect(encodeFloats([])).toBe('')
})

test('there and back is the same vector, long ones too', () => {
  fc.assert(
    fc.property(floats, (values) => {
      expect(decodeFloats(encodeFloats(values)).map((value) => value + 0)).toEqual(values.map((value) => value + 0))
    }),
  )
  const long = Array.from({ length: 10_000 }, (_, index) => index)
  expect(decodeFloats(encodeFloats(long))).toEqual(long)
})

test('only vectors change, and only those in the other encoding', () => {
  const asFloats =
    '{"object":"list", "data":[{"embedding":[1, -2],"index":0},{"index":1,"embedding":[]}],"usage":{"prompt_tokens":1e0}}'
  const asBase64 = toBase64Embeddings(asFloats)
  expect(asBase64).toBe(asFloats.replace('[1, -2]', '"AACAPwAAAMA="').replace('"embedding":[]', '"embedding":""'))
  expect(toBase64Embeddings(asBase64)).toBe(asBase64)
  expect(fromBase64Embeddings(asBase64)).toBe(asFloats.replace('1, -2', '1,-2'))
  expect(fromBase64Embeddings(asFloats)).toBe(asFloats)
})

test.each([
  '',
  '{}',
  '{"data":{}}',
  '{"data":[1,"x",null,{"embedding":null}]}',
  '{"data":[{"embedding":"%"}]}',
  '<html>',
])('%s stays as it came', (text) => {
  expect(fromBase64Embeddings(text)).toBe(text)
  expect(toBase64Embeddings(text)).toBe(text)
})

test('float is what a request gets that does not say', () => {
  expect(wantedEncoding({})).toBe('float')
  expect(wantedEncoding({ encoding_format: 'base64' })).toBe('base64')
})
