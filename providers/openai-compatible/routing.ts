import { foldMember } from '#src/core/member-name.ts'
import { ROUTING_FIELDS } from './wire.ts'

const ROUTING: ReadonlySet<string> = new Set(ROUTING_FIELDS.map(foldMember))

/**
 * True for a member by which a host that routes may be told to ask somebody else (law 1): one of those that are known, or one that speaks of
 * a model.
 */
export function isRouting(member: string): boolean {
  const folded = foldMember(member)
  // Tools under a name that is not theirs would not be looked at.
  return folded.includes('model') || ROUTING.has(folded) || (folded === 'tools' && member !== 'tools')
}
