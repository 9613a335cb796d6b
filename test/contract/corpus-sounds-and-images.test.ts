import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { describe, expect, test } from 'vitest'
import { isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { adapters } from '#providers/registry.ts'
import { startEmbedded } from '../support/embedded.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'

/** Recorded transcripts and pictures: what the official client sees through tutti is what it sees without. */
const absent = corpusAbsent()
const CORPUS = join(SHARED, 'corpus')

interface Case {
  readonly id: string
  readonly provider: string
  readonly stream: boolean
  readonly status: number
  readonly contentType: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where it was recorded, and what was asked there. */
  readonly url: string
  readonly asked: Json | undefined
}

function loadCases(api: string): readonly Case[] {
  const rows = parseJson(readFileSync(join(CORPUS, 'index.json'), 'utf8'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => (row['api'] === api ? [caseOf(row)] : []))
}

function caseOf(row: JsonObject): Case {
  const id = stringAt(row, 'id') ?? ''
  const recorded = objectAt(parseJson(readFileSync(join(CORPUS, `${id}.meta.json`), 'utf8')), 'request')
  return {
    id,
    provider: stringAt(row, 'provider') ?? '',
    stream: row['stream'] === true,
    status: Number(row['status']),
    contentType: stringAt(row, 'content_type') ?? '',
    bytes: new Uint8Array(readFileSync(join(CORPUS, stringAt(row, 'file') ?? ''))),
    url: stringAt(recorded, 'url') ?? '',
    asked: recorded?.['body'],
  }
}

/** The recorded answer, in pieces of so many bytes. */
function answer({ bytes, status, contentType }: Case, size: number): Response {
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
  return new Response(body, { status, headers: { 'content-type': contentType } })
}

type Asking = (client: OpenAI, model: string) => Promise<unknown>

/** What was asked, by the official client's own method. */
function askingOf({ url, stream, asked }: Case): Asking {
  if (url.endsWith('/translations'))
    return async (client, model) => client.audio.translations.create({ model, file: await sound() })
  if (url.includes('/audio/'))
    return async (client, model) => {
      if (!stream) return client.audio.transcriptions.create({ model, file: await sound() })
      const events: unknown[] = []
      for await (const event of await client.audio.transcriptions.create({ model, file: await sound(), stream }))
        events.push(event)
      return events
    }
  const path = url.endsWith('/edits') ? '/images/edits' : '/images/generations'
  const { model: _model, ...body } = isObject(asked) ? asked : {}
  return (client, model) => client.post(path, { body: { ...body, model } })
}

const sound = (): Promise<File> => toFile(new Uint8Array(3000), 'a.wav')

interface Seen {
  readonly value?: unknown
  readonly error?: object
}

async function see(ask: Asking, client: OpenAI, model: string): Promise<Seen> {
  try {
    return { value: await ask(client, model) }
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error
    const { name, status, code, param, type, message } = error
    return { error: { class: error.constructor.name, name, status, code, param, type, message } }
  }
}

/** The cost is tutti's: it joins the usage that the upstream gave. */
function withoutCost(value: unknown): unknown {
  const text = JSON.stringify(value, (name, member: unknown) =>
    name === 'cost' || name === 'estimated' ? undefined : member,
  )
  return text === undefined ? undefined : parseJson(text)
}

function typeOf({ provider, url }: Case): string {
  const endpoint = url.includes('/audio/')
    ? 'transcriptions'
    : url.endsWith('/edits')
      ? 'imageEdits'
      : 'imageGenerations'
  return adapters.get(provider)?.endpoints.includes(endpoint) === true ? provider : 'openai-compatible'
}

const cases = absent ? [] : [...loadCases('audio.stt'), ...loadCases('images')]

if (absent) test.skip('recorded sounds and images: skipped, ../shared/corpus is not beside the project', () => {})

test.skipIf(absent)('there are three of sounds and five of images', () => {
  expect([loadCases('audio.stt').length, loadCases('images').length]).toEqual([3, 5])
})

describe.skipIf(absent).each([
  ['whole', 1 << 20],
  ['in pieces of 97 bytes', 97],
  ['byte by byte', 1],
])('recorded sounds and images through tutti, %s', (_name, size) => {
  test.each(cases.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    const ask = askingOf(one)
    const direct = new OpenAI({
      baseURL: 'http://recorded/v1',
      apiKey: 'sk-app',
      maxRetries: 0,
      fetch: () => Promise.resolve(answer(one, 1 << 20)),
    })
    const config = {
      version: 1,
      providers: {
        own: { type: typeOf(one), baseUrl: 'https://recorded.example/v1', apiKey: 'sk-up', models: { m: {} } },
      },
    }
    const { client, gateway, log } = await startEmbedded(config, () => answer(one, size))
    const [due, got] = [await see(ask, direct, 'm'), await see(ask, client, 'own/m')]
    expect(withoutCost(got)).toEqual(withoutCost(due))
    expect(log).toMatchObject([{ status: one.status }])
    await gateway.close()
  })
})
