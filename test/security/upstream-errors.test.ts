// Law 12 where upstreams quote what they were sent, and errors of upstreams that would hurt their reader.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localProvider, startGateway, type TestGateway } from '../support/gateway.ts'
import { postRaw } from '../support/raw-client.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const SECRETS = { key: 'canary-key-5e1f', header: 'canary-header-77' }

let upstream: Upstream
let tutti: TestGateway

/** The model's name says which status to answer, and where the secrets stand. */
beforeAll(async () => {
  upstream = await startUpstream(({ body, headers }, response) => {
    const [status = '', place = ''] = String(body['model']).split(' ')
    const sent = `${headers.authorization ?? ''} ${String(headers['x-auth'])}`
    if (place === 'endless') {
      response.writeHead(Number(status), { 'content-type': 'text/plain' })
      const more = (): void => {
        if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(more)
        else response.once('drain', more)
      }
      return more()
    }
    if (place === 'event') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const content = { choices: [{ index: 0, delta: { content: 'x' } }] }
      const error = { error: { message: sent, seen: { sent } } }
      return void response.end(`data: ${JSON.stringify(content)}\n\ndata: ${JSON.stringify(error)}\n\n`)
    }
    response.writeHead(Number(status), { 'content-type': 'application/json' })
    response.end(bodyOf(place, sent))
  })
  const models = [400, 404, 409, 422, 429, 500, 503].flatMap((status) =>
    ['message', 'details', 'code', 'plain', 'deep'].map((place) => `${status} ${place}`),
  )
  const names = [...models, '200 event', '500 endless']
  const provider = { ...localProvider(upstream.url, names), apiKey: SECRETS.key, headers: { 'x-auth': SECRETS.header } }
  const routes = names.map((name) => [name, { targets: [`p/${name}`], retry: { attempts: 1 } }])
  tutti = await startGateway({ providers: { p: provider }, models: Object.fromEntries(routes) })
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

function bodyOf(place: string, sent: string): string {
  if (place === 'message') return JSON.stringify({ error: { message: `no: ${sent}` } })
  if (place === 'details') return JSON.stringify({ error: { message: 'no', debug: { request: [sent] } } })
  if (place === 'code') return JSON.stringify({ error: { message: 'no', code: sent, type: sent, param: sent } })
  if (place === 'deep') return `{"error":{"message":"no","deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`
  return sent
}

function ask(model: string, stream = false) {
  const messages = [{ role: 'user', content: 'hi' }]
  return postRaw(`${tutti.url}/v1/chat/completions`, { model, stream, messages })
}

test.each([400, 404, 409, 422, 429, 500, 503])(
  'a %i never shows the caller or the log what was sent',
  async (status) => {
    for (const place of ['message', 'details', 'code', 'plain']) {
      const answer = await ask(`${status} ${place}`)
      expect(answer.status).toBe(status)
      expect(answer.text).not.toContain('canary')
    }
    expect(upstream.arrivals.at(-1)?.headers['x-auth']).toBe(SECRETS.header)
    expect(JSON.stringify(tutti.decisions)).not.toContain('canary')
  },
)

test('an error in the middle of a stream does not either', async () => {
  const answer = await ask('200 event', true)
  expect(answer.body).toContain('"error":')
  expect(answer.body).not.toContain('canary')
})

test('an error nested deeper than the stack is an error like another', async () => {
  const answer = await ask('400 deep')
  expect([answer.status, answer.terminated]).toEqual([400, true])
})

test('an error without end is cut: its status is enough, and the upstream is told', async () => {
  const before = upstream.arrivals.length
  const answer = await ask('500 endless')
  expect(answer.status).toBe(500)
  expect(await (await upstream.arrival(before)).closed).toBe('hung up')
})
