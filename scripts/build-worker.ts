// Wrangler's build step: checks the configuration as a worker will take it, then lays it beside the bundle of src/worker.ts that wrangler.toml deploys.
// TUTTI_CONFIG names another file than tutti.yaml in the project's root; without either it is examples/worker/tutti.yaml.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { webHash } from '#src/assemble.ts'
import { load } from '#src/load.ts'
import { prepare } from '#src/config/prepared.ts'
import { renderProblem } from '#src/config/problem.ts'
import { refuseForWorker } from '#src/config/refuse-outside-node.ts'
import { readSource } from '#src/config/source.ts'
import { bundleScript, CONFIGURATION } from './bundle-script.ts'

const ROOT = join(import.meta.dirname, '..')
const TARGET = join(ROOT, '.wrangler/bundled')

const file = process.env['TUTTI_CONFIG'] ?? firstOf(join(ROOT, 'tutti.yaml'), join(ROOT, 'examples/worker/tutti.yaml'))
const text = readFileSync(file, 'utf8')
// Variables are the worker's bindings, of which nothing is known here: each is noted.
const loaded = await load(text, {
  file: relative(process.cwd(), file),
  env: () => undefined,
  missing: 'note',
  hash: webHash,
})
// What another file of wrangler's binds shows when the worker starts.
const shared = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').includes('\nclass_name = "TuttiState"')
const refused = loaded.ok ? refuseForWorker(loaded.snapshot, { ...loaded.settings, shared }) : []
for (const line of [...loaded.problems.map(renderProblem), ...refused]) console.error(line)
if (!loaded.ok || refused.length > 0) process.exit(1)
lay(CONFIGURATION, prepare(readSource(text, file), text))
// While it is developed it is built at each change: what takes seconds is left for the deployment.
lay('worker.js', await bundleScript({ light: process.env['WRANGLER_COMMAND'] !== 'dev' }))
console.error(`bundled: ${relative(process.cwd(), file)}, epoch ${loaded.snapshot.epoch}`)

function firstOf(wanted: string, otherwise: string): string {
  return existsSync(wanted) ? wanted : otherwise
}

/** Only a change is written: `wrangler dev` watches the files. */
function lay(name: string, text: string): void {
  const path = join(TARGET, name)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(TARGET, { recursive: true })
  writeFileSync(path, text)
}
