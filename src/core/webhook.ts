import { fromBase64 } from './binary.ts'

/** A secret of the Standard Webhooks specification begins so; base64 stands behind it. */
const PREFIX = 'whsec_'

/** The bytes that a webhook's secret stands for; any other text stands for its UTF-8. Throws TypeError: what follows `whsec_` is not base64. */
export function webhookKey(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(PREFIX)) return new TextEncoder().encode(secret)
  try {
    return fromBase64(secret.slice(PREFIX.length))
  } catch {
    throw new TypeError('the `secret` begins with `whsec_`, and what follows is not base64')
  }
}
