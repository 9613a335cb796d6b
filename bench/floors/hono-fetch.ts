// Floor: Hono in front, global fetch behind, as a plain proxy is written. `node bench/floors/hono-fetch.ts PORT UPSTREAM`
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const [port, upstream] = process.argv.slice(2)
const app = new Hono()

app.post('*', async (c) => {
  const headers = {
    'content-type': c.req.header('content-type') ?? '',
    authorization: c.req.header('authorization') ?? '',
  }
  const answer = await fetch(`${upstream}${c.req.path}`, { method: 'POST', headers, body: await c.req.text() })
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.headers.get('content-type') ?? '' },
  })
})

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
