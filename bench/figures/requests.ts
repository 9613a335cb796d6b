import type { Row, Table } from '../report.ts'
import { alternate, median, type Lab, type Sample } from '../rounds.ts'
import type { Subject } from '../subjects.ts'
import type { Scale } from '../scale.ts'

/** CPU of one request with a whole answer, in µs. */
export async function measureRequests(lab: Lab, subjects: readonly Subject[], scale: Scale): Promise<Table> {
  await lab.plan({ kind: 'whole' })
  const load = { bodyBytes: 1024, stream: false, concurrency: 32, count: scale.requests, ms: scale.requestsMs }
  for (const subject of subjects) await lab.load(subject, { ...load, count: scale.warmup })
  const samples = await alternate(subjects, scale.rounds, async (subject) => {
    await lab.load(subject, { ...load, count: scale.wake })
    return lab.load(subject, load)
  })
  return {
    title: 'One request: 1 KB in, 1.1 KB out, 32 at a time',
    columns: ['', 'CPU a request, µs', 'least and most', 'busy', 'requests/s', 'p50 ms', 'p99 ms'],
    rows: subjects.map((subject) => rowOf(subject, samples.get(subject) ?? [])),
  }
}

function rowOf({ id, title }: Subject, samples: readonly Sample[]): Row {
  const cpu = samples.map((sample) => (sample.cpuMs * 1000) / sample.requests)
  const of = (value: (sample: Sample) => number): number => median(samples.map(value))
  const cells = [
    median(cpu).toFixed(1),
    `${Math.min(...cpu).toFixed(1)} to ${Math.max(...cpu).toFixed(1)}`,
    `${(of((sample) => sample.cpuMs / sample.ms) * 100).toFixed(0)} %`,
    of((sample) => (sample.requests * 1000) / sample.ms).toFixed(0),
    of((sample) => sample.p50).toFixed(1),
    of((sample) => sample.p99).toFixed(1),
  ]
  return { id, title, cells, values: cpu }
}
