import { isAlphanumeric, isDigit } from './characters.ts'
import type { Candidate } from './types.ts'

/** How the keys of vendors begin, and how many units the whole has at least: by their documentation or by what they give out. */
const PREFIXES: readonly (readonly [prefix: string, least: number])[] = [
  ['sk-', 20],
  ['sk_live_', 24],
  ['pk_live_', 24],
  ['rk_live_', 24],
  ['AKIA', 20],
  ['ASIA', 20],
  ['ghp_', 30],
  ['gho_', 30],
  ['ghu_', 30],
  ['ghs_', 30],
  ['ghr_', 30],
  ['github_pat_', 40],
  ['xoxb-', 20],
  ['xoxp-', 20],
  ['AIza', 39],
  ['hf_', 30],
  ['glpat-', 20],
  ['gsk_', 40],
  ['npm_', 36],
  ['xai-', 40],
  ['eyJ', 30],
]
/** Keys of one length and of capitals and digits only. */
const CAPITALS = new Set(['AKIA', 'ASIA'])
const TOKEN = 'eyJ'

/** Keys by the known beginnings of vendors, and signed tokens (JWT). One pass of the engine's search for each beginning. */
export function findApiKeys(text: string): readonly Candidate[] {
  return PREFIXES.flatMap(([prefix, least]) => findKeys(text, prefix, least))
}

function findKeys(text: string, prefix: string, least: number): readonly Candidate[] {
  const found: Candidate[] = []
  for (let start = text.indexOf(prefix); start >= 0;) {
    let end = start + prefix.length
    if (!isAlphanumeric(text.charCodeAt(start - 1))) {
      end = keyEnd(text, end, prefix === TOKEN)
      if (end - start >= least && isKey(text.slice(start, end), prefix))
        found.push({ type: 'api_key', start, end, sure: true })
    }
    start = text.indexOf(prefix, end)
  }
  return found
}

function keyEnd(text: string, from: number, dots: boolean): number {
  const marks = dots ? '_-.' : '_-'
  let end = from
  while (isAlphanumeric(text.charCodeAt(end)) || marks.includes(text[end] ?? ' ')) end++
  while (text[end - 1] === '.') end--
  return end
}

function isKey(key: string, prefix: string): boolean {
  if (prefix === TOKEN) return isToken(key)
  const rest = key.slice(prefix.length)
  if (CAPITALS.has(prefix)) return key.length === 20 && rest === rest.toUpperCase() && isWithin(rest, isAlphanumeric)
  // Words with hyphens have no digits: `sk-learn-compatible-estimators`.
  return isWithinSome(rest, isDigit)
}

/** A header, claims that are JSON too, and a signature: base64url in three parts, the last of which may have been cut off. */
function isToken(key: string): boolean {
  const [header = '', claims = ''] = key.split('.')
  return header.length >= 10 && claims.length >= 10 && claims.startsWith(TOKEN)
}

function isWithin(text: string, is: (code: number) => boolean): boolean {
  for (let at = 0; at < text.length; at++) if (!is(text.charCodeAt(at))) return false
  return true
}

function isWithinSome(text: string, is: (code: number) => boolean): boolean {
  for (let at = 0; at < text.length; at++) if (is(text.charCodeAt(at))) return true
  return false
}
