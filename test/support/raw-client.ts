import { connect } from 'node:net'

/** What a bare socket saw of one answer. */
export interface RawAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The body without its framing. */
  readonly body: string
  /** The body ended as its framing says that it must. */
  readonly terminated: boolean
  /** Every byte, as text. */
  readonly text: string
}

/** Posts a JSON body on a connection of its own and reads until the server closes it, or the answer is framed whole. */
export function postRaw(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const text = JSON.stringify(body)
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${text}`)
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    // A reset is an ending like another: what counts is what came before it.
    socket.on('error', () => {})
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))))
  })
}

function parse(bytes: Buffer): RawAnswer {
  const text = bytes.toString('latin1')
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return { status: 0, headers: {}, body: '', terminated: false, text: bytes.toString() }
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const rest = bytes.subarray(headEnd + 4)
  const framed = headers['transfer-encoding'] === 'chunked' ? dechunk(rest) : measured(rest, headers)
  return { status: Number(statusLine.split(' ')[1]), headers, ...framed, text: bytes.toString() }
}

function measured(rest: Buffer, headers: Record<string, string>): { body: string; terminated: boolean } {
  return { body: rest.toString(), terminated: headers['content-length'] === String(rest.length) }
}

function dechunk(rest: Buffer): { body: string; terminated: boolean } {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    if (size === 0) return { body: Buffer.concat(parts).toString(), terminated: rest.indexOf('\r\n\r\n', lineEnd) >= 0 }
    if (Number.isNaN(size) || lineEnd + 2 + size > rest.length) break
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return { body: Buffer.concat(parts).toString(), terminated: false }
}
