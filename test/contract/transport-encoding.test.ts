// Content encodings, as every transport undoes them, against real sockets.
import { Buffer } from 'node:buffer'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transport } from '#src/core/transport.ts'
import { CHUNKED, answer, chunk, kinds, listen, send } from './transport-support.ts'
import type { Upstream } from './transport-support.ts'

describe.each(kinds)('content encodings, $name', ({ create, sockets }) => {
  let transport: Transport
  let upstream: Upstream

  beforeEach(async () => {
    transport = create()
    upstream = await listen()
  })

  afterEach(async () => {
    await upstream.close()
    await transport.close()
  })

  const korean = '안녕하세요 👋 '.repeat(5000)
  const encoded: [string, Buffer][] = [
    ['gzip', zlib.gzipSync(korean)],
    ['x-gzip', zlib.gzipSync(korean)],
    ['GZIP', zlib.gzipSync(korean)],
    ['deflate', zlib.deflateSync(korean)],
    ['deflate', zlib.deflateRawSync(korean)],
    ['br', zlib.brotliCompressSync(korean)],
    ['identity', Buffer.from(korean)],
  ]
  if (sockets) {
    encoded.push(['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(korean))])
    encoded.push(['zstd', zlib.zstdCompressSync(korean)])
  }
  it.each(encoded)('content encoding %s is undone', async (encoding, body) => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer(body, `content-encoding: ${encoding}\r\n`))
    expect(await heard.outcome).toEqual({ end: true })
    expect(heard.text()).toBe(korean)
    const { headers } = await heard.head
    if (encoding !== 'identity') expect(headers).not.toHaveProperty('content-encoding')
    if (encoding !== 'identity') expect(headers).not.toHaveProperty('content-length')
  })

  it('a compressed event comes as soon as it is flushed', async () => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH })
    gzip.on('data', (bytes: Buffer) => wire.socket.write(chunk(bytes)))
    wire.socket.write(CHUNKED.replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n'))
    for (const count of [1, 2, 3]) {
      gzip.write('data: x\n\n')
      await heard.bytes(9 * count)
    }
    gzip.on('end', () => wire.socket.write('0\r\n\r\n')).end()
    expect(await heard.outcome).toEqual({ end: true })
  })

  const cut: [string, Buffer][] = [
    ['gzip', zlib.gzipSync(korean)],
    ['br', zlib.brotliCompressSync(korean)],
    ['zstd', zlib.zstdCompressSync(korean)],
  ]
  // fetch on Node ends such a body as if it were whole; it is never asked for, as `accept-encoding` is `identity`.
  it.skipIf(!sockets).each(cut)('a %s body that is cut inside its encoding is a failure', async (encoding, body) => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer(body.subarray(0, body.length - 12), `content-encoding: ${encoding}\r\n`))
    expect(await heard.outcome).toHaveProperty('fail')
    expect(heard.log).not.toContain('end')
  })

  it.each(['compress', 'gzip, aes128gcm'])('content encoding %s is a failure', async (encoding) => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('xx', `content-encoding: ${encoding}\r\n`))
    expect(await heard.outcome).toMatchObject({ fail: { code: 'bad_encoding', sentNothing: false } })
    expect(heard.log).toEqual(['fail bad_encoding'])
  })

  it('an encoded body of no bytes ends well', async () => {
    const heard = send(transport, { url: upstream.url, body: '{}' })
    const wire = await upstream.connection()
    await wire.request()
    wire.socket.write(answer('', 'content-encoding: gzip\r\n'))
    expect(await heard.outcome).toEqual({ end: true })
  })
})
