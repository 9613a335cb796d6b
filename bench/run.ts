// `node bench/run.ts`: every figure, under ten minutes, written to bench/RESULTS.md. `--smoke`: does everything run, under a minute, nothing written.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureBodies } from './figures/bodies.ts'
import { measureLargeEvent } from './figures/large-event.ts'
import { measureRequests } from './figures/requests.ts'
import { measureStreams } from './figures/streams.ts'
import { describeMachine, pinned } from './machine.ts'
import { checksOf, renderChecks, renderTable, type Check, type Measured, type Table } from './report.ts'
import { openLab } from './rounds.ts'
import { FULL, SMOKE } from './scale.ts'
import { startSubjects, type Subject, type SubjectId } from './subjects.ts'

const ALL: readonly SubjectId[] = [
  'node-undici',
  'hono-undici',
  'hono-fetch',
  'portkey',
  'tutti',
  'tutti-logs',
  'tutti-spending',
  'tutti-sqlite',
  'tutti-redis',
  'tutti-callers',
  'tutti-callers-many',
  'tutti-few',
  'tutti-many',
  'tutti-bun',
]
/** Left out where seconds count. */
const SLOW_TO_START: SubjectId = 'tutti-callers-many'
/** Portkey answers 500 to every stream on this Node: it writes to the headers of a fetched answer. */
const STREAMING: readonly SubjectId[] = [
  'node-undici',
  'hono-undici',
  'hono-fetch',
  'tutti',
  'tutti-spending',
  'tutti-bun',
]
const WITH_PROBE: readonly SubjectId[] = ['node-undici', 'hono-undici', 'tutti']
const BODIES: readonly SubjectId[] = ['node-undici', 'hono-undici', 'tutti']

const smoke = process.argv.includes('--smoke')
/** `--only tutti,hono-undici` and `--figures requests,streams`: while mending something. Nothing is written then. */
const only = listAfter('--only')
const figures = listAfter('--figures')
const scale = smoke ? SMOKE : FULL

function listAfter(flag: string): readonly string[] | undefined {
  const at = process.argv.indexOf(flag)
  return at < 0 ? undefined : (process.argv[at + 1] ?? '').split(',')
}

function chosen(subjects: readonly Subject[], ids: readonly SubjectId[]): readonly Subject[] {
  return subjects.filter(({ id }) => ids.includes(id))
}

function show(table: Table): Table {
  console.log(renderTable(table))
  return table
}

/** In a process of its own, on the core of the measured. */
function measureInProcess(): readonly Check[] {
  const script = join(import.meta.dirname, 'in-process.ts')
  const [program = '', ...args] = pinned('measured', [process.execPath, script, ...(smoke ? ['--smoke'] : [])])
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}

/** What is measured over sockets, and what it was measured on. */
async function measureServers(): Promise<Measured & { readonly bodies: Table; readonly head: readonly string[] }> {
  const lab = await openLab()
  const wantedIds = ALL.filter((id) => only?.includes(id) ?? !(smoke && id === SLOW_TO_START))
  const { list, missing, versions, stop } = await startSubjects(wantedIds, lab.upstream)
  const head = [...describeMachine(), ...(versions.length > 0 ? [`beside: ${versions.join(', ')}`] : []), ...missing]
  for (const line of head) console.log(line)
  console.log()
  try {
    const wanted = (name: string, ids: readonly SubjectId[]): readonly Subject[] =>
      figures && !figures.includes(name) ? [] : chosen(list, ids)
    return {
      head,
      requests: show(await measureRequests(lab, wanted('requests', ALL), scale)),
      streams: show(await measureStreams(lab, wanted('streams', STREAMING), scale)),
      largeEvent: show(await measureLargeEvent(lab, wanted('large-event', WITH_PROBE), scale)),
      bodies: show(await measureBodies(lab, wanted('bodies', BODIES), scale)),
    }
  } finally {
    await stop()
    await lab.stop()
  }
}

async function main(): Promise<void> {
  const { head, ...tables } = await measureServers()
  const inProcess = figures && !figures.includes('rules') ? [] : measureInProcess()
  const checks = renderChecks([...checksOf(tables), ...inProcess])
  if (!smoke) console.log(checks)
  if (smoke || only || figures) return
  const about = [`date: ${new Date().toISOString().slice(0, 10)}`, 'command: npm run bench', ...head]
    .map((line) => `- ${line}`)
    .join('\n')
  const { requests, streams, largeEvent, bodies } = tables
  writeFileSync(
    join(import.meta.dirname, 'RESULTS.md'),
    `# Results\n\nWritten by the bench; how to read them: README.md.\n\n${about}\n\n${checks}\n${[requests, streams, largeEvent, bodies].map(renderTable).join('\n')}`,
  )
}

await main()
