import { expect, test } from 'vitest'
import { closeBlock, openBlock } from './render-steps.ts'

test.each([
  [{ type: 'reasoning', text: 'a' }, ['']],
  [{ type: 'reasoning', text: 'a', signature: { vendor: 'google', value: 'sig' } }, ['tutti.google.sig']],
] as const)('a thought ends with one signature, empty where nobody signed it', (part, signatures) => {
  const written = openBlock(part, { part: 0, block: 0 })
  const out = written ? written.out + closeBlock(written.open).out : ''
  const mark = '"signature_delta","signature":"'
  expect(
    out
      .split(mark)
      .slice(1)
      .map((own) => own.slice(0, own.indexOf('"'))),
  ).toEqual(signatures)
})
