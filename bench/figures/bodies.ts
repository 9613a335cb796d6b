import type { Row, Table } from '../report.ts'
import { alternate, median, type Lab } from '../rounds.ts'
import type { Subject } from '../subjects.ts'
import type { Scale } from '../scale.ts'

const KB = 1024
const MB = 1024 * KB

/** CPU of one request by the size of its body, in ms. */
export async function measureBodies(lab: Lab, subjects: readonly Subject[], scale: Scale): Promise<Table> {
  await lab.plan({ kind: 'whole' })
  const medians = new Map<string, number>()
  for (const bytes of scale.bodies) {
    // Enough requests that the accounting's grain of 10 ms is lost in them.
    const count = Math.max(scale.bodyRequests, Math.ceil((scale.bodyRequests * 2 * MB) / (bytes + 16 * KB)))
    const load = { bodyBytes: bytes, stream: false, concurrency: 4, count, ms: 8000 }
    const samples = await alternate(subjects, scale.bodyRounds, (subject) => lab.load(subject, load))
    for (const [subject, list] of samples) {
      medians.set(`${subject.id} ${bytes}`, median(list.map((sample) => sample.cpuMs / sample.requests)))
    }
  }
  return {
    title: 'One request by the size of its body: CPU in ms',
    columns: ['', ...scale.bodies.map(sizeText)],
    rows: subjects.map(({ id, title }): Row => {
      const values = scale.bodies.map((bytes) => medians.get(`${id} ${bytes}`) ?? Number.NaN)
      return {
        id,
        title,
        cells: values.map((value) => value.toFixed(value < 1 ? 3 : 1)),
        values,
      }
    }),
  }
}

function sizeText(bytes: number): string {
  return bytes >= MB ? `${Math.round(bytes / MB)} MB` : `${Math.round(bytes / KB)} KB`
}
