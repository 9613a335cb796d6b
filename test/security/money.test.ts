// What a caller, or an upstream, might do to pay or count for less than was used.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const WRITTEN = 4000
const CONTENT = { choices: [{ index: 0, delta: { content: 'x'.repeat(WRITTEN) } }] }
const MESSAGES = [{ role: 'user', content: 'hi' }]
const clock = createFakeClock()

let upstream: Upstream
let tutti: TestGateway
let answerWhole: () => void

beforeAll(async () => {
  upstream = await startUpstream(({ body }, response) => {
    if (body['model'] === 'patient') {
      answerWhole = () => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ choices: [{ index: 0, message: { content: 'hi' }, finish_reason: 'stop' }] }))
      }
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const early = body['model'] === 'early' ? { usage: { prompt_tokens: 3, completion_tokens: 0 } } : {}
    response.write(`data: ${JSON.stringify({ ...CONTENT, ...early })}\n\n`)
  })
  const models = ['early', 'silent', 'patient']
  tutti = await startGateway(
    {
      providers: { p: localProvider(upstream.url, models) },
      keys: [
        { id: 'a', sha256: sha256('a'), budget: { usd: 1, per: 'total' } },
        { id: 'b', sha256: sha256('b'), limits: { tpm: 1000 } },
      ],
    },
    { clock },
  )
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

/** Reads a stream until its text is there, then hangs up; answers the status. */
async function readAndHangUp(model: string, key: string): Promise<number> {
  const hangUp = new AbortController()
  const response = await fetch(`${tutti.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: `p/${model}`, stream: true, messages: MESSAGES }),
    signal: hangUp.signal,
  })
  await response.body?.getReader().read()
  hangUp.abort()
  return response.status
}

test('usage that an upstream reports at the start does not make the rest of a broken stream free', async () => {
  await readAndHangUp('early', 'a')
  const { cost_usd: cost, estimated } = await tutti.decision(0)
  // 2 USD a million tokens, one for every four bytes that were seen.
  expect(cost).toBeGreaterThanOrEqual((WRITTEN / 4) * 2e-6)
  expect(estimated).toBe(true)
})

test('a stream that is given up counts with what it wrote against the tokens a minute', async () => {
  await readAndHangUp('silent', 'b')
  await tutti.decision(1)
  expect(await readAndHangUp('silent', 'b')).toBe(429)
})

test('a whole answer may take longer than a first token, and is paid once', async () => {
  const before = upstream.arrivals.length
  const asked = fetch(`${tutti.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer a', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'p/patient', messages: MESSAGES }),
  })
  await upstream.arrival(before)
  clock.advance(300_000)
  answerWhole()
  expect((await asked).status).toBe(200)
  expect(upstream.arrivals.length).toBe(before + 1)
})
