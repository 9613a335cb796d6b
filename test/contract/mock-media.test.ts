// What has no conversation: the official client reads what the scripted provider gives, straight and through tutti.
import OpenAI, { toFile } from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { startMock, type MockServer } from '#src/cli/mock.ts'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import type { Answer, RecordedRequest } from '#src/testing.ts'
import { cut, fail, failInside, mockProviders, refuse, reply, scores, script, stream } from '#src/testing.ts'

const HOST = 'https://mock.test'
const WAV = Uint8Array.from({ length: 32_000 }, (_, index) => (index * 7) % 256)
const DELTAS = ['안녕', '하세요', ', hello ', '👋']
const HELLO = DELTAS.join('')

interface Face {
  readonly client: OpenAI
  readonly requests: readonly RecordedRequest[]
}

/** What a test has opened. */
let opened: TuttiGateway | MockServer | undefined

afterEach(() => opened?.close())

const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 1, output: 1 } }

function openMock(...answers: readonly Answer[]): Face {
  const mock = mockProviders({ script: script(...answers), baseUrl: HOST })
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${HOST}/v1`, maxRetries: 0, fetch: mock.fetch })
  return { client, requests: mock.requests }
}

const FACES: Record<string, (...answers: readonly Answer[]) => Promise<Face>> = {
  'the mock itself': async (...answers) => openMock(...answers),
  'the mock over loopback': async (...answers) => {
    const mock = await startMock({ script: script(...answers) })
    opened = mock
    const client = new OpenAI({ apiKey: 'sk-test', baseURL: mock.url, maxRetries: 0 })
    return { client, requests: mock.requests }
  },
  'through tutti': async (...answers) => {
    const mock = mockProviders({ script: script(...answers), baseUrl: HOST })
    const models = Object.fromEntries(MODELS.map((name) => [name, FACTS]))
    const provider = { type: 'openai-compatible', baseUrl: `${HOST}/v1`, apiKey: 'sk-mock', models }
    const aliases = MODELS.map((name) => [name, { targets: [`mock/${name}`], retry: { attempts: 1 } }] as const)
    const gateway = await createGateway(
      { version: 1, providers: { mock: provider }, models: Object.fromEntries(aliases) },
      { fetch: mock.fetch },
    )
    opened = gateway
    const ask = (url: string | URL | Request, init?: RequestInit) => gateway.fetch(new Request(url, init))
    const client = new OpenAI({ apiKey: 'sk-app', baseURL: 'http://tutti.test/v1', maxRetries: 0, fetch: ask })
    return { client, requests: mock.requests }
  },
}

const MODELS = ['loud', 'whisper-1', 'dall-e-3']
const sound = (): Promise<File> => toFile(WAV, 'korean 말.wav', { type: 'audio/wav' })
const picture = (name: string): Promise<File> => toFile(new Uint8Array([1, 2, 3]), name, { type: 'image/png' })

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe.each(Object.entries(FACES))('%s', (_, open) => {
  test('moderations: what passes, and what a refusal flags', async () => {
    const { client } = await open({}, refuse('violence, hate'))
    const { results } = await client.moderations.create({ model: 'loud', input: ['안녕', '잘 가'] })
    expect(results.map(({ flagged }) => flagged)).toEqual([false, false])
    const flagged = await client.moderations.create({ model: 'loud', input: [{ type: 'text', text: '음' }] })
    expect(flagged.results).toHaveLength(1)
    const [result] = flagged.results
    expect(result).toMatchObject({ flagged: true, categories: { violence: true, hate: true, sexual: false } })
    expect(result?.category_scores.violence).toBeGreaterThan(0.8)
    expect(result?.category_scores.sexual).toBeLessThan(0.1)
    expect(Object.keys(result?.category_applied_input_types ?? {})).toHaveLength(13)
  })

  test('images: as many as are asked for, in bytes or at an address', async () => {
    const { client } = await open({}, reply('고양이 한 마리'))
    const painted = await client.images.generate({ model: 'loud', prompt: '고양이', n: 2, output_format: 'webp' })
    expect(painted).toMatchObject({ output_format: 'webp', usage: { output_tokens: 544 } })
    const bytes = painted.data?.map(({ b64_json: text }) => Buffer.from(text ?? '', 'base64').toString('latin1'))
    expect(bytes?.map((each) => [each.slice(0, 4), each.slice(8, 12)])).toEqual([
      ['RIFF', 'WEBP'],
      ['RIFF', 'WEBP'],
    ])
    const old = await client.images.generate({ model: 'dall-e-3', prompt: '고양이' })
    expect(old.data?.[0]).toMatchObject({ url: expect.stringContaining('https://'), revised_prompt: '고양이 한 마리' })
  })

  test('edits of images: a form', async () => {
    const { client, requests } = await open({})
    const image = [await picture('a.png'), await picture('b.png')]
    const edited = await client.images.edit({ model: 'loud', prompt: '모자를 씌워', image, n: 2 })
    expect(edited.data?.map(({ b64_json: text }) => text?.slice(0, 5))).toEqual(['iVBOR', 'iVBOR'])
    expect(edited.usage).toMatchObject({ input_tokens_details: { image_tokens: 646 } })
    expect(requests[0]?.body).toMatchObject({ prompt: '모자를 씌워', 'image[]': [{ filename: 'a.png', bytes: 3 }, {}] })
  })

  test('speech: bytes in pieces, called what was asked for', async () => {
    const { client } = await open(reply('무엇'), stream(DELTAS), {})
    const asked = { model: 'loud', voice: 'alloy', input: HELLO } as const
    const mp3 = await client.audio.speech.create(asked)
    expect(mp3.headers.get('content-type')).toBe('audio/mpeg')
    expect([...new Uint8Array(await mp3.arrayBuffer()).slice(0, 2)]).toEqual([0xff, 0xfb])
    const wav = await client.audio.speech.create({ ...asked, response_format: 'wav' })
    expect(wav.headers.get('content-type')).toBe('audio/wav')
    const bytes = Buffer.from(await wav.arrayBuffer())
    expect([bytes.toString('latin1', 0, 4), bytes.length]).toEqual(['RIFF', 44 + DELTAS.length * 960])
    const events = await client.audio.speech.create({ ...asked, stream_format: 'sse', response_format: 'pcm' })
    const text = await events.text()
    expect(text.split('"speech.audio.delta"')).toHaveLength(1 + 3)
    expect(text).toContain('"type":"speech.audio.done","usage":{"input_tokens":')
  })

  test('speech that is cut is none', async () => {
    const { client } = await open(cut(stream(DELTAS), { afterEvents: 2 }))
    const response = await client.audio.speech.create({ model: 'loud', voice: 'alloy', input: HELLO })
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  test('transcripts in every format', async () => {
    const { client } = await open(...Array.from({ length: 6 }, () => stream(DELTAS, { usage: { output: 9 } })))
    const heard = { model: 'loud', file: await sound() }
    expect(await client.audio.transcriptions.create(heard)).toMatchObject({
      text: HELLO,
      usage: { type: 'tokens', input_tokens: 20, output_tokens: 9, input_token_details: { audio_tokens: 20 } },
    })
    expect(await client.audio.transcriptions.create({ ...heard, model: 'whisper-1' })).toMatchObject({
      usage: { type: 'duration', seconds: 2 },
    })
    const verbose = await client.audio.transcriptions.create({
      ...heard,
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    })
    expect(verbose).toMatchObject({
      text: HELLO,
      duration: 2,
      words: [{ word: '안녕', start: 0, end: 0.5 }, {}, {}, {}],
    })
    expect(verbose.segments).toMatchObject([{ id: 0, text: HELLO, start: 0, end: 2 }])
    const text = await client.audio.transcriptions.create({ ...heard, response_format: 'text' })
    expect(text).toBe(`${HELLO}\n`)
    const srt = await client.audio.transcriptions.create({ ...heard, response_format: 'srt' })
    expect(srt).toBe(`1\n00:00:00,000 --> 00:00:02,000\n${HELLO}\n\n`)
    const vtt = await client.audio.transcriptions.create({ ...heard, response_format: 'vtt' })
    expect(vtt).toBe(`WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n${HELLO}\n\n`)
  })

  test('a transcript as a stream, and one that breaks', async () => {
    const { client } = await open(
      stream(DELTAS),
      failInside(stream(DELTAS), 'it broke', { afterEvents: 2 }),
      cut(stream(DELTAS), { afterEvents: 2 }),
    )
    const heard = { model: 'loud', file: await sound(), stream: true } as const
    const events = await all(await client.audio.transcriptions.create(heard))
    expect(events.map(({ type }) => type)).toEqual([
      ...DELTAS.map(() => 'transcript.text.delta'),
      'transcript.text.done',
    ])
    expect(events.at(-1)).toMatchObject({ text: HELLO, usage: { type: 'tokens' } })
    await expect(all(await client.audio.transcriptions.create(heard))).rejects.toThrow('it broke')
    await expect(all(await client.audio.transcriptions.create(heard))).rejects.toThrow()
  })

  test('translations', async () => {
    const { client, requests } = await open(reply('Hello.'), reply('Hello.'))
    const heard = { model: 'whisper-1', file: await sound() }
    expect(await client.audio.translations.create(heard)).toEqual({ text: 'Hello.' })
    const verbose = await client.audio.translations.create({ ...heard, response_format: 'verbose_json' })
    expect(verbose).toMatchObject({ language: 'english', text: 'Hello.', duration: 2 })
    expect(requests[0]?.body).toMatchObject({ file: { filename: 'korean 말.wav', bytes: WAV.length } })
  })

  test('decisions', async () => {
    const { client } = await open(scores([0.9, 0.2, 0.75]), refuse('아니요'))
    const asked = {
      model: 'loud',
      input: '배송이 늦어요',
      questions: [
        { type: 'predicate', name: 'angry', instructions: 'is the writer angry?' },
        { type: 'choice', instructions: 'where to?', choices: [{ value: 'sales' }, { value: true }, { value: 'it' }] },
        { type: 'score', instructions: 'urgent?', levels: ['low', 'some', 'high'].map((label) => ({ label })) },
      ],
    } satisfies OpenAI.DecisionCreateParams
    const { answers, usage } = await client.decisions.create(asked)
    expect(answers).toMatchObject([
      { type: 'predicate', name: 'angry', probability: 0.9 },
      { type: 'choice', name: null, choice: true, confidence: 0.4 },
      { type: 'score', score: 1.5, confidence: 0.5, probabilities: [{}, { label: 'some', value: 1 }, {}] },
    ])
    expect(usage.input_tokens).toBeGreaterThan(10)
    expect((await client.decisions.create(asked)).answers.map(({ type }) => type)).toEqual(Array(3).fill('refusal'))
  })

  test('rerank: the best first', async () => {
    const { client } = await open(scores([0.1, 0.9, 0.5]), {})
    const body = { model: 'loud', query: '서울 날씨', documents: ['부산 바다', '맑음', '서울 날씨'], top_n: 2 }
    const scored = await client.post('/rerank', { body })
    expect(scored).toMatchObject({
      object: 'list',
      results: [
        { index: 1, relevance_score: 0.9, document: { text: '맑음' } },
        { index: 2, relevance_score: 0.5 },
      ],
    })
    expect(await client.post('/rerank', { body })).toMatchObject({ results: [{ index: 2 }, {}] })
  })

  test('errors are the client`s own', async () => {
    const { client } = await open(fail(429, { message: 'slow down' }), fail(500))
    const speech = client.audio.speech.create({ model: 'loud', voice: 'alloy', input: 'x' })
    await expect(speech).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    const transcript = client.audio.transcriptions.create({ model: 'loud', file: await sound() })
    await expect(transcript).rejects.toBeInstanceOf(OpenAI.InternalServerError)
  })
})

describe('what tutti does not serve', () => {
  test('pictures as a stream', async () => {
    const { client } = openMock({}, {})
    const asked = { model: 'loud', prompt: '고양이', partial_images: 2, stream: true } as const
    const painted = await all(await client.images.generate(asked))
    expect(painted.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ])
    const edited = await all(await client.images.edit({ ...asked, image: await picture('a.png') }))
    expect(edited.at(-1)).toMatchObject({ type: 'image_edit.completed', usage: { output_tokens: 272 } })
  })

  test('what the vendor refuses too', async () => {
    const { client } = openMock({}, {})
    await expect(client.post('/audio/speech', { body: { model: 'loud' } })).rejects.toMatchObject({ param: 'input' })
    await expect(client.post('/images/edits', { body: { prompt: 'x' } })).rejects.toMatchObject({ param: 'image' })
  })
})
