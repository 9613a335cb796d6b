import { fromBase64, joinBytes, toBase64 } from '#src/core/binary.ts'

/** Writes texts so that only whoever knows a secret reads them. */
export interface Seal {
  seal(text: string): Promise<string>
  /** Rejects for what was not sealed under the same secret and salt. */
  open(sealed: string): Promise<string>
}

/** Bytes that AES-GCM takes for a text of its own: the key is used for few. */
const NONCE = 12
const encoder = new TextEncoder()

/** AES-GCM under a key that HKDF derives from a secret that nobody can guess. */
export async function createSeal(secret: string, salt: string): Promise<Seal> {
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey'])
  const derived = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: encoder.encode(salt),
    info: encoder.encode('tutti kept answer'),
  }
  const cipher = { name: 'AES-GCM', length: 256 }
  const key = await crypto.subtle.deriveKey(derived, material, cipher, false, ['encrypt', 'decrypt'])
  const under = (iv: Uint8Array<ArrayBuffer>) => ({ name: cipher.name, iv })
  return {
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE))
      const sealed = await crypto.subtle.encrypt(under(iv), key, encoder.encode(text))
      return toBase64(joinBytes([iv, new Uint8Array(sealed)]))
    },
    async open(sealed) {
      const bytes = fromBase64(sealed)
      const text = await crypto.subtle.decrypt(under(bytes.slice(0, NONCE)), key, bytes.slice(NONCE))
      return new TextDecoder().decode(text)
    },
  }
}
