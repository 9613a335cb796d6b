import { isAlphanumeric, isDigit, isLatin } from './characters.ts'
import type { Candidate } from './types.ts'

const LONGEST_LOCAL = 64
const LONGEST_DOMAIN = 253
const AT = '@'
const MARKS = "._%+-'"

/** Addresses of electronic mail: an ASCII local part, a domain of two labels or more whose last is letters. Linear: parts are bounded. */
export function findEmails(text: string): readonly Candidate[] {
  const found: Candidate[] = []
  let from = 0
  for (let at = text.indexOf(AT); at >= 0; at = text.indexOf(AT, at + 1)) {
    const start = localStart(text, at, from)
    const end = start < at ? domainEnd(text, at + 1) : 0
    if (end === 0) continue
    found.push({ type: 'email', start, end, sure: true })
    from = end
  }
  return found
}

function localStart(text: string, at: number, from: number): number {
  let start = at
  while (start > from && at - start < LONGEST_LOCAL && isLocal(text, start - 1)) start--
  while (start < at && !isAlphanumeric(text.charCodeAt(start)) && text[start] !== '_') start++
  return start
}

function isLocal(text: string, at: number): boolean {
  return isAlphanumeric(text.charCodeAt(at)) || MARKS.includes(text[at] ?? ' ')
}

/** The end of the last label that can be a domain's last, or 0. */
function domainEnd(text: string, start: number): number {
  let end = 0
  let label = start
  for (let at = start; at <= start + LONGEST_DOMAIN; at++) {
    const code = text.charCodeAt(at)
    if (isAlphanumeric(code) || (code === 45 && at > label)) continue
    if (at === label) break
    if (label > start && isLast(text, label, at) && !isScale(text, start, label)) end = lastEnd(text, at)
    if (code !== 46) break
    label = at + 1
  }
  return end
}

/** A hyphen at a label's end belongs to the sentence. */
function lastEnd(text: string, at: number): number {
  let end = at
  while (text[end - 1] === '-') end--
  return end
}

function isLast(text: string, start: number, end: number): boolean {
  return lastEnd(text, end) - start >= 2 && isLatin(text.charCodeAt(start)) && isLatin(text.charCodeAt(start + 1))
}

/** `image@2x.png` is a picture. */
function isScale(text: string, start: number, label: number): boolean {
  return label - start === 3 && isDigit(text.charCodeAt(start)) && text[start + 1] === 'x'
}
