import { expect, test } from 'vitest'
import { createTelemetry } from './telemetry.ts'

test('a line that cannot be written is lost, and nothing else', () => {
  let full = true
  const lines: string[] = []
  const telemetry = createTelemetry(
    (line) => {
      if (full) throw new Error('no space is left')
      lines.push(line)
    },
    () => 0,
  )
  telemetry.event({ event: 'inventory_silent', provider: 'a' })
  full = false
  telemetry.event({ event: 'inventory_silent', provider: 'b' })
  expect(lines).toEqual(['{"event":"inventory_silent","time":"1970-01-01T00:00:00.000Z","provider":"b"}'])
})
