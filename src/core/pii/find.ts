import { scanBankAccount, scanIban, scanPassport } from './accounts.ts'
import { scanAddress } from './address.ts'
import { findApiKeys } from './api-keys.ts'
import { CARD_SHAPES } from './cards.ts'
import { isHangul, isLatin, isSpace } from './characters.ts'
import { createContext } from './context.ts'
import { findEmails } from './email.ts'
import { groupsOf } from './groups.ts'
import { findIpv6, scanIpv4 } from './ip.ts'
import { withoutOverlaps } from './overlaps.ts'
import { PHONE_SHAPES, scanInternational } from './phones.ts'
import { REGISTRATION_SHAPES } from './registrations.ts'
import { RESIDENT_SHAPES, scanParted } from './residents.ts'
import { PII_TYPES, type Candidate, type Found, type PiiType, type View } from './types.ts'
import { originalOffset, viewOf } from './view.ts'
import { judgeShapes, treeOf, type Scan } from './window.ts'

const ALL: ReadonlySet<PiiType> = new Set(PII_TYPES)
const NOT_NUMBERS: ReadonlySet<PiiType> = new Set<PiiType>(['email', 'api_key'])
const TREE = treeOf([...RESIDENT_SHAPES, ...REGISTRATION_SHAPES, ...CARD_SHAPES, ...PHONE_SHAPES])

/**
 * Personal data in a text, in its order and without overlaps: the places of `types`, or of all types. Never throws, reads every unit a bounded
 * number of times. What each type takes is written in docs/personal-data.md.
 */
export function findPii(text: string, types: ReadonlySet<PiiType> = ALL): readonly Found[] {
  const view = viewOf(text)
  const candidates = [
    types.has('email') ? findEmails(view.text) : [],
    types.has('api_key') ? findApiKeys(view.text) : [],
    types.has('ip') ? findIpv6(view.text) : [],
    [...types].some((type) => !NOT_NUMBERS.has(type)) ? scanNumbers(text, view) : [],
  ].flat()
  return withoutOverlaps(candidates.filter(({ type }) => types.has(type))).map(({ type, start, end }) => ({
    type,
    start: originalOffset(view, start),
    end: originalOffset(view, end),
  }))
}

function scanNumbers(text: string, view: View): readonly Candidate[] {
  const candidates: Candidate[] = []
  const groups = groupsOf(view.text)
  const scan: Scan = {
    groups,
    context: createContext(view.text),
    original: (at) => text.charCodeAt(originalOffset(view, at)),
    found: ({ type, sure }, start, end) => candidates.push({ type, start, end, sure }),
  }
  for (let first = 0; first < groups.starts.length; first++) scanGroup(scan, first)
  return candidates
}

function scanGroup(scan: Scan, first: number): void {
  judgeShapes(TREE, scan, first)
  scanIpv4(scan, first)
  scanBankAccount(scan, first)
  const { text, starts } = scan.groups
  const before = text.charCodeAt((starts[first] ?? 0) - 1)
  scanParted(scan, first)
  if (isLatin(before) || before === SPACE) scanPassport(scan, first)
  if (before === PLUS) scanInternational(scan, first)
  else if (isLatin(before)) scanIban(scan, first)
  else if (isSpace(before) || isHangul(before)) scanAddress(scan, first)
}

const PLUS = 43
const SPACE = 32
