import { isAlphanumeric } from './characters.ts'
import { findPii } from './find.ts'
import { longestOf, restoreText } from './restore-stream.ts'
import type { Found, PiiType } from './types.ts'
import { viewOf } from './view.ts'

/** Replaces what is found in the texts of one request, and puts it back into what is answered. */
export interface Placeholders {
  /** The text with each item as its placeholder: `[KR_RRN_1]`. The same item is the same placeholder in all texts. */
  redact(text: string): string
  /** The text with each placeholder that was given as the item's first written form; other brackets stay. */
  restore(text: string): string
  /** Placeholders given so far, with the first written form of what each stands for. For `start` of restore-stream.ts. */
  originals(): ReadonlyMap<string, string>
}

/**
 * Placeholders of one request. `existing` says of a candidate whether it occurs in the caller's own texts: such a one is never given, so that
 * nothing but what was replaced is ever restored. `types`: all where absent.
 */
export function createPlaceholders(
  existing: (candidate: string) => boolean,
  types?: ReadonlySet<PiiType>,
  find: typeof findPii = findPii,
): Placeholders {
  const byKey = new Map<string, string>()
  const originals = new Map<string, string>()
  const numbers = new Map<PiiType, number>()
  const next = (type: PiiType): string => {
    const label = type.toUpperCase()
    let number = (numbers.get(type) ?? 0) + 1
    while (existing(`[${label}_${number}]`)) number++
    numbers.set(type, number)
    return `[${label}_${number}]`
  }
  const placeholderOf = (type: PiiType, original: string): string => {
    const key = `${type} ${keyOf(type, original)}`
    const known = byKey.get(key)
    if (known !== undefined) return known
    const placeholder = next(type)
    byKey.set(key, placeholder)
    originals.set(placeholder, original)
    return placeholder
  }
  return {
    redact: (text) => replaceFound(find(text, types), text, placeholderOf),
    restore: (text) => restoreText(text, originals, longestOf(originals)),
    originals: () => originals,
  }
}

function replaceFound(
  found: readonly Found[],
  text: string,
  replace: (type: PiiType, original: string) => string,
): string {
  const parts: string[] = []
  let from = 0
  for (const { type, start, end } of found) {
    parts.push(text.slice(from, start), replace(type, text.slice(start, end)))
    from = end
  }
  return from === 0 ? text : parts.join('') + text.slice(from)
}

/** What two written forms of one item have in common: for numbers their letters and digits, else the text without disguise. */
function keyOf(type: PiiType, original: string): string {
  const { text } = viewOf(original)
  switch (type) {
    case 'api_key':
    case 'ip':
      return text
    case 'email':
      return text.toLowerCase()
    case 'kr_address':
      return text.split(' ').filter(Boolean).join(' ')
    default:
      return [...text]
        .filter((unit) => isAlphanumeric(unit.charCodeAt(0)))
        .join('')
        .toUpperCase()
  }
}
