import type { Row, Table } from '../report.ts'
import { alternate, median, type Lab } from '../rounds.ts'
import type { Subject } from '../subjects.ts'
import type { Scale } from '../scale.ts'

const EVENT = { kind: 'large-event', bytes: 4 * 1024 * 1024, writeBytes: 1400 } as const

/** How long the measured server's event loop is held up while one 4 MiB event goes through it in small writes, in ms. */
export async function measureLargeEvent(lab: Lab, subjects: readonly Subject[], scale: Scale): Promise<Table> {
  await lab.plan(EVENT)
  const load = { bodyBytes: 1024, stream: true, concurrency: 1, count: 1, ms: 60_000 }
  for (const subject of subjects) await lab.load(subject, load)
  const samples = await alternate(subjects, scale.rounds, async (subject) => {
    await subject.process.ask('begin')
    const { cpuMs, ms } = await lab.load(subject, load)
    return { cpuMs, ms, delay: await subject.process.ask<number>('end') }
  })
  return {
    title: 'One event of 4 MiB in writes of 1,400 bytes',
    columns: ['', 'longest delay of the event loop, ms', 'least and most', 'CPU, ms', 'takes, ms'],
    rows: subjects.map(({ id, title }): Row => {
      const list = samples.get(subjects.find((subject) => subject.id === id) as Subject) ?? []
      const delays = list.map(({ delay }) => delay)
      const spread = `${Math.min(...delays).toFixed(1)} to ${Math.max(...delays).toFixed(1)}`
      const cells = [
        median(delays).toFixed(1),
        spread,
        median(list.map(({ cpuMs }) => cpuMs)).toFixed(0),
        median(list.map(({ ms }) => ms)).toFixed(0),
      ]
      return { id, title, cells, values: delays }
    }),
  }
}
