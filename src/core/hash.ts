/** SHA-256 of a text's UTF-8 bytes, lower-case hex; at once where the runtime can. */
export type Hash = (text: string) => string | Promise<string>

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
