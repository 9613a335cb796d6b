// What is published works where it is installed: types, the mock kit, a gateway on Node and on Bun, the program.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { absent } from './support/require.ts'

const ROOT = join(import.meta.dirname, '..')
const FILES = join(import.meta.dirname, 'support/consumer')
const BUN = '1.4.5'
const MINUTES = 60_000

interface Ran {
  readonly code: number
  readonly output: string
}

let app = ''
/** Why the consumer could not be installed; undefined: it was. */
let offline: string | undefined
let noBun: string | undefined

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'tutti-consumer-'))
  const packed = await run('npm', ['pack', '--pack-destination', app], ROOT)
  if (packed.code !== 0) throw new Error(packed.output)
  const tarball = readdirSync(app).find((name) => name.endsWith('.tgz'))
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const versions = ['typescript', 'vitest', 'openai', '@types/node'].map((name) => [name, devDependencies[name]])
  const dependencies = { tutti: `file:./${tarball}`, ...Object.fromEntries(versions) }
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies, allowScripts: { bun: true } }
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  for (const name of readdirSync(FILES))
    writeFileSync(join(app, name.replace('.txt', '')), readFileSync(join(FILES, name)))
  offline = reasonOf(await npmInstall())
  if (offline === undefined) noBun = reasonOf(await npmInstall(`bun@${BUN}`))
}, 5 * MINUTES)

afterAll(() => rmSync(app, { recursive: true, force: true }))

test('the tarball holds what it says and nothing else', (context) => {
  needsInstall(context)
  const installed = join(app, 'node_modules/tutti')
  const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'package.json', 'tutti.schema.json']
  expect(readdirSync(installed).toSorted()).toEqual(expected)
})

describe('types', () => {
  test.for(['nodenext', 'bundler'])('resolve for a consumer (%s)', async (resolution, context) => {
    needsInstall(context)
    expect(await typeCheck(resolution, 'gateway.ts', 'app.ts')).toMatchObject({ code: 0 })
  })

  test('refuse a wrong assignment', async (context) => {
    needsInstall(context)
    const { code, output } = await typeCheck('nodenext', 'wrong.ts')
    expect(code).not.toBe(0)
    const lines = readFileSync(join(FILES, 'wrong.ts.txt'), 'utf8').split('\n')
    const wrong = lines.flatMap((line, index) => (line.includes('// wrong') ? [index + 1] : []))
    expect(wrong.length).toBeGreaterThan(0)
    expect(linesOf(output)).toEqual(wrong)
  })
})

test("an app's test mocks a provider", async (context) => {
  needsInstall(context)
  const ran = await run(join(app, 'node_modules/.bin/vitest'), ['run'], app)
  expect(ran).toMatchObject({ code: 0 })
  expect(ran.output).toContain('3 passed')
})

const SAID = [
  'answer: 안녕하세요',
  'target: openai/gpt-6-luna',
  'stream: 하나둘셋',
  'plan: openai/gpt-6-luna',
  'denied: 403',
]

test('createGateway on Node', async (context) => {
  needsInstall(context)
  const { code, output } = await run(process.execPath, ['gateway.ts'], app)
  expect({ code, lines: output.trim().split('\n') }).toEqual({ code: 0, lines: SAID })
})

test('createGateway on Bun, by the same lines', async (context) => {
  needsInstall(context)
  if (noBun !== undefined) context.skip(`bun cannot be installed: ${noBun}`)
  const { code, output } = await run(join(app, 'node_modules/.bin/bun'), ['gateway.ts'], app)
  expect({ code, lines: output.trim().split('\n') }).toEqual({ code: 0, lines: SAID })
})

describe('the program', () => {
  test('checks a good and a bad file', async (context) => {
    needsInstall(context)
    expect(await tutti('check')).toMatchObject({ code: 0, output: expect.stringContaining('tutti.yaml is good') })
    writeFileSync(join(app, 'bad.yaml'), 'version: 1\nprovider: {}\n')
    expect(await tutti('check', '-c', 'bad.yaml')).toMatchObject({
      code: 1,
      output: expect.stringContaining('bad.yaml:2:1: '),
    })
  })

  test('serves, answers and ends with 0 on SIGTERM', async (context) => {
    needsInstall(context)
    const child = spawn(process.execPath, [bin(), 'serve', '--port', '0'], { cwd: app, env: environment() })
    try {
      const url = await served(child.stdout)
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }] }),
      })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-tutti-target')).toBe('demo/cheap')
      await answer.text()
    } finally {
      child.kill('SIGTERM')
    }
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

function needsInstall(context: TestContext): void {
  if (absent('registry', offline === undefined)) context.skip(`the registry cannot be reached: ${offline}`)
}

const bin = (): string => join(app, 'node_modules/tutti/bin/tutti.mjs')

function tutti(...args: string[]): Promise<Ran> {
  return run(process.execPath, [bin(), ...args], app)
}

function typeCheck(resolution: string, ...files: string[]): Promise<Ran> {
  const module = resolution === 'bundler' ? 'esnext' : resolution
  const flags = ['--noEmit', '--strict', '--target', 'es2024', '--types', 'node', '--ignoreConfig']
  const how = ['--module', module, '--moduleResolution', resolution]
  return run(join(app, 'node_modules/.bin/tsc'), [...flags, ...how, ...files], app)
}

/** The lines of `file(LINE,COL): error`. */
function linesOf(output: string): number[] {
  return output.split('\n').flatMap((line) => {
    const [, place] = line.split('(', 2)
    return line.includes('): error TS') && place !== undefined ? [Number(place.split(',')[0])] : []
  })
}

async function served(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = line.split(' on http')
    if (url !== undefined) return `http${url}`
  }
  throw new Error('the program ended without a word')
}

function npmInstall(...names: string[]): Promise<Ran> {
  return run('npm', ['install', '--no-audit', '--no-fund', '--no-progress', '--fetch-retries=1', ...names], app)
}

/** undefined: it went well; a text: there is no network. Anything else is a fault of the package, and thrown. */
function reasonOf({ code, output }: Ran): string | undefined {
  if (code === 0) return undefined
  const signs = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'ENETUNREACH', 'EAI_FAIL']
  const sign = signs.find((text) => output.includes(text))
  if (sign === undefined) throw new Error(output)
  return sign
}

/** Ours without what npm and vitest say to their children. */
function environment(): NodeJS.ProcessEnv {
  const foreign = ['npm_package_', 'npm_lifecycle_', 'npm_config_local_prefix', 'VITEST', 'NODE_ENV', 'INIT_CWD']
  const entries = Object.entries(process.env).filter(([name]) => !foreign.some((start) => name.startsWith(start)))
  return Object.fromEntries(entries)
}

function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd, env: environment(), maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: stdout + stderr })
    })
  })
}
