import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createHeartbeat } from './heartbeat.ts'

test('beats after each silence of the given length, and not while something is written', () => {
  const clock = createFakeClock()
  const beats: number[] = []
  const heartbeat = createHeartbeat(clock, 15_000, () => void beats.push(clock.now()))
  clock.advance(15_000)
  expect(beats).toHaveLength(1)
  clock.advance(10_000)
  heartbeat.wrote()
  clock.advance(14_999)
  expect(beats).toHaveLength(1)
  clock.advance(1)
  expect(beats).toHaveLength(2)
  heartbeat.stop()
  clock.advance(100_000)
  expect(beats).toHaveLength(2)
})

test('0 switches it off: not even a timer', () => {
  const clock = createFakeClock()
  createHeartbeat(clock, 0, () => expect.unreachable())
  expect(clock.waiting).toBe(0)
})
