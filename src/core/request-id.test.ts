import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { newRequestId } from './request-id.ts'

const moments = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('is a UUID of version 7 that says when', () => {
  fc.assert(
    fc.property(moments, (now) => {
      const id = newRequestId(now)
      assert.match(id, /^req_[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/u)
      assert.equal(Number.parseInt(id.slice(4, 17).replace('-', ''), 16), now)
    }),
  )
})

test('of two moments the later one comes after', () => {
  fc.assert(
    fc.property(moments, moments, (one, other) => {
      fc.pre(one < other)
      assert(newRequestId(one) < newRequestId(other))
    }),
  )
})

test('no two are alike, at one moment either', () => {
  assert.equal(new Set(Array.from({ length: 10_000 }, () => newRequestId(1))).size, 10_000)
})
