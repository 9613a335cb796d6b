/**
 * Frames of `application/vnd.amazon.eventstream`: total length, headers' length and their CRC-32, headers, payload, CRC-32 of all before it;
 * numbers are big-endian (the event stream encoding of the AWS documentation).
 */
export const PRELUDE_BYTES = 12
/** The prelude and the last checksum: what a frame has without headers and payload. */
export const OVERHEAD_BYTES = 16

const BYTES_HEADER = 6
const TEXT_HEADER = 7
/** Bytes of the values of fixed size, by type: true, false, byte, short, integer, long; then timestamp and UUID. */
const FIXED: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
const LONGEST_NAME = 255
const LONGEST_VALUE = 32_767
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8')

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 (IEEE 802.3) of the bytes, unsigned. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (let at = 0; at < bytes.length; at++) value = (value >>> 8) ^ (TABLE[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return (value ^ 0xffffffff) >>> 0
}

/** One frame with text headers, as a service writes it. RangeError: a header's name is not of 1 to 255 bytes, or its value has over 32,767. */
export function encodeEventStream(headers: Readonly<Record<string, string>>, payload: string | Uint8Array): Uint8Array {
  const body = typeof payload === 'string' ? encoder.encode(payload) : payload
  const head = Object.entries(headers).flatMap(([name, value]) => headerBytes(name, value))
  const frame = new Uint8Array(OVERHEAD_BYTES + head.length + body.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, frame.length)
  view.setUint32(4, head.length)
  view.setUint32(8, crc32(frame.subarray(0, 8)))
  frame.set(head, PRELUDE_BYTES)
  frame.set(body, PRELUDE_BYTES + head.length)
  view.setUint32(frame.length - 4, crc32(frame.subarray(0, frame.length - 4)))
  return frame
}

function headerBytes(name: string, value: string): readonly number[] {
  const key = encoder.encode(name)
  const text = encoder.encode(value)
  if (key.length === 0 || key.length > LONGEST_NAME)
    throw new RangeError('a header of a frame has no name, or too long a one')
  if (text.length > LONGEST_VALUE) throw new RangeError(`the header \`${name}\` of a frame is too long`)
  return [key.length, ...key, TEXT_HEADER, text.length >> 8, text.length & 0xff, ...text]
}

/** The text headers of a frame, others are passed over; undefined: they do not fit into the bytes, or one has an unknown type. */
export function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length;) {
    const type = at + 1 + view.getUint8(at)
    const value = type < bytes.length ? valueAt(view, type) : undefined
    if (value === undefined || value.end > bytes.length) return undefined
    if (view.getUint8(type) === TEXT_HEADER) {
      const name = decoder.decode(bytes.subarray(at + 1, type))
      found.set(name, decoder.decode(bytes.subarray(value.start, value.end)))
    }
    at = value.end
  }
  return found
}

/** Where the value is whose type stands at `at`; it may end behind the bytes. */
function valueAt(view: DataView, at: number): { readonly start: number; readonly end: number } | undefined {
  const type = view.getUint8(at)
  const fixed = FIXED[type]
  if (fixed !== undefined) return { start: at + 1, end: at + 1 + fixed }
  // Bytes and text have their length in front.
  if ((type !== BYTES_HEADER && type !== TEXT_HEADER) || at + 3 > view.byteLength) return undefined
  return { start: at + 3, end: at + 3 + view.getUint16(at + 1) }
}
