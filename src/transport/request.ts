import type { Egress, TransportFailure } from '#src/core/transport.ts'
import { refuseUrl } from './egress.ts'

/** Where a request goes, or why it does not. */
export type Destination =
  | { readonly url: URL; readonly refused?: undefined }
  | { readonly refused: TransportFailure; readonly url?: undefined }

export interface Targets {
  of(url: string, egress: Egress): Destination
}

/** URLs are few and come again with every request. */
const MOST_REMEMBERED = 1000

/** Reads and judges URLs, each once. */
export function createTargets(): Targets {
  const local = new Map<string, Destination>()
  const away = new Map<string, Destination>()
  return {
    of(url, egress) {
      const known = egress.local ? local : away
      const found = known.get(url)
      if (found !== undefined) return found
      if (known.size >= MOST_REMEMBERED) known.clear()
      const destination = judge(url, egress)
      known.set(url, destination)
      return destination
    },
  }
}

function judge(text: string, egress: Egress): Destination {
  const url = URL.parse(text)
  if (url === null)
    return { refused: { code: 'connect_failed', message: `\`${text}\` is not a URL`, sentNothing: true } }
  const refused = refuseUrl(url, egress)
  return refused === undefined ? { url } : { refused }
}

/** Of a request that names a binding which the runtime has not. */
export function noBinding(name = ''): TransportFailure {
  return { code: 'connect_failed', message: `there is no binding \`${name}\` here`, sentNothing: true }
}

/** The headers, asking for a body without content encoding unless they ask for one: decoding costs more than it saves beside a model. */
export function withoutEncoding(headers: Readonly<Record<string, string>>): Record<string, string> {
  return headers['accept-encoding'] === undefined ? { ...headers, 'accept-encoding': 'identity' } : { ...headers }
}
