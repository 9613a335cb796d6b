import { createSeed } from '#src/core/seed.ts'
import type { Means } from '#src/core/policy.ts'
import { checkBaseUrl } from './base-url.ts'
import { compileRegex } from './pattern.ts'

const ID_DIGITS = 8

/** What kinds of rules are handed: they may import no library themselves. */
export const MEANS: Means = {
  pattern(text) {
    const pattern = compileRegex(text)
    if (!pattern.ok)
      throw new TypeError(`${pattern.message}, at character ${pattern.at + 1} of \`${text.slice(0, 40)}\``)
    return (searched) => pattern.foundIn(searched)
  },
  id(text) {
    const [name = ''] = text.split('\n')
    return `${name}#${Math.floor(createSeed(text)() * 16 ** ID_DIGITS)
      .toString(16)
      .padStart(ID_DIGITS, '0')}`
  },
  url(text, local) {
    const checked = checkBaseUrl(text, local, 'url')
    if (!checked.ok) throw new TypeError(`${checked.message}; ${checked.mend}`)
    return checked.baseUrl
  },
}
