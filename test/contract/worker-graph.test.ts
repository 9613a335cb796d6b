import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { build, type Metafile } from 'esbuild'
import { expect, test } from 'vitest'

/** What a bundler finds from one entry on, with what it would have to leave outside. */
async function graphOf(contents: string): Promise<Metafile['inputs']> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: 'src', sourcefile: 'entry.ts', loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source', 'workerd', 'worker', 'browser'],
    external: ['*.txt', 'node:*', 'cloudflare:*'],
    logLevel: 'silent',
  })
  return metafile.inputs
}

function forbidden(inputs: Metafile['inputs']): readonly string[] {
  return Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(
        ({ path }) => isBuiltin(path) || ['undici', 'yaml'].some((name) => path.includes(`node_modules/${name}/`)),
      )
      .map(({ path }) => `${file} imports ${path}`),
  )
}

test('nothing of Node reaches the worker (ARCHITECTURE.md decision 9), and no parser of YAML', async () => {
  const inputs = await graphOf(readFileSync('src/worker.ts', 'utf8'))
  expect(Object.keys(inputs).length).toBeGreaterThan(100)
  expect(forbidden(inputs)).toEqual([])
})

test.each([
  "import '#src/transport/undici.ts'",
  "import '#src/state/sqlite.ts'",
  "import 'node:fs'",
  "import '#src/load.ts'",
])('%s would be seen', async (line) => {
  expect(forbidden(await graphOf(line))).not.toEqual([])
})
