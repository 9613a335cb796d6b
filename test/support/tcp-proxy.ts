import { connect, createServer, type Socket } from 'node:net'

/** What happens to what passes. */
export type Weather =
  | 'clear'
  /** Nothing arrives, in either direction, and nothing is closed. */
  | 'black hole'
  /** Requests arrive, replies do not. */
  | 'no replies'
  /** Requests arrive; at the first reply the connection is reset. */
  | 'reset'
  /** The same, at the first reply after a request with this in it. */
  | { readonly resetAfter: string }
  /** Replies arrive so many ms late. */
  | { readonly late: number }
  /** What asks for a script gets this line for an answer. */
  | { readonly answer: string }

export interface TcpProxy {
  readonly port: number
  /** New connections lead to this port of the machine. */
  lead(to: number): void
  set(weather: Weather): void
  /** Requests for scripts that have come. */
  asked(): number
  /** Connections that were made. */
  connections(): number
  /** Breaks all connections. */
  cut(): void
  /** Lets go of the replies that were kept back. */
  release(): void
  end(): Promise<void>
}

/** Stands between a client and a server on this machine. */
export async function startProxy(first: number): Promise<TcpProxy> {
  let to = first
  let weather: Weather = 'clear'
  let asked = 0
  let connections = 0
  const sockets = new Set<Socket>()
  const kept: (() => void)[] = []
  /** Whose bytes were swallowed: nothing can be made of what comes after them. */
  const lost = new Set<Socket>()

  const server = createServer((client) => {
    connections++
    const upstream = connect(to, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      const script = bytes.includes('evalsha')
      if (script) asked++
      if (weather === 'black hole') {
        lost.add(client)
        return
      }
      if (typeof weather === 'object' && 'resetAfter' in weather && bytes.includes(weather.resetAfter))
        weather = 'reset'
      if (script && typeof weather === 'object' && 'answer' in weather)
        client.write(`-${weather.answer}\r\n`.repeat(bytes.toString('latin1').split('evalsha').length - 1))
      else upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (weather === 'reset') {
        weather = 'clear'
        client.resetAndDestroy()
      } else if (weather === 'no replies' || weather === 'black hole') kept.push(() => client.write(bytes))
      else if (typeof weather === 'object' && 'late' in weather)
        setTimeout(() => client.write(bytes), weather.late).unref()
      else client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    lead(next) {
      to = next
    },
    set(next) {
      if (next !== 'black hole') for (const socket of lost) socket.resetAndDestroy()
      lost.clear()
      weather = next
    },
    asked: () => asked,
    connections: () => connections,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    release() {
      for (const write of kept.splice(0)) write()
    },
    async end() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
