import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createWatchdog } from './watchdog.ts'

const LIMITS = { firstToken: 1000, idle: 200 }

function watched() {
  const clock = createFakeClock()
  const expired: string[] = []
  return { clock, expired, watchdog: createWatchdog(clock, LIMITS, (kind) => expired.push(kind)) }
}

test('no content within firstToken: that is what expires', () => {
  const { clock, expired } = watched()
  clock.advance(999)
  expect(expired).toEqual([])
  clock.advance(1)
  expect(expired).toEqual(['firstToken'])
})

test('content in time, then silence: idle expires, counted from the last content', () => {
  const { clock, expired, watchdog } = watched()
  clock.advance(900)
  watchdog.content()
  clock.advance(199)
  watchdog.content()
  clock.advance(199)
  expect(expired).toEqual([])
  clock.advance(1)
  expect(expired).toEqual(['idle'])
})

test('expires once, and after stop never; no timer is left', () => {
  const { clock, expired, watchdog } = watched()
  watchdog.content()
  watchdog.stop()
  clock.advance(10_000)
  expect(expired).toEqual([])
  expect(clock.waiting).toBe(0)
})

test('while the caller does not read the upstream is not to blame, and the caller has the idle time', () => {
  const { clock, expired, watchdog } = watched()
  watchdog.content()
  watchdog.pause()
  clock.advance(199)
  watchdog.resume()
  clock.advance(199)
  expect(expired).toEqual([])
  watchdog.pause()
  clock.advance(200)
  expect(expired).toEqual(['reader'])
})
