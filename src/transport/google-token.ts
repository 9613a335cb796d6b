import { fromBase64, toBase64 } from '#src/core/binary.ts'
import type { Clock } from '#src/core/clock.ts'
import { isObject, numberAt, parseJson, stringAt } from '#src/core/json.ts'
import type { Egress, Transport, TransportFailure, UpstreamAuth } from '#src/core/transport.ts'
import { unsigned, type Proof, type SigningOptions } from './proof.ts'

type GoogleAuth = Extract<UpstreamAuth, { readonly kind: 'google-service-account' }>

/** ms before a token's end from which it is not used any more. */
const MARGIN = 60_000
/** ms within which an answer must be there. */
const TIMEOUT = 10_000
/** Bytes: an access token has a few hundred, and the answer little else. */
const MAX_ANSWER = 64 * 1024
/** Of an assertion, in s: the longest that Google takes. */
const LIFETIME = 3600
/** Accounts are few; a file that is loaded again and again with other keys must not fill the memory. */
const MOST_REMEMBERED = 100

interface Token {
  readonly value: string
  /** ms since 1970. */
  readonly until: number
}

type Fetched =
  | { readonly token: Token; readonly failure?: undefined }
  | { readonly failure: TransportFailure; readonly token?: undefined }

export interface Tokens {
  of(auth: GoogleAuth, egress: Egress): Promise<Proof>
}

/**
 * Access tokens of Google's service accounts, for a signed assertion (RFC 7523) that the account's own key signs. One is kept until a minute
 * before its end, and only one fetch for it is under way at a time.
 */
export function createTokens(transport: Transport, { clock, isolated = false }: SigningOptions): Tokens {
  const known = new Map<string, Token>()
  const underWay = new Map<string, Promise<Fetched>>()
  return {
    async of(auth, egress) {
      const id = JSON.stringify([auth.clientEmail, auth.scope, auth.tokenUri, auth.privateKey])
      const kept = known.get(id)
      if (kept !== undefined && kept.until - MARGIN > clock.now()) return proofOf(kept)
      const fetched = await (underWay.get(id) ?? begin(id, auth, egress))
      return fetched.token === undefined ? fetched : proofOf(fetched.token)
    },
  }

  function begin(id: string, auth: GoogleAuth, egress: Egress): Promise<Fetched> {
    const fetching = fetchToken(auth, egress, { transport, clock }).then((fetched) => {
      underWay.delete(id)
      if (known.size >= MOST_REMEMBERED) known.clear()
      if (fetched.token !== undefined) known.set(id, fetched.token)
      return fetched
    })
    if (!isolated) underWay.set(id, fetching)
    return fetching
  }
}

function proofOf({ value }: Token): Proof {
  return { headers: { authorization: `Bearer ${value}` } }
}

interface Means {
  readonly transport: Transport
  readonly clock: Clock
}

async function fetchToken(auth: GoogleAuth, egress: Egress, means: Means): Promise<Fetched> {
  const now = means.clock.now()
  let assertion: string
  try {
    assertion = await makeAssertion(auth, Math.floor(now / 1000))
  } catch (cause) {
    return unsigned('the private key of the service account cannot be used', cause)
  }
  const answer = await post(auth.tokenUri, assertion, { ...means, egress })
  return answer.failure === undefined ? readAnswer(answer, now) : answer
}

function readAnswer({ status, text }: Whole, now: number): Fetched {
  const value = parseJson(text)
  const token = stringAt(value, 'access_token')
  if (status === 200 && token !== undefined && token !== '') {
    const seconds = numberAt(value, 'expires_in') ?? LIFETIME
    return { token: { value: token, until: now + seconds * 1000 } }
  }
  const said = isObject(value) ? wordOf(stringAt(value, 'error')) : ''
  const message = `the service account got no token: ${status}${said}`
  // It is overloaded, not unwilling.
  if (status === 429 || status >= 500) return { failure: { code: 'connect_failed', message, sentNothing: true } }
  return unsigned(message)
}

/** An error's name (`invalid_grant`), which is all that may be shown of what it says. */
function wordOf(error = ''): string {
  const plain = Array.from(error).every((char) => (char >= 'a' && char <= 'z') || char === '_')
  return plain && error !== '' ? ` ${error}` : ''
}

interface Whole {
  readonly status: number
  readonly text: string
  readonly failure?: undefined
}

/** The whole answer of the token's endpoint. It goes the way that every request goes, through the same guard. */
function post(
  url: string,
  assertion: string,
  { transport, egress, clock }: Means & { readonly egress: Egress },
): Promise<Whole | { readonly failure: TransportFailure }> {
  const { promise, resolve } = Promise.withResolvers<Whole | { readonly failure: TransportFailure }>()
  const decoder = new TextDecoder()
  let [status, text, bytes] = [0, '', 0]
  const body = `grant_type=${encodeURIComponent(GRANT)}&assertion=${assertion}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const exchange = transport.send({ method: 'POST', url, headers, body }, egress, {
    head: (head) => {
      status = head.status
    },
    data: (chunk) => {
      bytes += chunk.length
      if (bytes > MAX_ANSWER) stop('the token endpoint gave too long an answer', 'closed')
      else text += decoder.decode(chunk, { stream: true })
    },
    end: () => resolve({ status, text: text + decoder.decode() }),
    // The request itself has not been sent, whatever the token's has come to.
    fail: (failure) => resolve({ failure: { ...failure, sentNothing: true } }),
  })
  const stop = (message: string, code: TransportFailure['code']): void => {
    exchange.abort()
    resolve({ failure: { code, message, sentNothing: true } })
  }
  const cancel = clock.after(TIMEOUT, () => stop('the token endpoint did not answer in time', 'connect_timeout'))
  return promise.finally(cancel)
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const encoder = new TextEncoder()

/** A JWT for the token's endpoint (RFC 7519), signed with RS256. `now` in s. */
async function makeAssertion({ clientEmail, privateKey, scope, tokenUri }: GoogleAuth, now: number): Promise<string> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', derOf(privateKey), algorithm, false, ['sign'])
  const claims = { iss: clientEmail, scope, aud: tokenUri, iat: now, exp: now + LIFETIME }
  const head = [{ alg: 'RS256', typ: 'JWT' }, claims]
  const signed = head.map((part) => base64url(encoder.encode(JSON.stringify(part)))).join('.')
  const signature = await crypto.subtle.sign(algorithm.name, key, encoder.encode(signed))
  return `${signed}.${base64url(new Uint8Array(signature))}`
}

/** The bytes of a PEM text (RFC 7468), whose line breaks may have been written out as `\n` on the way through an environment variable. */
function derOf(pem: string): Uint8Array<ArrayBuffer> {
  const lines = pem
    .replaceAll('\\n', '\n')
    .split('\n')
    .map((line) => line.trim())
  return fromBase64(lines.filter((line) => !line.startsWith('-----')).join(''))
}

function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
