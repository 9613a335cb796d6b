import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { createItinerary } from './itinerary.ts'
import { makeTarget } from '../../test/support/world.ts'

const [a, b, c] = [makeTarget('a'), makeTarget('b'), makeTarget('c')]
const failed = (retry: UpstreamFailure['retry'], retryAfterMs?: number): UpstreamFailure => ({
  failure: failure('upstream_error', 'x', retryAfterMs === undefined ? {} : { retryAfterMs }),
  retry,
})

test('untried targets first, then those that may be asked again, in the order of the plan', () => {
  const itinerary = createItinerary([a, b, c], () => 0)
  const seen: string[] = []
  for (const retry of ['same', 'next', 'same', 'same', 'next'] as const) {
    const leg = itinerary.next()
    if (!leg) break
    seen.push(leg.target.id)
    itinerary.failed(leg.target, failed(retry))
  }
  expect(seen).toEqual(['a', 'b', 'c', 'a', 'c'])
})

test('a failure that is final for the caller ends it, whatever is left of the plan', () => {
  const itinerary = createItinerary([a, b], () => 0)
  itinerary.next()
  itinerary.failed(a, failed('no'))
  expect(itinerary.next()).toBeUndefined()
})

test('a short retry-after is waited for, a longer one takes the target out', () => {
  const patient = createItinerary([a], () => 0)
  patient.next()
  patient.failed(a, failed('same', 2000))
  expect(patient.next()?.wait).toBe(2000)
  const impatient = createItinerary([a], () => 0)
  impatient.next()
  impatient.failed(a, failed('same', 2001))
  expect(impatient.next()).toBeUndefined()
})

test('waits double from 250 ms, half of each by chance, to at most 8 s; never before a first try', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 1, max: 12 }),
      (draw, rounds) => {
        const itinerary = createItinerary([a], () => draw)
        expect(itinerary.next()?.wait).toBe(0)
        for (let tries = 1; tries <= rounds; tries++) {
          itinerary.failed(a, failed('same'))
          const full = Math.min(250 * 2 ** (tries - 1), 8000)
          const wait = itinerary.next()?.wait ?? -1
          expect(wait).toBeGreaterThanOrEqual(full / 2)
          expect(wait).toBeLessThanOrEqual(full)
        }
      },
    ),
  )
})
