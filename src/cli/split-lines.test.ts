import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLines } from './split-lines.ts'

async function split(chunks: readonly Uint8Array[]): Promise<string[]> {
  const found: string[] = []
  const given = (async function* () {
    yield* chunks
  })()
  for await (const line of splitLines(given)) found.push(Buffer.from(line).toString('latin1'))
  return found
}

test('however the bytes come, the lines are the same; nothing behind the last end is no line', async () => {
  const byte = fc.oneof(fc.constant(0x0a), fc.constant(0x0d), fc.nat(255))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5 })), fc.array(byte), async (pieces, more) => {
      const chunks = [...pieces, Uint8Array.from(more), ...pieces]
      const expected = Buffer.concat(chunks).toString('latin1').split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(await split(chunks)).toEqual(expected)
    }),
  )
})
