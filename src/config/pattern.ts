import { RE2JS, RE2JSSyntaxException } from 're2js'

/** Characters of one pattern. */
const MAX_LENGTH = 1000

/** Instructions of one program: what a pattern of that length comes to, unless it counts its repetitions. A search takes at most so many steps a character. */
const MAX_INSTRUCTIONS = 1500

/** Characters of a pattern that a message repeats. */
const MAX_QUOTED = 40

/** A pattern to search with, or what is wrong with it. */
export type Pattern =
  | { readonly ok: true; foundIn(text: string): boolean }
  | {
      readonly ok: false
      readonly message: string
      /** Where in the pattern the fault is, counted from 0. */
      readonly at: number
    }

/** A pattern in RE2's syntax to a search for it anywhere in a text, in time linear in the text. Never throws. */
export function compileRegex(text: string): Pattern {
  if (text.length > MAX_LENGTH) return refused(`a pattern has at most ${MAX_LENGTH} characters`)
  try {
    const program = RE2JS.compile(text)
    if (program.programSize() > MAX_INSTRUCTIONS)
      return refused(`this pattern has more than ${MAX_INSTRUCTIONS} parts once it is written out: repeat less`)
    // `program.test` would be faster, and keep up to 8 MB of states that callers make it see; a matcher keeps nothing of a text.
    return { ok: true, foundIn: (searched) => program.matcher(searched).find() }
  } catch (error) {
    return error instanceof RE2JSSyntaxException ? faultOf(text, error) : refused('this pattern cannot be read')
  }
}

function refused(message: string, at = 0): Pattern {
  return { ok: false, message, at }
}

/** The library says what it cannot read, not where it stands. */
function faultOf(text: string, { error, input }: RE2JSSyntaxException): Pattern {
  const fault = input ?? text
  const quoted = fault.length > MAX_QUOTED ? `${fault.slice(0, MAX_QUOTED)}…` : fault
  return refused(`this is no pattern of RE2: ${error} in \`${quoted}\``, Math.max(0, text.indexOf(fault)))
}
