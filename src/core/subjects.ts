import type { Key } from './key.ts'
import type { RuleInput } from './policy.ts'
import { compilePattern, type Matcher } from './wildcard.ts'

/**
 * Whether a rule speaks about a caller: every field of `subjects` must fit, a list means any of it, `*` matches any run. Without
 * `subjects` it speaks about everybody; with them it never speaks about a caller without a key.
 */
export function compileSubjects(subjects: RuleInput<unknown>['subjects']): (key: Key | undefined) => boolean {
  if (!subjects) return () => true
  const keys = anyOf(subjects.keys)
  const tenants = anyOf(subjects.tenants)
  const tags = anyOf(subjects.tags)
  return (key) => {
    if (!key) return false
    if (keys && !keys(key.id)) return false
    if (tenants && !(key.tenant !== undefined && tenants(key.tenant))) return false
    return !tags || key.tags.some(tags)
  }
}

function anyOf(patterns: readonly string[] | undefined): Matcher | undefined {
  const matchers = patterns?.map((pattern) => compilePattern(pattern))
  return matchers && ((text) => matchers.some((matches) => matches(text)))
}
