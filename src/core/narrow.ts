import { PERIODS, type Key } from './key.ts'
import { compilePattern } from './wildcard.ts'

const WHO = ['tenant', 'team', 'user'] as const
const COUNTED = ['rpm', 'tpm', 'concurrency'] as const

/** What stands between the id of a key and what it calls those that it makes. */
export const BENEATH = ':'

/** The first field by which a key would be wider than the one that makes it; undefined: none. What it leaves out it has from that one. */
export function widerIn(key: Key, minter: Key): string | undefined {
  const { models: may, limits: had, budget, expires = Infinity } = minter
  if (!key.id.startsWith(minter.id + BENEATH)) return 'id'
  const who = WHO.find((field) => key[field] !== undefined && key[field] !== minter[field])
  if (who) return who
  if (!key.tags.every((tag) => minter.tags.includes(tag))) return 'tags'
  const matchers = may?.map((pattern) => compilePattern(pattern))
  // Whatever a `*` stands for, it stands within a run of the pattern that matches it as a letter: exact, also for several patterns together.
  const beyond = key.models?.findIndex((pattern) => !(matchers?.some((matches) => matches(pattern)) ?? true)) ?? -1
  if (beyond >= 0) return `models.${beyond}`
  const more = COUNTED.find((name) => (key.limits?.[name] ?? 0) > (had?.[name] ?? Infinity))
  if (more) return `limits.${more}`
  const longer = PERIODS.indexOf(key.budget?.per ?? 'total') > PERIODS.indexOf(budget?.per ?? 'total')
  if (key.budget && budget && key.budget.limit > budget.limit && !longer) return 'budget.usd'
  return (key.expires ?? 0) > expires ? 'expires' : undefined
}
