import { utf8 } from './pieces.ts'
import { hash } from './random.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Samples of a second, of 16 bits, on one channel. */
const RATE = 24_000
/** Of one piece of what is said: a fiftieth of a second. */
const SAMPLES = RATE / 50
/** MPEG 1, layer III, 128 kbit/s at 44.1 kHz: a frame of 417 bytes that is silent. */
const MP3_FRAME = { head: [0xff, 0xfb, 0x90, 0xc4], size: 417 } as const

/** How a format of sound is called, and what it begins with. */
const FORMATS: Readonly<Record<string, { readonly type: string; readonly begin: Bytes }>> = {
  mp3: { type: 'audio/mpeg', begin: new Uint8Array() },
  wav: { type: 'audio/wav', begin: wavHead() },
  pcm: { type: 'audio/pcm', begin: new Uint8Array() },
  opus: { type: 'audio/ogg', begin: utf8('OggS') },
  aac: { type: 'audio/aac', begin: new Uint8Array([0xff, 0xf1]) },
  flac: { type: 'audio/flac', begin: utf8('fLaC') },
}
const MP3 = { type: 'audio/mpeg', begin: new Uint8Array() }

/** A sound in pieces, one for each of what is said: `mp3`, `wav` and `pcm` can be played, others only look like what they are called. */
export function soundOf(
  pieces: readonly string[],
  format: string,
): { readonly type: string; readonly pieces: Bytes[] } {
  const { type, begin } = (Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined) ?? MP3
  const sounds = pieces.map((piece) => (type === MP3.type ? mp3Frame() : samplesOf(piece)))
  return { type, pieces: begin.length > 0 ? [begin, ...sounds] : sounds }
}

function mp3Frame(): Bytes {
  const frame = new Uint8Array(MP3_FRAME.size)
  frame.set(MP3_FRAME.head)
  return frame
}

/** A quiet tone, another one for each text. */
function samplesOf(text: string): Bytes {
  const view = new DataView(new ArrayBuffer(SAMPLES * 2))
  const step = ((220 + (hash(text) % 660)) * 2 * Math.PI) / RATE
  for (let at = 0; at < SAMPLES; at++) view.setInt16(at * 2, Math.round(Math.sin(at * step) * 2000), true)
  return new Uint8Array(view.buffer)
}

/** A header of a sound whose length nobody knows yet. */
function wavHead(): Bytes {
  const head = new Uint8Array(44)
  const view = new DataView(head.buffer)
  const texts: readonly (readonly [number, string])[] = [
    [0, 'RIFF'],
    [8, 'WAVEfmt '],
    [36, 'data'],
  ]
  for (const [at, text] of texts) head.set(utf8(text), at)
  view.setUint32(4, 0xffff_ffff, true)
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, RATE, true)
  view.setUint32(28, RATE * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  view.setUint32(40, 0xffff_ffff, true)
  return head
}
