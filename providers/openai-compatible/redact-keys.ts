/** How the vendors' keys begin. */
const PREFIXES = [
  'sk-',
  'sk_',
  'pk-',
  'gsk_',
  'xai-',
  'nv-',
  'nvapi-',
  'up_',
  'hf_',
  'fw_',
  'csk-',
  'flp_',
  'pplx-',
  'aiza',
  'tgp_',
]
/** Shorter words are no keys. */
const LEAST = 12
const REDACTED = '[redacted]'

/** A message without what looks like a key, whole or shortened with stars: upstreams like to quote what they were sent. */
export function redactKeys(message: string): string {
  return message.split(' ').map(redactWord).join(' ')
}

function redactWord(word: string): string {
  const start = firstLetter(word)
  const bare = word.slice(start).toLowerCase()
  const key = word.length >= LEAST && PREFIXES.some((prefix) => bare.startsWith(prefix))
  if (key) return word.slice(0, start) + REDACTED
  return word.includes('****') ? REDACTED : word
}

function firstLetter(word: string): number {
  for (let at = 0; at < word.length; at++) {
    // The bit by which ASCII's two cases differ.
    const code = word.charCodeAt(at) | 32
    if (code >= 97 && code <= 122) return at
  }
  return 0
}
