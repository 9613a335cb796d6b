import type { BudgetPeriod } from './key.ts'

/** A budget's period: from `start` on and before `end`, in ms since 1970. `end` is Infinity for `total`. */
export interface Period {
  readonly start: number
  readonly end: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const WEEK = 7 * DAY
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY = 4 * DAY

/** The period that `now` (ms since 1970) lies in. UTC in this version; a week begins on Monday (ISO 8601). */
export function periodOf(per: BudgetPeriod, now: number): Period {
  switch (per) {
    case 'hour':
      return regular(now, HOUR, 0)
    case 'day':
      return regular(now, DAY, 0)
    case 'week':
      return regular(now, WEEK, FIRST_MONDAY)
    case 'month':
      return month(now)
    case 'total':
      return { start: 0, end: Number.POSITIVE_INFINITY }
  }
}

function regular(now: number, length: number, origin: number): Period {
  const start = Math.floor((now - origin) / length) * length + origin
  return { start, end: start + length }
}

function month(now: number): Period {
  const date = new Date(now)
  const year = date.getUTCFullYear()
  const index = date.getUTCMonth()
  return { start: Date.UTC(year, index, 1), end: Date.UTC(year, index + 1, 1) }
}
