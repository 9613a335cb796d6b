const DAY = 86_400_000

/** Whether this is a day of the calendar: `2026-12-31`. */
export function isDay(text: string): boolean {
  const time = text.length === 10 ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Minutes since midnight of a time of day, `09:30`; `24:00` is where a day ends. undefined: it is none. */
export function minutesOf(text: string): number | undefined {
  const [hour, minute] = [digits(text.slice(0, 2)), digits(text.slice(3))]
  if (text.charAt(2) !== ':' || hour === undefined || minute === undefined || minute > 59) return undefined
  const minutes = hour * 60 + minute
  return minutes <= 24 * 60 ? minutes : undefined
}

/** ms since 1970 of an instant that says its offset: `2026-12-31T18:00:00+09:00`, `2026-12-31T09:00Z`. undefined: it is none. */
export function instantOf(text: string): number | undefined {
  const [day, rest] = [text.slice(0, 10), text.slice(11)]
  const offset = rest.endsWith('Z') ? 'Z' : rest.slice(-6)
  const time = rest.slice(0, rest.length - offset.length)
  if (!isDay(day) || text.charAt(10) !== 'T' || !isOffset(offset) || !isTime(time)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}

/** The first moment of a day, in UTC, or the instant, in ms since 1970. undefined: it is neither. */
export function beginOf(text: string): number | undefined {
  return isDay(text) ? Date.parse(`${text}T00:00:00Z`) : instantOf(text)
}

/** The first moment that is not until this any more, in ms since 1970: a day counts whole, in UTC. undefined: it is neither a day nor an instant. */
export function endOf(text: string): number | undefined {
  return isDay(text) ? Date.parse(`${text}T00:00:00Z`) + DAY : instantOf(text)
}

/** With seconds or without, and these with thousandths, as logs write them, or without. */
function isTime(text: string): boolean {
  const [minutes, seconds, rest] = [text.slice(0, 5), text.slice(5, 8), text.slice(8)]
  const thousandths = rest === '' || (rest.charAt(0) === '.' && digits(rest.slice(1), 3) !== undefined)
  return minutesOf(minutes) !== undefined && thousandths && (seconds === '' || minutesOf(`00${seconds}`) !== undefined)
}

function isOffset(text: string): boolean {
  return text === 'Z' || ('+-'.includes(text.charAt(0)) && minutesOf(text.slice(1)) !== undefined)
}

function digits(text: string, count = 2): number | undefined {
  if (text.length !== count) return undefined
  for (const letter of text) if (!'0123456789'.includes(letter)) return undefined
  return Number(text)
}
