import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMock } from '#src/cli/mock.ts'
import type { ProgramRuntime } from '#src/cli/runtime.ts'
import { createRuntime } from '#src/node.ts'
import { explain } from '#src/pipeline/explain.ts'
import { runProgram as run } from '../support/program.ts'

const GOOD = `version: 1
server: { port: 0 }
providers:
  demo: { type: demo, models: { cheap: { price: { input: 1, output: 1 } }, good: {} } }
models:
  chat: { targets: [demo/cheap] }
policies:
  - { name: no-good, deny: { model: good }, reason: not this one }
`

const ROOT = join(import.meta.dirname, '../..')

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('tutti', () => {
  test.each(['serve', 'check', 'explain', 'test', 'replay', 'verify-log', 'mock', 'keys'])(
    '%s --help shows its usage',
    async (command) => {
      expect(await run([command, '--help'])).toMatchObject({
        code: 0,
        out: expect.stringContaining(`tutti ${command}`),
      })
    },
  )

  test.each(['prove', 'init', 'import', 'catalog'])('%s is not in this version, and says so', async (command) => {
    expect(await run([command])).toMatchObject({ code: 1, err: expect.stringContaining('not in this version') })
  })

  test.each([
    [['nonsense']],
    [['__proto__']],
    [['check', '--nonsense']],
    [['check', 'tutti.yaml']],
    [['serve', 'tutti.yaml']],
    [['mock', 'script.yaml']],
    [['serve', '--port', 'x']],
    [[]],
  ])('%j is wrong use: 1', async (args) => {
    expect((await run(args)).code).toBe(1)
  })

  test('--version', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'))
    expect(await run(['--version'])).toEqual({ code: 0, out: `tutti ${version}\n`, err: '' })
  })

  test('mock: a port that is taken is said, and how to take another', async () => {
    const other = await startMock()
    const { code, err } = await run(['mock', '--port', String(other.port)])
    await other.close()
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('`--port N` takes another') })
  })

  test('keys new: the credential and the digest that belongs to it', async () => {
    const { code, out } = await run(['keys', 'new', 'team-a'])
    expect(code).toBe(0)
    const credential = /tutti-[0-9a-f]{64}/.exec(out)?.[0] ?? ''
    expect(out).toContain(`id: "team-a", sha256: ${createRuntime().hash(credential)}`)
  })
})

describe('tutti check', () => {
  test('a good file: 0 and its epoch', async () => {
    const path = await file('good.yaml', GOOD)
    expect(await run(['check', '-c', path])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/is good: epoch [0-9a-f]{12}/),
    })
    const { out } = await run(['check', '-c', path, '--json'])
    expect(JSON.parse(out)).toMatchObject({ ok: true, problems: [] })
  })

  test('a bad file: 1, each problem with its place', async () => {
    const path = await file('bad.yaml', GOOD.replace('demo/cheap', 'nobody/x').replace('version: 1', 'version: 2'))
    const { code, out } = await run(['check', '-c', path])
    expect(code).toBe(1)
    expect(out).toContain(`${path}:1:10: `)
    expect(out).toContain(`${path}:6:`)
  })

  test('a file that is not there: 1, said as a problem', async () => {
    const { code, out } = await run(['check', '-c', join(folder, 'nothing.yaml')])
    expect(code).toBe(1)
    expect(out).toContain('cannot be read')
  })
})

describe('tutti explain', () => {
  const request = (model: string) => JSON.stringify({ model, messages: [{ role: 'user', content: '안녕' }] })

  test('routed is 0, denied is 2, bad input is 1', async () => {
    const config = await file('explain.yaml', GOOD)
    const ask = async (model: string, ...more: string[]) =>
      run(['explain', '-c', config, await file('request.json', request(model)), ...more])
    expect(await ask('chat')).toMatchObject({ code: 0, out: expect.stringContaining('chat goes to demo/cheap') })
    const denied = await ask('demo/good')
    expect(denied).toMatchObject({ code: 2, out: expect.stringContaining('denied by no-good') })
    expect(denied.out).toContain(`${config}:8:5`)
    const unreasoned = await file('unreasoned.yaml', GOOD.replace(', reason: not this one', ''))
    const bare = await run(['explain', '-c', unreasoned, await file('request.json', request('demo/good'))])
    expect(bare.out.split('its model is `good`')).toHaveLength(2)
    expect(JSON.parse((await ask('chat', '--json')).out)).toMatchObject({ outcome: 'route', plan: ['demo/cheap'] })
    expect((await ask('chat', '--key', 'nobody')).code).toBe(1)
    expect((await ask('chat', '--endpoint', '/v1/nothing')).code).toBe(1)
    expect(await ask('chut')).toMatchObject({ code: 2, err: expect.stringContaining('did you mean `chat`?') })
    expect((await run(['explain', '-c', config, join(folder, 'nothing.json')])).code).toBe(1)
    expect((await run(['explain', '-c', config, await file('broken.json', '{')])).code).toBe(1)
  })
})

describe('tutti explain --tags --metadata', () => {
  test('are what the headers would carry', async () => {
    const config = await file('labels.yaml', GOOD)
    const asked = await file('ask.json', JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }] }))
    const seen: unknown[] = []
    const offline: ProgramRuntime['offline'] = (snapshot) => {
      const gateway = createRuntime().offline(snapshot)
      const { chat } = gateway.ports.dialects
      const read: typeof chat.read = (text, context) => {
        seen.push({ tags: context.tags, metadata: context.metadata })
        return chat.read(text, context)
      }
      const dialects = { ...gateway.ports.dialects, chat: { ...chat, read } }
      return { ...gateway, snapshot, ports: { ...gateway.ports, dialects } }
    }
    const flags = ['--tags', 'a, b', '--metadata', '{"data_class":"personal"}', '--ip', '10.0.0.1', '--json']
    const { out } = await run(['explain', '-c', config, asked, ...flags], { offline })
    expect(JSON.parse(out)).toMatchObject({ tags: ['a', 'b'] })
    expect(seen).toEqual([{ tags: ['a', 'b'], metadata: { data_class: 'personal' } }])
    for (const bad of ['now', '2026-12-01']) {
      const { code, err } = await run(['explain', '-c', config, asked, '--time', bad])
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('`--time` takes an instant') })
    }
    const then = await run(['explain', '-c', config, asked, '--time', '2026-12-01T09:00:00+09:00', '--json'])
    expect(JSON.parse(then.out).inputs.now).toBe(Date.parse('2026-12-01T00:00:00Z'))
    for (const bad of ['[]', '{', 'x']) {
      const { code, err } = await run(['explain', '-c', config, asked, '--metadata', bad])
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('`--metadata` is not a JSON object') })
    }
  })
})

describe('POST /-/explain with tags and metadata', () => {
  const body = { model: 'chat', messages: [{ role: 'user', content: 'hi' }] }
  const ask = async (more: object) => {
    const loaded = await createRuntime().load(await file('labels.yaml', GOOD), 'look')
    if (!loaded.snapshot) throw new Error('the file is good')
    return explain(createRuntime().offline(loaded.snapshot), { body, ...more })
  }

  test('takes them', async () => {
    expect(await ask({ tags: ['a'], metadata: { data_class: 'personal' } })).toMatchObject({ tags: ['a'] })
    const client = { ip: '10.0.0.1', country: 'KR' }
    expect(await ask({ client })).toMatchObject({ inputs: { client } })
  })

  test.each([
    { tags: 'a' },
    { tags: [1] },
    { tags: [''] },
    { metadata: 'x' },
    { metadata: [] },
    { client: 'x' },
    { client: { ip: 1 } },
    { client: { host: 'x' } },
  ])('%j is refused', async (more) => {
    await expect(ask(more)).rejects.toThrow('must be a')
  })
})

describe('tutti explain, where keys are needed', () => {
  test('asks whose request it is: an answer for nobody would be a wrong one', async () => {
    const config = await file('keys.yaml', `${GOOD}keys:\n  - { id: app, sha256: ${createRuntime().hash('sk-app')} }\n`)
    const asked = await file('ask.json', JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }] }))
    const nobody = await run(['explain', '-c', config, asked])
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('`app`') })
    expect(await run(['explain', '-c', config, '--key', 'app', asked])).toMatchObject({ code: 0 })
  })
})

/** `tutti serve` in this process; `saying` resolves at the next line that holds the text. */
async function serve(path: string) {
  const stop = Promise.withResolvers<void>()
  const changed = Promise.withResolvers<() => void>()
  const lines: string[] = []
  const heard: { wanted: string; resolve: () => void }[] = []
  const hear = (text: string): void => {
    lines.push(text)
    for (const { wanted, resolve } of heard) if (text.includes(wanted)) resolve()
  }
  const saying = (wanted: string) => new Promise<void>((resolve) => heard.push({ wanted, resolve }))
  const serving = saying('serves')
  const exit = run(['serve', '-c', path], {
    out: hear,
    err: hear,
    stopped: () => stop.promise,
    watch(_path, changes) {
      changed.resolve(changes)
      return () => {}
    },
  })
  await serving
  const url = /http:\/\/\S+/.exec(lines.join('\n'))?.[0] ?? ''
  return { url, touch: await changed.promise, saying, stop: () => stop.resolve(), exit }
}

describe('tutti serve', () => {
  test('serves, takes a good change, keeps the last good one over a bad and a missing file, and ends with 0', async () => {
    const path = await file('serve.yaml', GOOD)
    const { url, touch, saying, stop, exit } = await serve(path)
    const epoch = async () => (await fetch(`${url}/-/health`)).headers.get('x-tutti-epoch')
    const first = await epoch()

    await writeFile(path, GOOD.replace('no-good', 'still-no-good'))
    const taken = saying('was taken')
    touch()
    await taken
    const second = await epoch()
    expect(second).not.toBe(first)

    for (const spoil of [() => writeFile(path, 'version: 1\nproviders: ['), () => rename(path, `${path}.gone`)]) {
      await spoil()
      const refused = saying('was not taken')
      touch()
      await refused
      expect(await epoch()).toBe(second)
    }
    await writeFile(path, GOOD.replace('no-good', 'still-no-good'))
    const again = saying('was taken')
    touch()
    await again
    expect(await epoch()).toBe(second)
    stop()
    expect((await exit).code).toBe(0)
    await expect(fetch(`${url}/-/health`)).rejects.toThrow()
  })
  test('a rotated secret is taken, although the epoch stays', async () => {
    const digest = await file('digest', createRuntime().hash('sk-old'))
    const path = await file('rotated.yaml', `${GOOD}keys:\n  - { id: app, sha256: "\${file:${digest}}" }\n`)
    const { url, touch, stop, exit } = await serve(path)
    const models = async (key: string) =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
    expect([await models('sk-old'), await models('sk-new')]).toEqual([200, 401])
    await file('digest', createRuntime().hash('sk-new'))
    touch()
    await expect.poll(() => models('sk-new')).toBe(200)
    expect(await models('sk-old')).toBe(401)
    stop()
    expect((await exit).code).toBe(0)
  })
})

test('a reader that has enough, as `head` has, ends it without a trace of stack', async () => {
  const child = spawn(process.execPath, ['bin/tutti.mjs', '--help'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  const [code]: unknown[] = await once(child, 'close')
  expect([code, Buffer.concat(said).toString()]).toEqual([1, ''])
})
