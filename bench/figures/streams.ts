import type { Row, Table } from '../report.ts'
import { alternate, median, type Lab, type Sample } from '../rounds.ts'
import type { Subject } from '../subjects.ts'
import type { Scale } from '../scale.ts'

const STREAMS = 64
/** ms between two events of one stream. */
const EVERY_MS = 4
/** Around the content: the role, the finish reason, the usage and the end. */
const FRAME_EVENTS = 4

/** CPU of one event of a stream, in µs: 64 streams at a time, each event one write. */
export async function measureStreams(lab: Lab, subjects: readonly Subject[], scale: Scale): Promise<Table> {
  const load = { bodyBytes: 1024, stream: true, concurrency: STREAMS, count: STREAMS, ms: 120_000 }
  await lab.plan({ kind: 'stream', events: Math.ceil(scale.events / 2), everyMs: EVERY_MS })
  for (const subject of subjects) await lab.load(subject, load)
  await lab.plan({ kind: 'stream', events: scale.events, everyMs: EVERY_MS })
  const samples = await alternate(subjects, scale.rounds, (subject) => lab.load(subject, load))
  const events = STREAMS * (scale.events + FRAME_EVENTS)
  return {
    title: `One event of a stream: ${STREAMS} streams at a time, an event each ${EVERY_MS} ms`,
    columns: ['', 'CPU an event, µs', 'least and most', 'busy', 'events/s'],
    rows: subjects.map((subject) => rowOf(subject, { samples: samples.get(subject) ?? [], events })),
  }
}

function rowOf({ id, title }: Subject, { samples, events }: { samples: readonly Sample[]; events: number }): Row {
  const cpu = samples.map((sample) => (sample.cpuMs * 1000) / events)
  const cells = [
    median(cpu).toFixed(1),
    `${Math.min(...cpu).toFixed(1)} to ${Math.max(...cpu).toFixed(1)}`,
    `${(median(samples.map((sample) => sample.cpuMs / sample.ms)) * 100).toFixed(0)} %`,
    median(samples.map((sample) => (events * 1000) / sample.ms)).toFixed(0),
  ]
  return { id, title, cells, values: cpu }
}
