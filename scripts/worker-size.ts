// Prints what the worker weighs and how long it takes to start in Cloudflare's runtime; fails above the budget (ARCHITECTURE.md decision 9).
import { gzipSync } from 'node:zlib'
import { bundleWorker, startWorkerd, type Bundle } from './workerd.ts'

const BUDGET = 350 * 1024
const ROUNDS = 7

const EMPTY = "import 'configuration.txt'\nexport default { fetch: () => new Response('ok') }"

const worker = await bundleWorker()
const size = gzipSync(worker.script + worker.config.text, { level: 9 }).length
console.log(
  `worker: ${kilobytes(worker.script.length)} minified, ${kilobytes(size)} gzip (budget ${kilobytes(BUDGET)})`,
)

const empty: Bundle = { script: EMPTY, config: { module: 'configuration.txt', text: '' } }
const times: { worker: number; empty: number }[] = []
// In turns, so that whatever else the machine does falls on both.
for (let round = 0; round < ROUNDS; round++)
  times.push({ worker: await firstAnswer(worker), empty: await firstAnswer(empty) })
const [own, base] = [median(times.map((time) => time.worker)), median(times.map((time) => time.empty))]
console.log(
  `start of workerd to the first answer, its configuration compiled: ${own} ms; an empty worker: ${base} ms; tutti's share: ${own - base} ms`,
)

if (size > BUDGET) {
  console.error(`the worker is ${kilobytes(size - BUDGET)} over its budget`)
  process.exitCode = 1
}

/** ms from starting the runtime to an answer. */
async function firstAnswer(bundle: Bundle): Promise<number> {
  const begun = performance.now()
  const workerd = await startWorkerd(bundle, { texts: { TUTTI_DEMO_KEY_SHA256: '0'.repeat(64) } })
  try {
    await (await fetch(`${workerd.url}/-/health`)).text()
    return Math.round(performance.now() - begun)
  } finally {
    await workerd.close()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`
}
