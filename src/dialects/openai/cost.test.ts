import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addCost } from './cost.ts'

const BILL = { cost: 250_000n, estimated: false, usage: {} }
const NOTE = { bill: BILL }

test('cost is added to usage and to nothing else', () => {
  const text = '{"id":"x" ,"big":9007199254740993,"usage": { "prompt_tokens":1 } }'
  expect(addCost(text, NOTE)).toBe(text.replace('1 }', '1,"cost":0.00025 }'))
  expect(addCost(text, { bill: { ...BILL, estimated: true }, route: { target: 'a/"b"', attempts: 2 } })).toBe(
    text.replace('1 }', '1,"cost":0.00025,"estimated":true,"target":"a/\\"b\\"","attempts":2 }'),
  )
})

test('what is not known says so, and an empty object takes a first member', () => {
  expect(addCost('{"usage":{}}', { bill: { ...BILL, cost: 'unknown' } })).toBe('{"usage":{"cost":"unknown"}}')
})

test.each(['{"usage":null}', '{"choices":[]}', '', 'data', '[1]', '{"usage":{"a":1', '{"usage":"{}"}'])(
  '%s stays as it came',
  (text) => {
    expect(addCost(text, NOTE)).toBe(text)
  },
)

test('a cost of the upstream stays its own', () => {
  const text = '{"usage":{"cost":0.5}}'
  expect(addCost(text, { bill: { ...BILL, estimated: true } })).toBe(text)
  expect(addCost(text, { ...NOTE, route: { target: 'a/b', attempts: 1 } })).toBe(
    '{"usage":{"cost":0.5,"target":"a/b","attempts":1}}',
  )
})

test('any answer keeps all that it had', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (rest, usage) => {
        const { cost: _cost, ...own } = usage
        const text = JSON.stringify({ ...rest, usage: own }, null, 1)
        const had: object = JSON.parse(JSON.stringify({ ...rest, usage: { ...own, cost: 0.00025 } }))
        expect(JSON.parse(addCost(text, NOTE))).toEqual(had)
      },
    ),
  )
})
