// A server that this project did not write: llama.cpp, asked through tutti with the official client, and hung up on.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { absent, SHARED } from '../support/require.ts'

const SCRIPT = join(SHARED, 'tools/local-model/llama-server.sh')
const CACHE =
  process.env['LOCAL_MODEL_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tutti-local-model')

/** A member of llama.cpp's own, carried as it is: the tiny model talks until it is stopped. */
const ENDLESS = { ignore_eos: true }
const LONG = 900
const KOREAN = [{ role: 'user', content: '안녕하세요. 서울의 봄에 대해 길게 이야기해 주세요.' }] as const

describe.skipIf(absent('llama', existsSync(SCRIPT)))('llama.cpp', () => {
  let port = 0
  let tutti: TestGateway
  let client: OpenAI

  beforeAll(async () => {
    port = await freePort()
    await server('start', port)
    tutti = await startGateway({
      version: 1,
      providers: {
        house: {
          type: 'llama-cpp',
          baseUrl: `http://127.0.0.1:${port}/v1`,
          models: { 'tiny-local': { developer: 'tutti-test', lineage: [], price: { input: 1, output: 2 } } },
        },
      },
      models: { chat: { targets: ['house/tiny-local'] } },
    })
    client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'unused', maxRetries: 0 })
  }, 300_000)
  afterAll(async () => {
    await tutti?.close()
    if (port !== 0) await server('stop', port)
  })

  const log = (): string => readFileSync(join(CACHE, `${port}.log`), 'utf8')

  test('a streamed answer to a Korean question, with its bill', async () => {
    const stream = await client.chat.completions.create({
      model: 'chat',
      stream: true,
      max_tokens: 32,
      ...ENDLESS,
      stream_options: { include_usage: true },
      messages: [...KOREAN],
    })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).not.toBe('')
    expect(chunks.some((chunk) => chunk.choices[0]?.finish_reason === 'length')).toBe(true)
    const usage = chunks.findLast((chunk) => chunk.usage)?.usage
    expect(usage).toMatchObject({ completion_tokens: 32, cost: expect.any(Number) })
    expect(await tutti.decision(0)).toMatchObject({ served_by: 'house/tiny-local', status: 200 })
  })

  test('hanging up in the middle cancels the task', async () => {
    const before = occurrences(log(), 'cancel task')
    const hangUp = new AbortController()
    const stream = await client.chat.completions.create(
      { model: 'chat', stream: true, max_tokens: LONG, ...ENDLESS, messages: [...KOREAN] },
      { signal: hangUp.signal },
    )
    let events = 0
    try {
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content && ++events === 3) hangUp.abort()
      }
    } catch (error) {
      expect(error).toBeInstanceOf(OpenAI.APIUserAbortError)
    }
    expect(events).toBeLessThan(LONG / 2)
    expect(await tutti.decision(1)).toMatchObject({ attempts: [{ outcome: 'aborted' }], estimated: true })
    expect(await appears(() => occurrences(log(), 'cancel task') > before)).toBe(true)
  })
  test('the file that it was started with is what it runs, whatever it is called', async () => {
    const denying = await startGateway({
      version: 1,
      providers: {
        house: {
          type: 'llama-cpp',
          baseUrl: `http://127.0.0.1:${port}/v1`,
          models: { 'our-helper': { developer: 'tutti-test', lineage: [] } },
        },
      },
      policies: [{ name: 'no-tiny', deny: { model: 'tiny' } }],
    })
    const own = new OpenAI({ baseURL: `${denying.url}/v1`, apiKey: 'unused', maxRetries: 0 })
    const refused = own.chat.completions.create({ model: 'house/our-helper', messages: [...KOREAN], max_tokens: 1 })
    await expect(refused).rejects.toThrow(/its host says that it is `[^`]*tiny`/)
    await denying.close()
  })
})

/** The log is a file of another process: it is looked at again a limited number of times. */
async function appears(seen: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && !seen(); tries++) await sleep(50)
  return seen()
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}

function server(verb: 'start' | 'stop', port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Its output goes nowhere: the server that it leaves behind would keep a pipe open.
    execFile('bash', ['-c', '"$0" "$1" "$2" >/dev/null 2>&1', SCRIPT, verb, String(port)], (error) => {
      if (error === null) resolve()
      else reject(new Error(`llama-server.sh ${verb} failed`, { cause: error }))
    })
  })
}
