import type { Json } from './json.ts'
import type { PiiType } from './pii/types.ts'
import type { Setting } from './setting.ts'

/** The most of each that a request may ask for. Tokens are estimates for the input. Absent: any number. */
export interface Caps {
  /** Lowered where the request asks for more, or for no number at all. */
  readonly outputTokens?: number
  /** A request with more of these is refused. */
  readonly choices?: number
  readonly inputTokens?: number
  readonly tools?: number
  readonly images?: number
}

/** What a rule writes into requests, by setting. */
export type Sets = Readonly<Partial<Record<Setting, Json>>>

/** What a rule takes out of requests and answers. */
export interface Redacts {
  readonly types: ReadonlySet<PiiType>
  /** It is put back into the answer. */
  readonly restore: boolean
  /** It is taken out of the answer, too. */
  readonly answers: boolean
  /** Whether a request with what nobody can look into is refused. */
  readonly unscannable: 'deny' | 'allow'
}

/** One value that goes into a request, and the rules that want it there. */
export interface Write {
  readonly setting: Setting
  readonly value: Json
  /** It is only ever lowered: what asks for less stays. */
  readonly most: boolean
  readonly rules: readonly string[]
}
