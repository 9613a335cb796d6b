import type { Transform } from 'node:stream'
import zlib from 'node:zlib'

/** Undoes the content encodings of one answer as it comes. */
export interface Decoder {
  /** False asks the writer to wait for `drain`. */
  write(chunk: Uint8Array): boolean
  /** The encoded body is over: `end` or `error` follows. */
  end(): void
  pause(): void
  resume(): void
  destroy(): void
}

export interface Decoded {
  data(chunk: Uint8Array): void
  end(): void
  /** The body is not what its encoding says, or is cut. */
  error(error: Error): void
  drain(): void
}

/** More layers than this are no answer but an attack. */
const MOST_ENCODINGS = 3

const MAKERS: Readonly<Record<string, (first: number) => Transform>> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  // Some servers send a raw deflate stream under this name; a zlib header has 8 in its low bits.
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
}

/** The encodings of a `content-encoding` header in the order they were applied, `identity` left out; undefined: one is not known, or they are too many. */
export function parseEncodings(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return []
  const names = header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  return names.length <= MOST_ENCODINGS && names.every((name) => Object.hasOwn(MAKERS, name)) ? names : undefined
}

/** `encodings` as `parseEncodings` gives them. Nothing is made before the first byte, so that an empty body ends well. */
export function createDecoder(encodings: readonly string[], out: Decoded): Decoder {
  let chain: readonly Transform[] = []
  let paused = false
  return {
    write(chunk) {
      if (chain.length === 0) chain = makeChain(encodings, chunk[0] ?? 0, out)
      if (paused) chain.at(-1)?.pause()
      return chain[0]?.write(chunk) ?? true
    },
    end() {
      if (chain.length === 0) out.end()
      else chain[0]?.end()
    },
    pause() {
      paused = true
      chain.at(-1)?.pause()
    },
    resume() {
      paused = false
      chain.at(-1)?.resume()
    },
    destroy() {
      for (const stream of chain) stream.destroy()
    },
  }
}

function makeChain(encodings: readonly string[], first: number, out: Decoded): readonly Transform[] {
  // The last encoding applied is the first undone.
  const chain = encodings.toReversed().map((name) => {
    const make = MAKERS[name]
    if (make === undefined) throw new Error(`unknown encoding \`${name}\``)
    return make(first)
  })
  for (const [index, stream] of chain.entries()) {
    stream.on('error', out.error)
    const next = chain[index + 1]
    if (next !== undefined) stream.pipe(next)
  }
  chain[0]?.on('drain', out.drain)
  chain.at(-1)?.on('data', out.data).on('end', out.end)
  return chain
}
