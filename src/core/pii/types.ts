/** What is looked for. Names are stable: rules and placeholders carry them. */
export const PII_TYPES = [
  'kr_rrn',
  'kr_foreigner',
  'kr_business',
  'kr_corporate',
  'kr_driver_licence',
  'kr_passport',
  'kr_bank_account',
  'kr_address',
  'phone',
  'card',
  'email',
  'iban',
  'us_ssn',
  'ip',
  'api_key',
] as const

export type PiiType = (typeof PII_TYPES)[number]

/** A place in a text, in UTF-16 units: `text.slice(start, end)` is the item with all that is written inside it. */
export interface Found {
  readonly type: PiiType
  readonly start: number
  readonly end: number
}

/** A place in a view of a text. `sure`: by a strong form or a context word, which decides between two of the same length. */
export interface Candidate extends Found {
  readonly sure: boolean
}

/** A text as scanners read it: ASCII digits, dashes and spaces, nothing without width, digits that were words as digits. */
export interface View {
  readonly text: string
  /** For each unit of `text`, and for its end, the place in the original. Absent where every place is its own. */
  readonly offsets?: Int32Array
}

/** What a request holds of personal data: numbers, no word of it. */
export interface Findings {
  /** Of each type that was found, how many. */
  readonly counts: Readonly<Partial<Record<PiiType, number>>>
  /** There is something that nobody can look into: a picture, a sound, a file, or where one is. */
  readonly unscannable: boolean
}

/** The types that were found, sorted. */
export function typesIn({ counts }: Pick<Findings, 'counts'>): readonly PiiType[] {
  return PII_TYPES.filter((type) => (counts[type] ?? 0) > 0).toSorted()
}

/** Looks for personal data in a text. */
export type Finder = (text: string, types?: ReadonlySet<PiiType>) => readonly Found[]
