import { fromBase64, toBase64 } from '#src/core/binary.ts'
import type { Signature } from '#src/core/conversation.ts'
import { MARK_BASE64, readSignature, writeSignature } from '#src/core/signature.ts'

const OWN = 'google'

/** A signature as Gemini's clients take one, which is base64: some of them decode it and write it anew. */
export function signatureText(signature: Signature): string {
  if (signature.vendor === OWN) return signature.value
  return toBase64(new TextEncoder().encode(writeSignature(signature, OWN)))
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
    return new TextDecoder().decode(fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')))
  } catch {
    return undefined
  }
}
