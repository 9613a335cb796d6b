// What only sockets show: the address dialled, proxies, certificates, and whose bytes are on a kept connection.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Egress, Transport } from '#src/core/transport.ts'
import type { ResolveAll } from '#src/transport/node-lookup.ts'
import { createUndiciTransport } from '#src/transport/undici.ts'
import { selfSigned } from '../support/self-signed.ts'
import { addressOf, answer, listen, local, roundTrips, send } from './transport-support.ts'
import type { Upstream } from './transport-support.ts'

const away: Egress = { local: false, connectTimeoutMs: 5000 }

let upstream: Upstream
let transport: Transport
const closing: (() => unknown)[] = []

beforeEach(async () => {
  upstream = await listen()
  transport = createUndiciTransport()
})

afterEach(async () => {
  for (const close of closing.splice(0)) close()
  await upstream.close()
  await transport.close()
})

function resolver(...answers: readonly string[][]): ResolveAll {
  let turn = 0
  return (_hostname, _options, callback) => {
    const addresses = answers[Math.min(turn++, answers.length - 1)] ?? []
    callback(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    )
  }
}

function using(resolve: ResolveAll): Transport {
  const made = createUndiciTransport({ resolve })
  closing.push(() => made.close())
  return made
}

describe('the address that is dialled', () => {
  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fd00:ec2::254'],
    ['64:ff9b::7f00:1'],
  ])('a name that leads to %s is refused, and nothing was sent', async (address) => {
    const heard = send(
      using(resolver([address])),
      { url: `http://api.example.com:${upstream.port}/`, body: '{}' },
      away,
    )
    expect(await heard.outcome).toMatchObject({ fail: { code: 'refused_address', sentNothing: true } })
    expect(upstream.connections()).toBe(0)
  })

  it('a name is judged for every connection, by the answer that is dialled', async () => {
    const made = using(resolver(['127.0.0.1'], ['169.254.169.254']))
    const url = `http://api.example.com:${upstream.port}/`
    const heard = send(made, { url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.end(answer('ok', 'connection: close\r\n'))
    expect(await heard.outcome).toEqual({ end: true })
    const again = send(made, { url, body: '{}' })
    expect(await again.outcome).toMatchObject({ fail: { code: 'refused_address', sentNothing: true } })
    expect(upstream.connections()).toBe(1)
  })

  it('only the permitted ones of several addresses are dialled', async () => {
    const made = using(resolver(['169.254.169.254', '127.0.0.1']))
    const heard = send(made, { url: `http://api.example.com:${upstream.port}/`, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('ok'))
    expect(await heard.outcome).toEqual({ end: true })
  })

  it('a name without an address: nothing was sent', async () => {
    const heard = send(using(resolver([])), { url: 'http://api.example.com/', body: '{}' })
    expect(await heard.outcome).toMatchObject({ fail: { code: 'connect_failed', sentNothing: true } })
  })

  it('one pool does not lend its right to private addresses to another', async () => {
    const made = using(resolver(['127.0.0.1']))
    const url = `http://api.example.com:${upstream.port}/`
    const heard = send(made, { url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('ok'))
    await heard.outcome
    const other = send(made, { url, body: '{}' }, away)
    expect(await other.outcome).toMatchObject({ fail: { code: 'refused_address' } })
  })
})

describe('connecting', () => {
  it('a TLS handshake that fails: nothing was sent', async () => {
    const heard = send(transport, { url: `https://127.0.0.1:${upstream.port}/`, body: '{}' })
    const wire = await upstream.connection()
    wire.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    expect(await heard.outcome).toMatchObject({ fail: { code: 'connect_failed', sentNothing: true } })
  })

  it('a handshake that never ends is a connect timeout: nothing was sent', async () => {
    const heard = send(
      transport,
      { url: `https://127.0.0.1:${upstream.port}/`, body: '{}' },
      { local: true, connectTimeoutMs: 50 },
    )
    expect(await heard.outcome).toMatchObject({ fail: { code: 'connect_timeout', sentNothing: true } })
  })

  const openssl = existsSync('/usr/bin/openssl')
  it.skipIf(!openssl)(
    'a private authority is trusted where it is given, and only there (skipped without openssl)',
    async () => {
      const { key, cert } = selfSigned()
      const server = tls.createServer({ key, cert }, (socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket.write(answer('ok')))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      closing.push(() => server.close())
      const url = `https://127.0.0.1:${addressOf(server).port}/`
      const trusted = send(transport, { url, body: '{}' }, { ...local, ca: cert })
      expect(await trusted.outcome).toEqual({ end: true })
      const doubted = send(transport, { url, body: '{}' })
      expect(await doubted.outcome).toMatchObject({ fail: { code: 'connect_failed', sentNothing: true } })
    },
  )
})

describe('proxies', () => {
  it('plain HTTP is forwarded, HTTPS is tunnelled, NO_PROXY goes straight', async () => {
    const seen: string[] = []
    const proxy = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end('proxied')
    })
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      seen.push(`CONNECT ${request.url}`)
      socket.end('HTTP/1.1 502 no\r\n\r\n')
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    closing.push(() => proxy.close())
    const egress: Egress = {
      ...away,
      proxy: `http://127.0.0.1:${addressOf(proxy).port}`,
      noProxy: 'localhost,127.0.0.1',
    }
    const plain = send(transport, { url: 'http://api.example.com/v1/x', body: '{}' }, egress)
    expect(await plain.outcome).toEqual({ end: true })
    expect(plain.text()).toBe('proxied')
    const tunnelled = send(transport, { url: 'https://api.example.com/v1/x', body: '{}' }, egress)
    expect(await tunnelled.outcome).toMatchObject({ fail: { code: 'connect_failed', sentNothing: true } })
    const straight = send(transport, { url: upstream.url, body: '{}' }, { ...egress, local: true })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('straight'))
    expect(await straight.outcome).toEqual({ end: true })
    const refused = send(transport, { url: 'http://10.0.0.1/', body: '{}' }, egress)
    expect(await refused.outcome).toMatchObject({ fail: { code: 'refused_address' } })
    expect(seen).toEqual(['POST http://api.example.com/v1/x', 'CONNECT api.example.com:443'])
  })

  it('a proxy that wants a password is a failure', async () => {
    const egress: Egress = { ...away, proxy: `http://127.0.0.1:${upstream.port}` }
    const heard = send(transport, { url: 'http://api.example.com/v1/x', body: '{}' }, egress)
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 2\r\n\r\nno')
    expect(await heard.outcome).toHaveProperty('fail')
    expect(heard.log).toEqual(['fail closed'])
  })

  it('a proxy that is none is a failure, not an exception', async () => {
    const heard = send(transport, { url: 'http://api.example.com/v1/x' }, { ...away, proxy: 'no url' })
    expect(heard.log).toEqual([])
    expect(await heard.outcome).toMatchObject({ fail: { code: 'connect_failed', sentNothing: true } })
  })
})

describe('law 13: a kept connection', () => {
  it.each([
    ['a byte', 'x'],
    ['a line end', '\r\n'],
    ['the beginning of an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n'],
    ['an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'],
  ])('%s behind the exact end, in the same segment: the next answer is its own', async (_, extra) => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('ok').toString() + extra)
    expect(await heard.outcome).toEqual({ end: true })
    await roundTrips(transport, 1)
    const again = send(transport, { url: upstream.url, body: '{}' })
    const next = extra === '\r\n' ? wire : await upstream.connection()
    await next.request()
    next.socket.write(answer('good'))
    expect(await again.outcome).toEqual({ end: true })
    expect(again.text()).toBe('good')
    expect(upstream.connections()).toBe(extra === '\r\n' ? 1 : 2)
  })

  it('the first bytes of a chunked body behind its last chunk close the connection too', async () => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n5\r\nextra\r\n')
    expect(await heard.outcome).toEqual({ end: true })
    expect(heard.text()).toBe('ok')
    await wire.closed
  })

  it('an aborted one is not used again', async () => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
    await heard.bytes(4)
    heard.exchange.abort()
    await wire.closed
    const again = send(transport, { url: upstream.url, body: '{}' })
    const fresh = await upstream.connection()
    await fresh.request()
    fresh.socket.write(answer('good'))
    expect(await again.outcome).toEqual({ end: true })
    expect(again.text()).toBe('good')
  })
})

// Nobody asked for it, and undici holds it for a broken connection; it must not look like an answer.
it('a 100 Continue that was not asked for is a failure', async () => {
  const heard = send(transport, { url: upstream.url, body: '{}' })
  const wire = await upstream.connection()
  await wire.request()
  wire.socket.write('HTTP/1.1 100 Continue\r\n\r\n' + answer('ok').toString())
  expect(await heard.outcome).toMatchObject({ fail: { code: 'closed', sentNothing: false } })
})

it('pools are bounded: the one unused for longest is closed, what runs there ends', async () => {
  const few = createUndiciTransport({ mostPools: 2 })
  closing.push(() => few.close())
  const first = send(few, { url: upstream.url, body: '{}' }, { local: true, connectTimeoutMs: 1001 })
  const wire = await upstream.connection()
  await wire.request()
  for (const connectTimeoutMs of [1002, 1003, 1004]) {
    const heard = send(few, { url: upstream.url, body: '{}' }, { local: true, connectTimeoutMs })
    const other = await upstream.connection()
    await other.request()
    other.socket.write(answer('ok'))
    expect(await heard.outcome).toEqual({ end: true })
  }
  wire.socket.write(answer('late'))
  expect(await first.outcome).toEqual({ end: true })
  expect(first.text()).toBe('late')
  await wire.closed
})
