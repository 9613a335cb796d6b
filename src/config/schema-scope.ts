import * as z from 'zod/mini'
import { isRange } from '#src/core/address.ts'
import { isDay, minutesOf } from '#src/core/moment.ts'
import { choice, country, fields, listOf, moment, text } from './fields.ts'

const HOURS = 'hours like `09:00-18:00`, or `22:00-06:00` over midnight'
const range = text(HOURS).check(z.refine(isRangeOfHours, { error: HOURS }))

/** The whole day is said by leaving `hours` out, so that a range from a time to itself is a slip. */
function isRangeOfHours(value: string): boolean {
  const [start, end, ...more] = value.split('-').map(minutesOf)
  return start !== undefined && end !== undefined && start !== end && start < 24 * 60 && more.length === 0
}

const ZONE = 'a time zone by its name like `Asia/Seoul` (IANA)'
export const timeZone = text(ZONE).check(z.refine(isTimeZone, { error: ZONE }))

/** Some runtimes take an offset too: it knows no summer time. */
function isTimeZone(value: string): boolean {
  if ('+-'.includes(value.charAt(0))) return false
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: value }).format(0) !== ''
  } catch {
    return false
  }
}

const days = listOf(choice(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']), 'a list of days like `mon`')

/** Of two instants, or of two days, which is first; of one of each nothing is said. */
function isBefore(from = '', until = ''): boolean {
  if (from === '' || until === '' || isDay(from) !== isDay(until)) return false
  return isDay(from) ? until < from : Date.parse(until) <= Date.parse(from)
}

export const schedule = fields({
  days: z.optional(days),
  hours: z.optional(z.union([range, listOf(range, `a list of ${HOURS}`)], { error: `${HOURS}, or a list of them` })),
  timeZone: z.optional(timeZone),
  from: z.optional(moment),
  until: z.optional(moment),
}).check(
  z.refine((value) => Object.keys(value).some((name) => name !== 'timeZone'), {
    error: '`days`, `hours`, `from` or `until`',
  }),
  z.refine(needsNoZone, { path: ['timeZone'], error: `${ZONE}, since days and hours differ from place to place` }),
  z.refine(({ from, until }) => !isBefore(from, until), { path: ['until'], error: 'a time after `from`' }),
)

/** `schedule` as the file writes it. */
export interface Schedule {
  readonly days?: readonly string[] | undefined
  readonly hours?: string | readonly string[] | undefined
  readonly timeZone?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

function needsNoZone({ days: some, hours, timeZone: zone, from = '', until = '' }: Schedule): boolean {
  return zone !== undefined || (some === undefined && hours === undefined && !isDay(from) && !isDay(until))
}

const NETWORK = 'a network like `10.0.0.0/8` or `2001:db8::/32`, or one address'

export const client = fields({
  networks: z.optional(listOf(text(NETWORK).check(z.refine(isRange, { error: NETWORK })), 'a list of networks')),
  countries: z.optional(listOf(country, 'a list of countries')),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: '`networks` or `countries`' }))

/** `client` as the file writes it. */
export interface ClientScope {
  readonly networks?: readonly string[] | undefined
  readonly countries?: readonly string[] | undefined
}
