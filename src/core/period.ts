import type { BudgetPeriod } from './key.ts'
import { wallClock } from './wall-clock.ts'

/** A budget's period: from `start` on and before `end`, in ms since 1970. `end` is Infinity for `total`. */
export interface Period {
  readonly start: number
  readonly end: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY = 4 * DAY

/**
 * The period that `now` (ms since 1970) lies in, by the calendar of a time zone (IANA name); a week begins on Monday (ISO 8601). Hours are
 * everywhere those of UTC: by clocks that are put back, one would come twice.
 */
export function periodOf(per: BudgetPeriod, now: number, timeZone = 'UTC'): Period {
  switch (per) {
    case 'hour':
      return regular(now, HOUR, 0)
    case 'total':
      return { start: 0, end: Number.POSITIVE_INFINITY }
    default:
      return timeZone === 'UTC' ? CALENDAR[per](now) : localPeriod(per, now, timeZone)
  }
}

const CALENDAR = {
  day: (now) => regular(now, DAY, 0),
  week: (now) => regular(now, WEEK, FIRST_MONDAY),
  month,
} as const satisfies Partial<Record<BudgetPeriod, (now: number) => Period>>

/** The last period of each kind and zone: most moments lie in it, and a calendar costs as much as a decision. */
const recent = new Map<string, Period>()
let recentMonth: Period = { start: 0, end: 0 }

function localPeriod(per: keyof typeof CALENDAR, now: number, timeZone: string): Period {
  const name = `${per} ${timeZone}`
  const known = recent.get(name)
  if (known && lies(now, known)) return known
  const wall = clockOf(timeZone)
  const { start, end } = CALENDAR[per](wall(now))
  const period = { start: firstAt(start, wall), end: firstAt(end, wall) }
  recent.set(name, period)
  return period
}

/** What a clock on the wall shows, as if it were UTC, in whole minutes. */
function clockOf(timeZone: string): (now: number) => number {
  const read = wallClock(timeZone)
  return (now) => {
    const { date, minute } = read(now)
    return Date.parse(date) + minute * MINUTE
  }
}

/** The first moment at which that clock shows this time or, where it is left out, a later one. */
function firstAt(shown: number, wall: (now: number) => number): number {
  // Before and after a day on which it may be put forward or back.
  const moments = [shown - DAY, shown + DAY].map((near) => shown - (wall(near) - near))
  return moments.toSorted((a, b) => a - b).find((moment) => wall(moment) >= shown) ?? Math.max(...moments)
}

function regular(now: number, length: number, origin: number): Period {
  const start = Math.floor((now - origin) / length) * length + origin
  return { start, end: start + length }
}

function month(now: number): Period {
  if (lies(now, recentMonth)) return recentMonth
  const date = new Date(now)
  const year = date.getUTCFullYear()
  const index = date.getUTCMonth()
  recentMonth = { start: Date.UTC(year, index, 1), end: Date.UTC(year, index + 1, 1) }
  return recentMonth
}

function lies(now: number, { start, end }: Period): boolean {
  return start <= now && now < end
}
