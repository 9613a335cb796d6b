import { toBase64 } from '#src/core/binary.ts'
import type { Clock } from '#src/core/clock.ts'
import type { UpstreamAuth, UpstreamRequest } from '#src/core/transport.ts'
import { webhookKey } from '#src/core/webhook.ts'
import { unsigned, type Proof } from './proof.ts'

type WebhookAuth = Extract<UpstreamAuth, { readonly kind: 'webhook' }>

const encoder = new TextEncoder()

/** Headers of the Standard Webhooks specification: which message it is, when it was sent, and an HMAC-SHA256 over both and the body. */
export async function signWebhook(
  { body = '' }: UpstreamRequest,
  { id, secret }: WebhookAuth,
  clock: Clock,
): Promise<Proof> {
  try {
    const sent = String(Math.floor(clock.now() / 1000))
    const headers = { 'webhook-id': id, 'webhook-timestamp': sent }
    if (secret === undefined) return { headers }
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', webhookKey(secret), algorithm, false, ['sign'])
    const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(`${id}.${sent}.${body}`))
    const signature = toBase64(new Uint8Array(mac))
    return { headers: { ...headers, 'webhook-signature': `v1,${signature}` } }
  } catch (cause) {
    return unsigned('the request could not be signed', cause)
  }
}
