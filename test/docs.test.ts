// The documentation is true: its curl lines answer, its commands end well, its YAML is good, its TypeScript is checked and run.
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEMO_CONFIG } from '#providers/demo/config.ts'
import { adapters } from '#providers/registry.ts'
import { load } from '#src/load.ts'
import { startMock, type MockServer } from '#src/cli/mock.ts'
import { readScript } from '#src/cli/read-script.ts'
import { renderProblem } from '#src/config/problem.ts'
import { startGateway, type TestGateway } from './support/gateway.ts'

const ROOT = join(import.meta.dirname, '..')

interface Block {
  /** `docs/x.md:12`, its first line. */
  readonly place: string
  readonly language: string
  readonly text: string
}

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'providers/README.md', 'policies/README.md']
  .filter((page) => existsSync(join(ROOT, page)))
  .concat(readdirSync(join(ROOT, 'docs')).map((page) => `docs/${page}`))
const blocks = pages.flatMap(blocksOf)
const inLanguage = (language: string): readonly Block[] => blocks.filter((block) => block.language === language)
const titled = (list: readonly Block[]): [string, Block][] => list.map((block) => [block.place, block])

test('pages are found', () => {
  expect(pages.length).toBeGreaterThan(12)
  expect(blocks.length).toBeGreaterThan(20)
})

describe('commands', () => {
  let demo: TestGateway
  let mock: MockServer
  beforeAll(async () => {
    demo = await startGateway(DEMO_CONFIG)
    mock = await startMock()
  })
  afterAll(async () => {
    await demo.close()
    await mock.close()
  })
  const commands = inLanguage('sh').flatMap((block) =>
    commandsOf(block.text).map((line) => [block.place, line] as const),
  )

  test.each(commands.filter(([, line]) => line.startsWith('curl ')))('%s: %s', async (_, line) => {
    const here = line
      .replaceAll('http://127.0.0.1:8787', demo.url)
      .replaceAll('http://127.0.0.1:4010', new URL(mock.url).origin)
    const { code, output } = await run('bash', ['-c', `${here} -sS --max-time 10 -w '\n%{http_code}'`])
    expect({ code, status: output.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, status: '200' })
  })

  test.each(commands.filter(([, line]) => line.startsWith('npm run tutti -- ')))('%s: %s', async (_, line) => {
    const { code, output } = await run(process.execPath, ['bin/tutti.mjs', ...line.split(' ').slice(4)])
    expect({ code, output }).toEqual({ code: 0, output: expect.any(String) })
    const said = blocks.find(
      ({ language, text }) => language === 'text' && text.trim() !== '' && line.includes('explain'),
    )
    if (said) expect(output.split('\n')[0]).toBe(said.text.trim())
  })

  test('every other command is one that is known', () => {
    const { scripts } = JSON.parse(text('package.json'))
    const unknown = commands.filter(([, line]) => {
      const [program, verb, name] = line.split(' ')
      if (program === 'curl' || program === 'tutti') return false
      if (program === 'bash') return !existsSync(join(ROOT, verb ?? ''))
      if (program === 'node') return !existsSync(join(ROOT, verb ?? ''))
      if (program !== 'npm') return true
      return verb === 'run' ? !Object.hasOwn(scripts, name ?? '') : !['install', 'start', 'test'].includes(verb ?? '')
    })
    expect(unknown).toEqual([])
  })
})

describe('configuration', () => {
  const isCases = ({ text: yaml }: Block): boolean => yaml.startsWith('cases:')
  const yamls = inLanguage('yaml')

  test.each(titled(yamls.filter(isCases)))('%s holds of the configuration before it', async (_, block) => {
    const before = yamls[yamls.indexOf(block) - 1]
    const folder = mkdtempSync(join(tmpdir(), 'tutti-docs-'))
    writeFileSync(join(folder, 'tutti.yaml'), before?.text ?? '')
    writeFileSync(join(folder, 'tutti.cases.yaml'), block.text)
    const args = ['bin/tutti.mjs', 'test', '-c', join(folder, 'tutti.yaml'), '--coverage', '100']
    const { code, output } = await run(process.execPath, args)
    rmSync(folder, { recursive: true })
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  })

  test.each(titled(yamls.filter((block) => !isCases(block))))('%s', async (_, { text: yaml }) => {
    if (yaml.includes('\nanswers:')) {
      expect(readScript(yaml, 'script.yaml')).toMatchObject({ ok: true })
      return
    }
    const loaded = await load(wholeFile(yaml), {
      file: 'tutti.yaml',
      env: (name) => (name.endsWith('SHA256') ? hash('sha256', name) : name.endsWith('_PROXY') ? '' : `${name}-value`),
      readFile: () => 'sk-from-a-file\n',
      missing: 'error',
      hash: (input) => hash('sha256', input),
    })
    const errors = loaded.problems.filter(({ severity }) => severity === 'error')
    expect(errors.map(renderProblem)).toEqual([])
  })
})

describe('TypeScript', () => {
  const programs = inLanguage('ts')
  const folder = mkdtempSync(join(ROOT, '.docs-'))
  const fileOf = (index: number): string => join(folder, `block-${index}.ts`)
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    for (const [index, block] of programs.entries()) writeFileSync(fileOf(index), block.text)
    const config = { extends: '../tsconfig.json', include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('every block is type-checked', async () => {
    const { code, output } = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder])
    const places = programs.map(({ place }, index) => `block-${index}: ${place}`)
    expect({ code, output, places }).toEqual({ code: 0, output: '', places })
  })

  test.each(programs.map((block, index) => [block.place, index] as const))('%s runs', async (_, index) => {
    const { code, output } = await run(process.execPath, ['--conditions=source', fileOf(index)])
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  })
})

test('every link to a file leads to one', () => {
  const dead = pages.flatMap((page) =>
    linksOf(text(page))
      .filter((link) => !link.includes('://') && !link.startsWith('#'))
      .filter((link) => !existsSync(join(ROOT, dirname(page), link.split('#')[0] ?? '')))
      .map((link) => `${page}: ${link}`),
  )
  expect(dead).toEqual([])
})

test('README lists each law that has a file, and no other', () => {
  const files = readdirSync(join(ROOT, 'test/laws')).filter((file) => file.endsWith('.test.ts'))
  const proved = new Set(files.map((file) => Number(file.slice(0, 2))))
  const listed = text('README.md')
    .split('\n')
    .filter((line) => line.includes('`npm test -- test/laws/'))
    .map((line) => Number(line.split('test/laws/')[1]?.slice(0, 2)))
  expect(listed).toEqual([...proved].toSorted((a, b) => a - b))
})

test('every type of provider has its row, and is counted', () => {
  const types = [...adapters.keys()].filter((type) => type !== 'demo')
  const page = text('docs/providers.md')
  expect(types.filter((type) => !page.includes(`\n| \`${type}\` |`))).toEqual([])
  for (const counted of ['README.md', 'CHANGELOG.md']) expect(text(counted)).toContain(`${types.length} types`)
})

test('README is about a hundred lines', () => {
  expect(text('README.md').split('\n').length).toBeLessThan(130)
})

function blocksOf(page: string): readonly Block[] {
  const found: { place: string; language: string; lines: string[] }[] = []
  let open: (typeof found)[number] | undefined
  for (const [index, line] of text(page).split('\n').entries()) {
    const fence = line.trimStart()
    if (!fence.startsWith('```')) open?.lines.push(line)
    else if (open) open = undefined
    else {
      open = { place: `${page}:${index + 2}`, language: fence.slice(3).trim(), lines: [] }
      found.push(open)
    }
  }
  return found.map(({ lines, ...block }) => ({ ...block, text: lines.join('\n') }))
}

/** One command a line; a backslash goes on with it. */
function commandsOf(script: string): readonly string[] {
  return script
    .replaceAll('\\\n', '')
    .split('\n')
    .map((line) => line.split(' #')[0]?.trim() ?? '')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** A fragment of a file says one thing: the rest is added. */
function wholeFile(yaml: string): string {
  const says = (field: string): boolean => yaml.startsWith(`${field}:`) || yaml.includes(`\n${field}:`)
  return says('providers') ? yaml : `version: 1\nproviders: { demo: { type: demo } }\n${yaml}`
}

function linksOf(markdown: string): readonly string[] {
  return markdown
    .split('](')
    .slice(1)
    .flatMap((rest) => rest.split(')')[0] ?? [])
}

function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function run(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output: stdout + stderr })
    })
  })
}
