import { foldMember } from '#src/core/member-name.ts'
import { ROUTING_FIELDS, ROUTING_WORDS } from './wire.ts'

const ROUTING: ReadonlySet<string> = new Set(ROUTING_FIELDS.map(foldMember))

/**
 * True for a member by which a host that routes may be told to ask somebody else (law 1): one of those that are known, or one that speaks of
 * a model, a provider or a way there.
 */
export function isRouting(member: string): boolean {
  const folded = foldMember(member)
  // Tools under a name that is not theirs would not be looked at.
  return (
    ROUTING_WORDS.some((word) => folded.includes(word)) ||
    ROUTING.has(folded) ||
    (folded === 'tools' && member !== 'tools')
  )
}
