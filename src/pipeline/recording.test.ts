import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { Sink } from '#src/core/sink.ts'
import { close, createRecording, fail, follow, sinkOf } from './recording.ts'

interface Reader {
  readonly sink: Sink
  readonly got: string[]
  /** It takes no more for now. */
  full: boolean
  drain(): void
  hangUp(): void
}

const text = (bytes: string | Uint8Array): string =>
  typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)

function createReader(): Reader {
  const drained: (() => void)[] = []
  const gone: (() => void)[] = []
  const got: string[] = []
  const reader: Reader = {
    got,
    full: false,
    drain() {
      reader.full = false
      for (const run of drained.splice(0)) run()
    },
    hangUp() {
      for (const run of gone.splice(0)) run()
    },
    sink: {
      opened: false,
      send: (status, headers, body) => void got.push(`send ${status} ${Object.keys(headers).join()} ${text(body)}`),
      open(status, headers) {
        Object.assign(reader.sink, { opened: true })
        got.push(`open ${status} ${Object.keys(headers).join()}`)
      },
      write(bytes) {
        got.push(text(bytes))
        return !reader.full
      },
      end: () => void got.push('end'),
      destroy: () => void got.push('destroy'),
      onDrain: (run) => void drained.push(run),
      onGone: (run) => void gone.push(run),
    },
  }
  return reader
}

const settle = (): Promise<void> => new Promise(setImmediate)

test('its end goes on only with `close`', () => {
  const own = createReader()
  const recording = createRecording(own.sink)
  const sink = sinkOf(recording)
  sink.open(200, { a: '1' })
  sink.write('x')
  sink.end()
  expect(own.got).toEqual(['open 200 a', 'x'])
  close(recording)
  expect(own.got).toEqual(['open 200 a', 'x', 'end'])
})

test('whatever was written when one more comes, it reads the same, in its own time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { maxLength: 6 }), fc.nat(7), fc.boolean(), async (pieces, at, slow) => {
      const [own, other] = [createReader(), createReader()]
      const recording = createRecording(own.sink)
      const sink = sinkOf(recording)
      let following: Promise<boolean> | undefined
      const steps = [() => sink.open(200, {}), ...pieces.map((piece) => () => sink.write(piece)), () => sink.end()]
      for (const [index, step] of steps.entries()) {
        if (index === Math.min(at, steps.length - 1)) {
          other.full = slow
          following = follow(recording, other.sink)
        }
        step()
        await settle()
        if (slow && index % 2 === 0) other.drain()
      }
      close(recording)
      other.drain()
      expect(await following).toBe(true)
      const [head, ...rest] = own.got
      expect(other.got).toEqual([`${head}x-tutti-idempotent-replay`, ...rest])
    }),
  )
})

test('a reader that takes nothing more is not written to, and holds up nobody', async () => {
  const [own, other] = [createReader(), createReader()]
  const recording = createRecording(own.sink)
  const sink = sinkOf(recording)
  other.full = true
  void follow(recording, other.sink)
  sink.open(200, {})
  for (const piece of ['a', 'b', 'c']) expect(sink.write(piece)).toBe(true)
  await settle()
  expect(other.got.slice(1)).toEqual(['a'])
  other.drain()
  await settle()
  expect(other.got.slice(1)).toEqual(['a', 'b', 'c'])
})

test('the first is waited for while it reads, and not once it has gone', async () => {
  const [own, other] = [createReader(), createReader()]
  const recording = createRecording(own.sink)
  const sink = sinkOf(recording)
  void follow(recording, other.sink)
  sink.open(200, {})
  own.full = true
  expect(sink.write('a')).toBe(false)
  const order: string[] = []
  sink.onDrain(() => order.push('drained'))
  sink.onGone(() => order.push('gone'))
  expect(order).toEqual([])
  own.hangUp()
  expect(order).toEqual(['drained'])
  other.hangUp()
  expect(order).toEqual(['drained', 'gone'])
  expect(await follow(recording, createReader().sink)).toBe(false)
  const late: string[] = []
  sink.onGone(() => late.push('gone'))
  expect(late).toEqual(['gone'])
})

test('a whole answer is given as one, without limits of another time', async () => {
  const [own, other] = [createReader(), createReader()]
  const recording = createRecording(own.sink)
  const following = follow(recording, other.sink)
  sinkOf(recording).send(200, { a: '1', 'x-ratelimit-limit-requests': '2' }, 'body')
  await settle()
  expect([own.got, other.got]).toEqual([[], []])
  close(recording)
  expect(await following).toBe(true)
  expect(own.got).toEqual(['send 200 a,x-ratelimit-limit-requests body'])
  expect(other.got).toEqual(['send 200 a,x-tutti-idempotent-replay body'])
})

test('what was broken off, or never ended, is broken for all', async () => {
  for (const end of [(sink: Sink) => sink.destroy(), () => {}]) {
    const [own, other] = [createReader(), createReader()]
    const recording = createRecording(own.sink)
    const sink = sinkOf(recording)
    const following = follow(recording, other.sink)
    sink.open(200, {})
    end(sink)
    close(recording)
    await following
    expect([own.got.at(-1), other.got.at(-1)]).toEqual(['destroy', 'destroy'])
  }
})

test('an end that its own caller cannot be given is a break for that one alone', async () => {
  const [own, other] = [createReader(), createReader()]
  const recording = createRecording(own.sink)
  own.sink.send = () => {
    throw new TypeError('a header is not good')
  }
  const following = follow(recording, other.sink)
  sinkOf(recording).send(200, {}, 'body')
  close(recording)
  await following
  expect([own.got, other.got.length]).toEqual([['destroy'], 1])
})

test('what failed before it began fails for all by the same cause', async () => {
  const recording = createRecording(createReader().sink)
  const following = follow(recording, createReader().sink)
  const cause = new Error('no')
  fail(recording, cause)
  await expect(following).rejects.toBe(cause)
})

test('of what is larger than 8 MB nothing is kept: who has begun to read it sees a break, and nobody else can', async () => {
  const [own, other] = [createReader(), createReader()]
  const recording = createRecording(own.sink)
  const sink = sinkOf(recording)
  sink.open(200, {})
  sink.write(new Uint8Array(8 * 1024 * 1024))
  expect(recording.chunks?.length).toBe(1)
  const following = follow(recording, other.sink)
  sink.write('a')
  expect(recording.chunks).toBe(undefined)
  expect(await following).toBe(true)
  expect(other.got.at(-1)).toBe('destroy')
  expect(await follow(recording, createReader().sink)).toBe(false)
  sink.end()
  close(recording)
  expect(own.got.at(-1)).toBe('end')
})

test('who may not have it, when it is known who answers, gets nothing and is no reader any more', async () => {
  const [own, other, third] = [createReader(), createReader(), createReader()]
  const recording = createRecording(own.sink)
  const sink = sinkOf(recording)
  const asked: unknown[] = []
  const allow = async (target: string | undefined): Promise<void> => {
    asked.push(target)
    throw new Error('denied')
  }
  const refused = follow(recording, other.sink, { allow }).catch((error: unknown) => String(error))
  const stays = follow(recording, third.sink)
  sink.open(200, { 'x-tutti-target': 'house/m' })
  sink.write('x')
  expect(await refused).toBe('Error: denied')
  expect([asked, other.got, recording.readers]).toEqual([['house/m'], [], 2])
  other.hangUp()
  own.hangUp()
  expect(recording.readers).toBe(1)
  third.hangUp()
  expect([await stays, recording.readers]).toEqual([true, 0])
})
