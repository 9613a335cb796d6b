import type { Candidate, PiiType } from './types.ts'

/** Of two of one length, neither surer than the other, the first in this list: the one whose form says more. */
const SPECIFIC: readonly PiiType[] = [
  'api_key',
  'iban',
  'email',
  'kr_rrn',
  'kr_foreigner',
  'card',
  'kr_driver_licence',
  'kr_passport',
  'ip',
  'kr_corporate',
  'kr_business',
  'us_ssn',
  'phone',
  'kr_bank_account',
  'kr_address',
]

/**
 * Candidates in their order, none over another. What overlaps becomes one place that covers both, so that no part of either is left; it has
 * the type of the longer, else of the surer, else of the more specific.
 */
export function withoutOverlaps(candidates: readonly Candidate[]): readonly Candidate[] {
  const kept: Candidate[] = []
  let best: Candidate | undefined
  for (const candidate of [...candidates].sort((one, other) => one.start - other.start)) {
    const last = kept.at(-1)
    if (last === undefined || best === undefined || candidate.start >= last.end) {
      kept.push(candidate)
      best = candidate
      continue
    }
    if (precedes(candidate, best)) best = candidate
    kept[kept.length - 1] = { ...best, start: last.start, end: Math.max(last.end, candidate.end) }
  }
  return kept
}

function precedes(one: Candidate, other: Candidate): boolean {
  const longer = one.end - one.start - (other.end - other.start)
  if (longer !== 0) return longer > 0
  if (one.sure !== other.sure) return one.sure
  return SPECIFIC.indexOf(one.type) < SPECIFIC.indexOf(other.type)
}
