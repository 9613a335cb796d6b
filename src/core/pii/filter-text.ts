import { findPii } from './find.ts'
import type { Finder, PiiType } from './types.ts'
import * as redacting from './redact-stream.ts'
import * as restoring from './restore-stream.ts'

/** What is done to the texts of an answer. */
export interface TextRules {
  /** What is taken out of it; nothing where empty. */
  readonly types: ReadonlySet<PiiType>
  /** What is put back into it: placeholders of the request, with what each stands for. */
  readonly originals: ReadonlyMap<string, string>
  readonly find?: Finder | undefined
}

/** A text of an answer under way. A value: it may be kept, copied and gone on from. */
export interface TextState {
  readonly redact: redacting.RedactState | undefined
  readonly restore: restoring.RestoreState | undefined
}

/** Before the first delta. */
export function startText({ types, originals, find = findPii }: TextRules): TextState {
  return {
    redact: types.size > 0 ? redacting.start({ types, find, replace: placeOf }) : undefined,
    restore: originals.size > 0 ? restoring.start(originals) : undefined,
  }
}

/** The next delta: what can be passed on. Items are taken out before others are put back, so that none of these is taken out. */
export function pushText(state: TextState, delta: string): { readonly state: TextState; readonly out: string } {
  const redacted = state.redact ? redacting.push(state.redact, delta) : { state: undefined, out: delta }
  const restored = state.restore ? restoring.push(state.restore, redacted.out) : { state: undefined, out: redacted.out }
  return { state: { redact: redacted.state, restore: restored.state }, out: restored.out }
}

/** What was held back, at the end. */
export function endText({ redact, restore }: TextState): string {
  const rest = redact ? redacting.end(redact) : ''
  if (!restore) return rest
  const last = restoring.push(restore, rest)
  return last.out + restoring.end(last.state)
}

/** A whole text. */
export function filterText(rules: TextRules, text: string): string {
  const { state, out } = pushText(startText(rules), text)
  return out + endText(state)
}

/** What stands in an answer for what the model wrote there: it has no number, so that nobody takes it for something of the request. */
function placeOf(type: PiiType): string {
  return `[${type.toUpperCase()}]`
}
