import { AwsV4Signer } from 'aws4fetch'
import type { Clock } from '#src/core/clock.ts'
import type { UpstreamAuth, UpstreamRequest } from '#src/core/transport.ts'
import { unsigned, type Proof } from './proof.ts'

/** Signing keys are made anew each day, one for each credential, region and service. */
const MOST_REMEMBERED = 100

type AwsAuth = Extract<UpstreamAuth, { readonly kind: 'aws-sigv4' }>

/** Signs requests as AWS asks for it (Signature Version 4): the body, the address and the headers as they will be sent. */
export function createAwsSigner(clock: Clock): (request: UpstreamRequest, auth: AwsAuth) => Promise<Proof> {
  const keys = new Map<string, ArrayBuffer>()
  return async (request, { service, region, accessKeyId, secretAccessKey, sessionToken }) => {
    try {
      if (keys.size >= MOST_REMEMBERED) keys.clear()
      const signer = new AwsV4Signer({
        method: request.method,
        url: request.url,
        headers: request.headers,
        ...(request.body !== undefined && { body: request.body }),
        ...(request.bytes && { body: request.bytes }),
        service,
        region,
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        datetime: basicTime(clock.now()),
        cache: keys,
      })
      const { headers } = await signer.sign()
      return { headers: Object.fromEntries(headers) }
    } catch (cause) {
      return unsigned('the request could not be signed', cause)
    }
  }
}

/** `20261125T120000Z` (ISO 8601, basic format). */
function basicTime(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T')
  return `${date.replaceAll('-', '')}T${time.slice(0, 8).replaceAll(':', '')}Z`
}
