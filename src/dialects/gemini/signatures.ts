import type { Signature } from '#src/core/conversation.ts'
import { MARK_BASE64, readSignature, writeSignature } from '#src/core/signature.ts'

const OWN = 'google'

/** A signature as Gemini's clients take one, which is base64: some of them decode it and write it anew. */
export function signatureText(signature: Signature): string {
  if (signature.vendor === OWN) return signature.value
  const bytes = new TextEncoder().encode(writeSignature(signature, OWN))
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The signature that such a text is. */
export function signatureOf(text: string): Signature {
  const own = { vendor: OWN, value: text }
  if (!text.startsWith(MARK_BASE64)) return own
  const decoded = decodedText(text)
  return decoded === undefined ? own : readSignature(decoded, OWN)
}

/** Of either alphabet. */
function decodedText(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
  } catch {
    return undefined
  }
}
