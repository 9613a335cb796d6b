import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endOf, instantOf, isDay, minutesOf } from './moment.ts'

test.each([
  ['00:00', 0],
  ['09:30', 570],
  ['24:00', 1440],
  ['24:01', undefined],
  ['12:60', undefined],
  ['9:30', undefined],
  ['09-30', undefined],
  ['09:3a', undefined],
  ['09:30:00', undefined],
  ['', undefined],
  ['+9:30', undefined],
])('%j as a time of day: %s', (text, minutes) => {
  expect(minutesOf(text)).toBe(minutes)
})

test.each([
  ['2026-12-31T18:00:00+09:00', '2026-12-31T09:00:00.000Z'],
  ['2026-12-31T09:00Z', '2026-12-31T09:00:00.000Z'],
  ['2026-12-31T09:00:07-00:30', '2026-12-31T09:30:07.000Z'],
  ['2026-12-31T24:00Z', '2027-01-01T00:00:00.000Z'],
  ['2026-12-31T09:00:07.125Z', '2026-12-31T09:00:07.125Z'],
  ['2026-12-31T09:00:07.1Z', undefined],
  ['2026-12-31T09:00:07,125Z', undefined],
  ['2026-12-31T09:00.125Z', undefined],
  ['2026-12-31T18:00:00', undefined],
  ['2026-02-30T18:00:00Z', undefined],
  ['2026-12-31 18:00:00Z', undefined],
  ['2026-12-31T18Z', undefined],
  ['2026-12-31T18:00:00 GMT+09:00', undefined],
  ['2026-12-31T18:00:99Z', undefined],
  ['2026-12-31T18:00+0900', undefined],
  ['2026-12-31', undefined],
  ['Thu, 31 Dec 2026 18:00:00 Z', undefined],
  ['', undefined],
])('%j as an instant: %s', (text, instant) => {
  const time = instantOf(text)
  expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(instant)
})

test('a day counts whole, an instant ends at itself', () => {
  expect(endOf('2026-12-31')).toBe(Date.parse('2027-01-01T00:00:00Z'))
  expect(endOf('2026-12-31T00:00:00+09:00')).toBe(Date.parse('2026-12-30T15:00:00Z'))
  expect(endOf('tomorrow')).toBeUndefined()
})

test('every instant that is written is read as it is, and every day is one', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true }), (date) => {
      const text = date.toISOString()
      expect(isDay(text.slice(0, 10))).toBe(true)
      expect(instantOf(text)).toBe(date.getTime())
      expect(instantOf(`${text.slice(0, 19)}Z`)).toBe(Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
})
