import { describe, expect, test } from 'vitest'
import { dialects } from '#src/dialects/registry.ts'
import { makeAdapter } from '../../test/support/world.ts'
import { createRawReceiver } from './raw-receiver.ts'
import type { Receiver } from './receivers.ts'
import { createReply } from './reply.ts'

interface Started {
  readonly receiver: Receiver
  /** What was done to the caller and to the upstream. */
  readonly done: readonly string[]
  readonly drain: () => void
}

function start(raw: 'passed' | 'collected', contentType = 'audio/mpeg'): Started {
  const done: string[] = []
  let drained = (): void => {}
  const sink = {
    opened: false,
    send: () => {},
    open: (status: number, headers: Readonly<Record<string, string>>) => {
      sink.opened = true
      done.push(`open ${status} ${headers['content-type']}`)
    },
    write: (bytes: string | Uint8Array) => {
      done.push(`write ${bytes.length}`)
      return bytes.length < 10
    },
    end: () => {},
    destroy: () => {},
    onDrain: (run: () => void) => {
      drained = run
    },
    onGone: () => {},
  }
  const signal = (name: string) => () => {
    done.push(name)
  }
  const note = () => ({ bill: { cost: 0n, estimated: false, usage: {} } })
  const dialect = dialects.speech
  const receiver = createRawReceiver(
    {
      rules: { adapter: makeAdapter(), dialect, wantsUsage: true, choices: 1, priced: (data) => data, note },
      reply: createReply(sink, dialect, { always: {}, labels: {} }),
      headers: () => ({}),
      raw,
      contentType,
    },
    { content: signal('content'), wrote: () => {}, pause: signal('pause'), resume: signal('resume') },
  )
  return { receiver, done, drain: () => drained() }
}

describe('bytes that go on as they come', () => {
  test('open the answer with the first of them, and wait for a reader that does not keep up', () => {
    const { receiver, done, drain } = start('passed')
    receiver.data(new Uint8Array())
    expect(done).toEqual([])
    receiver.data(new Uint8Array(3))
    receiver.data(new Uint8Array(12))
    expect(done).toEqual(['open 200 audio/mpeg', 'write 3', 'content', 'write 12', 'pause', 'content'])
    drain()
    expect(done.at(-1)).toBe('resume')
    expect(receiver.end()).toEqual({ kind: 'answered', rest: '' })
    expect(receiver.generatedBytes()).toBe(15)
  })

  test('of which there is none are no answer', () => {
    expect(start('passed').receiver.end()).toMatchObject({ kind: 'failed', retry: 'next' })
  })

  test('without a type are bytes', () => {
    const { receiver, done } = start('passed', '')
    receiver.data(new Uint8Array(1))
    expect(done[0]).toBe('open 200 application/octet-stream')
  })
})

test('bytes that are collected reach nobody before their end', () => {
  const { receiver, done } = start('collected', 'text/vtt')
  receiver.data(Uint8Array.from([1, 2]))
  receiver.data(Uint8Array.from([3]))
  expect(done).toEqual([])
  expect(receiver.end()).toEqual({ kind: 'answered', rest: Uint8Array.from([1, 2, 3]), contentType: 'text/vtt' })
})

test('more of them than an answer may hold are none', () => {
  const { receiver } = start('collected', 'text/plain')
  const chunk = new Uint8Array(32 * 1024 * 1024)
  expect([receiver.data(chunk), receiver.data(chunk)]).toEqual([undefined, undefined])
  expect(receiver.data(Uint8Array.from([1]))).toMatchObject({ kind: 'failed' })
})
