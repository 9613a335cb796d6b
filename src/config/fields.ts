import * as z from 'zod/mini'
import { endOf, instantOf, isDay } from '#src/core/moment.ts'
import { parseDecimal, parseDuration, parseSize } from './units.ts'

/** What INTERFACE.md names and this version refuses. */
export const NOT_YET = 'not in this version'

export const DURATION = 'a duration like `250ms`, `5s`, `2m`, `1h`, `90d`'
export const SIZE = 'a size like `64KB`, `20MB`'

/** A field of the published interface that this version does not carry out: refused wherever it is written. */
export const notYet = z.optional(z.never())

/**
 * An object without unknown fields. Its error text is the list of the fields that it knows: the reporter offers the nearest of them.
 */
export function fields<const Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).filter((name) => shape[name] !== notYet)
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known.join(' ') : 'a mapping'),
  })
}

/** One of a few words; `later` are words of the published interface that this version refuses. */
export function choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
  later: readonly string[] = [],
) {
  return z.enum(values, {
    error: ({ input }) => {
      if (typeof input === 'string' && later.includes(input)) return NOT_YET
      return `${values.length > 1 ? 'one of ' : ''}${values.map((value) => `\`${value}\``).join(', ')}`
    },
  })
}

export function text(expected = 'text') {
  return z
    .string({ error: expected })
    .check(z.refine((value) => value !== '', { error: `${expected}, not an empty one` }))
}

/** Text that may be empty: an environment variable with an empty default switches a field off. */
export const maybeEmpty = z.string({ error: 'text' })

export const flag = z.boolean({ error: '`true` or `false`' })

export const duration = z.pipe(
  z.string({ error: DURATION }).check(z.refine((value) => parseDuration(value) !== undefined, { error: DURATION })),
  z.transform((value: string) => parseDuration(value) ?? 0),
)

/** Where none at all would be no setting. */
export const lasting = duration.check(z.refine((ms) => ms > 0, { error: `${DURATION}, above 0` }))

export const size = z.pipe(
  z.string({ error: SIZE }).check(z.refine((value) => parseSize(value) !== undefined, { error: SIZE })),
  z.transform((value: string) => parseSize(value) ?? 0),
)

/** A duration, or `0` for "off". */
export const durationOrOff = z.union([z.literal(0), duration], { error: `${DURATION}, or \`0\` for off` })

/** A number, or its digits as text, which is what `${NAME}` gives. */
function numeric(expected: string, fits: (value: number) => boolean) {
  const number = z.number({ error: expected }).check(z.refine(fits, { error: expected }))
  const digits = z.pipe(
    z
      .string({ error: expected })
      .check(z.refine((value) => fits(parseDecimal(value) ?? Number.NaN), { error: expected })),
    z.transform(Number),
  )
  return z.union([number, digits], { error: expected })
}

export function whole(expected: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  return numeric(expected, (value) => Number.isInteger(value) && value >= least && value <= most)
}

export function positive(expected: string) {
  return numeric(expected, (value) => Number.isFinite(value) && value > 0 && value <= 1e9)
}

/** USD as people write it. A billion is a slip of the finger. */
export const money = numeric('an amount in USD like `0.25`, not below 0', (value) => value >= 0 && value <= 1e9)

/** What something is multiplied by, exactly: read by its decimal digits, nine places. */
export const factor = numeric('a factor like `1.5`, above 0', (value) => value >= 1e-9 && value <= 1e9)

export function listOf<const Item extends z.core.SomeType>(item: Item, expected: string) {
  return z
    .array(item, { error: expected })
    .check(z.refine((list) => list.length > 0, { error: `${expected}, not an empty one` }))
}

export function oneOrMore() {
  return z.union([text(), listOf(text(), 'a list of texts')], { error: 'a text or a list of texts' })
}

export function mapOf<const Value extends z.core.SomeType>(value: Value, expected: string) {
  return z.record(z.string(), value, { error: expected })
}

export const country = text('a country as two letters like `KR` (ISO 3166)').check(
  z.refine(isCountry, { error: 'a country as two letters like `KR` (ISO 3166)' }),
)

export const date = text('a date like `2026-12-31`').check(z.refine(isDay, { error: 'a date like `2026-12-31`' }))

const INSTANT = 'an instant with its offset like `2026-12-31T18:00:00+09:00`'
export const instant = text(INSTANT).check(z.refine((value) => instantOf(value) !== undefined, { error: INSTANT }))

const MOMENT = `a date like \`2026-12-31\`, or ${INSTANT}`
export const moment = text(MOMENT).check(z.refine((value) => endOf(value) !== undefined, { error: MOMENT }))

const DIGEST = 'a SHA-256 digest: 64 hexadecimal digits, as `tutti keys new ID` prints them'
/** Lower-case hex. */
export const digest = z.pipe(
  z.string({ error: DIGEST }).check(z.refine(isDigest, { error: DIGEST })),
  z.transform((value: string) => value.toLowerCase()),
)

function isCountry(value: string): boolean {
  return value.length === 2 && allOf(value.toUpperCase(), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
}

function isDigest(value: string): boolean {
  return value.length === 64 && allOf(value.toLowerCase(), '0123456789abcdef')
}

function allOf(value: string, letters: string): boolean {
  for (const letter of value) if (!letters.includes(letter)) return false
  return true
}
