import type { Quirks } from './definition.ts'

const LENGTH = 9
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** A call's id as the upstream takes it: Mistral wants nine letters and digits, and the same for a call and its result. */
export function wireToolId(id: string, { toolIds }: Quirks): string {
  if (toolIds === 'any' || (id.length === LENGTH && [...id].every((char) => LETTERS.includes(char)))) return id
  // Two rounds of FNV-1a give 64 bits; nine letters hold 53 of them.
  let value = (BigInt(hash(id, 0x811c9dc5)) << 32n) | BigInt(hash(id, 0x9747b28c))
  let out = ''
  for (let at = 0; at < LENGTH; at++) {
    out += LETTERS[Number(value % 62n)] ?? ''
    value /= 62n
  }
  return out
}

function hash(text: string, seed: number): number {
  let value = seed
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
