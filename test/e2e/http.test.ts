import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMock, type MockServer } from '#src/cli/mock.ts'
import { localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'

const BODY = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕하세요' }] })
const LIMIT = 64 * 1024

let mock: MockServer
let tutti: TestGateway

beforeAll(async () => {
  mock = await startMock()
  tutti = await startGateway({
    version: 1,
    server: { bodyLimit: '64KB' },
    providers: { local: localProvider(mock.url, ['tiny', 'other']) },
    models: { chat: { targets: ['local/tiny'] } },
    policies: [{ name: 'no-other', deny: { model: 'other' }, reason: 'not here' }],
    keys: [
      { id: 'app', sha256: sha256('sk-app') },
      { id: 'narrow', sha256: sha256('sk-narrow'), models: ['chat'] },
    ],
    admin: { sha256: sha256('sk-admin') },
  })
})
afterAll(async () => {
  await tutti.close()
  await mock.close()
})

const headers = (key: string, more: Record<string, string> = {}) => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  ...more,
})
const post = (body: BodyInit, more: Record<string, string> = {}) =>
  fetch(`${tutti.url}/v1/chat/completions`, { method: 'POST', headers: headers('sk-app', more), body })

describe('a body', () => {
  test.each([
    ['gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
  ])('may be %s', async (encoding, body) => {
    expect((await post(new Uint8Array(body), { 'content-encoding': encoding })).status).toBe(200)
  })

  test.each([
    [
      'an encoding that is not taken',
      new Uint8Array(brotliCompressSync(BODY)),
      { 'content-encoding': 'br' },
      415,
      'unsupported_encoding',
    ],
    [
      'stacked encodings',
      new Uint8Array(gzipSync(gzipSync(BODY))),
      { 'content-encoding': 'gzip, gzip' },
      415,
      'unsupported_encoding',
    ],
    ['something that is not gzip', BODY, { 'content-encoding': 'gzip' }, 400, 'invalid_request_error'],
    ['one byte too many', 'x'.repeat(LIMIT + 1), {}, 413, 'request_too_large'],
    [
      'a bomb',
      new Uint8Array(gzipSync(Buffer.alloc(4 * 1024 * 1024))),
      { 'content-encoding': 'gzip' },
      413,
      'request_too_large',
    ],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), {}, 400, 'invalid_request_error'],
  ])('%s is refused, and the upstream hears nothing', async (_name, body, more, status, code) => {
    const before = mock.requests.length
    const response = await post(body, more)
    expect(response.status).toBe(status)
    const answer = await response.json()
    expect(answer.error.code).toBe(code)
    expect(response.headers.get('x-request-id')).toBe(response.headers.get('x-tutti-request-id'))
    expect(mock.requests).toHaveLength(before)
  })

  test('too large without a declared length: 413 while it is still arriving, not a reset', async () => {
    const socket = connect(Number(new URL(tutti.url).port), '127.0.0.1')
    const chunk = `${LIMIT.toString(16)}\r\n${'x'.repeat(LIMIT)}\r\n`
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-app\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
    )
    const [head] = await once(socket, 'data')
    expect(String(head)).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  test('who asks is settled before a byte is inflated', async () => {
    const response = await fetch(`${tutti.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-wrong', 'content-encoding': 'gzip' },
      body: 'not gzip at all',
    })
    expect(response.status).toBe(401)
  })
})

describe('headers that narrow', () => {
  test.each([
    ['x-tutti-metadata', '[1]'],
    ['x-tutti-metadata', '{'],
    ['x-tutti-timeout-ms', '0'],
    ['x-tutti-timeout-ms', 'soon'],
  ])('%s: %s is 400 and named', async (name, value) => {
    const response = await post(BODY, { [name]: value })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { param: name } })
  })
})

describe('models', () => {
  const list = async (key: string) => {
    const response = await fetch(`${tutti.url}/v1/models`, { headers: headers(key) })
    const { data } = await response.json()
    return data.map(({ id }: { id: string }) => id)
  }

  test('shows what the key may use and the rules leave', async () => {
    expect(await list('sk-app')).toEqual(['chat', 'local/tiny'])
    expect(await list('sk-narrow')).toEqual(['chat'])
  })

  test('each official client finds them in its own form', async () => {
    const names = ['chat', 'local/tiny']
    const google = new GoogleGenAI({ apiKey: 'sk-app', httpOptions: { baseUrl: tutti.url } })
    expect((await google.models.list()).page.map(({ name }) => name)).toEqual(names.map((name) => `models/${name}`))
    expect((await google.models.get({ model: 'chat' })).name).toBe('models/chat')
    const anthropic = new Anthropic({ apiKey: 'sk-app', baseURL: tutti.url })
    expect((await anthropic.models.list()).data.map(({ id }) => id)).toEqual(names)
    const openai = new OpenAI({ apiKey: 'sk-app', baseURL: `${tutti.url}/v1` })
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(names)
  })

  test.each([
    ['chat', 200],
    ['local/tiny', 200],
    ['local%2Ftiny', 200],
    ['local/other', 404],
    ['nothing', 404],
  ])('one by its id: %s is %i', async (id, status) => {
    expect((await fetch(`${tutti.url}/v1/models/${id}`, { headers: headers('sk-app') })).status).toBe(status)
  })
})

describe('operations', () => {
  const get = (path: string, key?: string) =>
    fetch(`${tutti.url}${path}`, key === undefined ? {} : { headers: headers(key) })

  test('health and readiness are for anybody', async () => {
    expect((await get('/-/health')).status).toBe(200)
    expect((await get('/-/ready')).status).toBe(200)
  })

  test('a gateway that drains is alive and not ready', async () => {
    tutti.gateway.draining = true
    expect((await get('/-/ready')).status).toBe(503)
    expect((await get('/-/health')).status).toBe(200)
    tutti.gateway.draining = false
  })

  test('metrics and explain are for the admin', async () => {
    expect((await get('/-/metrics')).status).toBe(401)
    expect((await get('/-/metrics', 'sk-app')).status).toBe(401)
    await post(BODY)
    const metrics = await (await get('/-/metrics', 'sk-admin')).text()
    expect(metrics).toMatch(/^tutti_requests_total\{.*target="local\/tiny".*\} [1-9]/m)
  })

  test('explain tells what a request would get, for a key, and asks nobody', async () => {
    const before = mock.requests.length
    const ask = (question: object) =>
      fetch(`${tutti.url}/-/explain`, { method: 'POST', headers: headers('sk-admin'), body: JSON.stringify(question) })
    const routed = await ask({ body: JSON.parse(BODY), key: 'app' })
    expect(await routed.json()).toMatchObject({ outcome: 'route', plan: ['local/tiny'], key: 'app' })
    const denied = await ask({ body: { ...JSON.parse(BODY), model: 'local/other' }, key: 'app' })
    expect(await denied.json()).toMatchObject({
      outcome: 'deny',
      candidates: [{ verdict: 'denied', rule: 'no-other' }],
    })
    expect((await ask({ body: JSON.parse(BODY) })).status).toBe(400)
    expect((await ask({ body: JSON.parse(BODY), key: 'app', extra: 1 })).status).toBe(400)
    expect(mock.requests).toHaveLength(before)
  })
})
