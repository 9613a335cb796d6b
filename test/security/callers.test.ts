// What a caller may not do with the envelope of a request: two credentials, two hosts, names that fill the memory.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const ANSWER = JSON.stringify({ choices: [{ index: 0, message: { content: 'hi' }, finish_reason: 'stop' }] })

let upstream: Upstream
let closed: TestGateway
let open: TestGateway

beforeAll(async () => {
  upstream = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(ANSWER)
  })
  const providers = { p: localProvider(upstream.url) }
  closed = await startGateway({ providers, keys: ['good', 'other'].map((id) => ({ id, sha256: sha256(id) })) })
  open = await startGateway({ providers })
})

afterAll(async () => {
  await Promise.all([closed.close(), open.close()])
  await upstream.close()
})

/** Sends a request with exactly these header lines; answers the status. */
function statusOf(url: string, lines: readonly string[], model = 'p/tiny'): Promise<number> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] })
  const head = ['POST /v1/chat/completions HTTP/1.1', `content-length: ${body.length}`, 'connection: close', ...lines]
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    })
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Number(text.split(' ')[1])))
  })
}

describe('two credentials that disagree are none', () => {
  const host = 'host: tutti'
  const good = 'authorization: Bearer good'
  const other = 'authorization: Bearer other'

  test.each([
    ['one', [host, good], 200],
    ['the same twice', [host, good, good], 200],
    ['two keys in one kind of header', [host, good, other], 401],
    ['the other way round', [host, other, good], 401],
    ['in two kinds of header', [host, good, 'x-api-key: other'], 401],
    ['the same in two kinds of header', [host, good, 'x-api-key: good'], 200],
    ['x-api-key twice', [host, 'x-api-key: good', 'x-api-key: other'], 401],
  ])('%s', async (_, lines, status) => {
    expect(await statusOf(closed.url, lines)).toBe(status)
  })
})

describe('an open gateway and who says that he is a neighbour', () => {
  const host = 'host: localhost'

  test.each([
    ['one host', [host], 200],
    ['two hosts', [host, 'host: evil.example'], 401],
    ['a host of elsewhere', ['host: evil.example'], 401],
    ['a page of elsewhere', [host, 'origin: https://evil.example'], 401],
    ['somebody behind a proxy', [host, 'x-forwarded-for: 127.0.0.1'], 401],
  ])('%s', async (_, lines, status) => {
    expect(await statusOf(open.url, lines)).toBe(status)
  })
})

test('a name that is too long to be one is refused, and neither logged nor counted', async () => {
  const logged = open.decisions.length
  expect(await statusOf(open.url, ['host: localhost'], `p/${'x'.repeat(100_000)}`)).toBe(400)
  expect(open.decisions.length).toBe(logged)
})
