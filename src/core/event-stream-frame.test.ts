import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32, encodeEventStream, readHeaders } from './event-stream-frame.ts'

describe('crc32', () => {
  it('is what zlib says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes))
      }),
    )
  })
})

describe('encodeEventStream', () => {
  // The frames of the AWS SDKs' own test vectors: `empty_message`, `payload_no_headers`, `payload_one_str_header`.
  it.each([
    [{}, '', '000000100000000005c248eb7d98c8ff'],
    [{}, "{'foo':'bar'}", '0000001d00000000fd528c5a7b27666f6f273a27626172277dc36539 36'],
    [
      { 'content-type': 'application/json' },
      "{'foo':'bar'}",
      '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
    ],
  ])('%j with %j', (headers, payload, hex) => {
    expect(Buffer.from(encodeEventStream(headers, payload)).toString('hex')).toBe(hex.replaceAll(' ', ''))
  })

  it('takes a payload of bytes as it is', () => {
    expect(encodeEventStream({}, Uint8Array.of(255)).subarray(12, 13)).toEqual(Uint8Array.of(255))
  })

  it.each([{ '': 'x' }, { ['가'.repeat(86)]: 'x' }, { a: 'x'.repeat(32_768) }])(
    'refuses headers that do not fit',
    (headers) => {
      expect(() => encodeEventStream(headers, '')).toThrow(RangeError)
    },
  )
})

describe('readHeaders', () => {
  it('gives what was written', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((name) => name !== ''),
          text,
        ),
        (headers) => {
          const frame = encodeEventStream(headers, 'x')
          expect(readHeaders(frame.subarray(12, -5))).toEqual(new Map(Object.entries(headers)))
        },
      ),
    )
  })

  it('never throws', () => {
    const byte = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (list) => {
        readHeaders(Uint8Array.from(list))
      }),
      { numRuns: 2000 },
    )
  })
})
