import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createNodeSink, unmapped } from './node-channel.ts'

/** ms without a byte; what is told apart below is a socket that is closed and one that never is. */
const STALLED = 50
const HEADERS = { 'content-type': 'text/plain' }
/** More than the buffers of two sockets hold. */
const MUCH = Buffer.alloc(32 * 1024 * 1024)

/** A caller that reads or not; resolves with how its answer ended. */
async function endOf(answer: (outgoing: ServerResponse) => void, reads: boolean): Promise<'whole' | 'cut'> {
  const ended = Promise.withResolvers<'whole' | 'cut'>()
  const server = createServer((_, outgoing) => {
    outgoing.once('close', () => ended.resolve(outgoing.writableFinished ? 'whole' : 'cut'))
    answer(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const socket = connect(portOf(address), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))
  socket.on('error', () => {})
  if (reads) socket.resume()
  try {
    return await ended.promise
  } finally {
    socket.destroy()
    server.close()
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a whole answer that nobody reads does not keep its socket', async () => {
  expect(await endOf((outgoing) => createNodeSink(outgoing, STALLED).send(200, HEADERS, MUCH), false)).toBe('cut')
})

test('a stream that nobody reads is given up, and whoever feeds it is told', async () => {
  const told = Promise.withResolvers<void>()
  const answer = (outgoing: ServerResponse): void => {
    const sink = createNodeSink(outgoing, STALLED)
    sink.onGone(() => told.resolve())
    sink.open(200, HEADERS)
    sink.write(MUCH)
  }
  expect(await endOf(answer, false)).toBe('cut')
  await told.promise
})

test('who reads gets all of it; a stream that waits for its upstream is left alone', async () => {
  expect(await endOf((outgoing) => createNodeSink(outgoing, STALLED).send(200, HEADERS, MUCH), true)).toBe('whole')
  const answer = (outgoing: ServerResponse): void => {
    const sink = createNodeSink(outgoing, STALLED)
    sink.open(200, HEADERS)
    sink.write(Buffer.from('a'))
    setTimeout(() => sink.end(), STALLED * 4)
  }
  expect(await endOf(answer, true)).toBe('whole')
})

test.each([
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['10.1.2.3', '10.1.2.3'],
  ['::1', '::1'],
  ['::ffff:a01:203', '::ffff:a01:203'],
])('the address %s of a socket is %s', (address, plain) => {
  expect(unmapped(address)).toBe(plain)
})
