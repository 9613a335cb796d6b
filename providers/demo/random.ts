/** FNV-1a over UTF-16 code units, with a last mix so that close seeds are far apart. 32 bits, unsigned. */
export function hash(seed: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < seed.length; index++) value = Math.imul(value ^ seed.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return (value ^ (value >>> 15)) >>> 0
}

/** A number from 0 (included) to 1 (excluded) that is always the same for one seed. */
export function draw(seed: string): number {
  return hash(seed) / 0x1_0000_0000
}

/** An id as OpenAI writes them, always the same for one seed. */
export function idOf(prefix: string, seed: string): string {
  const part = (salt: string) => hash(`${seed}/${salt}`).toString(36).padStart(7, '0')
  return `${prefix}${part('a')}${part('b')}${part('c')}`
}

/** A UUID, always the same for one seed. */
export function uuidOf(seed: string): string {
  const part = (salt: string) => hash(`${seed}/${salt}`).toString(16).padStart(8, '0')
  const [a, b, c, d] = [part('a'), part('b'), part('c'), part('d')]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`
}
