// Sounds and pictures in and out, in process: the official client, the whole gateway, and an upstream that is a function.
import OpenAI, { toFile } from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { bytesOf, formOf, startEmbedded, TWO_HOSTS, type Embedded, type Sent } from '../support/embedded.ts'

const WAV = Uint8Array.from({ length: 4000 }, (_, index) => (index * 7) % 256)
const MP3 = Uint8Array.from({ length: 90_000 }, (_, index) => (index * 13) % 256)

let embedded: Embedded

afterEach(() => embedded.gateway.close())

type Answer = (sent: Sent) => Response | Promise<Response>

async function start(answer: Answer, config: object = TWO_HOSTS): Promise<Embedded> {
  embedded = await startEmbedded(config, answer)
  return embedded
}

const json = (value: object, status = 200): Response => Response.json(value, { status })
const sound = (): Response => new Response(MP3, { headers: { 'content-type': 'audio/mpeg' } })
const wav = (): Promise<File> => toFile(WAV, 'korean 말.wav', { type: 'audio/wav' })

async function all<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

const BROKEN = { error: { message: 'the engine is overloaded', type: 'server_error', code: null, param: null } }

describe('speech', () => {
  const asked = { model: 'alias', voice: 'alloy', input: '안녕하세요 👋' }

  test('the sound is the upstream`s, byte for byte, with its type; the request is the caller`s but for the model', async () => {
    const { client, sent, log } = await start(sound)
    const response = await client.audio.speech.create(asked)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(MP3)
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(response.headers.get('x-tutti-target')).toBe('one/loud')
    expect(sent).toMatchObject([{ host: 'one.example', path: '/v1/audio/speech' }])
    expect(new TextDecoder().decode(sent[0]?.body)).toBe(JSON.stringify({ ...asked, model: 'loud' }))
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer sk-one')
    // Seven characters, as they are billed; 20 bytes are commonly spoken in 27 tokens.
    expect(log).toMatchObject([{ status: 200, usage: { input_tokens: 7, output_tokens: 27 }, estimated: true }])
  })

  test('it goes on as it comes', async () => {
    const upstream = new TransformStream<Uint8Array, Uint8Array>()
    const writer = upstream.writable.getWriter()
    const { client } = await start(() => new Response(upstream.readable, { headers: { 'content-type': 'audio/mpeg' } }))
    void writer.write(MP3.slice(0, 100))
    const response = await client.audio.speech.create(asked)
    const reader = response.body?.getReader()
    expect((await reader?.read())?.value).toEqual(MP3.slice(0, 100))
    void writer.write(MP3.slice(100, 150))
    expect((await reader?.read())?.value).toEqual(MP3.slice(100, 150))
    void writer.close()
    expect(await reader?.read()).toMatchObject({ done: true })
  })

  test('events: each as it came, the cost in the last one, and none of them after a cut', async () => {
    const delta = 'event: speech.audio.delta\ndata: {"type":"speech.audio.delta","audio":"AAEC"}\n\n'
    const done =
      'data: {"type":"speech.audio.done","usage":{"input_tokens":3,"output_tokens":50,"total_tokens":53}}\n\n'
    const events = { 'content-type': 'text/event-stream' }
    const { client, log, gateway } = await start(() => new Response(delta + done, { headers: events }))
    const response = await client.audio.speech.create({ ...asked, stream_format: 'sse' })
    const text = await response.text()
    expect(text).toBe(`${delta}${done.replace('53}', '53,"cost":0.00103}')}data: [DONE]\n\n`)
    expect(log).toMatchObject([{ status: 200, usage: { input_tokens: 3, output_tokens: 50 }, cost_usd: 0.00103 }])
    await gateway.close()
    const { client: cut } = await start(() => new Response(delta, { headers: events }))
    const broken = await (await cut.audio.speech.create({ ...asked, stream_format: 'sse' })).text()
    expect(broken.startsWith(delta)).toBe(true)
    expect(broken).toContain('"code":"upstream_error"')
    expect(broken).not.toContain('[DONE]')
  })

  test.each([
    ['an error', () => json(BROKEN, 500)],
    ['no byte', () => new Response(new Uint8Array(), { headers: { 'content-type': 'audio/mpeg' } })],
    ['an error in a 200', () => json(BROKEN)],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('%s before the first byte: another target speaks', async (_name, fails) => {
    const { client, log } = await start(({ host }) => (host === 'one.example' ? fails() : sound()))
    const response = await client.audio.speech.create({ ...asked, model: 'both' })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(MP3)
    expect(response.headers.get('x-tutti-target')).toBe('two/loud')
    expect(log).toMatchObject([{ attempts: [{ outcome: 'failed' }, { outcome: 'answered' }] }])
  })

  test('a cut after the first byte is one for the caller, and nobody else is asked', async () => {
    const { client, sent, log } = await start(() => {
      let count = 0
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) =>
          count++ === 0 ? controller.enqueue(MP3.slice(0, 10)) : controller.error(new Error('reset')),
      })
      return new Response(body, { headers: { 'content-type': 'audio/mpeg' } })
    })
    const response = await client.audio.speech.create({ ...asked, model: 'both' })
    await expect(response.arrayBuffer()).rejects.toThrow('broke off')
    expect(sent).toHaveLength(1)
    expect(log).toMatchObject([{ status: 502, error: 'upstream_error' }])
  })

  test('what is no request for speech is a 400 that says what', async () => {
    const { client, sent } = await start(sound)
    const { input: _input, ...silent } = asked
    for (const [body, param] of [
      [silent, 'input'],
      [{ ...asked, stream_format: 'wav' }, 'stream_format'],
      [{ ...asked, voice: 7 }, 'voice'],
    ]) {
      await expect(client.post('/audio/speech', { body })).rejects.toMatchObject({ status: 400, param })
    }
    expect(sent).toEqual([])
  })
})

describe('transcriptions and translations', () => {
  test('a file: its bytes and every field as they came, but for the model', async () => {
    const usage = {
      type: 'tokens',
      input_tokens: 40,
      output_tokens: 5,
      total_tokens: 45,
      input_token_details: { audio_tokens: 38 },
    }
    const { client, sent, log } = await start(() => json({ text: '안녕', usage }))
    const { data, response } = await client.audio.transcriptions
      .create({
        file: await wav(),
        model: 'alias',
        prompt: '서울',
        timestamp_granularities: ['word', 'segment'],
        temperature: 0,
      })
      .withResponse()
    expect(data).toMatchObject({ text: '안녕', usage: { ...usage, cost: 0.0005 } })
    expect(response.headers.get('x-tutti-cost-usd')).toBe('0.0005')
    const [one] = sent
    const form = one && (await formOf(one))
    expect(one?.path).toBe('/v1/audio/transcriptions')
    expect(form?.get('model')).toBe('loud')
    expect(form?.get('prompt')).toBe('서울')
    expect(form?.getAll('timestamp_granularities[]')).toEqual(['word', 'segment'])
    expect(await bytesOf(form?.get('file') ?? null)).toEqual(WAV)
    expect(log).toMatchObject([{ endpoint: '/v1/audio/transcriptions', usage: { input_tokens: 40, output_tokens: 5 } }])
  })

  test('the body is the caller`s, byte for byte, but for the model and what would choose another', async () => {
    const { sent, gateway } = await start(() => json({ text: 'hi' }))
    const field = (name: string, value: string): string =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const file = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nX-Own: 1\r\n\r\n\0\xff\r\n\r\n`
    const body = (model: string, steering: string): Uint8Array =>
      Uint8Array.from(`${file}${steering}${field('model', model)}${field('x-new', ' 1 ')}--b--`, (char) =>
        char.charCodeAt(0),
      )
    const names = ['Model', 'model[]', 'model[0]', 'models', 'MODELS[]', 'route', 'provider[order][]', 'api_base']
    const response = await gateway.fetch(
      new Request('http://tutti/v1/audio/transcriptions', {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary="b"' },
        body: new Uint8Array(body('alias', names.map((name) => field(name, 'deepseek')).join(''))),
      }),
    )
    expect(response.status).toBe(200)
    expect(sent[0]?.body).toEqual(body('loud', ''))
    expect(sent[0]?.headers.get('content-type')).toBe('multipart/form-data; boundary=b')
    for (const name of names) expect(response.headers.get('x-tutti-warnings')).toContain(`\`${name}\``)
  })

  test.each(['text', 'srt', 'vtt'] as const)('%s is passed on as it is, with its type', async (format) => {
    const text = '1\n00:00 --> 00:01\n안녕\n'
    const { client, sent } = await start(
      () => new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
    )
    const { data, response } = await client.audio.translations
      .create({ file: await wav(), model: 'alias', response_format: format })
      .withResponse()
    expect(data).toBe(text)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-tutti-cost-usd')).not.toBeNull()
    expect(sent[0]?.path).toBe('/v1/audio/translations')
  })

  test('an error in a 200 is none of a transcript', async () => {
    const { client, log } = await start(({ host }) =>
      host === 'one.example' ? json(BROKEN) : new Response('hi', { headers: { 'content-type': 'text/plain' } }),
    )
    const create = { file: await wav(), model: 'both', response_format: 'text' } as const
    expect(await client.audio.transcriptions.create(create)).toBe('hi')
    expect(log).toMatchObject([{ served_by: 'two/loud' }])
  })

  const DELTA = 'data: {"type":"transcript.text.delta","delta":"안"}\r\n\r\n'
  const LAST = 'data: {"type":"transcript.text.done","text":"안녕","usage":{"type":"duration","seconds":12.5}}\r\n\r\n'
  const EVENTS = { 'content-type': 'text/event-stream' }

  test.each([
    ['with', 'data: [DONE]\r\n\r\n'],
    ['without', ''],
  ])('a stream %s its `[DONE]`: every event, seconds are billed as ten tokens each', async (_name, end) => {
    const { client, log } = await start(() => new Response(DELTA + LAST + end, { headers: EVENTS }))
    const stream = await client.audio.transcriptions.create({ file: await wav(), model: 'alias', stream: true })
    const events = await all(stream)
    expect(events.map(({ type }) => type)).toEqual(['transcript.text.delta', 'transcript.text.done'])
    expect(events[1]).toMatchObject({ text: '안녕', usage: { seconds: 12.5, cost: 0.00125 } })
    expect(log).toMatchObject([{ usage: { input_tokens: 125, output_tokens: 0 }, cost_usd: 0.00125 }])
    expect(log[0]).not.toHaveProperty('estimated')
  })

  test('a stream that is cut throws, and has no end', async () => {
    const { client, sent } = await start(() => new Response(DELTA, { headers: EVENTS }))
    const stream = await client.audio.transcriptions.create({ file: await wav(), model: 'both', stream: true })
    await expect(all(stream)).rejects.toThrow('before it was complete')
    expect(sent).toHaveLength(1)
  })

  test('an upstream that does not stream is streamed', async () => {
    const { client } = await start(() => json({ text: '안녕', usage: { type: 'duration', seconds: 1 } }))
    const stream = await client.audio.transcriptions.create({ file: await wav(), model: 'alias', stream: true })
    const events = await all(stream)
    expect(events).toMatchObject([
      { type: 'transcript.text.delta', delta: '안녕' },
      { type: 'transcript.text.done', text: '안녕', usage: { type: 'duration', seconds: 1, cost: 0.0001 } },
    ])
  })

  test('nobody spoke: an empty transcript is an answer', async () => {
    const { client } = await start(() => json({ text: '' }))
    expect(await client.audio.transcriptions.create({ file: await wav(), model: 'alias' })).toEqual({ text: '' })
  })

  test('an upstream`s refusal is the official client`s own error', async () => {
    const refusal = {
      error: { message: 'Invalid file format.', type: 'invalid_request_error', param: 'file', code: null },
    }
    const { client, sent } = await start(() => json(refusal, 400))
    const refused = client.audio.transcriptions.create({ file: await wav(), model: 'both' })
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(refused).rejects.toMatchObject({ param: 'file' })
    expect(sent).toHaveLength(1)
  })

  test('what is no request for a transcript is a 400 that says what', async () => {
    const { client, sent, gateway } = await start(() => json({ text: '' }))
    const file = await wav()
    const form = (fields: readonly (readonly [string, string | File])[]): FormData => {
      const data = new FormData()
      for (const [name, value] of fields) data.append(name, value)
      return data
    }
    const rows: readonly (readonly [readonly (readonly [string, string | File])[], string, string])[] = [
      [[['file', file]], 'model', 'missing required parameter'],
      [
        [
          ['file', file],
          ['model', 'a'],
          ['model', 'b'],
        ],
        'model',
        'more than once',
      ],
      [
        [
          ['file', file],
          ['model', file],
        ],
        'model',
        'expected a name',
      ],
      [[['model', 'alias']], 'file', 'missing required parameter'],
      [
        [
          ['file', 'text'],
          ['model', 'alias'],
        ],
        'file',
        'a file',
      ],
      [
        [
          ['file', file],
          ['model', 'alias'],
          ['stream', 'yes'],
        ],
        'stream',
        '`true` or `false`',
      ],
      [
        [
          ['file', file],
          ['model', 'alias'],
          ['stream', 'true'],
          ['response_format', 'srt'],
        ],
        'response_format',
        'events',
      ],
    ]
    for (const [fields, param, why] of rows) {
      const request = new Request('http://tutti/v1/audio/transcriptions', { method: 'POST', body: form(fields) })
      const response = await gateway.fetch(request)
      const { error } = await response.json()
      expect([response.status, error.param]).toEqual([400, param])
      expect(error.message).toContain(why)
    }
    const plain = client.post('/audio/transcriptions', { body: { model: 'alias', file: {} } })
    await expect(plain).rejects.toMatchObject({ status: 400, message: expect.stringContaining('multipart/form-data') })
    expect(sent).toEqual([])
  })
})
