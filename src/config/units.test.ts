import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatUsd, usd } from '#src/core/money.ts'
import { formatDuration, formatSize, parseDecimal, parseDuration, parseSize } from './units.ts'

test('durations, sizes and money survive being written and read', () => {
  const amount = fc.integer({ min: 0, max: 2 ** 40 })
  fc.assert(fc.property(amount, (ms) => parseDuration(formatDuration(ms)) === ms))
  fc.assert(fc.property(amount, (bytes) => parseSize(formatSize(bytes)) === bytes))
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 15n), (nano) => usd(Number(formatUsd(nano))) === nano))
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 15n), (nano) => usd(parseDecimal(formatUsd(nano)) ?? -1) === nano))
})

test('a round number is written in its largest unit', () => {
  expect([250, 5000, 120_000, 3_600_000, 7_776_000_000, 0, 1500].map(formatDuration)).toEqual(
    '250ms 5s 2m 1h 90d 0ms 1500ms'.split(' '),
  )
  expect([65_536, 20_971_520, 1000].map(formatSize)).toEqual('64KB 20MB 1000B'.split(' '))
})

test.each(['', '5', 's', '5 s', '5S', '-5s', '1.5s', '5sec', '1h30m', '9999999999999999d', '5toString'])(
  '`%s` is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test.each(['', '20', '20mb', '20 MB', '-1KB', '1.5MB', '20MiB'])('`%s` is no size', (text) => {
  expect(parseSize(text)).toBeUndefined()
})

test.each(['', '.', '.5', '5.', '1e3', '-1', '0x10', ' 1', '1.2.3', 'Infinity'])(
  '`%s` is no decimal number',
  (text) => {
    expect(parseDecimal(text)).toBeUndefined()
  },
)
