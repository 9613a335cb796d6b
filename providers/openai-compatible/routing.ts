import { ROUTING_FIELDS } from './wire.ts'

const ROUTING: ReadonlySet<string> = new Set(ROUTING_FIELDS.map(foldMember))

/**
 * True for a member by which a host that routes may be told to ask somebody else (law 1): one of those that are known, or one that speaks of
 * a model. Gateways take their members with humps, with underscores and in any case.
 */
export function isRouting(member: string): boolean {
  const folded = foldMember(member)
  // Tools under a name that is not theirs would not be looked at.
  return folded.includes('model') || ROUTING.has(folded) || (folded === 'tools' && member !== 'tools')
}

/** Upper case first: it also folds the long s and the Kelvin sign, as Go does. */
function foldMember(member: string): string {
  return member.toUpperCase().toLowerCase().replaceAll('_', '').replaceAll('-', '')
}
