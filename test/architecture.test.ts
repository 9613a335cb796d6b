// Who may import whom, held twice: every import of the code is read and judged here, and each forbidden one is planted to see lint go red.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

interface Row {
  /** Folders of src, or `providers/demo`, beside the folder itself. */
  readonly may: readonly string[]
  readonly packages?: readonly string[]
  /** Packages whose types only. */
  readonly types?: readonly string[]
  readonly node?: true
}

/** What may import what. A folder without a row fails. */
const TABLE: Readonly<Record<string, Row>> = {
  'src/core': { may: [] },
  'src/dialects': { may: ['src/core'], packages: ['zod'], types: ['openai'] },
  'src/routing': { may: ['src/core'] },
  'src/accounting': { may: ['src/core'] },
  'src/transport': { may: ['src/core'], packages: ['undici', 'aws4fetch'], node: true },
  'src/state': { may: ['src/core'], packages: ['ioredis', 'cloudflare:workers'], node: true },
  'src/telemetry': { may: ['src/core'] },
  'src/pipeline': { may: ['src/core', 'src/routing', 'src/accounting', 'src/transport', 'src/telemetry'] },
  'src/config': { may: ['src/core'], packages: ['zod', 'yaml', 're2js', '@marcbachmann/cel-js'] },
  'src/http': {
    may: ['src/core', 'src/pipeline', 'src/dialects', 'src/config', 'src/telemetry'],
    packages: ['hono', '@hono/node-server'],
    node: true,
  },
  'src/cli': {
    may: [
      'src/core',
      'src/pipeline',
      'src/dialects',
      'src/config',
      'src/telemetry',
      'src/system-clock.ts',
      'providers/demo',
    ],
    packages: ['openai'],
    node: true,
  },
  'src/testing': { may: ['src/core', 'src/system-clock.ts', 'providers/demo'], packages: ['msw'] },
  // A vendor's dialect that others host too is a base as OpenAI's is.
  providers: {
    may: ['src/core', 'providers/openai-compatible', 'providers/anthropic', 'providers/google-gemini'],
    types: ['openai'],
  },
  // A selector is the same for every kind of rule.
  policies: { may: ['src/core', 'policies/selector.ts'], packages: ['zod'] },
}

/** Composition roots, and the files that they share: they may import everything, and only they may import one of them. */
const ROOTS = ['assemble', 'bun', 'index', 'load', 'node', 'testing', 'worker'].map((name) => `src/${name}.ts`)

/** Of a package that several folders may use, the one file that does. */
const PACKAGES = [
  'hono',
  '@hono/node-server',
  'undici',
  'ioredis',
  'zod',
  'yaml',
  'msw',
  'openai',
  'aws4fetch',
  're2js',
  '@marcbachmann/cel-js',
]

interface Import {
  readonly file: string
  readonly specifier: string
  readonly typeOnly: boolean
  /** A file of the project, or the specifier of something outside. */
  readonly target: string
}

const sources = ['src', 'providers', 'policies'].flatMap((folder) => filesOf(folder))
const code = sources.filter((file) => !isTest(file))
const imports = code.flatMap((file) => importsOf(file))

describe('the import table', () => {
  test('every import is one that its row permits', () => {
    expect(imports.length).toBeGreaterThan(400)
    expect(imports.filter((one) => !permitted(one)).map(show)).toEqual([])
  })

  test.each([
    ['the language of conditions', '@marcbachmann/cel-js', 'src/config/condition.ts'],
    ['the engine of patterns', 're2js', 'src/config/pattern.ts'],
  ])('%s is known to one file', (_what, name, owner) => {
    const users = imports.filter(({ specifier }) => specifier === name).map(({ file }) => file)
    expect(users).toEqual([owner])
  })

  test('every folder has a row, and every row a folder', () => {
    const folders = new Set(code.map(folderOf).filter((folder) => folder !== 'root'))
    expect([...folders].toSorted()).toEqual(Object.keys(TABLE).toSorted())
  })

  test('a file outside a folder of src is a composition root or the clock', () => {
    const roots = code.filter((file) => folderOf(file) === 'root')
    expect(
      roots.filter((file) => ![...ROOTS, 'src/system-clock.ts'].includes(file) && !file.endsWith('.d.ts')),
    ).toEqual([])
  })

  test('across folders by `#`, inside one by a relative path', () => {
    const wrong = imports.filter(({ file, specifier, target }) => {
      if (specifier.startsWith('.')) return folderOf(file) !== folderOf(target) && folderOf(file) !== 'root'
      return specifier.startsWith('#src/') && folderOf(file) !== 'root' && folderOf(file) === folderOf(target)
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('no file imports itself, by any way round', () => {
    expect(cycleIn(code)).toEqual([])
  })
})

describe('lint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-lint-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const universe = [
    ...Object.keys(TABLE).flatMap((name) => (name.startsWith('src/') ? [`#${name}/x.ts`] : [])),
    ...[...ROOTS, 'src/system-clock.ts'].map((file) => `#${file}`),
    ...[
      'anthropic',
      'aws-bedrock',
      'demo',
      'deepseek',
      'google-gemini',
      'google-vertex',
      'openai',
      'openai-compatible',
      'openrouter',
      'vllm',
    ].map((name) => `#providers/${name}/index.ts`),
    '#providers/registry.ts',
    '#policies/registry.ts',
    '#policies/deny/compile.ts',
    'node:fs',
    'zod/mini',
    'hono/tiny',
    ...PACKAGES,
  ]
  const planted = Object.keys(TABLE).flatMap((name) =>
    universe.flatMap((specifier) => [plant(name, specifier, false), plant(name, specifier, true)]),
  )

  test('goes red for each forbidden import of each row, and for nothing else', async () => {
    for (const { file, text } of planted) write(folder, file, text)
    const red = await restricted(folder)
    const [missed, wronged] = [false, true].map((ok) =>
      planted
        .filter(({ allowed, file }) => allowed === ok && red.has(file) === ok)
        .map(({ text, file }) => `${dirname(file)}: ${text}`),
    )
    expect(missed).toEqual([])
    expect(wronged).toEqual([])
    expect(red.size).toBeGreaterThan(500)
  }, 60_000)

  test.for([
    ['no-explicit-any', 'export const a: any = 1'],
    ['no-non-null-assertion', 'export const a = (b: string | undefined) => b!'],
    ['consistent-type-assertions', 'export const a = (b: unknown) => b as string'],
    ['max-params', 'export const a = (b: number, c: number, d: number, e: number) => b + c + d + e'],
    ['max-lines', 'export const a = [\n' + '  1,\n'.repeat(400) + ']'],
    ['max-lines-per-function', 'export function a() {\n' + '  a()\n'.repeat(80) + '}'],
    ['no-restricted-globals', "export const a = () => fetch('https://a.test')"],
  ])('goes red for %s', async ([rule = '', text = '']) => {
    const own = mkdtempSync(join(folder, 'rule-'))
    write(own, 'src/core/planted.ts', `${text}\n`)
    const found = await lint(own)
    expect(found.map(({ rule: one }) => one)).toEqual([expect.stringContaining(rule)])
  })
})

describe('the shape of the code', () => {
  test('what is made once a request has no getters: each would make a hidden class of its own and keep the request', () => {
    const hot = ['src/pipeline', 'src/http', 'src/transport']
      .flatMap((folder) => filesOf(folder))
      .filter((file) => !isTest(file))
    expect(hot.length).toBeGreaterThan(30)
    const getters = hot.filter((file) =>
      text(file)
        .split('\n')
        .some((line) => line.trimStart().startsWith('get ')),
    )
    expect(getters).toEqual([])
  })

  test('no file is over 400 lines', () => {
    const everything = [...sources, ...['test', 'bench', 'scripts', 'examples'].flatMap((folder) => filesOf(folder))]
    const long = everything.filter((file) => !file.includes('/generated/') && text(file).split('\n').length > 401)
    expect(long).toEqual([])
  })

  /** The base and the scripted one are not vendors. */
  const vendors = foldersOf('providers').filter((name) => !['openai-compatible', 'demo'].includes(name))

  test.each(vendors)('providers/%s has the shape of a vendor', (name) => {
    const files = readdirSync(join(ROOT, 'providers', name))
    const own = files.some((file) => file.startsWith('codec'))
    const known = ['index.ts', 'inventory.ts', 'inventory.test.ts', 'routes.ts', 'fixtures', `${name}.test.ts`]
    if (own) expect(files).toEqual(expect.arrayContaining([...STEPS]))
    else expect(known).toEqual(expect.arrayContaining(files))
    expect(text(`providers/${name}/index.ts`).split('\n').length).toBeLessThan(80)
    expect(text('providers/registry.ts')).toContain(`'#providers/${name}/index.ts'`)
  })

  test.each(foldersOf('policies').filter((name) => name !== 'presets'))(
    'policies/%s has the shape of a rule',
    (name) => {
      const files = readdirSync(join(ROOT, 'policies', name))
      expect(files).toEqual(expect.arrayContaining(['cases.yaml', 'compile.ts', 'schema.ts']))
    },
  )

  test('every disabled lint rule says why', () => {
    const silent = sources.filter((file) =>
      text(file)
        .split('\n')
        .some((line) => line.includes('-disable') && line.includes('lint') && !line.includes(' -- ')),
    )
    expect(silent).toEqual([])
  })

  test('every dependency is explained', () => {
    const { dependencies, devDependencies } = JSON.parse(text('package.json'))
    const page = text('docs/dependencies.md')
    const unsaid = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !page.includes(`| \`${name}\``),
    )
    expect(unsaid).toEqual([])
  })
})

/** A vendor that speaks another dialect has a file for each step of the translation (STYLE.md 3); what one of them is too long for stands beside it. */
const STEPS = ['index.ts', 'encode-request.ts', 'wire.ts'] as const

function permitted({ file, target, typeOnly }: Import): boolean {
  const from = folderOf(file)
  if (ROOTS.includes(file)) return true
  if (file === 'src/system-clock.ts') return target.startsWith('src/core/')
  if (ROOTS.includes(target)) return false
  if (file === 'providers/registry.ts' || file === 'policies/registry.ts')
    return isOwn(file, target) || target.startsWith('src/core/')
  return allows(from, target, typeOnly) || isOwn(file, target)
}

/** Whether a row names this target: a file of the project, or a package. */
function allows(from: string, target: string, typeOnly: boolean): boolean {
  const row = TABLE[from]
  if (row === undefined) return false
  if (isBuiltin(target)) return row.node === true
  const outside = packageOf(target)
  if (outside !== undefined) {
    return row.packages?.includes(outside) === true || (typeOnly && row.types?.includes(outside) === true)
  }
  return row.may.some((place) => target === place || target.startsWith(`${place}/`))
}

function isOwn(file: string, target: string): boolean {
  const [top, name] = file.split('/')
  if (file.endsWith('/registry.ts') && top !== 'src') return target.startsWith(`${top}/`)
  return target.startsWith(`${top}/${name}/`)
}

/** undefined: a file of the project. */
function packageOf(target: string): string | undefined {
  return (
    PACKAGES.find((name) => target === name || target.startsWith(`${name}/`)) ??
    (sourceLike(target) ? undefined : target)
  )
}

function sourceLike(target: string): boolean {
  return ['src/', 'providers/', 'policies/'].some((top) => target.startsWith(top))
}

/** `src/core`, `providers`, `policies`; `root` for files directly under src. */
function folderOf(file: string): string {
  const [top = '', name = '', ...rest] = file.split('/')
  if (top !== 'src') return top
  return rest.length === 0 ? 'root' : `src/${name}`
}

/** All that a file imports or re-exports, types and dynamic ones included. The formatter leaves one way to write it. */
function importsOf(file: string): readonly Import[] {
  const found = text(file).matchAll(
    /(?:^|\n)(?:import|export)( type)? [^'"`;]*?from '([^']+)'|(?:^|\n)import '([^']+)'|\bimport\('([^']+)'\)/g,
  )
  return [...found].map(([, type, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? ''
    return { file, specifier, typeOnly: type !== undefined, target: targetOf(file, specifier) }
  })
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replaceAll(sep, '/') : specifier
}

/** The first ring of imports, as a list of files; empty: there is none. */
function cycleIn(files: readonly string[]): readonly string[] {
  const edges = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const { target } of edges.get(file) ?? []) {
      const ring = visit(target, [...path, file])
      if (ring.length > 0) return ring
    }
    done.add(file)
    return []
  }
  return files.map((file) => visit(file, [])).find((ring) => ring.length > 0) ?? []
}

interface Planted {
  readonly file: string
  readonly text: string
  readonly allowed: boolean
}

/** One import in a file of its own. What a folder imports of itself is not of the table. */
function plant(folder: string, specifier: string, typeOnly: boolean): Planted {
  const place = folder === 'providers' || folder === 'policies' ? `${folder}/own` : folder
  const target = specifier.startsWith('#') ? specifier.slice(1) : specifier
  const own = folder.startsWith('src/') && target.startsWith(`${folder}/`)
  const name = [...specifier].map((char) => (/[a-z]/.test(char) ? char : '_')).join('')
  return {
    file: `${place}/${name}${typeOnly ? '-type' : ''}.ts`,
    text: `import ${typeOnly ? 'type ' : ''}{ a } from '${specifier}'\nexport ${typeOnly ? 'type b = a' : 'const b = a'}\n`,
    allowed: own || (!ROOTS.includes(target) && allows(folder, target, typeOnly)),
  }
}

interface Diagnostic {
  readonly file: string
  readonly rule: string
}

async function restricted(folder: string): Promise<ReadonlySet<string>> {
  const found = await lint(folder)
  return new Set(found.filter(({ rule }) => rule.includes('no-restricted-imports')).map(({ file }) => file))
}

/** What oxlint says of a folder that stands for the project's root. */
async function lint(folder: string): Promise<readonly Diagnostic[]> {
  cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  const output = await new Promise<string>((resolve) => {
    const args = ['-c', '.oxlintrc.json', '--format', 'json', '.']
    execFile(join(ROOT, 'node_modules/.bin/oxlint'), args, { cwd: folder, maxBuffer: 1 << 26 }, (_, stdout) =>
      resolve(stdout),
    )
  })
  const { diagnostics }: { diagnostics: { code: string; filename: string }[] } = JSON.parse(output)
  return diagnostics.map(({ code: rule, filename }) => ({ rule, file: filename }))
}

function write(folder: string, file: string, content: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), content)
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((file) => !file.includes('node_modules/'))
}

function foldersOf(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || (file.startsWith('providers/') && file.endsWith('/testing.ts'))
}

function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function show({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`
}
