import { createSeed } from '#src/core/seed.ts'
import type { Recorded } from './cases.ts'

/** How the bytes of an answer arrive: at once, by events, by lines, inside letters and line ends, or at random. */
export type Split = 'whole' | 'event' | 'line' | 'utf8' | `random ${number}`

const LF = 0x0a
const CR = 0x0d
/** The largest piece of a random split, in bytes. */
const MOST = 160

/** The bytes of a case in the pieces in which they arrive. */
export function piecesOf(
  { bytes, kind }: Pick<Recorded, 'bytes' | 'kind'>,
  split: Split,
): readonly Uint8Array<ArrayBuffer>[] {
  const cuts = [...cutsOf(bytes, kind, split), bytes.length]
  return cuts.map((cut, index) => bytes.subarray(index === 0 ? 0 : cuts[index - 1], cut))
}

function cutsOf(bytes: Uint8Array, kind: string, split: Split): readonly number[] {
  switch (split) {
    case 'whole':
      return []
    case 'event':
      return kind === 'eventstream' ? frames(bytes) : places(bytes, kind === 'sse' ? endsEvent : endsLine)
    case 'line':
      return places(bytes, endsLine)
    case 'utf8':
      return places(bytes, isInside)
    default:
      return random(bytes.length, split)
  }
}

/** Places between two bytes; `at` is of the byte behind it. */
function places(bytes: Uint8Array, cuts: (bytes: Uint8Array, at: number) => boolean): readonly number[] {
  return Array.from(bytes.keys()).filter((at) => at > 0 && cuts(bytes, at))
}

const endsLine = (bytes: Uint8Array, at: number): boolean => bytes[at - 1] === LF

function endsEvent(bytes: Uint8Array, at: number): boolean {
  return endsLine(bytes, at) && (bytes[at - 2] === LF || (bytes[at - 2] === CR && bytes[at - 3] === LF))
}

/** Of a letter of more than one byte, or of a line end. */
function isInside(bytes: Uint8Array, at: number): boolean {
  const [before, here = 0] = [bytes[at - 1], bytes[at]]
  return (here & 0xc0) === 0x80 || (here === LF && (before === CR || before === LF))
}

/** Each frame of `application/vnd.amazon.eventstream` says how long it is. */
function frames(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cuts: number[] = []
  for (let at = view.getUint32(0); at < bytes.length; at += view.getUint32(at)) cuts.push(at)
  return cuts
}

function random(length: number, seed: string): readonly number[] {
  const draw = createSeed(seed)
  const step = (): number => 1 + Math.floor(draw() * MOST)
  const cuts: number[] = []
  for (let at = step(); at < length; at += step()) cuts.push(at)
  return cuts
}

/** What of a case its upstream gives. */
export type Replayed = Pick<Recorded, 'kind' | 'status' | 'headers' | 'bytes'>

/** The recorded answer, as an upstream gives it: a piece each time that more is asked for. */
export function replay(recorded: Replayed, split: Split): Response {
  const pieces = piecesOf(recorded, split).filter(({ length }) => length > 0)
  let next = 0
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const piece = pieces[next++]
        if (piece === undefined) controller.close()
        else controller.enqueue(piece)
      },
    },
    // Nothing before it is asked for: workerd joins what lies ready.
    { highWaterMark: 0 },
  )
  return new Response(body, { status: recorded.status, headers: recorded.headers })
}
