/** A part of what was heard, from `start` to `end`, in seconds. */
interface Timed {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Segment extends Timed {
  readonly words: readonly Timed[]
}

/** Pieces of text in one segment. */
const PIECES = 4

/** What was heard, every piece as long as the others. */
export function segmentsOf(pieces: readonly string[], seconds: number): readonly Segment[] {
  const at = (index: number) => Math.round((seconds * index * 1000) / pieces.length) / 1000
  const words = pieces.map((text, index) => ({ text, start: at(index), end: at(index + 1) }))
  return Array.from({ length: Math.ceil(words.length / PIECES) }, (_, index) => {
    const own = words.slice(index * PIECES, (index + 1) * PIECES)
    return {
      text: own.map(({ text }) => text).join(''),
      start: own[0]?.start ?? 0,
      end: own.at(-1)?.end ?? seconds,
      words: own,
    }
  })
}

/** SubRip's subtitles. */
export function asSrt(segments: readonly Segment[]): string {
  const blocks = segments.map((segment, at) => `${at + 1}\n${lineOf(segment, ',')}\n`)
  return `${blocks.join('\n')}\n`
}

/** WebVTT's. */
export function asVtt(segments: readonly Segment[]): string {
  return `WEBVTT\n\n${segments.map((segment) => `${lineOf(segment, '.')}\n`).join('\n')}\n`
}

function lineOf({ start, end, text }: Segment, point: string): string {
  return `${timeOf(start, point)} --> ${timeOf(end, point)}\n${text.trim()}`
}

/** `00:00:01,500` */
function timeOf(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000)
  const part = (value: number, size = 2) => String(value).padStart(size, '0')
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60]
  return `${clock.map((each) => part(each)).join(':')}${point}${part(ms % 1000, 3)}`
}
