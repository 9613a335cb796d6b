import { replay, type Replayed, type Split } from '../clients/recorded/replay.ts'

/** The upstreams of recorded traffic where tutti runs in workerd. */

interface Env {
  /** JSON: cases by the host where each is. */
  readonly CASES: string
  readonly SPLIT: Split
}

type Written = Omit<Replayed, 'bytes'> & { readonly base64: string }

let byHost: Readonly<Record<string, Written>> | undefined

function read(text: string): Readonly<Record<string, Written>> {
  return JSON.parse(text)
}

export default {
  fetch(request: Request, { CASES, SPLIT }: Env): Response {
    const cases = (byHost ??= read(CASES))
    const { hostname } = new URL(request.url)
    const written = cases[hostname]
    if (!written) return new Response(`no case is at ${hostname}`, { status: 421 })
    const bytes = Uint8Array.from(atob(written.base64), (letter) => letter.charCodeAt(0))
    return replay({ ...written, bytes }, SPLIT)
  },
}
