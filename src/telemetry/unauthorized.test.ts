import { expect, test } from 'vitest'
import { createTelemetry } from './telemetry.ts'

function start() {
  let now = Date.parse('2026-11-26T12:00:00Z')
  const lines: unknown[] = []
  const telemetry = createTelemetry(
    (line) => lines.push(JSON.parse(line)),
    () => now,
  )
  return { lines, telemetry, wait: (ms: number) => (now += ms) }
}

test('the first is told at once, those of the minute after it together', () => {
  const { lines, telemetry, wait } = start()
  telemetry.unauthorized('10.0.0.1')
  const first = { event: 'unauthorized', time: '2026-11-26T12:00:00.000Z', count: 1 }
  expect(lines).toEqual([{ ...first, clients: [{ ip: '10.0.0.1', count: 1 }] }])
  for (let index = 0; index < 1000; index++) telemetry.unauthorized(index % 4 === 0 ? '10.0.0.2' : '10.0.0.1')
  wait(59_999)
  telemetry.unauthorized(undefined)
  expect(lines).toHaveLength(1)
  wait(1)
  telemetry.unauthorized('10.0.0.2')
  const clients = [
    { ip: '10.0.0.1', count: 750 },
    { ip: '10.0.0.2', count: 251 },
  ]
  expect(lines.slice(1)).toEqual([{ ...first, time: '2026-11-26T12:01:00.000Z', count: 1002, clients }])
})

test('an hour of an attack from everywhere is sixty lines, none of them long', () => {
  const { lines, telemetry, wait } = start()
  for (let second = 0; second < 3600; second++) {
    for (let index = 0; index < 20; index++) telemetry.unauthorized(`2001:db8::${second}:${index}`)
    wait(1000)
  }
  telemetry.end()
  expect(lines).toHaveLength(61)
  expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(1000)
  const counted = lines.reduce((sum: number, line) => sum + Object(line).count, 0)
  expect(counted).toBe(72_000)
})

test('what is left is told with the next line, and at the end', () => {
  const { lines, telemetry, wait } = start()
  for (let index = 0; index < 3; index++) telemetry.unauthorized(undefined)
  telemetry.event({ event: 'inventory_silent', provider: 'house' })
  expect(lines).toHaveLength(2)
  wait(60_000)
  telemetry.event({ event: 'inventory_silent', provider: 'house' })
  expect(lines.slice(3)).toMatchObject([{ event: 'unauthorized', count: 2 }])
  telemetry.unauthorized(undefined)
  telemetry.end()
  telemetry.end()
  expect(lines.slice(4)).toMatchObject([{ event: 'unauthorized', count: 1 }])
})
