import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Hash } from '#src/core/hash.ts'
import { createDecisionLog } from './decision-log.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function open(hash: Hash) {
  const lines: string[] = []
  let time = 0
  const log = createDecisionLog({
    instance: '0123456789abcdef',
    epoch: 'aaaaaaaaaaaa',
    version: '1.2.3',
    hash,
    now: () => time++ * 1000,
    write: (line) => void lines.push(line),
  })
  return { log, lines }
}

test('a chain: start, decisions, another epoch, end; each line has the hash of the one before', async () => {
  const { log, lines } = open(sha256)
  log.add('{"outcome":"route","text":"안녕"}')
  log.reloaded('bbbbbbbbbbbb')
  log.add('{"outcome":"deny"}')
  await log.close()
  const own = { instance: '0123456789abcdef' }
  const records = lines.map((line) => JSON.parse(line))
  expect(records).toMatchObject([
    { event: 'start', time: '1970-01-01T00:00:00.000Z', version: '1.2.3', epoch: 'aaaaaaaaaaaa', ...own, seq: 0 },
    { outcome: 'route', text: '안녕', ...own, seq: 1 },
    { event: 'epoch', time: '1970-01-01T00:00:01.000Z', epoch: 'bbbbbbbbbbbb', ...own, seq: 2 },
    { outcome: 'deny', ...own, seq: 3 },
    { event: 'end', time: '1970-01-01T00:00:02.000Z', ...own, seq: 4 },
  ])
  // As docs/evidence.md says it: the last 75 bytes are not hashed.
  expect(records.map(({ hash }) => hash)).toEqual(lines.map((line) => sha256(line.slice(0, -75))))
  expect(records.map(({ prev }) => prev)).toEqual(['0'.repeat(64), ...records.slice(0, -1).map(({ hash }) => hash)])
})

test('where hashing is at once, a line is written at once', () => {
  const { log, lines } = open(sha256)
  log.add('{"a":1}')
  expect(lines).toHaveLength(2)
})

test('an instance that is never asked writes nothing', async () => {
  const { log, lines } = open(sha256)
  await log.close()
  expect(lines).toEqual([])
})

test('hashes that come late, in any order, change nothing of the lines', async () => {
  const turn = fc.record({ turns: fc.nat(4), more: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 20 }), async (script) => {
      let asked = 0
      const late: Hash = async (text) => {
        const turns = script[asked++ % script.length]?.turns ?? 0
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
        return sha256(text)
      }
      const [slow, atOnce] = [open(late), open(sha256)]
      let number = 0
      for (const { more } of script) {
        for (let index = 0; index <= more; index++) {
          const record = JSON.stringify({ number: number++ })
          slow.log.add(record)
          atOnce.log.add(record)
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all([slow.log.close(), atOnce.log.close()])
      expect(slow.lines).toEqual(atOnce.lines)
      expect(slow.lines).toHaveLength(number + 2)
    }),
    { numRuns: 60 },
  )
})

test('a line whose hash fails is written without one, and the chain goes on', async () => {
  const { log, lines } = open((text) =>
    text.includes('"number":1') ? Promise.reject(new Error('no')) : Promise.resolve(sha256(text)),
  )
  for (const number of [0, 1, 2]) log.add(JSON.stringify({ number }))
  await log.written()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'start', seq: 0 },
    { number: 0, seq: 1 },
    { number: 1 },
    { number: 2, seq: 2 },
  ])
  expect(lines[2]).toBe('{"number":1}')
})
