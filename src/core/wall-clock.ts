import { minutesOf } from './moment.ts'

/** One moment as a clock on a wall of that time zone shows it. */
export interface Local {
  /** `2026-12-31`. */
  readonly date: string
  /** 0 is Sunday. */
  readonly weekday: number
  readonly minute: number
}

/** Reads the clock of a time zone (IANA name) at a moment in ms since 1970. */
export function wallClock(timeZone: string): (now: number) => Local {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  // Reading a clock costs as much as deciding between a few targets; under load many requests come in one second.
  let read: { readonly second: number; readonly local: Local } | undefined
  return (now) => {
    const second = Math.floor(now / 1000)
    if (read?.second === second) return read.local
    const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
    const [year, month, day, hour, minute] = (['year', 'month', 'day', 'hour', 'minute'] as const).map(
      (part) => parts.get(part) ?? '',
    )
    const date = `${year}-${month}-${day}`
    const local = { date, weekday: new Date(date).getUTCDay(), minute: minutesOf(`${hour}:${minute}`) ?? 0 }
    read = { second, local }
    return local
  }
}
