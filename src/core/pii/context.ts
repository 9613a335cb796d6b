import { isDigit, isLatin, lower } from './characters.ts'
import { CONTEXT_WORDS, type Subject } from './context-words.ts'

/** How far before a number its context word may end, and how far behind it one may begin, in units of the view. */
const BEFORE = 40
const AFTER = 16

interface Word {
  readonly subject: Subject
  readonly word: string
}

const BY_FIRST = new Map<number, Word[]>()
for (const [subject, words] of CONTEXT_WORDS)
  for (const word of words.split(',')) {
    const first = word.charCodeAt(0)
    BY_FIRST.set(first, [...(BY_FIRST.get(first) ?? []), { subject, word }])
  }
// The longest of two: `법인등록번호` is not the `등록번호` of a person.
for (const words of BY_FIRST.values()) words.sort((one, other) => other.word.length - one.word.length)

/** Whether a word of a subject stands near. To be asked from left to right. */
export interface Context {
  near(subject: Subject, start: number, end: number): boolean
  /** Whether it is the number's own: no other number stands between, and no word of `other` is nearer. */
  owns(subject: Subject, other: Subject, place: { readonly start: number; readonly end: number }): boolean
}

/** The context words of a view, read at most once each and only around what is asked. */
export function createContext(text: string): Context {
  const lastEnd = new Map<Subject, number>()
  let read = 0
  const readTo = (from: number, to: number): void => {
    let at = Math.max(read, from)
    while (at < to) {
      const known = BY_FIRST.get(lower(text.charCodeAt(at)))?.find(({ word }) => stands(text, at, word))
      at += known?.word.length ?? 1
      if (known !== undefined) lastEnd.set(known.subject, at)
    }
    read = Math.max(read, at)
  }
  const near = (subject: Subject, start: number, end: number): boolean => {
    readTo(start - BEFORE - LONGEST, clauseEnd(text, end))
    return (lastEnd.get(subject) ?? -1) >= Math.max(0, start - BEFORE)
  }
  return {
    near,
    owns(subject, other, { start, end }) {
      const from = near(subject, start, end) ? (lastEnd.get(subject) ?? 0) : start
      return from !== start && (lastEnd.get(other) ?? -1) < from && !hasDigit(text, from, start)
    },
  }
}

const LONGEST = 20

/** What stands behind a comma or on the next line speaks of the next number. */
function clauseEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + AFTER)
  let at = from
  while (at < most && !',;|/\n\t'.includes(text[at] ?? ',')) at++
  return at
}

/** Latin words stand alone on their left: `ssn` is not in `classname`. A short one on its right, too. */
function stands(text: string, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index++)
    if (lower(text.charCodeAt(at + index)) !== word.charCodeAt(index)) return false
  if (!isLatin(word.charCodeAt(0))) return true
  if (isLatin(text.charCodeAt(at - 1))) return false
  return word.length > 4 || !isLatin(text.charCodeAt(at + word.length))
}

function hasDigit(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isDigit(text.charCodeAt(at))) return true
  return false
}
