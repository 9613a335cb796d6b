// Floor: node:http in front, undici behind, bytes piped through. `node bench/floors/node-undici.ts PORT UPSTREAM`
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'undici'

const [port, upstream] = process.argv.slice(2)
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { 'content-type': type = '', authorization = '' } = incoming.headers
  const headers = { 'content-type': type, authorization }
  const {
    statusCode,
    headers: head,
    body,
  } = await request(`${upstream}${incoming.url}`, { method: 'POST', headers, body: incoming, dispatcher })
  outgoing.writeHead(statusCode, { 'content-type': String(head['content-type']) })
  body.pipe(outgoing)
}

createServer((incoming, outgoing) => void pass(incoming, outgoing)).listen(Number(port), '127.0.0.1')
