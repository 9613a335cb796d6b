import type { CatalogData } from './data.ts'

/**
 * 16 hex characters that change with any row: two 32-bit FNV-1a sums over the data as JSON. It tells versions apart; it is no protection against
 * somebody who makes up data to collide.
 */
export function versionOf(data: CatalogData): string {
  const text = JSON.stringify(data)
  let one = 0x811c9dc5
  let other = 0x01000193
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    one = Math.imul(one ^ code, 0x01000193)
    other = Math.imul(other ^ code, 0x85ebca6b) ^ (other >>> 15)
  }
  return hex(one) + hex(other)
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
