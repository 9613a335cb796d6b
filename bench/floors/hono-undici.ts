// Floor: Hono in front, undici behind, as a plain proxy is written. `node bench/floors/hono-undici.ts PORT UPSTREAM`
import { Readable } from 'node:stream'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Agent, request } from 'undici'

const [port, upstream] = process.argv.slice(2)
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
const app = new Hono()

app.post('*', async (c) => {
  const headers = {
    'content-type': c.req.header('content-type') ?? '',
    authorization: c.req.header('authorization') ?? '',
  }
  const options = { method: 'POST', headers, body: await c.req.text(), dispatcher } as const
  const answer = await request(`${upstream}${c.req.path}`, options)
  const type = String(answer.headers['content-type'])
  const body = type.includes('event-stream') ? Readable.toWeb(answer.body) : await answer.body.text()
  return new Response(body as BodyInit, { status: answer.statusCode, headers: { 'content-type': type } })
})

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
