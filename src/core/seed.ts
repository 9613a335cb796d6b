/** A draw: the next number of a fixed sequence, at least 0 and below 1. */
export type Draw = () => number

/**
 * The sequence of draws that belongs to a seed: the same seed gives the same numbers in every runtime. For choices that must be
 * explained and replayed (INTERFACE.md section 9, Plan), never for secrets.
 */
export function createSeed(seed: string): Draw {
  let state = hash(seed)
  return () => {
    // Splitmix: a Weyl sequence through two rounds of mixing.
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 2 ** 32
  }
}

/** FNV-1a over UTF-16 code units, 32 bits; of a text that goes on from another one, from that one's. */
export function hash(text: string, before = 0x811c9dc5): number {
  let value = before
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value | 0
}
