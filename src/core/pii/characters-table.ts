/** What stands for a unit in a view. */
export const NOTHING = 0xffff
/** Not one unit decides: `\n`, surrogates, letters of a syllable. */
export const LOOK_CLOSER = 0xfffe
/** The backslash, and the percent sign of addresses. */
export const ESCAPE = 92
export const PERCENT = 37

/** The zero of each set of ten decimal digits in Unicode's basic plane (general category Nd). */
const ZEROS =
  '\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20\u1040\u1090\u17e0\u1810' +
  '\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0\ua9f0\uaa50\uabf0'

/** Dashes, minus signs, bars and middle dots that are typed for a hyphen. */
const DASHES =
  '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u2500\u30fc\u3161\u00b7\u2022\u2027\u22c5\u30fb\uff65\u318d'

/** Inclusive ranges, written as pairs. */
const SPACES = '\u00a0\u00a0\u1680\u1680\u2000\u200a\u2028\u2029\u202f\u202f\u205f\u205f\u3000\u3000\u0085\u0085'
const WIDTHLESS =
  '\u00ad\u00ad\u0300\u036f\u061c\u061c\u115f\u1160\u180b\u180e\u200b\u200f\u202a\u202e\u2060\u206f\u20e3\u20e3\u3164\u3164' +
  '\ufe00\ufe0f\ufeff\ufeff\uffa0\uffa0'

/** For each UTF-16 unit, what it is in a view. */
export const PLAIN: Uint16Array = tableOf()

function tableOf(): Uint16Array {
  const table = new Uint16Array(0x10000)
  for (let code = 0; code < table.length; code++) table[code] = code
  for (let code = 0xff01; code <= 0xff5e; code++) table[code] = code - 0xfee0
  for (const zero of ZEROS) for (let digit = 0; digit < 10; digit++) table[zero.charCodeAt(0) + digit] = 48 + digit
  for (const dash of DASHES) table[dash.charCodeAt(0)] = 45
  fill(table, SPACES, 32)
  fill(table, WIDTHLESS, NOTHING)
  fill(table, '\u1100\u1112\ud835\ud835\udb40\udb40\\\\%%', LOOK_CLOSER)
  // Two units of which the table's own marks are the value: neither is a character.
  fill(table, '\ufffe\uffff', NOTHING)
  return table
}

function fill(table: Uint16Array, ranges: string, value: number): void {
  for (let at = 0; at < ranges.length; at += 2) table.fill(value, ranges.charCodeAt(at), ranges.charCodeAt(at + 1) + 1)
}
