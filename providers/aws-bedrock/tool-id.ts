/** What Converse takes as the id of a call: letters, digits, `_`, `-`, at most 64 of them. */
const LONGEST = 64
/** Mistral's models take ids of nine letters and digits only. */
const MISTRAL = 9

/** The id of a call in the form that the model takes: the same for the call and for its result, and for no other call. */
export function toolIdFor(id: string, family: string): string {
  if (family === 'mistral') return id.length === MISTRAL && isPlain(id, '') ? id : digest(id).slice(0, MISTRAL)
  if (id !== '' && id.length <= LONGEST && isPlain(id, '_-')) return id
  const readable = Array.from(id, (char) => (isPlain(char, '_-') ? char : '_')).join('')
  return `${readable.slice(0, LONGEST - 14)}_${digest(id)}`
}

function isPlain(text: string, more: string): boolean {
  return Array.from(text).every(
    (char) =>
      (char >= 'a' && char <= 'z') ||
      (char >= 'A' && char <= 'Z') ||
      (char >= '0' && char <= '9') ||
      more.includes(char),
  )
}

/** Thirteen letters and digits of two 32-bit hashes (FNV-1a): ids of one conversation are few. */
function digest(text: string): string {
  const [a, b] = [fnv(text, 0x811c9dc5), fnv(text, 0x01000193)]
  return (a * 0x200000 + (b >>> 11)).toString(36).padStart(13, '0').slice(-13)
}

function fnv(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
