import { createHash, createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Clock } from '#src/core/clock.ts'
import { parseJson } from '#src/core/json.ts'
import type {
  Egress,
  ExchangeHandler,
  Transport,
  TransportFailure,
  UpstreamAuth,
  UpstreamRequest,
} from '#src/core/transport.ts'
import { createSigningTransport } from './sign.ts'

const EGRESS: Egress = { local: false, connectTimeoutMs: 5000 }
const NOW = Date.UTC(2026, 10, 25, 12, 34, 56, 789)
const AWS: UpstreamAuth = {
  kind: 'aws-sigv4',
  service: 'bedrock',
  region: 'ap-northeast-2',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const REQUEST: UpstreamRequest = {
  method: 'POST',
  url: 'https://bedrock-runtime.ap-northeast-2.amazonaws.com/model/anthropic.claude-v1%3A0/converse',
  headers: { 'content-type': 'application/json', accept: 'application/json', 'x-own': 'a  b' },
  body: '{"messages":[{"role":"user","content":[{"text":"안녕 🙂"}]}]}',
}

/** A clock that stands still until it is told otherwise. */
function fakeClock(): Clock & { set(now: number): void; ring(): void } {
  let now = NOW
  const alarms = new Set<() => void>()
  return {
    now: () => now,
    after(_ms, run) {
      alarms.add(run)
      return () => alarms.delete(run)
    },
    set: (next) => {
      now = next
    },
    ring: () => {
      for (const alarm of alarms) alarm()
    },
  }
}

interface Sent {
  readonly request: UpstreamRequest
  readonly egress: Egress
  readonly handler: ExchangeHandler
  readonly calls: string[]
}

function fakeTransport(answer: (sent: Sent) => void = () => undefined): Transport & { readonly sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    send(request, egress, handler) {
      const one = { request, egress, handler, calls: [] as string[] }
      sent.push(one)
      queueMicrotask(() => answer(one))
      return {
        abort: () => void one.calls.push('abort'),
        pause: () => void one.calls.push('pause'),
        resume: () => void one.calls.push('resume'),
      }
    },
    close: () => Promise.resolve(),
  }
}

const deaf: ExchangeHandler = {
  head: () => undefined,
  data: () => undefined,
  end: () => undefined,
  fail: () => undefined,
}

/** Web Crypto works on threads of its own. */
async function until(holds: () => boolean): Promise<void> {
  const begun = Date.now()
  while (!holds()) {
    if (Date.now() - begun > 5000) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30))

async function signedHeaders(request: UpstreamRequest): Promise<Readonly<Record<string, string>>> {
  const inner = fakeTransport()
  createSigningTransport(inner, { clock: fakeClock() }).send(request, EGRESS, deaf)
  await until(() => inner.sent.length === 1)
  expect(inner.sent[0]?.request).toEqual({ ...request, auth: undefined, headers: inner.sent[0]?.request.headers })
  expect('auth' in (inner.sent[0]?.request ?? {})).toBe(false)
  return inner.sent[0]?.request.headers ?? {}
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Signature Version 4 as the documentation of AWS writes it, by itself. */
function signatureOf(request: UpstreamRequest, headers: Readonly<Record<string, string>>, secret: string): string {
  const authorization = headers['authorization'] ?? ''
  const names = authorization.split('SignedHeaders=')[1]?.split(',')[0] ?? ''
  const url = new URL(request.url)
  const path = url.pathname.split('/').map(encodeURIComponent).join('/')
  const values: Readonly<Record<string, string>> = { ...headers, host: url.host }
  const lines = names.split(';').map((name) => `${name}:${(values[name] ?? '').replaceAll('  ', ' ')}\n`)
  const canonical = [request.method, path, '', lines.join(''), names, sha256(request.body ?? '')].join('\n')
  const scope = '20261125/ap-northeast-2/bedrock/aws4_request'
  const toSign = ['AWS4-HMAC-SHA256', '20261125T123456Z', scope, sha256(canonical)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secret}`)
  return hmac(key, toSign).toString('hex')
}

describe('aws-sigv4', () => {
  test('signs what is sent: path, headers and body, at the clock`s time', async () => {
    const headers = await signedHeaders({ ...REQUEST, auth: AWS })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-own': 'a  b',
      'x-amz-date': '20261125T123456Z',
    })
    const expected = signatureOf(REQUEST, headers, AWS.kind === 'aws-sigv4' ? AWS.secretAccessKey : '')
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261125/ap-northeast-2/bedrock/aws4_request, ' +
        `SignedHeaders=accept;host;x-amz-date;x-own, Signature=${expected}`,
    )
    expect(headers['x-amz-security-token']).toBeUndefined()
  })

  test('a session`s token goes along and is signed', async () => {
    const headers = await signedHeaders({ ...REQUEST, auth: { ...AWS, sessionToken: 'the-session' } })
    expect(headers['x-amz-security-token']).toBe('the-session')
    expect(headers['authorization']).toContain('x-amz-date;x-amz-security-token;x-own')
  })

  test('two credentials never share a signing key', async () => {
    const inner = fakeTransport()
    const signing = createSigningTransport(inner, { clock: fakeClock() })
    for (const [before, secretAccessKey] of ['one', 'two', 'one'].entries()) {
      signing.send({ ...REQUEST, auth: { ...AWS, secretAccessKey } }, EGRESS, deaf)
      await until(() => inner.sent.length > before)
    }
    const signatures = inner.sent.map(({ request }) => request.headers['authorization'])
    expect(signatures[0]).toBe(signatures[2])
    expect(signatures[0]).not.toBe(signatures[1])
  })

  test('what cannot be signed fails, and nothing is sent', async () => {
    const inner = fakeTransport()
    const failures: TransportFailure[] = []
    const handler = { ...deaf, fail: (failure: TransportFailure) => void failures.push(failure) }
    const request = { ...REQUEST, headers: { 'x-bad': '한글' }, auth: AWS }
    createSigningTransport(inner, { clock: fakeClock() }).send(request, EGRESS, handler)
    await until(() => failures.length > 0)
    expect(failures).toMatchObject([
      { code: 'unsigned', message: 'the request could not be signed', sentNothing: true },
    ])
    expect(inner.sent).toEqual([])
  })
})

describe('an exchange', () => {
  test('without `auth` it is the inner transport`s own', () => {
    const inner = fakeTransport()
    createSigningTransport(inner, { clock: fakeClock() }).send(REQUEST, EGRESS, deaf)
    expect(inner.sent[0]).toMatchObject({ request: REQUEST, egress: EGRESS, handler: deaf })
    expect(inner.sent[0]?.request).toBe(REQUEST)
  })

  test('that is aborted before it is signed sends nothing and says nothing', async () => {
    const inner = fakeTransport()
    const heard: string[] = []
    const handler = { ...deaf, end: () => void heard.push('end'), fail: () => void heard.push('fail') }
    const exchange = createSigningTransport(inner, { clock: fakeClock() }).send(
      { ...REQUEST, auth: AWS },
      EGRESS,
      handler,
    )
    exchange.pause()
    exchange.resume()
    exchange.abort()
    exchange.abort()
    await rest()
    expect(inner.sent).toEqual([])
    expect(heard).toEqual([])
  })

  test('hears `abort`, `pause` and `resume` once it is under way', async () => {
    const inner = fakeTransport()
    const exchange = createSigningTransport(inner, { clock: fakeClock() }).send({ ...REQUEST, auth: AWS }, EGRESS, deaf)
    await until(() => inner.sent.length === 1)
    exchange.pause()
    exchange.resume()
    exchange.abort()
    expect(inner.sent[0]?.calls).toEqual(['pause', 'resume', 'abort'])
  })

  test('that is paused before it is signed begins paused', async () => {
    const inner = fakeTransport()
    const exchange = createSigningTransport(inner, { clock: fakeClock() }).send({ ...REQUEST, auth: AWS }, EGRESS, deaf)
    exchange.pause()
    await until(() => inner.sent.length === 1)
    expect(inner.sent[0]?.calls).toEqual(['pause'])
  })
})

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const GOOGLE: UpstreamAuth = {
  kind: 'google-service-account',
  clientEmail: 'robot@project.iam.gserviceaccount.com',
  privateKey: PEM,
  tokenUri: 'https://oauth2.googleapis.com/token',
  scope: 'https://www.googleapis.com/auth/cloud-platform',
}
const VERTEX: UpstreamRequest = {
  method: 'POST',
  url: 'https://x.googleapis.com/v1/m',
  headers: { a: 'b' },
  body: '{}',
  auth: GOOGLE,
}

const encoder = new TextEncoder()

/** Answers requests for tokens: `token-1`, `token-2`, each in two pieces. */
function tokenServer(status = 200, text = (count: number) => `{"access_token":"token-${count}","expires_in":3600}`) {
  let count = 0
  return fakeTransport(({ request, handler }) => {
    if (request.url !== 'https://oauth2.googleapis.com/token') return
    count += 1
    const bytes = encoder.encode(text(count))
    handler.head({ status, headers: {} })
    handler.data(bytes.subarray(0, 5))
    handler.data(bytes.subarray(5))
    handler.end()
  })
}

const isToken = ({ request }: Sent): boolean => request.url === 'https://oauth2.googleapis.com/token'
const tokensSent = (sent: readonly Sent[]): string[] =>
  sent.filter((one) => !isToken(one)).map(({ request }) => request.headers['authorization'] ?? '')

/** What the handlers of these requests hear in the end. */
async function failuresOf(inner: Transport, clock = fakeClock(), request = VERTEX): Promise<TransportFailure[]> {
  const failures: TransportFailure[] = []
  const handler = { ...deaf, fail: (failure: TransportFailure) => void failures.push(failure) }
  createSigningTransport(inner, { clock }).send(request, EGRESS, handler)
  await rest()
  clock.ring()
  await until(() => failures.length > 0)
  return failures
}

describe('google-service-account', () => {
  test('fetches a token for an assertion that the account`s key signed', async () => {
    const inner = tokenServer()
    createSigningTransport(inner, { clock: fakeClock() }).send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 2)
    const [token, request] = inner.sent
    expect(token?.egress).toBe(EGRESS)
    expect(token?.request.headers['content-type']).toBe('application/x-www-form-urlencoded')
    const form = new URLSearchParams(token?.request.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const read = (part: string) => parseJson(Buffer.from(part, 'base64url').toString())
    expect(read(head)).toEqual({ alg: 'RS256', typ: 'JWT' })
    const iat = Math.floor(NOW / 1000)
    expect(read(claims)).toEqual({
      iss: GOOGLE.clientEmail,
      scope: GOOGLE.scope,
      aud: GOOGLE.tokenUri,
      iat,
      exp: iat + 3600,
    })
    const good = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })),
      Buffer.from(signature, 'base64url'),
    )
    expect(good).toBe(true)
    expect(request?.request).toEqual({
      method: 'POST',
      url: VERTEX.url,
      body: '{}',
      headers: { a: 'b', authorization: 'Bearer token-1' },
    })
  })

  test('one fetch at a time, and one token until a minute before its end', async () => {
    const inner = tokenServer()
    const clock = fakeClock()
    const signing = createSigningTransport(inner, { clock })
    for (let count = 0; count < 5; count++) signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 6)
    expect(inner.sent.filter(isToken)).toHaveLength(1)
    clock.set(NOW + 3_539_000)
    signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 7)
    clock.set(NOW + 3_540_000)
    signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 9)
    expect(tokensSent(inner.sent)).toEqual([...Array.from({ length: 6 }, () => 'Bearer token-1'), 'Bearer token-2'])
  })

  test('where requests are isolated each fetches its own, and the token is kept all the same', async () => {
    const inner = tokenServer()
    const signing = createSigningTransport(inner, { clock: fakeClock(), isolated: true })
    for (let count = 0; count < 3; count++) signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 6)
    expect(inner.sent.filter(isToken)).toHaveLength(3)
    signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 7)
    expect(inner.sent.filter(isToken)).toHaveLength(3)
  })

  test('accounts have tokens of their own', async () => {
    const inner = tokenServer()
    const signing = createSigningTransport(inner, { clock: fakeClock() })
    for (const scope of ['a', 'b']) signing.send({ ...VERTEX, auth: { ...GOOGLE, scope } }, EGRESS, deaf)
    await until(() => inner.sent.length === 4)
    expect(tokensSent(inner.sent).toSorted()).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('a key whose line breaks are written out is read', async () => {
    const inner = tokenServer()
    const auth = { ...GOOGLE, privateKey: PEM.replaceAll('\n', '\\n') } as UpstreamAuth
    createSigningTransport(inner, { clock: fakeClock() }).send({ ...VERTEX, auth }, EGRESS, deaf)
    await until(() => inner.sent.length === 2)
  })

  test.each([
    [
      400,
      '{"error":"invalid_grant","error_description":"canary"}',
      'unsigned',
      'the service account got no token: 400 invalid_grant',
    ],
    [401, '{"error":"Canary key"}', 'unsigned', 'the service account got no token: 401'],
    [200, '{"access_token":""}', 'unsigned', 'the service account got no token: 200'],
    [200, 'not JSON', 'unsigned', 'the service account got no token: 200'],
    [503, '<html>', 'connect_failed', 'the service account got no token: 503'],
    [200, `{"access_token":"${'x'.repeat(70_000)}"}`, 'closed', 'the token endpoint gave too long an answer'],
  ])('%i %s is a failure of ours: nothing was sent', async (status, text, code, message) => {
    const inner = tokenServer(status, () => text)
    expect(await failuresOf(inner)).toMatchObject([{ code, message, sentNothing: true }])
    expect(inner.sent.every(isToken)).toBe(true)
  })

  test('an endpoint that cannot be reached or breaks off has sent nothing of the request', async () => {
    const failure = { code: 'closed', message: 'broken', sentNothing: false } as const
    const inner = fakeTransport(({ handler }) => handler.fail(failure))
    expect(await failuresOf(inner)).toEqual([{ ...failure, sentNothing: true }])
  })

  test('an endpoint that stays silent is given up', async () => {
    const inner = fakeTransport()
    expect(await failuresOf(inner)).toMatchObject([{ code: 'connect_timeout', sentNothing: true }])
    expect(inner.sent[0]?.calls).toEqual(['abort'])
  })

  test('a failure is not kept', async () => {
    let status = 500
    const inner = fakeTransport(({ request, handler }) => {
      if (request.url === VERTEX.url) return
      handler.head({ status, headers: {} })
      handler.data(encoder.encode('{"access_token":"later","expires_in":60}'))
      handler.end()
      status = 200
    })
    const signing = createSigningTransport(inner, { clock: fakeClock() })
    signing.send(VERTEX, EGRESS, deaf)
    await rest()
    signing.send(VERTEX, EGRESS, deaf)
    await until(() => inner.sent.length === 3)
    expect(tokensSent(inner.sent)).toEqual(['Bearer later'])
  })

  test('a key that is none fails without a word of it', async () => {
    const auth = { ...GOOGLE, privateKey: 'canary' } as UpstreamAuth
    const [failure] = await failuresOf(tokenServer(), fakeClock(), { ...VERTEX, auth })
    expect(failure).toMatchObject({ code: 'unsigned', sentNothing: true })
    expect(failure?.message).toBe('the private key of the service account cannot be used')
  })
})
