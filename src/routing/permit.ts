import type { Key } from '#src/core/key.ts'
import { compilePattern, type Matcher } from '#src/core/wildcard.ts'

const memo = new WeakMap<Key, Matcher>()

/** Whether a caller may ask for a name, as the request writes it: exactly, `*` in the key's patterns is any run. No key, or no `models`: every name. */
export function permits(key: Key | undefined, name: string): boolean {
  return !key || (permitsAlone(key, name) && permits(key.mintedBy, name))
}

function permitsAlone(key: Key, name: string): boolean {
  if (!key.models) return true
  const known = memo.get(key)
  if (known) return known(name)
  const matchers = key.models.map((pattern) => compilePattern(pattern))
  const matches: Matcher = (text) => matchers.some((matcher) => matcher(text))
  memo.set(key, matches)
  return matches(name)
}
