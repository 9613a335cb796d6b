// Sounds over sockets on both sides, on Node: a cut, a hang-up, a reader that takes its time, and a body that is too large.
import { request, type IncomingMessage } from 'node:http'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localProvider, startGateway, type TestGateway } from '../support/gateway.ts'
import { postRaw } from '../support/raw-client.ts'
import { sendBroken, startUpstream, type Upstream } from '../support/upstream.ts'

const AUDIO = { 'content-type': 'audio/mpeg' }
const LARGE = Buffer.from(Uint8Array.from({ length: 8_000_000 }, (_, index) => (index * 31) % 256))
const LIMIT = 256 * 1024

let upstream: Upstream
let tutti: TestGateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream(({ body, path }, response) => {
    if (path.endsWith('/transcriptions')) return void response.end(JSON.stringify({ text: 'hi' }))
    response.writeHead(200, AUDIO)
    if (body['model'] === 'cut') return sendBroken(response, LARGE.subarray(0, 1000), 'reset')
    if (body['model'] === 'slow') return void response.write(LARGE.subarray(0, 1000))
    response.end(LARGE)
  })
  const models = ['tiny', 'cut', 'slow']
  tutti = await startGateway({
    version: 1,
    server: { bodyLimit: '256KB' },
    providers: { local: localProvider(upstream.url, models) },
    models: {
      ...Object.fromEntries(models.map((model) => [model, { targets: [`local/${model}`] }])),
      stalled: { targets: ['local/slow'], timeouts: { idle: '100ms' } },
    },
  })
  client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'sk-app', maxRetries: 0 })
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

const speech = (model: string): object => ({ model, input: '안녕', voice: 'alloy' })

describe('a sound', () => {
  test('is whole at a reader that takes its time', async () => {
    const response = await client.audio.speech.create({ model: 'tiny', input: '안녕', voice: 'alloy' })
    const chunks: Uint8Array[] = []
    let count = 0
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      if (count++ % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(Buffer.concat(chunks).equals(LARGE)).toBe(true)
  })

  test('that is cut is cut for the caller too: its framing has no end, and no error stands in it', async () => {
    const answer = await postRaw(`${tutti.url}/v1/audio/speech`, speech('cut'))
    expect(answer).toMatchObject({ status: 200, terminated: false })
    expect(answer.headers['content-type']).toBe('audio/mpeg')
    expect(answer.text).not.toContain('upstream_error')
    const response = await client.audio.speech.create({ model: 'cut', input: '안녕', voice: 'alloy' })
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  test('that falls silent is cut after the idle time of streams', async () => {
    const arrived = upstream.arrivals.length
    const answer = await postRaw(`${tutti.url}/v1/audio/speech`, speech('stalled'))
    expect(answer).toMatchObject({ status: 200, terminated: false })
    expect(await (await upstream.arrival(arrived)).closed).toBe('hung up')
  })

  test('that nobody hears any more is not spoken any more', async () => {
    const [logged, arrived] = [tutti.decisions.length, upstream.arrivals.length]
    const controller = new AbortController()
    const response = await fetch(`${tutti.url}/v1/audio/speech`, {
      method: 'POST',
      body: JSON.stringify(speech('slow')),
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    const arrival = await upstream.arrival(arrived)
    controller.abort()
    expect(await arrival.closed).toBe('hung up')
    const decision = await tutti.decision(logged)
    expect(decision).toMatchObject({ status: 499, attempts: [{ outcome: 'aborted' }] })
  })
})

describe('a form', () => {
  test('arrives byte for byte, with its length, but for the model', async () => {
    const arrived = upstream.arrivals.length
    const file = LARGE.subarray(0, LIMIT - 4096)
    await client.audio.transcriptions.create({ model: 'local/tiny', file: await toFile(file, 'a.wav') })
    const { bytes, headers } = await upstream.arrival(arrived)
    expect(headers['content-length']).toBe(String(bytes.length))
    expect(headers['transfer-encoding']).toBeUndefined()
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData()
    expect(form.get('model')).toBe('tiny')
    const sent = form.get('file')
    expect(sent instanceof File && Buffer.from(await sent.arrayBuffer()).equals(file)).toBe(true)
  })

  test.each([true, false])('over the limit is a 413, and reaches nobody (with its length: %s)', async (measured) => {
    const arrived = upstream.arrivals.length
    const head = Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
    const body = Buffer.concat([head, LARGE.subarray(0, 4 * LIMIT), Buffer.from('\r\n--b--\r\n')])
    const { status, text } = await post(body, measured)
    expect(status).toBe(413)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'request_too_large', type: 'invalid_request_error' } })
    expect(upstream.arrivals).toHaveLength(arrived)
  })

  function post(body: Buffer, measured: boolean): Promise<{ status: number | undefined; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'multipart/form-data; boundary=b',
        ...(measured ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
      }
      const url = `${tutti.url}/v1/audio/transcriptions`
      const call = request(url, { method: 'POST', headers }, (response: IncomingMessage) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }))
      })
      call.on('error', reject)
      call.end(body)
    })
  }
})
