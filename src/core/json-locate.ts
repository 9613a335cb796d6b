/** Where a text stops being JSON. Line and column count from 1, the column in UTF-16 units. */
export interface JsonError {
  readonly offset: number
  readonly line: number
  readonly column: number
  readonly expected: string
}

type Expect = 'value' | 'value-or-close' | 'key' | 'key-or-close' | 'colon' | 'comma-or-close' | 'end'

const SPACE = ' \n\r\t'
const DIGITS = '0123456789'
const ESCAPES = '"\\/bfnrt'
const LITERALS = ['true', 'false', 'null']
const NAMES: Record<Expect, string> = {
  value: 'a value',
  'value-or-close': 'a value or `]`',
  key: 'a key in double quotes',
  'key-or-close': 'a key in double quotes or `}`',
  colon: '`:`',
  'comma-or-close': '`,` or a closing bracket',
  end: 'the end of the text',
}

/**
 * The first place where `text` is not JSON, the same in every runtime (engines word and place their own errors differently, and quote the
 * text). Undefined: it is JSON. No recursion; meant for texts that `JSON.parse` has refused already.
 */
export function locateJsonError(text: string): JsonError | undefined {
  const open: ('{' | '[')[] = []
  let expect: Expect = 'value'
  let at = 0
  for (;;) {
    while (at < text.length && SPACE.includes(text.charAt(at))) at++
    const char = text.charAt(at)
    if (char === '') return expect === 'end' ? undefined : errorAt(text, at, NAMES[expect])
    if (closes(expect, char, open)) {
      open.pop()
      expect = afterValue(open)
      at++
    } else if (expect === 'colon' && char === ':') {
      expect = 'value'
      at++
    } else if (expect === 'comma-or-close' && char === ',') {
      expect = open.at(-1) === '{' ? 'key' : 'value'
      at++
    } else if (takesKey(expect) && char === '"') {
      const end = stringEnd(text, at)
      if (end.bad) return errorAt(text, end.at, end.bad)
      expect = 'colon'
      at = end.at
    } else if (takesValue(expect) && (char === '{' || char === '[')) {
      open.push(char)
      expect = char === '{' ? 'key-or-close' : 'value-or-close'
      at++
    } else if (takesValue(expect)) {
      const end = char === '"' ? stringEnd(text, at) : scalarEnd(text, at)
      if (end.bad) return errorAt(text, end.at, end.bad)
      expect = afterValue(open)
      at = end.at
    } else {
      return errorAt(text, at, NAMES[expect])
    }
  }
}

interface End {
  readonly at: number
  readonly bad?: string
}

function closes(expect: Expect, char: string, open: readonly string[]): boolean {
  if (char === '}') return open.at(-1) === '{' && (expect === 'comma-or-close' || expect === 'key-or-close')
  return char === ']' && open.at(-1) === '[' && (expect === 'comma-or-close' || expect === 'value-or-close')
}

function afterValue(open: readonly string[]): Expect {
  return open.length === 0 ? 'end' : 'comma-or-close'
}

function takesKey(expect: Expect): boolean {
  return expect === 'key' || expect === 'key-or-close'
}

function takesValue(expect: Expect): boolean {
  return expect === 'value' || expect === 'value-or-close'
}

function stringEnd(text: string, open: number): End {
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') return { at: at + 1 }
    if (char < ' ') return { at, bad: 'no control character inside a string' }
    if (char !== '\\') continue
    at++
    if (text.charAt(at) === 'u' && isHex(text.slice(at + 1, at + 5))) at += 4
    else if (!isOneOf(ESCAPES, text.charAt(at))) return { at, bad: 'a JSON escape' }
  }
  return { at: text.length, bad: 'the end of a string' }
}

function scalarEnd(text: string, at: number): End {
  const literal = LITERALS.find((word) => text.startsWith(word, at))
  return literal === undefined ? numberEnd(text, at) : { at: at + literal.length }
}

function numberEnd(text: string, start: number): End {
  let at = text.charAt(start) === '-' ? start + 1 : start
  const whole = digitsEnd(text, at)
  if (whole === at) return at === start ? { at, bad: NAMES.value } : { at, bad: 'a digit' }
  at = text.charAt(at) === '0' ? at + 1 : whole
  if (text.charAt(at) === '.') {
    const fraction = digitsEnd(text, at + 1)
    if (fraction === at + 1) return { at: fraction, bad: 'a digit' }
    at = fraction
  }
  if (!isOneOf('eE', text.charAt(at))) return { at }
  const sign = isOneOf('+-', text.charAt(at + 1)) ? at + 2 : at + 1
  const exponent = digitsEnd(text, sign)
  return exponent === sign ? { at: sign, bad: 'a digit' } : { at: exponent }
}

function digitsEnd(text: string, from: number): number {
  let at = from
  while (isOneOf(DIGITS, text.charAt(at))) at++
  return at
}

function isHex(four: string): boolean {
  return four.length === 4 && [...four.toLowerCase()].every((digit) => isOneOf('0123456789abcdef', digit))
}

function isOneOf(set: string, char: string): boolean {
  return char !== '' && set.includes(char)
}

function errorAt(text: string, offset: number, expected: string): JsonError {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++
  return { offset, line, column: offset - lineStart + 1, expected }
}
