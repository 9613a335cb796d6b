const SLASH = '/'

/** A name as one segment of an address: whatever stands in it, the address goes nowhere else. */
export function segmentOf(name: string): string {
  // Segments of dots alone climb, also when they are percent-encoded.
  return isDots(name) ? name.replaceAll('.', '%252E') : encodeURIComponent(name.toWellFormed())
}

/** A name whose slashes are the address's own: `@cf/meta/llama-3`. */
export function segmentsOf(name: string): string {
  return name.split(SLASH).map(segmentOf).join(SLASH)
}

function isDots(name: string): boolean {
  return name !== '' && [...name].every((char) => char === '.')
}
