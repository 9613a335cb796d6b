import type { Json } from './json.ts'
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

/** One value that goes into a request, and the rules that want it there. */
export interface Write {
  readonly setting: Setting
  readonly value: Json
  /** It is only ever lowered: what asks for less stays. */
  readonly most: boolean
  readonly rules: readonly string[]
}
