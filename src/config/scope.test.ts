import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { circumstancesOf } from '#src/core/circumstances.ts'
import type { Client } from '#src/core/request.ts'
import { makeRequest } from '../../test/support/world.ts'
import { allOf, clientCondition, scheduleCondition } from './scope.ts'

const SIGNALS = { inputTokens: 1, inputTokensWorst: 1, unmeasured: 0, choices: 1, needs: [] }

function came(time: string | number, client?: Client) {
  const request = { ...makeRequest({ model: 'chat', messages: [] }), ...(client && { client }) }
  return circumstancesOf({ request, signals: SIGNALS, now: typeof time === 'string' ? Date.parse(time) : time })
}

const OFFICE = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], hours: '09:00-18:00', timeZone: 'Asia/Seoul' } as const
const NIGHT = { days: ['fri'], hours: '22:00-06:00', timeZone: 'Asia/Seoul' } as const
const BERLIN = { hours: '02:00-03:00', timeZone: 'Europe/Berlin' } as const

describe('a schedule', () => {
  test.each([
    // 2026-11-27 is a Friday.
    ['as it begins', OFFICE, '2026-11-27T09:00:00+09:00', true],
    ['a moment before', OFFICE, '2026-11-27T08:59:59.999+09:00', false],
    ['as it ends', OFFICE, '2026-11-27T18:00:00+09:00', false],
    ['a moment before its end', OFFICE, '2026-11-27T17:59:59.999+09:00', true],
    ['on a day that is not its own', OFFICE, '2026-11-28T12:00:00+09:00', false],
    ['by the day there, not here', OFFICE, '2026-11-29T23:30:00-01:00', true],
    ['over midnight, before it', NIGHT, '2026-11-27T23:00:00+09:00', true],
    ['over midnight, after it: it belongs to the day on which it began', NIGHT, '2026-11-28T05:59:00+09:00', true],
    ['over midnight, over', NIGHT, '2026-11-28T06:00:00+09:00', false],
    ['over midnight, in the morning of its own day', NIGHT, '2026-11-27T05:00:00+09:00', false],
    ['over midnight, in the evening after', NIGHT, '2026-11-28T23:00:00+09:00', false],
    ['over midnight, from one week to the next', { ...NIGHT, days: ['sun'] }, '2026-11-30T01:00:00+09:00', true],
    [
      'of several ranges the second',
      { ...OFFICE, hours: ['06:00-07:00', '12:00-13:00'] },
      '2026-11-27T12:30:00+09:00',
      true,
    ],
    [
      'between several ranges',
      { ...OFFICE, hours: ['06:00-07:00', '12:00-13:00'] },
      '2026-11-27T08:00:00+09:00',
      false,
    ],
    ['to the end of the day', { ...OFFICE, hours: '18:00-24:00' }, '2026-11-27T23:59:59+09:00', true],
    ['days alone', { days: ['sat'], timeZone: 'Asia/Seoul' }, '2026-11-28T00:00:00+09:00', true],
    ['a first day, by the day there', { from: '2026-12-01', timeZone: 'Asia/Seoul' }, '2026-11-30T15:00:00Z', true],
    ['the day before it', { from: '2026-12-01', timeZone: 'Asia/Seoul' }, '2026-11-30T14:59:59Z', false],
    ['the whole last day', { until: '2027-01-31', timeZone: 'Asia/Seoul' }, '2027-01-31T23:59:59+09:00', true],
    ['the day after it', { until: '2027-01-31', timeZone: 'Asia/Seoul' }, '2027-02-01T00:00:00+09:00', false],
    ['from an instant on', { from: '2026-12-01T00:00:00+09:00' }, '2026-11-30T15:00:00Z', true],
    ['before it', { from: '2026-12-01T00:00:00+09:00' }, '2026-11-30T14:59:59Z', false],
    ['until an instant', { until: '2026-12-01T00:00:00+09:00' }, '2026-11-30T14:59:59Z', true],
    ['at it', { until: '2026-12-01T00:00:00+09:00' }, '2026-11-30T15:00:00Z', false],
    // 2026-03-29: from 01:00 UTC on it is 03:00 there, and there is no 02:30.
    ['an hour that is left out never comes: before', BERLIN, '2026-03-29T00:59:59Z', false],
    ['an hour that is left out never comes: after', BERLIN, '2026-03-29T01:00:00Z', false],
    // 2026-10-25: 02:00 to 03:00 is there twice, from 00:00 to 02:00 UTC.
    ['an hour that comes twice counts twice: not yet', BERLIN, '2026-10-24T23:59:59Z', false],
    ['an hour that comes twice counts twice: the first', BERLIN, '2026-10-25T00:30:00Z', true],
    ['an hour that comes twice counts twice: the second', BERLIN, '2026-10-25T01:59:59Z', true],
    ['an hour that comes twice counts twice: over', BERLIN, '2026-10-25T02:00:00Z', false],
    [
      'a zone of quarters of an hour',
      { hours: '12:00-13:00', timeZone: 'Asia/Kathmandu' },
      '2026-06-01T06:15:00Z',
      true,
    ],
    ['midnight is the hour 0', { hours: '00:00-00:01', timeZone: 'UTC' }, '2026-06-01T00:00:30Z', true],
  ])('%s', (_, schedule, time, holds) => {
    expect(scheduleCondition(schedule)(came(time))).toBe(holds)
  })

  test('one that is asked again and again answers each time by the time that it is asked about', () => {
    const office = scheduleCondition({ ...OFFICE, hours: '09:01-18:00' })
    const moments = [
      ['2026-11-27T09:00:59.999+09:00', false],
      ['2026-11-27T09:01:00.000+09:00', true],
      ['2026-11-27T09:01:00.999+09:00', true],
      ['2026-11-27T09:00:59.000+09:00', false],
      ['2026-11-28T09:01:00.000+09:00', false],
    ] as const
    for (const [time, holds] of [...moments, ...moments]) expect(office(came(time))).toBe(holds)
  })

  test('two ranges that fill a day hold of every moment exactly once', () => {
    const clock = fc
      .integer({ min: 0, max: 1439 })
      .map((minutes) => new Date(minutes * 60_000).toISOString().slice(11, 16))
    const zone = fc.constantFrom('Asia/Seoul', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC')
    const moment = fc.integer({ min: 0, max: Date.parse('2100-01-01') })
    fc.assert(
      fc.property(clock, clock, zone, moment, (a, b, timeZone, now) => {
        fc.pre(a !== b)
        const [one, other] = [`${a}-${b}`, `${b}-${a}`].map((hours) =>
          scheduleCondition({ hours, timeZone })(came(now)),
        )
        expect(one).toBe(!other)
      }),
    )
  })
})

describe('a client', () => {
  const SEOUL = { networks: ['10.0.0.0/8', '2001:db8::/32'], countries: ['KR'] }
  test.each([
    ['in a network of it and a country of it', SEOUL, { ip: '10.1.2.3', country: 'KR' }, true],
    ['in the other network', SEOUL, { ip: '2001:db8::7', country: 'kr' }, true],
    ['in a network, but in no country of it', SEOUL, { ip: '10.1.2.3', country: 'US' }, false],
    ['in no network', SEOUL, { ip: '11.1.2.3', country: 'KR' }, false],
    ['in no network, from nobody knows where', SEOUL, { ip: '11.1.2.3' }, false],
    ['countries alone', { countries: ['KR', 'jp'] }, { country: 'JP' }, true],
    ['networks alone', { networks: ['10.1.2.3'] }, { ip: '10.1.2.3' }, true],
  ])('%s', (_, scope, client, holds) => {
    expect(clientCondition(scope)(came(0, client))).toBe(holds)
  })

  test.each([
    ['in a network, from nobody knows where', SEOUL, { ip: '10.1.2.3' }],
    ['from nobody knows which address', SEOUL, { country: 'KR' }],
    ['of whom nothing is known', { countries: ['KR'] }, undefined],
  ])('that is unknown is neither in nor out: %s', (_, scope, client) => {
    expect(() => clientCondition(scope)(came(0, client))).toThrow('is not known')
  })
})

describe('several conditions', () => {
  const yes = () => true
  const no = () => false
  const lost = (): boolean => {
    throw new Error('lost')
  }
  test.each([
    ['all hold', [yes, yes], true],
    ['one does not', [yes, no], false],
    ['none at all', [], true],
    ['what is false decides, before what fails', [no, lost], false],
    ['and after it', [lost, no], false],
  ])('%s', (_, conditions, holds) => {
    expect(allOf(conditions)(came(0))).toBe(holds)
  })

  test('what fails fails where nothing else is false', () => {
    expect(() => allOf([lost, yes])(came(0))).toThrow('lost')
    expect(() => allOf([yes, lost])(came(0))).toThrow('lost')
  })
})
