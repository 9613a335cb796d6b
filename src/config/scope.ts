import { inRange } from '#src/core/address.ts'
import type { Circumstances } from '#src/core/circumstances.ts'
import { instantOf, minutesOf } from '#src/core/moment.ts'
import type { Condition } from '#src/core/policy.ts'
import { wallClock, type Local } from '#src/core/wall-clock.ts'
import type { ClientScope, Schedule } from './schema-scope.ts'

/** All must hold. One that is false decides, whatever another could not say: so do the parts of `&&` in CEL. */
export function allOf(conditions: readonly Condition[]): Condition {
  return (circumstances) => {
    const failed: unknown[] = []
    for (const condition of conditions) {
      try {
        if (!condition(circumstances)) return false
      } catch (error) {
        failed.push(error)
      }
    }
    if (failed.length > 0) throw failed[0]
    return true
  }
}

/** Whether a request comes from there. Throws where that is not known. */
export function clientCondition({ networks, countries }: ClientScope): Condition {
  const wanted = new Set(countries?.map((country) => country.toUpperCase()))
  return allOf([
    ...(networks ? [came('ip', (ip) => networks.some((network) => inRange(ip, network)))] : []),
    ...(countries ? [came('country', (country) => wanted.has(country.toUpperCase()))] : []),
  ])
}

function came(from: keyof Circumstances['client'], fits: (value: string) => boolean): Condition {
  return ({ client }) => {
    const value = client[from]
    if (value === undefined) throw new TypeError(`\`client.${from}\` is not known`)
    return fits(value)
  }
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/**
 * Whether a request comes at that time. The clock on the wall is asked and nothing is reckoned back to UTC, so an hour that comes twice counts
 * twice, and one that is left out never comes.
 */
export function scheduleCondition(schedule: Schedule): Condition {
  const holds = scheduleAt(schedule)
  return ({ now }) => holds(now)
}

/** Whether a moment, in ms since 1970, is at that time. */
export function scheduleAt({ days, hours, timeZone, from, until }: Schedule): (now: number) => boolean {
  const local = wallClock(timeZone ?? 'UTC')
  const ranges = hours === undefined ? ['00:00-24:00'] : typeof hours === 'string' ? [hours] : hours
  const within = ranges.map((range) => withinHours(range, days ?? DAYS))
  const [first, last] = [from, until].map((bound) => (bound === undefined ? undefined : instantOf(bound)))
  return (now) => {
    const at = local(now)
    const begun = first === undefined ? from === undefined || at.date >= from : now >= first
    const over = last === undefined ? until !== undefined && at.date > until : now >= last
    return begun && !over && within.some((holds) => holds(at))
  }
}

/** A range over midnight belongs to the day on which it begins. */
function withinHours(range: string, days: readonly string[]): (at: Local) => boolean {
  const [start = 0, end = 0] = range.split('-').map(minutesOf)
  const on = (weekday: number): boolean => days.includes(DAYS[weekday] ?? '')
  return ({ minute, weekday }) => {
    if (start < end) return on(weekday) && minute >= start && minute < end
    return (on(weekday) && minute >= start) || (on((weekday + 6) % 7) && minute < end)
  }
}
