// Whatever is done to one line of a log is found, and a log that nothing was done to is clean.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linked, sealed, type Link } from '#src/core/sealed-line.ts'
import { createDecisionLog } from '#src/telemetry/decision-log.ts'
import { stateOf } from './render.ts'
import { createVerifier, type Verified } from './verify.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const INSTANCES = ['00000000000000aa', '00000000000000bb', '00000000000000cc']

/** The log of some instances, mixed: who writes next. Those whose number is in `ended` end. */
function write(turns: readonly number[], ended: readonly number[]): string[] {
  const lines: string[] = []
  const logs = INSTANCES.map((instance) =>
    createDecisionLog({ instance, epoch: 'e', hash: sha256, now: () => 0, write: (line) => void lines.push(line) }),
  )
  // The sign for what is no UTF-8 is text too: a reader that puts it in the place of bytes could be deceived.
  for (const [number, turn] of turns.entries())
    logs[turn]?.add(JSON.stringify({ outcome: 'route', number, text: '가\u2028\uFFFD"' }))
  for (const turn of ended) void logs[turn]?.close()
  return lines
}

interface Options {
  readonly fromMiddle?: boolean
}

function verify(log: Uint8Array | readonly string[], { fromMiddle = false }: Options = {}): Verified {
  const bytes = log instanceof Uint8Array ? Buffer.from(log) : Buffer.from(log.map((line) => `${line}\n`).join(''))
  const verifier = createVerifier({ hash: sha256, fromMiddle })
  let line = 0
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end
    verifier.add(bytes.subarray(from, to), { file: 'log', line: ++line })
    from = to + 1
  }
  return verifier.verified()
}

function problemsOf({ chains, unchained }: Verified): string[] {
  const found = [...chains.map(({ problem }) => problem), unchained.first]
  return found.flatMap((problem) => (problem ? [`${problem.line} ${problem.kind}`] : []))
}

const states = (verified: Verified): string[] => verified.chains.map(stateOf)

/** Someone else's words about one instance's lines. */
function instanceOf(line = ''): string {
  const { instance }: { instance: string } = JSON.parse(line)
  return instance
}

function linkOf(line = ''): Link {
  const { instance, seq, prev }: Link = JSON.parse(line)
  return { instance, seq, prev }
}

const turns = fc.array(fc.nat(2), { minLength: 1, maxLength: 12 })
const logs = fc.record({ turns, ended: fc.subarray([0, 1, 2]) }).map(({ turns, ended }) => ({
  lines: write(turns, ended),
  ended: new Set(ended.map((turn) => INSTANCES[turn])),
}))

describe('a log', () => {
  test('that nothing was done to is clean; a chain with an end is closed', () => {
    fc.assert(
      fc.property(logs, ({ lines, ended }) => {
        const verified = verify(lines)
        expect(problemsOf(verified)).toEqual([])
        for (const chain of verified.chains) expect(stateOf(chain)).toBe(ended.has(chain.instance) ? 'ok' : 'open')
        expect(verified.chains.reduce((sum, chain) => sum + chain.lines, 0)).toBe(lines.length)
      }),
      { numRuns: 200 },
    )
  })

  test('with one byte changed', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ lines }, at, change) => {
        const bytes = Buffer.from(lines.join('\n'))
        const index = at % bytes.length
        bytes.writeUInt8(bytes.readUInt8(index) ^ change, index)
        expect(problemsOf(verify(bytes))).not.toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  test('with every single byte changed in turn, to several values', () => {
    const bytes = Buffer.from(write([0, 1], [0]).join('\n'))
    for (const change of [1, 0x20, 0x80, 0x1f, 0xff]) {
      for (let index = 0; index < bytes.length; index++) {
        const copy = Buffer.from(bytes)
        copy.writeUInt8(copy.readUInt8(index) ^ change, index)
        expect({ index, found: problemsOf(verify(copy)).length > 0 }).toEqual({ index, found: true })
      }
    }
  })

  test('without a line that is not the last of an open chain: the chain is broken, or has lost its end', () => {
    fc.assert(
      fc.property(logs, fc.nat(), ({ lines, ended }, at) => {
        const index = at % lines.length
        const last = lines.findLastIndex((line) => instanceOf(line) === instanceOf(lines[index])) === index
        const own = instanceOf(lines[index])
        fc.pre(!last || ended.has(own))
        const verified = verify(lines.toSpliced(index, 1))
        const chain = verified.chains.find(({ instance }) => instance === own)
        expect(chain && stateOf(chain)).toBe(last ? 'open' : 'broken')
        if (!last) expect(chain?.problem?.kind).toBe('missing')
      }),
      { numRuns: 500 },
    )
  })

  test('with two lines of a chain in each other’s place', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.nat(), ({ lines }, first, second) => {
        const one = first % lines.length
        const same = [...lines.keys()].filter(
          (index) => index !== one && instanceOf(lines[index]) === instanceOf(lines[one]),
        )
        const other = same[second % same.length] ?? one
        fc.pre(other !== one)
        const swapped = lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '')
        const [found, ...more] = problemsOf(verify(swapped))
        expect([found, more]).toEqual([`${Math.min(one, other) + 1} reordered`, []])
      }),
      { numRuns: 500 },
    )
  })

  test('with a line twice', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.nat(), ({ lines }, at, to) => {
        const doubled = lines.toSpliced(to % (lines.length + 1), 0, lines[at % lines.length] ?? '')
        expect(problemsOf(verify(doubled))).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })

  test('with a line put in before another of its chain, sealed as well as its author can', () => {
    const forged = fc.record({
      seq: fc.option(fc.nat(12), { nil: undefined }),
      prev: fc.option(fc.constantFrom('0'.repeat(64), 'f'.repeat(64)), { nil: undefined }),
      event: fc.constantFrom(undefined, 'end', 'start'),
    })
    fc.assert(
      fc.property(logs, fc.nat(), forged, ({ lines }, at, { seq, prev, event }) => {
        const index = at % lines.length
        const link = linkOf(lines[index])
        const text = linked(JSON.stringify({ outcome: 'deny', event }), {
          ...link,
          ...(seq !== undefined && { seq }),
          ...(prev !== undefined && { prev }),
        })
        expect(problemsOf(verify(lines.toSpliced(index, 0, sealed(text, sha256(text)))))).toHaveLength(1)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    '{"outcome":"route"}',
    'nonsense',
    '{"a":1,"hash":"x"}',
    'tutti',
    ' {"outcome":"route"}',
    '[]',
    '\u001B[2J',
  ])('with a line that is of no chain: %j', (line) => {
    expect(problemsOf(verify(write([0], []).toSpliced(1, 0, line)))).toEqual(['2 unchained'])
  })
})

describe('what is wrong', () => {
  const lines = write([0, 0, 0, 0, 0, 0], [0])

  test('is said with its place and its numbers', () => {
    const [zero = '', one = ''] = lines
    const said = (log: readonly string[], options?: Options) => verify(log, options).chains[0]?.problem
    expect(said(lines.toSpliced(2, 3))).toEqual({
      file: 'log',
      line: 3,
      kind: 'missing',
      message: '3 lines, seq 2 to 4, are not here',
    })
    expect(said(lines.toSpliced(2, 1))?.message).toBe('seq 2 is not here')
    expect(said(lines.slice(1))?.message).toContain('`--from-middle`')
    expect(said([one, zero, ...lines.slice(2)])?.message).toBe('it stands before seq 0')
    expect(said([...lines, lines[3] ?? ''])?.message).toBe('seq 3 stands here a second time')
    expect(said(lines.with(2, (lines[2] ?? '').replace('route', 'deny!')))?.kind).toBe('changed')
    expect(said([zero, forge({ seq: 1, prev: 'f'.repeat(64) })])?.message).toBe('its `prev` is not the hash of seq 0')
    expect(said([...lines, forge({ seq: lines.length, prev: '0'.repeat(64) })])?.kind).toBe('after_end')
    for (const fromMiddle of [false, true])
      expect(said([forge({ seq: 0, prev: 'f'.repeat(64) })], { fromMiddle })?.kind).toBe('foreign')
  })

  test('only the first counts; the lines behind it are counted', () => {
    const [chain] = verify(lines.toSpliced(4, 1).toSpliced(2, 1)).chains
    expect(chain).toMatchObject({ lines: lines.length - 2, problem: { line: 3 }, head: { seq: 1 } })
  })

  test('a line that is missing has not come with one that only says so', () => {
    const liar = (lines[2] ?? '').replace('route', 'deny!')
    expect(problemsOf(verify([...lines.toSpliced(2, 1), liar]))).toEqual(['3 missing'])
  })

  test('in one chain leaves the others', () => {
    expect(states(verify(write([0, 1, 0, 1], [0, 1]).toSpliced(4, 1)))).toEqual(['broken', 'ok'])
  })

  function forge(place: Omit<Link, 'instance'>): string {
    const text = linked('{"outcome":"route"}', { instance: INSTANCES[0] ?? '', ...place })
    return sealed(text, sha256(text))
  }
})

describe('from the middle', () => {
  const lines = write([0, 0, 0], [0])

  test('a chain may begin anywhere, and holds from there', () => {
    expect(states(verify(lines.slice(2), { fromMiddle: true }))).toEqual(['ok'])
    expect(problemsOf(verify(lines.slice(1).toSpliced(1, 1), { fromMiddle: true }))).toEqual(['2 missing'])
    const swapped = [lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)]
    expect(problemsOf(verify(swapped, { fromMiddle: true }))).toEqual(['2 reordered'])
  })
})

test('a byte-order mark put before a log is a change', () => {
  const log = Buffer.from(`\uFEFF${write([0], []).join('\n')}`)
  expect(problemsOf(verify(log))).toContain('1 unchained')
})

test('what a forged line calls its instance and its time is not printed as it stands', () => {
  const forged = (instance: string, time: string): string => {
    const text = linked(JSON.stringify({ outcome: 'route', time }), { instance, seq: 0, prev: '0'.repeat(64) })
    return sealed(text, sha256(text))
  }
  const hostile = '\\u001B[2J0123456789'
  expect(problemsOf(verify([forged(hostile, '')]))).toEqual(['1 unchained'])
  const { chains } = verify([forged(INSTANCES[0] ?? '', 'Thu Jan 01 1970 (\u001B[2J)')])
  expect(chains[0]?.firstTime).not.toContain('\u001B')
})

test('the greeting and empty lines are counted; times are of the first and the last line', () => {
  const greeting = ['> tutti serve', 'tutti serves the demo on http://127.0.0.1:1', '', "  curl -d '{}'"]
  const verified = verify([...greeting, ...write([0], [0])])
  expect({ other: verified.other, problems: problemsOf(verified) }).toEqual({ other: 4, problems: [] })
  const time = '1970-01-01T00:00:00.000Z'
  expect(verified.chains).toMatchObject([{ lines: 3, firstTime: time, lastTime: time }])
})
