import type { Key } from './key.ts'
import type { RuleInput } from './policy.ts'

/**
 * Whether a rule speaks about a caller: every field of `subjects` must fit, a list means any of it. Without `subjects` it speaks about
 * everybody; with them it never speaks about a caller without a key.
 */
export function compileSubjects(subjects: RuleInput<unknown>['subjects']): (key: Key | undefined) => boolean {
  if (!subjects) return () => true
  const keys = subjects.keys && new Set(subjects.keys)
  const tenants = subjects.tenants && new Set(subjects.tenants)
  const tags = subjects.tags && new Set(subjects.tags)
  return (key) => {
    if (!key) return false
    if (keys && !keys.has(key.id)) return false
    if (tenants && !(key.tenant !== undefined && tenants.has(key.tenant))) return false
    return !tags || key.tags.some((tag) => tags.has(tag))
  }
}
