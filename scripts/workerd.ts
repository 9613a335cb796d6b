// The worker as `wrangler deploy` would upload it, and Cloudflare's runtime to run it in: for its tests and for its figures.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { prepare } from '#src/config/prepared.ts'
import { readSource } from '#src/config/source.ts'
import { CONFIGURATION } from './bundle-script.ts'

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')

/** What wrangler.toml says in one line, whose value reads as JSON too. */
function setting(name: string): string {
  const line = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name} = `))
  if (line === undefined) throw new Error(`wrangler.toml has no ${name}`)
  return line.slice(name.length + 3)
}

export interface Bundle {
  /** One minified module. */
  readonly script: string
  /** The name by which it imports its configuration, and what is bundled there. */
  readonly config: { readonly module: string; readonly text: string }
}

/** A bundle with another configuration in it: the text of a file. */
export function configured(bundle: Bundle, text: string): Bundle {
  const prepared = prepare(readSource(text, 'tutti.yaml'), text)
  return { ...bundle, config: { ...bundle.config, text: prepared } }
}

/** What wrangler would upload. Sends nothing anywhere; throws with wrangler's own words where it fails. */
export async function bundleWorker(): Promise<Bundle> {
  const out = await mkdtemp(join(tmpdir(), 'tutti-worker-'))
  try {
    await wrangler(['deploy', '--dry-run', '--outdir', out])
    const [script, text] = await Promise.all(
      ['worker.js', CONFIGURATION].map((name) => readFile(join(out, name), 'utf8')),
    )
    return { script: script ?? '', config: { module: `./${CONFIGURATION}`, text: text ?? '' } }
  } finally {
    await rm(out, { recursive: true })
  }
}

async function wrangler(args: readonly string[]): Promise<void> {
  const env = {
    ...process.env,
    PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
    WRANGLER_SEND_METRICS: 'false',
    CI: 'true',
  }
  const child = spawn(join(BIN, 'wrangler'), args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`wrangler ${args.join(' ')} failed:\n${said}`)
}

export interface Workerd {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Lines of the worker's console so far. */
  readonly lines: readonly string[]
  /** The first line of the console, from any time, that fits. */
  line(fits: (line: string) => boolean): Promise<string>
  close(): Promise<void>
}

/** What a worker is bound to. */
export interface Bound {
  /** Variables and secrets by name. */
  readonly texts?: Readonly<Record<string, string>>
  /** `host:port` of what stands behind `AI`, the runtime's own client of Workers AI. */
  readonly ai?: string
  /** Durable Objects of its class `TuttiState`, bound as `TUTTI_STATE`, with what they keep in this folder. */
  readonly state?: { readonly folder: string }
  /** A worker that is asked for whatever this one fetches; absent: this machine's network. */
  readonly outside?: Outside
}

export interface Outside {
  /** One module. */
  readonly script: string
  readonly texts: Readonly<Record<string, string>>
}

/** Serves a bundle on a free port of the loopback. */
export async function startWorkerd(bundle: Bundle, bound: Bound = {}): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-workerd-'))
  await writeFile(join(folder, 'config.capnp'), capnp(bundle, bound))
  const args = ['serve', join(folder, 'config.capnp'), '--control-fd=3']
  const child = spawn(join(BIN, 'workerd'), args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  const console = collect(child)
  const control = child.stdio[3]
  try {
    const port = await listening(child, control)
    return { url: `http://127.0.0.1:${port}`, ...console, close: () => stop(child, folder) }
  } catch (cause) {
    await stop(child, folder)
    throw new Error(`workerd did not start:\n${console.lines.join('\n')}`, { cause })
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  await rm(folder, { recursive: true })
}

async function listening(child: ChildProcess, control: unknown): Promise<number> {
  if (!(control instanceof Readable)) throw new TypeError('workerd has no control pipe')
  const exited = once(child, 'close').then(() => Promise.reject(new Error('it ended')))
  const told = (async () => {
    for await (const line of createInterface(control)) {
      const event: { event?: string; port?: number } = JSON.parse(line)
      if (event.event === 'listen' && event.port !== undefined) return event.port
    }
    throw new Error('it says no port')
  })()
  exited.catch(() => undefined)
  return Promise.race([told, exited])
}

function collect(child: ChildProcess): Pick<Workerd, 'lines' | 'line'> {
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      for (const take of waiting) take(line)
    })
  }
  return {
    lines,
    line(fits) {
      const known = lines.find(fits)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve) => {
        const take = (line: string): void => {
          if (!fits(line)) return
          waiting.delete(take)
          resolve(line)
        }
        waiting.add(take)
      })
    },
  }
}

const AI_BINDING =
  '(name = "AI", wrapped = (moduleName = "cloudflare-internal:ai-api", innerBindings = [(name = "fetcher", service = "ai")]))'

const NETWORK = 'network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))'

const STATE_BINDING = '(name = "TUTTI_STATE", durableObjectNamespace = "TuttiState")'

const STATE_OBJECTS = `,
  durableObjectNamespaces = [(className = "TuttiState", uniqueKey = "tutti-TuttiState", enableSql = true)],
  durableObjectStorage = (localDisk = "state")`

function capnp({ script, config }: Bundle, { texts = {}, ai, state, outside }: Bound): string {
  const bindings = [
    ...textBindings(texts),
    ...(ai === undefined ? [] : [AI_BINDING]),
    ...(state === undefined ? [] : [STATE_BINDING]),
  ]
  const services = [
    ...(ai === undefined ? [] : [`(name = "ai", external = (address = ${quoted(ai)}, http = ()))`]),
    ...(state === undefined ? [] : [`(name = "state", disk = (path = ${quoted(state.folder)}, writable = true))`]),
  ]
  const service = services.map((one) => `,\n    ${one}`).join('')
  const file = `(name = ${quoted(config.module)}, text = ${quoted(config.text)})`
  const other = outside
    ? workerOf('outside', [moduleOf(outside.script)], { bindings: textBindings(outside.texts) })
    : ''
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", ${outside ? 'worker = .outside' : NETWORK})${service}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
${workerOf('worker', [moduleOf(script), file], { bindings, more: state ? STATE_OBJECTS : '' })}${other}`
}

const moduleOf = (script: string): string => `(name = "worker.js", esModule = ${quoted(script)})`

function textBindings(texts: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(texts).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
}

interface Given {
  readonly bindings: readonly string[]
  readonly more?: string
}

function workerOf(name: string, modules: readonly string[], { bindings, more = '' }: Given): string {
  return `const ${name} :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  bindings = [${bindings.join(', ')}],
  compatibilityDate = ${setting('compatibility_date')},
  compatibilityFlags = ${setting('compatibility_flags')}${more}
);
`
}

/** A Cap'n Proto text: UTF-8, what is not plain is written in escapes. */
function quoted(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    out += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `"${out}"`
}
