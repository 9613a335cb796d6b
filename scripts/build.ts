// The published package: JavaScript by esbuild, types by tsc (ARCHITECTURE.md decision 12). A checkout runs without it.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** Entries that have to run in every runtime. */
const ANYWHERE = ['index.js', 'testing.js']

const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)

rmSync(DIST, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/index.ts', 'src/testing.ts', 'src/node.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'es2024',
  conditions: ['source'],
  external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
  chunkNames: 'chunk-[hash]',
  metafile: true,
  logLevel: 'warning',
})
const faults = [...unlisted(metafile), ...bound(metafile)]
if (faults.length > 0) {
  for (const fault of faults) console.error(fault)
  process.exit(1)
}
execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: ROOT,
  stdio: 'inherit',
})
for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(`${file}  ${Math.ceil(bytes / 1024)} KB`)

/** A package that was bundled is one that package.json does not list: its code would be published as ours. */
function unlisted({ inputs }: Metafile): readonly string[] {
  return Object.keys(inputs)
    .filter((file) => file.includes('node_modules/'))
    .map((file) => `${file} is bundled: list its package under dependencies`)
}

function bound({ outputs }: Metafile): readonly string[] {
  return ANYWHERE.flatMap((entry) => [...reach(outputs, `dist/${entry}`)])
    .filter(([, imported]) => isBuiltin(imported) || imported === 'undici')
    .map(([file, imported]) => `${file} imports \`${imported}\`: it has to run without Node`)
}

/** What an output imports from outside the package, by itself or through its chunks. */
function reach(outputs: Metafile['outputs'], file: string, seen = new Set<string>()): [string, string][] {
  if (seen.has(file)) return []
  seen.add(file)
  const imports = outputs[file]?.imports ?? []
  return imports.flatMap(({ path, external }): [string, string][] =>
    external ? [[file, path]] : reach(outputs, path, seen),
  )
}
