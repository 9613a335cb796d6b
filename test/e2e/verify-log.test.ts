// `tutti verify-log` over what `tutti serve` wrote: a process of its own, stopped as an operator stops it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgramRuntime } from '#src/cli/runtime.ts'
import { runProgram } from '../support/program.ts'

const ROOT = join(import.meta.dirname, '../..')

const CONFIG = `version: 1
server: { port: 0 }
providers:
  demo: { type: demo, models: { cheap: {}, good: {} } }
models:
  chat: { targets: [demo/cheap] }
policies:
  - { name: no-good, deny: { model: good }, reason: not this one }
`

let folder: string
/** What one process wrote: eight requests, a change of the file between them. */
let log: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-verify-'))
  log = await serveAndStop()
})
afterAll(() => rm(folder, { recursive: true }))

async function serveAndStop(): Promise<string> {
  const { child, url, output } = await start(await file('tutti.yaml', CONFIG))
  await Promise.all(['chat', 'chat', 'demo/good', 'chat'].map((model) => ask(url, model)))
  const taken = lineWith(child.stderr, 'was taken')
  await file('tutti.yaml', CONFIG.replace('no-good', 'still-no-good'))
  await taken
  await Promise.all(['chat', 'chat', 'demo/good', 'chat'].map((model) => ask(url, model)))
  child.kill('SIGTERM')
  return file('log.jsonl', await output)
}

/** `output` resolves with all that it wrote to standard output, once it has ended well. */
async function start(config: string) {
  const child = spawn(process.execPath, ['bin/tutti.mjs', 'serve', '-c', config], { cwd: ROOT })
  const written: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => written.push(chunk))
  const output = once(child, 'close').then((exit) => {
    expect(exit).toEqual([0, null])
    return Buffer.concat(written).toString()
  })
  const url = /http:\/\/\S+/.exec(await lineWith(child.stdout, 'serves'))?.[0] ?? ''
  return { child, url, output }
}

test('what a drain cuts is logged before the end', async () => {
  const arrived = Promise.withResolvers<void>()
  const silent = createServer(() => arrived.resolve()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const config = await file(
    'silent.yaml',
    `version: 1
server: { port: 0, drain: 50ms }
providers:
  silent: { type: openai-compatible, baseUrl: "http://127.0.0.1:${port}/v1", local: true, models: { tiny: {} } }
models:
  chat: { targets: [silent/tiny] }
`,
  )
  const { child, url, output } = await start(config)
  const asked = ask(url, 'chat').catch(() => undefined)
  await arrived.promise
  child.kill('SIGTERM')
  const cut = await file('cut-off.jsonl', await output)
  await asked
  silent.closeAllConnections()
  silent.close()
  expect(await verify([cut, '--closed'])).toMatchObject({ code: 0, err: '' })
  const records = (await lines(cut)).map((line) => JSON.parse(line))
  expect(records).toMatchObject([{ event: 'start' }, { outcome: 'route', status: 499 }, { event: 'end' }])
})

async function lineWith(stream: NodeJS.ReadableStream, wanted: string): Promise<string> {
  for await (const line of createInterface({ input: stream })) if (line.includes(wanted)) return line
  throw new Error(`it ended without saying \`${wanted}\``)
}

async function ask(url: string, model: string): Promise<void> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: model === 'chat', messages: [{ role: 'user', content: '안녕' }] }),
  })
  await answer.text()
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const verify = (args: readonly string[], more: Partial<ProgramRuntime> = {}) =>
  runProgram(['verify-log', ...args], more)

/** The log's own lines: without the greeting. */
async function lines(path = log): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('{'))
}

describe('the log of a process that was asked to stop', () => {
  test('holds, from its start to its end, with the change of the file in it', async () => {
    const records = (await lines()).map((line) => JSON.parse(line))
    const kinds = records.map(({ event, outcome }) => event ?? outcome)
    expect(kinds.toSorted()).toEqual(['deny', 'deny', 'end', 'epoch', ...Array(6).fill('route'), 'start'])
    expect([kinds[0], kinds[5], kinds.at(-1)]).toEqual(['start', 'epoch', 'end'])
    expect(new Set(records.slice(1, 5).map(({ epoch }) => epoch))).toEqual(new Set([records[0].epoch]))
    expect(new Set(records.slice(6, -1).map(({ epoch }) => epoch))).toEqual(new Set([records[5].epoch]))
    const { code, out, err } = await verify([log, '--closed'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`${records[0].instance}: 11 lines, ${records[0].time} to `)
    expect(out).toContain(`ok, head ${records.at(-1).hash}`)
  })

  test('`--json`', async () => {
    const { code, out } = await verify([log, '--json'])
    expect({ code, ...JSON.parse(out) }).toMatchObject({
      code: 0,
      ok: true,
      chains: [{ state: 'ok', lines: 11, first_seq: 0, head: { seq: 10 } }],
      unchained: { count: 0 },
    })
  })

  test('a stranger’s script of docs/evidence.md finds the same', async () => {
    const page = await readFile(join(ROOT, 'docs/evidence.md'), 'utf8')
    const script = await file('check.mjs', page.split('```js\n')[1]?.split('```')[0] ?? '')
    expect(script.length).toBeGreaterThan(0)
    const check = async (path: string): Promise<unknown> => {
      const child = spawn(process.execPath, [script, path], { stdio: 'ignore' })
      const [code]: unknown[] = await once(child, 'close')
      return code
    }
    const own = await lines()
    expect(await check(log)).toBe(0)
    expect(await check(await file('cut.jsonl', `${own.toSpliced(3, 1).join('\n')}\n`))).toBe(1)
    expect(
      await check(await file('other.jsonl', `${own.join('\n').replace('still-no-good', 'still-no-goof')}\n`)),
    ).toBe(1)
  })

  test('a line changed, or gone: 1, with its place', async () => {
    const own = await lines()
    const changed = await file('changed.jsonl', `${own.join('\n').replace('"deny"', '"dena"')}\n`)
    expect(await verify([changed])).toMatchObject({ code: 1, out: expect.stringContaining('.jsonl:') })
    const gone = await file('gone.jsonl', `${own.toSpliced(3, 1).join('\n')}\n`)
    const { code, out } = await verify([gone])
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(`${gone}:4: missing: seq 3 is not here`) })
    const { out: json } = await verify([gone, '--json'])
    expect(JSON.parse(json)).toMatchObject({ ok: false, chains: [{ state: 'broken', problem: { line: 4 } }] })
  })

  test('its end gone: open, a notice; an error with `--closed`', async () => {
    const open = await file('open.jsonl', `${(await lines()).slice(0, -1).join('\n')}\n`)
    expect(await verify([open])).toMatchObject({ code: 0, out: expect.stringContaining('it is open') })
    expect(await verify([open, '--closed'])).toMatchObject({ code: 1, err: expect.stringContaining('`--closed`') })
  })

  test('in two files: one after the other; the second alone with `--from-middle`', async () => {
    const own = await lines()
    const first = await file('log.1', `${own.slice(0, 4).join('\n')}\n`)
    const second = await file('log.2', own.slice(4).join('\n'))
    expect((await verify([first, second, '--closed'])).code).toBe(0)
    expect((await verify([second, first])).code).toBe(1)
    expect(await verify([second])).toMatchObject({ code: 1, out: expect.stringContaining('--from-middle') })
    expect((await verify([second, '--from-middle', '--closed'])).code).toBe(0)
  })

  test('`tutti replay` reads it', async () => {
    const config = await file('replay.yaml', CONFIG)
    const { code, out } = await runProgram(['replay', '-c', config, log, '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([0, { total: 8, unchanged: 8 }])
  })
})

test('nothing to verify is no success', async () => {
  const empty = await file('empty.jsonl', 'tutti serves the demo\n\n')
  expect(await verify([empty])).toMatchObject({ code: 1, err: expect.stringContaining('no line') })
  expect(await verify([join(folder, 'nothing.jsonl')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be read'),
  })
  expect(await verify([])).toMatchObject({ code: 1, err: expect.stringContaining('oldest first') })
})

test('lines without a chain are refused, the first with its place', async () => {
  const old = await file('old.jsonl', '{"outcome":"route"}\n{"outcome":"deny"}\n')
  const { code, out } = await verify([old])
  expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/old\.jsonl:1: unchained: .*; so are 1 more/) })
})
