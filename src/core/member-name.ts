/**
 * A member's name as those read it who do not care how it is spelled: with humps, with underscores and in any case. Upper case first: it also
 * folds the long s and the Kelvin sign, as Go does.
 */
export function foldMember(name: string): string {
  const known = folded.get(name)
  if (known !== undefined) return known
  const own = name.toUpperCase().toLowerCase().replaceAll('_', '').replaceAll('-', '')
  if (folded.size < MOST_KEPT && name.length <= LONGEST_KEPT) folded.set(name, own)
  return own
}

/** Requests have the same few names again and again; one that makes up others fills no memory. */
const MOST_KEPT = 512
const LONGEST_KEPT = 64
const folded = new Map<string, string>()
